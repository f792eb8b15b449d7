"""The same two widgets, unchanged, in Notebook 7, Voila and marimo; and what a saved notebook holds of them."""

from __future__ import annotations

import base64

import nbformat
from nbclient import NotebookClient
from playwright.sync_api import Page, expect

from akool_nb import samples
from akool_nb.photo import Photo
from tests.browser.face_cells import SETUP, item

# What Python heard is written into `error`, the one line that every host shows: a label beside the widget would not
# do in marimo, which knows no boxes.
UPLOADER = """
from akool_nb.widgets import FacePicker, ImageUploader
uploader = ImageUploader()
uploader.on_photo(lambda photo: setattr(uploader, "error", f"Python has a photo of {photo.size}"))
uploader"""
PICKER = """
picker = FacePicker(found)
picker.on_change(lambda chosen: setattr(picker, "error", f"Python has face {[face.number for face in chosen]}"))
picker"""


def walk(page: Page) -> None:
    """A sample is taken, a face is chosen, a point is moved, and Python learns of each."""
    page.get_by_role("button", name="astronaut").click(timeout=60_000)
    expect(page.get_by_text("Python has a photo of (512, 512)")).to_be_visible()
    item(page, 3).click()
    expect(page.get_by_text("Python has face [3]")).to_be_visible()
    page.get_by_role("button", name="Choose several").click()
    item(page, 1).click()
    expect(page.get_by_text("Python has face [3, 1]")).to_be_visible()
    field = page.get_by_label("opts of the chosen face")
    before = field.input_value()
    page.get_by_role("button", name="Move points").click()
    nose = page.get_by_role("button", name="nose")
    nose.focus()
    page.keyboard.press("ArrowLeft")
    expect(nose).to_be_focused()
    expect(field).not_to_have_value(before)


def test_notebook7(notebook7):
    page = notebook7([SETUP, UPLOADER, PICKER])
    page.run_all()
    walk(page.page)
    assert page.wait_for("picker.selected[1] != found[0]")
    page.screenshot("hosts-notebook7", ".akool")
    # Notebook 7 itself stumbles over a "schema" while it starts, with or without widgets.
    assert [error for error in page.page_errors if "'schema'" not in error] == []


def test_voila(voila):
    page = voila([SETUP, UPLOADER, PICKER])
    walk(page.page)
    page.screenshot("hosts-voila")
    assert page.violations(".akool") == []
    assert page.page_errors == []


def test_marimo(marimo):
    page = marimo([SETUP, UPLOADER, PICKER])
    walk(page.page)
    page.screenshot("hosts-marimo")
    assert page.page_errors == []


def test_ten_widgets_run_and_saved_keep_nothing_of_a_face_and_stay_small():
    cells = [
        SETUP,
        "pickers = [FacePicker(crowd) for _ in range(5)]\nfor picker in pickers:\n"
        "    picker.choose(7)\n    display(picker)",
        "uploaders = [ImageUploader() for _ in range(5)]\nfor uploader in uploaders:\n"
        "    uploader.add(samples.photo('astronaut'), name='me')\n    display(uploader)",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, kernel_name="python3", timeout=60, store_widget_state=True).execute()
    saved = nbformat.writes(notebook)
    state = notebook.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    assert len([model for model in state.values() if model["model_module"] == "anywidget"]) == 10
    assert len(saved) < 300_000
    picture = base64.b64encode(Photo.open(samples.photo("astronaut")).jpeg).decode()
    assert not any(picture[at : at + 40] in saved for at in range(0, 400, 40))
    assert '"region"' not in saved and "crops.example/7" not in saved
    print(f"\nten widgets, run and saved with their state: {len(saved) / 1000:.0f} kB")


def test_a_reopened_notebook_shows_calm_words_and_no_error(notebook):
    lab = notebook([SETUP, "FacePicker(found)", "ImageUploader()"])
    lab.page.evaluate("window.jupyterapp.commands.execute('@jupyter-widgets/jupyterlab-manager:saveWidgetState')")
    lab.run_all()
    item(lab.page, 6).wait_for()
    saved = lab.save()
    assert saved.metadata["widgets"]
    lab.server.end_kernels()
    lab.open()
    calm = lab.page.get_by_text("The picture is not stored in the notebook")
    expect(calm).to_be_visible(timeout=20_000)
    expect(lab.page.get_by_text("Waiting for Python")).to_be_visible()
    assert lab.page.get_by_text("Error displaying widget").count() == 0
    lab.screenshot("reopened")
    lab.page.evaluate("window.jupyterapp.commands.execute('@jupyter-widgets/jupyterlab-manager:saveWidgetState')")
