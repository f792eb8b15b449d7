"""ImageUploader in a real JupyterLab: every way in, cameras that work and that do not, hostile files."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import _opener
from tests.browser.face_cells import settle
from tests.browser.harness import NotebookPage

FRESH, ASKING, NARROW = range(1, 4)
CELLS = [
    "from akool_nb.widgets import ImageUploader\nfrom akool_nb.widgets.consent import CONSENT",
    "CONSENT.set(True)\nuploader = ImageUploader()\nheard = []\n"
    "uploader.on_photo(lambda photo: heard.append(photo.size))\nuploader",
    "CONSENT.set(False)\nuploader = ImageUploader(); uploader",
    "CONSENT.set(True)\nimport ipywidgets\nuploader = ImageUploader(layout=ipywidgets.Layout(width='360px')); uploader",
]
DROP = """([type, data, mime, name]) => {
    const transfer = new DataTransfer();
    if (name) transfer.items.add(new File([Uint8Array.from(data)], name, { type: mime }));
    else transfer.setData('text/plain', data);
    const target = document.querySelector('.ak-zone');
    const event = type === 'paste'
        ? new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true })
        : new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true });
    return !target.dispatchEvent(event) }"""


def picture(width=60, height=40, *, orientation=1, noise=False, kind="JPEG") -> bytes:
    size = (width, height)
    image = Image.effect_noise(size, 120).convert("RGB") if noise else Image.new("RGB", size, "teal")
    exif = Image.Exif()
    exif[0x0112] = orientation
    with io.BytesIO() as file:
        image.save(file, kind, quality=100, exif=exif)
        return file.getvalue()


@pytest.fixture(scope="module")
def lab_page(lab, browsers, request) -> Iterator[NotebookPage]:
    """One notebook for all tests of this file; each runs the cell it needs anew."""
    opener = _opener(lab, browsers, request)
    page = next(opener)(CELLS)
    page.page.set_viewport_size({"width": 1280, "height": 1100})
    page.page.set_default_timeout(10_000)
    page.run(0)
    yield page
    next(opener, None)


@pytest.fixture
def show(lab_page):
    """Show one cell's widget alone, freshly made."""

    def run(cell: int) -> NotebookPage:
        lab_page.clear_outputs()
        lab_page.run(cell)
        lab_page.page.get_by_role("button", name="astronaut").wait_for()
        settle(lab_page.page)
        return lab_page

    yield run
    assert lab_page.page_errors == []


def choose(page: Page, *files: tuple[str, str, bytes]) -> None:
    """As the file dialog would."""
    page.locator(".akool input[type=file]").set_input_files(
        [{"name": name, "mimeType": mime, "buffer": data} for name, mime, data in files]
    )


def test_the_tick_comes_once_and_the_dialog_follows_it(show):
    lab = show(ASKING)
    page = lab.page
    page.get_by_role("button", name="Choose a photo").click()
    box = page.get_by_role("checkbox", name="I may use this face")
    expect(box).to_be_focused()
    lab.screenshot("uploader-asking", ".akool")
    with page.expect_file_chooser() as chooser:
        box.check()
    chooser.value.set_files([{"name": "me.jpg", "mimeType": "image/jpeg", "buffer": picture()}])
    assert lab.wait_for("uploader.photo and uploader.photo.size") == [60, 40]
    expect(box).to_be_hidden()
    assert lab.kernel("ImageUploader().consent") is True


def test_a_chosen_file_becomes_the_photo(show):
    lab = show(FRESH)
    choose(lab.page, ("turned.jpg", "image/jpeg", picture(60, 40, orientation=6)))
    assert lab.wait_for("heard") == [[40, 60]]
    assert lab.kernel("uploader.photo.original_size") == [60, 40]
    photo = lab.page.locator(".ak-photo")
    lab.page.wait_for_function("() => document.querySelector('.ak-photo')?.naturalWidth === 40")
    expect(photo).to_have_attribute("alt", "turned.jpg")
    expect(lab.page.locator(".ak-voice")).to_have_text("turned.jpg, photo 1 of 1")


