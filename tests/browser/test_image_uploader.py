"""ImageUploader in a real JupyterLab: every source of a photo, working and failing cameras, hostile files."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.face_cells import focused, settle, tab_walk, themed
from tests.browser.harness import NotebookPage

FRESH, ASKING, NARROW, TWICE, PAIR = range(1, 6)
CELLS = [
    "from akool_nb.widgets import ImageUploader\nfrom akool_nb.widgets.consent import CONSENT",
    "CONSENT.set(True)\nuploader = ImageUploader()\nsizes = []\n"
    "uploader.on_photo(lambda photo: sizes.append(photo.size))\nuploader",
    "CONSENT.set(False)\nuploader = ImageUploader(); uploader",
    "CONSENT.set(True)\nimport ipywidgets\nuploader = ImageUploader(layout=ipywidgets.Layout(width='360px')); uploader",
    "CONSENT.set(False)\nuploader = ImageUploader(); display(uploader, uploader)",
    "CONSENT.set(True)\nuploader, other = ImageUploader(), ImageUploader(); display(uploader, other)",
]
DROP = """([type, data, mime, name]) => {
    const transfer = new DataTransfer();
    if (name) transfer.items.add(new File([Uint8Array.from(data)], name, { type: mime }));
    else transfer.setData('text/plain', data);
    const target = document.querySelector('.ak-body .ak-zone');
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
def lab_page(reused_notebooks) -> Iterator[NotebookPage]:
    """One notebook for all tests of this file; each runs the cell that it needs."""
    page = reused_notebooks(CELLS)
    page.page.set_viewport_size({"width": 1280, "height": 1100})
    page.page.set_default_timeout(10_000)
    page.run(0)
    yield page
    reused_notebooks.tidy()


@pytest.fixture
def show(lab_page):
    """Show one cell's widget alone, newly created."""

    def run(cell: int) -> NotebookPage:
        lab_page.clear_outputs()
        lab_page.run(cell)
        lab_page.page.get_by_role("button", name="astronaut").last.wait_for()
        settle(lab_page.page)
        return lab_page

    lab_page.console.clear()
    yield run
    assert lab_page.complaints == []


def choose(page: Page, *files: tuple[str, str, bytes]) -> None:
    """Choose files as in the file dialog."""
    page.locator(".akool input[type=file]").set_input_files(
        [{"name": name, "mimeType": mime, "buffer": data} for name, mime, data in files]
    )


def test_the_consent_is_asked_once_and_then_the_dialog_opens(show):
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
    assert focused(page) == "Choose a photo"
    assert lab.kernel("ImageUploader().consent") is True


def test_python_gets_the_consent_before_the_action_that_waited_for_it(show):
    lab = show(ASKING)
    lab.page.evaluate(DROP, ["drop", "http://127.0.0.1:9/me.jpg", "", ""])
    lab.page.get_by_role("checkbox", name="I may use this face").check()
    expect(lab.page.get_by_role("alert")).to_contain_text("me.jpg: ")
    assert "Tick" not in lab.kernel("uploader.error")


def test_an_action_that_waits_for_consent_continues_after_the_tick_in_another_view(show):
    lab = show(TWICE)
    lab.page.evaluate(DROP, ["drop", list(picture(30, 30)), "image/jpeg", "drop.jpg"])
    lab.page.get_by_role("checkbox", name="I may use this face").last.check()
    lab.wait_for("uploader.photo is not None")


def test_a_chosen_file_becomes_the_photo(show):
    lab = show(FRESH)
    choose(lab.page, ("turned.jpg", "image/jpeg", picture(60, 40, orientation=6)))
    assert lab.wait_for("sizes") == [[40, 60]]
    assert lab.kernel("uploader.photo.original_size") == [60, 40]
    photo = lab.page.locator(".ak-photo")
    lab.page.wait_for_function("() => document.querySelector('.ak-photo')?.naturalWidth === 40")
    expect(photo).to_have_attribute("alt", "turned.jpg")
    expect(lab.page.locator(".ak-voice")).to_have_text("turned.jpg is ready, photo 1 of 1")


def test_the_same_file_twice_and_several_at_once_are_added(show):
    lab = show(FRESH)
    same = ("same.jpg", "image/jpeg", picture())
    choose(lab.page, same)
    lab.wait_for("len(uploader.photos) == 1")
    choose(lab.page, same)
    lab.wait_for("len(uploader.photos) == 2")
    png, webp = picture(10, 10, kind="PNG"), picture(20, 20, kind="WEBP")
    choose(lab.page, ("a.png", "image/png", png), ("b.webp", "image/webp", webp))
    lab.wait_for("len(uploader.photos) == 4")
    assert lab.kernel("sizes[-2:]") == [[10, 10], [20, 20]]


def test_a_photo_over_ten_mebibytes_is_uploaded_with_a_progress_bar(show, tmp_path):
    lab = show(FRESH)
    large = tmp_path / "large.jpg"
    # Bytes after the end of the picture are part of the file, but JPEG readers ignore them.
    large.write_bytes(picture(4600, 3500) + bytes(11 * 1024 * 1024))
    lab.page.evaluate(
        """() => { window.shares = []; const bar = document.querySelector('.ak-progress');
            new MutationObserver(() => window.shares.push(bar.value)).observe(bar, { attributes: true });
            window.texts = []; const voice = document.querySelector('.ak-voice');
            new MutationObserver(() => window.texts.push(voice.textContent)).observe(voice, { childList: true }) }"""
    )
    lab.page.locator(".akool input[type=file]").set_input_files(large)
    lab.wait_for("uploader.photo is not None", seconds=40)
    assert lab.kernel("uploader.photo.original_size") == [4600, 3500]
    shares = lab.page.evaluate("window.shares")
    assert len({share for share in shares if 0 < share < 1}) >= 5
    expect(lab.page.locator(".ak-progress")).to_be_hidden()
    announced = lab.page.evaluate("window.texts")
    assert "large.jpg: 50 %" in announced and announced[-1] == "large.jpg is ready, photo 1 of 1"
    assert len(announced) <= 8


def test_a_file_that_cannot_be_read_is_named_and_the_next_one_is_uploaded(show, tmp_path):
    lab = show(FRESH)
    files = [tmp_path / name for name in ("large.jpg", "gone.jpg", "last.jpg")]
    for file in files:
        file.write_bytes(picture())
    files[0].write_bytes(picture() + bytes(8 * 1024 * 1024))
    lab.page.locator(".akool input[type=file]").set_input_files(files)
    files[1].unlink()
    lab.wait_for("len(uploader.photos) == 2")
    expect(lab.page.get_by_role("alert")).to_contain_text("gone.jpg could not be read")
    expect(lab.page.locator(".ak-photo")).to_have_attribute("alt", "last.jpg")


def test_a_photo_can_be_dropped_and_pasted(show):
    lab = show(FRESH)
    page = lab.page
    assert page.evaluate(DROP, ["dragover", list(picture()), "image/jpeg", "drop.jpg"])
    lab.screenshot("uploader-over", ".akool")
    assert page.evaluate(DROP, ["drop", list(picture(30, 30)), "image/jpeg", "drop.jpg"])
    lab.wait_for("sizes == [(30, 30)]")
    page.locator(".ak-zone").hover()
    page.evaluate(DROP, ["paste", list(picture(35, 30)), "image/jpeg", "paste.png"])
    lab.wait_for("sizes[-1] == (35, 30)")
    page.evaluate(DROP, ["paste", "no picture at all", "", ""])
    expect(page.get_by_role("alert")).to_contain_text("There was no picture to take")
    lab.wait_for("'no picture to take' in uploader.error")


def test_a_paste_into_a_cell_stays_there_even_with_the_mouse_over_the_widget(show):
    lab = show(FRESH)
    page = lab.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=lab.server.url)
    page.evaluate("navigator.clipboard.writeText('https://example.org/me.jpg')")
    cell = page.locator(".jp-Notebook .jp-Cell .cm-content").nth(NARROW)
    before = cell.text_content()
    cell.click()
    page.locator(".ak-zone").hover()
    page.keyboard.press("Control+v")
    expect(cell).to_contain_text("https://example.org/me.jpg")
    expect(page.locator(".ak-sending")).to_be_hidden()
    assert lab.kernel("uploader.error") == ""
    page.keyboard.press("Control+z")
    expect(cell).to_have_text(before or "")
    page.context.clear_permissions()


