"""The same two widgets in Notebook 7, Voila and marimo, and what a saved notebook contains of them."""

from __future__ import annotations

import base64
import contextlib
import io
import json
from collections.abc import Iterator

import nbformat
from nbclient import NotebookClient
from PIL import Image
from playwright.sync_api import Page, expect

from akool_nb import samples
from akool_nb.api.photo import Photo
from tests.browser.face_cells import FACES, SETUP, item, themed
from tests.browser.harness import NotebookPage

PIECE = 1024 * 1024

# Python's values are written into `error`, which every host shows; a label beside the widget would need a box, which
# marimo does not support.
UPLOADER = """
from akool_nb.widgets import FacePicker, ImageUploader
uploader = ImageUploader()
uploader.on_photo(lambda photo: setattr(uploader, "error", f"Python has a photo of {photo.original_size}"))
uploader"""
PICKER = """
picker = FacePicker(found)
@picker.on_change
def show(chosen):
    numbers = [face.number for face in chosen]
    picker.error = f"Python has face {numbers}, the last with its nose at {chosen[-1].landmarks[2]}"
picker"""
WAITING = """
try:
    await FacePicker(found).chosen()
except Exception as problem:
    print(problem)"""
SLOW = 20_000
"""Milliseconds: a page on a busy machine is slow, and these tests check its answers, not its speed."""


def wait_for_text(page: Page, text: str) -> None:
    expect(page.get_by_text(text)).to_be_visible(timeout=SLOW)


def walk(page: Page) -> None:
    """A large file and a sample are added, faces chosen, a point moved, its opts copied; Python gets each change."""
    large = Image.effect_noise((1800, 1700), 120).convert("RGB")
    with io.BytesIO() as file:
        large.save(file, "JPEG", quality=100)
        data = file.getvalue()
    assert len(data) > 4 * PIECE, "more pieces than are sent at once"
    uploader = page.locator(".akool[aria-label='Photo chooser']")
    uploader.get_by_role("button", name="astronaut").wait_for(timeout=60_000)
    uploader.get_by_role("checkbox", name="I may use this face").check()
    files = [{"name": "large.jpg", "mimeType": "image/jpeg", "buffer": data}]
    uploader.locator("input[type=file]").set_input_files(files)  # type: ignore[arg-type]  # Playwright's own type
    wait_for_text(page, "Python has a photo of (1800, 1700)")
    uploader.get_by_role("button", name="astronaut").click()
    wait_for_text(page, "Python has a photo of (512, 512)")
    picker = page.locator(".akool[aria-label='Face picker']").first
    item(page, 3).click()
    wait_for_text(page, "Python has face [3]")
    picker.get_by_role("button", name="Choose several").click()
    item(page, 1).click()
    wait_for_text(page, "Python has face [3, 1]")
    picker.get_by_role("button", name="Move points").click()
    nose = picker.get_by_role("button", name="nose")
    nose.focus()
    page.keyboard.press("ArrowLeft")
    expect(nose).to_be_focused()
    x, y = FACES[0][2]
    wait_for_text(page, f"the last with its nose at ({x - 1}, {y})")
    picker.get_by_role("button", name="Copy opts").click()
    expect(picker.locator(".ak-voice")).to_have_text("Copied", timeout=SLOW)


def test_notebook7_supports_both_widgets(notebook7):
    page = notebook7([SETUP, UPLOADER, PICKER])
    page.run_all()
    walk(page.page)
    assert page.kernel("picker.selected[1] != found[0]")
    page.dark()
    themed(page.page, "dark")
    assert page.violations(".akool") == []
    page.screenshot("hosts-notebook7-dark", ".akool[aria-label='Face picker']")
    page.dark(False)
    # Notebook 7 itself reports an error about a "schema" while it starts, with or without widgets.
    assert [line for line in page.complaints if "schema" not in line] == []


def test_voila_supports_both_widgets(voila):
    """One face is chosen before the page is shown, because Voila shows the page only after all cells have run."""
    page = voila([SETUP, UPLOADER, PICKER, "FacePicker(lone)", WAITING])
    walk(page.page)
    expect(item(page.page, 7)).to_have_attribute("aria-selected", "true", timeout=SLOW)
    wait_for_text(page.page, "Voila runs every cell before the page is shown")
    page.screenshot("hosts-voila")
    assert page.violations(".akool") == []
    assert page.complaints == []


def test_marimo_supports_both_widgets(marimo):
    page = marimo([SETUP, UPLOADER, PICKER])
    walk(page.page)
    page.screenshot("hosts-marimo")
    assert page.complaints == []


TEN = """
from akool_nb.api.client import Client
from akool_nb.widgets import LiveView, SessionPanel
client = Client(api_key="none")
pickers, uploaders = [FacePicker(crowd) for _ in range(3)], [ImageUploader() for _ in range(3)]
for picker, uploader in zip(pickers, uploaders):
    picker.choose(7)
    uploader.add(samples.photo("astronaut"), name="me")
display(*pickers, *uploaders, LiveView(), LiveView(), SessionPanel(client), SessionPanel(client))"""


def test_ten_widgets_saved_after_use_contain_no_face_and_stay_small():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (SETUP, TEN)])
    NotebookClient(notebook, kernel_name="python3", timeout=60, store_widget_state=True).execute()
    saved = nbformat.writes(notebook)
    state = notebook.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    sizes = [len(json.dumps(model)) for model in state.values() if model["model_module"] == "anywidget"]
    assert len(sizes) == 10
    assert len(saved) < 500_000
    picture = base64.b64encode(Photo.open(samples.photo("astronaut")).jpeg).decode()
    assert not any(picture[at : at + 40] in saved for at in range(0, 400, 40))
    assert '"region"' not in saved and "crops.example/7" not in saved
    print(f"\nten widgets, saved with their state: {len(saved) / 1000:.0f} kB, the largest {max(sizes) / 1000:.1f}")


@contextlib.contextmanager
def saving_widget_state(lab: NotebookPage) -> Iterator[None]:
    toggle = "window.jupyterapp.commands.execute('@jupyter-widgets/jupyterlab-manager:saveWidgetState')"
    lab.page.evaluate(toggle)
    try:
        yield
    finally:
        lab.page.evaluate(toggle)


def test_a_reopened_notebook_shows_a_note_and_no_error(notebook):
    """With one face it is harder: that face is chosen, and there is nothing else to choose from."""
    lab = notebook([SETUP, "FacePicker(lone)", "ImageUploader()"])
    with saving_widget_state(lab):
        lab.run_all()
        item(lab.page, 1).wait_for()
        assert lab.save().metadata["widgets"]
        lab.page.goto("about:blank")
        lab.server.end_kernels(lab.path)
        lab.console.clear()
        lab.open()
        calm = lab.page.get_by_text("The picture is not stored in the notebook")
        expect(calm).to_be_visible(timeout=SLOW)
        expect(lab.page.get_by_text("Waiting for Python")).to_be_visible(timeout=SLOW)
        assert lab.page.get_by_text("Error displaying widget").count() == 0
        assert lab.complaints == []
        lab.screenshot("reopened")