def test_the_same_file_twice_and_several_at_once(show):
    lab = show(FRESH)
    same = ("same.jpg", "image/jpeg", picture())
    choose(lab.page, same)
    lab.wait_for("len(uploader.photos) == 1")
    choose(lab.page, same)
    lab.wait_for("len(uploader.photos) == 2")
    png, webp = picture(10, 10, kind="PNG"), picture(20, 20, kind="WEBP")
    choose(lab.page, ("a.png", "image/png", png), ("b.webp", "image/webp", webp))
    lab.wait_for("len(uploader.photos) == 4")
    assert lab.kernel("heard[-2:]") == [[10, 10], [20, 20]]


def test_a_photo_over_ten_mebibytes_arrives_with_a_progress_bar(show, tmp_path):
    lab = show(FRESH)
    large = tmp_path / "large.jpg"
    # What follows the picture's end is part of the file, and of no interest to any reader of JPEG.
    large.write_bytes(picture(4600, 3500) + bytes(11 * 1024 * 1024))
    lab.page.evaluate(
        """() => { window.shares = []; const bar = document.querySelector('.ak-progress');
            new MutationObserver(() => window.shares.push(bar.value)).observe(bar, { attributes: true }) }"""
    )
    lab.page.locator(".akool input[type=file]").set_input_files(large)
    lab.wait_for("uploader.photo is not None", seconds=40)
    assert lab.kernel("uploader.photo.original_size") == [4600, 3500]
    shares = lab.page.evaluate("window.shares")
    assert len({share for share in shares if 0 < share < 1}) >= 5
    expect(lab.page.locator(".ak-progress")).to_be_hidden()


def test_a_photo_can_be_dropped_and_pasted(show):
    lab = show(FRESH)
    page = lab.page
    assert page.evaluate(DROP, ["dragover", list(picture()), "image/jpeg", "drop.jpg"])
    lab.screenshot("uploader-over", ".akool")
    assert page.evaluate(DROP, ["drop", list(picture(30, 30)), "image/jpeg", "drop.jpg"])
    lab.wait_for("heard == [(30, 30)]")
    page.locator(".ak-zone").hover()
    page.evaluate(DROP, ["paste", list(picture(35, 30)), "image/jpeg", "paste.png"])
    lab.wait_for("heard[-1] == (35, 30)")
    page.evaluate(DROP, ["paste", "no picture at all", "", ""])
    expect(page.get_by_role("alert")).to_contain_text("There was no picture to take")
    lab.wait_for("'no picture to take' in uploader.error")


def test_an_address_is_asked_for_and_its_failure_told(show):
    lab = show(FRESH)
    page = lab.page
    page.get_by_role("button", name="From the web").click()
    page.get_by_label("Address of a picture").fill("http://127.0.0.1:9/<b>me</b>.jpg")
    page.locator(".akool").get_by_role("button", name="Add", exact=True).click()
    lab.wait_for("uploader.error")
    expect(page.get_by_role("alert")).to_have_text(lab.kernel("uploader.error"))
    assert lab.kernel("uploader.photo is None")
    lab.screenshot("uploader-error", ".akool")
    page.get_by_role("button", name="collage").click()
    lab.wait_for("uploader.photo is not None")
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize(
    ("name", "mime", "data", "words"),
    [
        ("<img src=x onerror=pwned=1>.png", "image/png", b"not a picture", "no picture that can be read"),
        ("page.jpg", "image/jpeg", b"<html><script>pwned=1</script></html>", "This is a web page"),
        ("empty.jpg", "image/jpeg", b"", "no picture"),
        ("half.jpg", "image/jpeg", picture(900, 900, noise=True)[:9000], "no picture"),
        ("notes.txt", "text/plain", b"notes", "is not a picture. Choose a JPEG"),
    ],
    ids=["markup in its name", "web page", "empty", "torn", "text"],
)
def test_a_hostile_file_is_refused_in_words(show, name, mime, data, words):
    lab = show(FRESH)
    choose(lab.page, (name, mime, data))
    lab.wait_for("uploader.error")
    text = lab.page.get_by_role("alert").text_content()
    assert words in text and name in text
    assert lab.page.evaluate("window.pwned") is None
    assert lab.kernel("uploader.photo is None")