def test_with_two_uploaders_only_one_takes_what_is_pasted(show):
    lab = show(PAIR)
    lab.page.locator(".akool").last.get_by_role("button", name="Choose a photo").focus()
    lab.page.locator(".ak-zone").first.hover()
    lab.page.evaluate(DROP, ["paste", list(picture(35, 30)), "image/jpeg", "paste.png"])
    lab.wait_for("uploader.photos or other.photos")
    lab.page.wait_for_timeout(300)
    assert lab.kernel("len(uploader.photos) + len(other.photos)") == 1


def test_an_address_is_uploaded_and_its_failure_is_shown(show):
    lab = show(FRESH)
    page = lab.page
    page.get_by_role("button", name="From the web").click()
    page.get_by_label("Address of a picture").fill("http://127.0.0.1:9/<b>me</b>.jpg")
    page.locator(".akool").get_by_role("button", name="Add", exact=True).click()
    lab.wait_for("uploader.error")
    expect(page.get_by_role("alert")).to_have_text(lab.kernel("uploader.error"))
    assert lab.kernel("uploader.photo is None")
    # A wrong address can be corrected, and the reason is beside it.
    expect(page.get_by_label("Address of a picture")).to_have_value("http://127.0.0.1:9/<b>me</b>.jpg")
    lab.screenshot("uploader-error", ".akool")
    page.get_by_role("button", name="collage").click()
    lab.wait_for("uploader.photo is not None")
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize(
    ("name", "mime", "data", "words"),
    [
        ("<img src=x onerror=pwned=1>.png", "image/png", b"not a picture", "not a picture of a known kind"),
        ("page.jpg", "image/jpeg", b"<html><script>pwned=1</script></html>", "This is a web page"),
        ("empty.jpg", "image/jpeg", b"", "The file is empty"),
        ("half.jpg", "image/jpeg", picture(900, 900, noise=True)[:9000], "incomplete"),
        ("notes.txt", "text/plain", b"notes", "is not a picture. Choose a JPEG"),
    ],
    ids=["markup in its name", "web page", "empty", "torn", "text"],
)
def test_a_hostile_file_is_refused_with_a_message(show, name, mime, data, words):
    lab = show(FRESH)
    choose(lab.page, (name, mime, data))
    lab.wait_for("uploader.error")
    text = lab.page.get_by_role("alert").text_content()
    assert words in text and name in text
    assert lab.page.evaluate("window.pwned") is None
    assert lab.kernel("uploader.photo is None")


