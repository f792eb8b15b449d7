"""The steps that the tests share in the browsers that Playwright does not drive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.browser.face_cells import SETUP
from tests.browser.harness import Cells, NotebookPage, write_notebook
from tests.browser.live_cells import lights, watch_tracks
from tests.browser.reused import FORGET
from tests.browser.scripted import ScriptedPage
from tests.browser.servers import JupyterLab

UPLOADER = "from akool_nb.widgets import ImageUploader\nuploader = ImageUploader()\nuploader.consent = True\nuploader"


@contextmanager
def open_notebook(lab: JupyterLab, page: ScriptedPage, name: str) -> Iterator[NotebookPage]:
    """An empty notebook of this name, whose cells the tests exchange."""
    notebook = NotebookPage(page, lab, write_notebook(lab.folder / name, ["pass"]))
    notebook.open()
    yield notebook
    lab.end_kernels(notebook.path)


def run_cells(notebook: NotebookPage, cells: Cells) -> NotebookPage:
    """Insert these cells and run them; every track that the page opens from now on is kept."""
    notebook.console.clear()
    notebook.fill(cells)
    watch_tracks(notebook)
    notebook.run_all()
    return notebook


def tidy(notebook: NotebookPage) -> None:
    """Close the widgets, and reset the names, the consent and the devices."""
    assert notebook.complaints == []
    notebook.execute(FORGET)
    notebook.page.evaluate("() => localStorage.removeItem('akool_nb.devices')")


def choose_two_faces_in_order(notebook: NotebookPage) -> None:
    page = run_cells(notebook, [SETUP, "picker = FacePicker(found)\npicker"])
    page.page.wait_for_selector(".ak-item")
    page.page.press("Choose several")
    for number in (5, 2):
        page.page.click(f"document.querySelectorAll('.ak-item')[{number - 1}]")
    assert page.wait_for("[face.number for face in picker.selected] == [5, 2]")


def choose_a_photo_and_take_another(notebook: NotebookPage) -> None:
    page = run_cells(notebook, [UPLOADER])
    page.page.wait_for_selector(".ak-zone")
    page.page.choose_file(".akool input[type=file]", page.server.folder / "photos" / "astronaut.png")
    page.wait_for("uploader.photo")
    page.page.press("Use the camera")
    page.page.wait_for_function("() => document.querySelector('.ak-preview').videoWidth > 0")
    page.page.press("Take the photo")
    assert page.wait_for("len(uploader.photos) == 2")
    assert min(page.kernel("uploader.photo.original_size")) >= 480
    assert lights(page) == ["ended"]