def test_samples_and_kept_photos_by_keyboard(show):
    lab = show(FRESH)
    page = lab.page
    page.get_by_role("button", name="astronaut").focus()
    page.keyboard.press("Enter")
    lab.wait_for("len(uploader.photos) == 1")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    lab.wait_for("len(uploader.photos) == 2")
    kept = page.get_by_role("group", name="Your photos")
    kept.get_by_role("button", name="astronaut", exact=True).focus()
    page.keyboard.press("Enter")
    lab.wait_for("uploader.photo is uploader.photos[0]")
    expect(kept.get_by_role("button", name="astronaut", exact=True)).to_have_attribute("aria-pressed", "true")
    kept.get_by_role("button", name="Remove astronaut").press("Enter")
    lab.wait_for("len(uploader.photos) == 1 and uploader.photo is uploader.photos[0]")
    assert page.evaluate("window.jupyterapp.shell.currentWidget.content.widgets.length") == len(CELLS)


def test_a_camera_shot_becomes_the_photo_and_the_light_goes_off(show):
    lab = show(FRESH)
    page = lab.page
    page.get_by_role("button", name="Use the camera").click()
    page.wait_for_function("() => document.querySelector('.ak-preview')?.videoWidth === 640")
    assert lab.violations(".akool") == []
    lab.screenshot("uploader-camera", ".akool")
    page.evaluate("window.track = document.querySelector('.ak-preview').srcObject.getVideoTracks()[0]; null")
    page.get_by_role("button", name="Take the photo").click()
    lab.wait_for("heard == [(640, 480)]")
    page.keyboard.press("Escape")
    assert page.evaluate("window.track.readyState") == "ended"
    expect(page.locator(".ak-preview")).to_be_hidden()


def test_a_restarted_kernel_switches_the_camera_off(show):
    lab = show(FRESH)
    page = lab.page
    page.get_by_role("button", name="Use the camera").click()
    page.wait_for_function("() => document.querySelector('.ak-preview')?.videoWidth === 640")
    page.evaluate("window.track = document.querySelector('.ak-preview').srcObject.getVideoTracks()[0]; null")
    lab.restart_kernel()
    assert page.evaluate("window.track.readyState") == "ended"
    lab.run(0)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_in_any_state(show, dark):
    lab = show(ASKING)
    lab.dark(dark)
    name = "dark" if dark else "light"
    try:
        assert lab.violations(".akool") == []
        lab.screenshot(f"uploader-empty-{name}", ".akool")
        lab.page.get_by_role("button", name="astronaut").click()
        lab.wait_for("len(uploader.photos) == 1")
        lab.page.get_by_role("button", name="collage").click()
        lab.wait_for("len(uploader.photos) == 2")
        lab.page.get_by_role("button", name="From the web").click()
        lab.execute("uploader.error = 'What went wrong stands here.'")
        lab.page.get_by_role("alert").wait_for()
        assert lab.violations(".akool") == []
        lab.screenshot(f"uploader-filled-{name}", ".akool")
    finally:
        lab.dark(False)


def test_a_narrow_column_does_not_break_it(show):
    lab = show(NARROW)
    lab.page.get_by_role("button", name="astronaut").click()
    lab.wait_for("uploader.photo is not None")
    lab.page.get_by_role("button", name="From the web").click()
    assert lab.page.locator(".akool").evaluate("root => root.scrollWidth - root.clientWidth") <= 0
    lab.screenshot("uploader-narrow", ".akool")


@pytest.mark.parametrize(
    ("camera", "insecure", "words"),
    [
        ("denied", False, "told not to use the camera"),
        ("none", False, "No camera was found"),
        ("drawn", True, "no camera to plain http pages"),
    ],
)
def test_each_way_a_camera_fails_has_its_own_words(lab, browsers, request, lab_page, camera, insecure, words):
    opener = _opener(lab, browsers, request)
    page = next(opener)(CELLS[:2], camera=camera, insecure=insecure)
    page.run_all()
    page.page.get_by_role("button", name="Use the camera").click()
    expect(page.page.get_by_role("alert")).to_contain_text(words)
    page.wait_for("uploader.error")
    page.close()