def test_samples_and_photos_can_be_chosen_by_keyboard(show):
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


def test_tab_focuses_every_control_and_the_focus_is_never_lost(show):
    lab = show(FRESH)
    page = lab.page
    for count, name in enumerate(("astronaut", "collage"), 1):
        sample = page.get_by_role("group", name="Sample photos").get_by_role("button", name=name)
        sample.press("Enter")
        lab.wait_for(f"len(uploader.photos) == {count}")
        expect(page.locator(".ak-voice")).to_have_text(f"{name} is ready, photo {count} of {count}")
        assert focused(page) == name
    choose_button = page.get_by_role("button", name="Choose a photo")
    ways = ["Use the camera", "From the web"]
    kept = ["Remove astronaut", "collage", "Remove collage"]
    assert tab_walk(page, choose_button, 6) == [*ways, *kept, "collage"]
    page.get_by_role("button", name="Remove astronaut").press("Enter")
    expect(page.get_by_role("button", name="Remove astronaut")).to_have_count(0)
    assert focused(page) == "collage"
    page.get_by_role("button", name="Remove collage").press("Enter")
    expect(page.get_by_role("group", name="Your photos")).to_be_hidden()
    assert focused(page) == "Choose a photo"
    assert lab.kernel("uploader.photo is None")
    page.get_by_role("button", name="From the web").press("Enter")
    assert focused(page) == "Address of a picture"
    page.keyboard.press("Escape")
    assert focused(page) == "From the web"


