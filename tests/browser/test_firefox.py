"""The widgets in stock Firefox ESR: one JupyterLab and one page, whose cells are exchanged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.browser.firefox import Firefox
from tests.browser.harness import Cells, NotebookPage
from tests.browser.live_cells import CAMERA, DRAWN, EARLIER_FILMS, NEW_FILM, lights, session_on, wait_dark, wait_state
from tests.browser.scripted import start_camera
from tests.browser.shared_steps import (
    choose_a_photo_and_take_another,
    choose_two_faces_in_order,
    open_notebook,
    run_cells,
    tidy,
)
from tests.browser.test_first_lesson import LESSON

RECEIVED = "() => [...globalThis[Symbol.for('akool_nb.calls')].values()][0].run.now.meter.received"
ENOUGH = "before => document.hidden && ({received})() > before + {count}"
FIVE_A_SECOND = {"count": 50, "timeout": 10_000}
"""Frames and milliseconds: fewer frames than any machine sends, and five times the period of the page's own timers."""
WINDOW_PICTURE = "() => document.querySelector('canvas')?.toDataURL()"
CHOOSE_CAMERA = """label => {
    const menu = document.querySelector('select:has(option[value=drawn])');
    menu.value = [...menu.options].find(option => option.label === label).value;
    menu.dispatchEvent(new Event('change'));
}"""


@pytest.fixture(scope="module")
def firefox(no_leftovers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    with Firefox(tmp_path_factory.mktemp("firefox")) as browser:
        yield browser


@pytest.fixture(scope="module")
def opened(lab, firefox) -> Iterator[NotebookPage]:
    with open_notebook(lab, firefox.new_page(), "firefox.ipynb") as page:
        yield page


@pytest.fixture
def notebook(opened) -> Iterator[Callable[[Cells], NotebookPage]]:
    """`notebook(cells)` is the page with these cells, all of which have run."""
    yield partial(run_cells, opened)
    tidy(opened)


@pytest.fixture
def live(notebook, sandbox) -> NotebookPage:
    """A notebook whose camera goes through the sandbox."""
    page = notebook([session_on(sandbox), CAMERA])
    start_camera(page)
    return page


def continues_hidden(page, *, count, timeout) -> bool:
    """Whether `count` more swapped pictures arrive while the page is hidden."""
    before = page.page.evaluate(RECEIVED)
    return page.page.wait_for_function(ENOUGH.format(received=RECEIVED, count=count), arg=before, timeout=timeout)


def test_the_first_lesson_shows_a_live_picture_and_the_menu_opens_the_camera(notebook):
    page = notebook(LESSON)
    wait_state(page, "live")
    page.wait_for("view.state == 'live' and view.stats")
    assert page.errors() == []
    assert lights(page) == []
    page.page.evaluate(CHOOSE_CAMERA, "Default camera")
    page.page.wait_for_selector(".ak-asking")
    assert lights(page) == []
    page.page.tick()
    page.page.wait_for_function("() => globalThis.openTracks.length === 1")
    wait_state(page, "live")
    assert lights(page) == ["live"]
    page.execute("session.close()")
    wait_dark(page)


@pytest.mark.parametrize("cell", [CAMERA, DRAWN], ids=["camera", "drawn"])
def test_a_hidden_tab_continues(notebook, sandbox, firefox, cell):
    page = notebook([session_on(sandbox), cell])
    if cell == CAMERA:
        start_camera(page)
    wait_state(page, "live")
    other = firefox.new_page()
    assert continues_hidden(page, **FIVE_A_SECOND)
    other.close()


def test_the_clean_window_continues_while_the_notebook_is_hidden(notebook, sandbox, firefox):
    page = notebook([session_on(sandbox), DRAWN])
    wait_state(page, "live")
    page.page.press("More")
    before = firefox.contexts()
    page.page.press("Clean window for screen capture")
    (context,) = page.page.until(lambda: set(firefox.contexts()) - set(before))
    window = firefox.page(context)
    other = firefox.new_page(beside=page.page)
    page.page.wait_for_function("() => document.hidden")
    for _ in range(3):
        shown = window.evaluate(WINDOW_PICTURE)
        window.wait_for_function(f"shown => ![undefined, null, shown].includes(({WINDOW_PICTURE})())", arg=shown)
    other.close()


FRAMES = """@view.on_frame(every=0.1, own=True)
def keep(frame):
    keep.sizes = [frame.picture.size, frame.own and frame.own.size]"""


def test_snapshot_recording_frames_and_statistics_work(live):
    live.execute(FRAMES)
    live.wait_for("getattr(keep, 'sizes', None) == [(640, 480), (640, 480)]")
    live.page.press("Snapshot")
    live.wait_for("view.snapshot is not None")
    assert live.kernel("view.snapshot.size") == [640, 480]
    live.execute(EARLIER_FILMS)
    live.page.press("Record")
    live.wait_for(NEW_FILM)
    live.page.press("Stop recording")
    live.wait_for("view.recordings")
    assert live.kernel("view.recordings[0].read_bytes()[:4].hex()") == "1a45dfa3", "the first bytes of WebM"
    live.page.press("More")
    live.page.press("Statistics")
    live.page.wait_for_function("() => /Camera to picture\\s*\\d+ ms/.test(document.querySelector('dl').innerText)")
    live.wait_for("len(view.to_pandas()) >= 2")


def test_a_restart_of_the_kernel_turns_the_camera_off(live):
    assert lights(live) == ["live"]
    live.restart_kernel()
    wait_dark(live)


def test_faces_are_chosen_in_order(opened, notebook):
    choose_two_faces_in_order(opened)


def test_a_photo_is_chosen_and_another_taken_with_the_camera(opened, notebook):
    choose_a_photo_and_take_another(opened)
