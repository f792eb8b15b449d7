"""The widgets in stock WebKitGTK, the closest to Safari on Linux: one JupyterLab and one page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.harness import NotebookPage
from tests.browser.live_cells import CAMERA, DRAWN, lights, session_on, wait_dark, wait_state
from tests.browser.scripted import start_camera
from tests.browser.shared_steps import (
    choose_a_photo_and_take_another,
    choose_two_faces_in_order,
    open_notebook,
    run_cells,
    tidy,
)
from tests.browser.webkit import WebKit

MOVES = """async () => {
    const video = document.querySelector('.ak-live-remote');
    const canvas = new OffscreenCanvas(64, 48);
    const pen = canvas.getContext('2d', { willReadFrequently: true });
    const shown = new Set();
    while (shown.size < 5) {
        pen.drawImage(video, 0, 0, 64, 48);
        shown.add(String(pen.getImageData(0, 0, 64, 48).data));
        await new Promise(done => setTimeout(done, 50));
    }
    return true;
}"""


@pytest.fixture(scope="module")
def opened(no_leftovers: None, lab) -> Iterator[NotebookPage]:
    with WebKit() as webkit, open_notebook(lab, webkit.page, "webkit.ipynb") as page:
        yield page


@pytest.fixture
def notebook(opened) -> Iterator[NotebookPage]:
    yield opened
    tidy(opened)


def test_the_drawn_face_is_swapped_and_moves(notebook, sandbox):
    run_cells(notebook, [session_on(sandbox), DRAWN])
    wait_state(notebook, "live")
    assert notebook.page.evaluate(MOVES)
    notebook.wait_for("view.stats and view.stats['width'] == 640")
    assert lights(notebook) == []


def test_a_restart_of_the_kernel_turns_the_camera_off(notebook, sandbox):
    run_cells(notebook, [session_on(sandbox), CAMERA])
    start_camera(notebook)
    assert lights(notebook) == ["live"]
    notebook.restart_kernel()
    wait_dark(notebook)


def test_faces_are_chosen_in_order(notebook):
    choose_two_faces_in_order(notebook)


def test_a_photo_is_chosen_and_another_taken_with_the_camera(notebook):
    choose_a_photo_and_take_another(notebook)