def test_cancel_ends_the_upload_and_moves_the_focus(show, tmp_path):
    lab = show(FRESH)
    large = tmp_path / "large.jpg"
    large.write_bytes(picture() + bytes(30 * 1024 * 1024))
    lab.page.locator(".akool input[type=file]").set_input_files(large)
    lab.page.get_by_role("button", name="Cancel").press("Enter")
    assert focused(lab.page) == "Choose a photo"
    expect(lab.page.locator(".ak-sending")).to_be_hidden()
    lab.page.wait_for_timeout(500)
    assert lab.kernel("(uploader.photos, uploader._uploads._arriving)") == [[], {}]


def test_a_photo_taken_before_the_first_frame_of_the_camera_waits_for_it(show):
    lab = show(FRESH)
    page = lab.page
    page.get_by_role("button", name="Use the camera").press("Enter")
    page.wait_for_function("() => document.querySelector('.ak-preview')?.videoWidth === 640")
    assert focused(page) == "Take the photo"
    page.evaluate("window.stream = document.querySelector('.ak-preview').srcObject; null")
    page.evaluate("document.querySelector('.ak-preview').srcObject = null")
    page.keyboard.press("Enter")
    page.evaluate("document.querySelector('.ak-preview').srcObject = window.stream; null")
    lab.wait_for("sizes == [(640, 480)]")
    assert focused(page) == "Use the camera"


def test_a_photo_from_the_camera_becomes_the_photo_and_the_camera_is_turned_off(show):
    lab = show(FRESH)
    page = lab.page
    page.get_by_role("button", name="Use the camera").click()
    page.wait_for_function("() => document.querySelector('.ak-preview')?.videoWidth === 640")
    assert lab.violations(".akool") == []
    lab.screenshot("uploader-camera", ".akool")
    page.evaluate("window.track = document.querySelector('.ak-preview').srcObject.getVideoTracks()[0]; null")
    page.get_by_role("button", name="Take the photo").click()
    lab.wait_for("sizes == [(640, 480)]")
    assert focused(page) == "Use the camera"
    assert page.evaluate("window.track.readyState") == "ended"
    expect(page.locator(".ak-preview")).to_be_hidden()


def test_a_restarted_kernel_turns_the_camera_off(show):
    lab = show(FRESH)
    page = lab.page
    page.get_by_role("button", name="Use the camera").click()
    page.wait_for_function("() => document.querySelector('.ak-preview')?.videoWidth === 640")
    page.evaluate("window.track = document.querySelector('.ak-preview').srcObject.getVideoTracks()[0]; null")
    lab.restart_kernel()
    assert page.evaluate("window.track.readyState") == "ended"
    lab.run(0)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_no_problem_in_any_state(show, dark):
    lab = show(ASKING)
    lab.dark(dark)
    name = "dark" if dark else "light"
    try:
        themed(lab.page, name)
        assert lab.violations(".akool") == []
        lab.screenshot(f"uploader-empty-{name}", ".akool")
        lab.page.get_by_role("button", name="astronaut").click()
        lab.wait_for("len(uploader.photos) == 1")
        lab.page.get_by_role("button", name="collage").click()
        lab.wait_for("len(uploader.photos) == 2")
        lab.page.get_by_role("button", name="From the web").click()
        lab.execute("uploader.error = 'The message of an error.'")
        lab.page.get_by_role("alert").wait_for()
        assert lab.violations(".akool") == []
        lab.screenshot(f"uploader-filled-{name}", ".akool")
        lab.execute("CONSENT.set(True)")
        lab.page.get_by_role("button", name="Use the camera").click()
        lab.page.wait_for_function("() => document.querySelector('.ak-preview')?.videoWidth === 640")
        assert lab.violations(".akool") == []
        lab.page.keyboard.press("Escape")
        # Without an answer from Python the upload does not finish.
        lab.execute("uploader._uploads._receive_piece = lambda *_, **__: None")
        choose(lab.page, ("slow.jpg", "image/jpeg", picture()))
        expect(lab.page.locator(".ak-sending")).to_be_visible()
        assert lab.violations(".akool") == []
        lab.screenshot(f"uploader-sending-{name}", ".akool")
    finally:
        lab.dark(False)


def test_a_narrow_column_does_not_break_the_layout(show):
    lab = show(NARROW)
    lab.page.get_by_role("button", name="astronaut").click()
    lab.wait_for("uploader.photo is not None")
    lab.page.get_by_role("button", name="From the web").click()
    assert lab.page.locator(".akool").evaluate("root => root.scrollWidth - root.clientWidth") <= 0
    lab.screenshot("uploader-narrow", ".akool")


@pytest.mark.parametrize(
    ("camera", "insecure", "words"),
    [
        ("denied", False, "may not use the camera"),
        ("none", False, "No camera was found"),
        ("drawn", True, "no camera to plain http pages"),
    ],
)
def test_each_failure_of_a_camera_has_its_own_message(reused_notebooks, camera, insecure, words):
    page = reused_notebooks(CELLS[:2], camera=camera, insecure=insecure)
    page.run_all()
    page.page.get_by_role("button", name="Use the camera").click()
    expect(page.page.get_by_role("alert")).to_contain_text(words)
    page.wait_for("uploader.error")


@pytest.mark.parametrize(
    ("spoil", "mend", "words"),
    [
        (
            "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotReadableError'))",
            "delete navigator.mediaDevices.getUserMedia",
            "Another program is using the camera",
        ),
        (
            "Object.defineProperty(navigator, 'mediaDevices', { value: undefined, configurable: true })",
            "delete navigator.mediaDevices",
            "This program has no camera for notebooks",
        ),
        (
            "Object.defineProperty(document, 'featurePolicy',"
            " { value: { allowsFeature: () => false }, configurable: true })",
            "delete document.featurePolicy",
            "does not let it use the camera",
        ),
    ],
    ids=["busy", "missing", "blocked"],
)
def test_a_browser_without_a_camera_shows_the_reason(show, spoil, mend, words):
    lab = show(FRESH)
    lab.page.evaluate(f"() => {{ {spoil} }}")
    try:
        lab.page.get_by_role("button", name="Use the camera").click()
        expect(lab.page.get_by_role("alert")).to_contain_text(words)
    finally:
        lab.page.evaluate(f"() => {{ {mend} }}")


def test_of_two_cameras_the_chosen_one_is_used_and_remembered(notebook):
    lab = notebook(CELLS[:2], camera="two")
    lab.run_all()
    page = lab.page
    camera = "() => document.querySelector('.ak-preview').srcObject?.getVideoTracks()[0].getSettings().deviceId"
    page.get_by_role("button", name="Use the camera").click()
    menu = page.get_by_role("combobox", name="Camera")
    menu.wait_for(timeout=20_000)
    names = menu.locator("option").all_text_contents()
    assert len(names) == 2
    first = page.evaluate(camera)
    page.evaluate("window.track = document.querySelector('.ak-preview').srcObject.getVideoTracks()[0]; null")
    other = next(index for index in range(2) if menu.locator("option").nth(index).get_attribute("value") != first)
    menu.focus()
    page.keyboard.press("ArrowDown" if other else "ArrowUp")
    page.wait_for_function(f"() => ![undefined, '{first}'].includes(({camera})())")
    assert page.evaluate("window.track.readyState") == "ended"
    lab.screenshot("uploader-two-cameras", ".akool")
    assert focused(page) == "Camera"
    second = page.evaluate(camera)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Use the camera").click()
    page.wait_for_function(f"() => ({camera})() === '{second}'")
    page.get_by_role("button", name="Take the photo").click()
    lab.wait_for("len(sizes) == 1")
