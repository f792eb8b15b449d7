"""FacePicker in a real JupyterLab: mouse, touch, keyboard, screen reader; nothing is saved in the notebook."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.face_cells import FACES, SETUP, focused, item, on_screen, settle, tab_walk, themed
from tests.browser.harness import NotebookPage

SIX, ONE, CROWD, NOTHING, NARROW, WAITING, HOSTILE, SANDBOX = range(1, 9)
CELLS = [
    SETUP,
    "picker = FacePicker(found)\nchoices = []\npicker.on_change(lambda chosen: choices.append(len(chosen)))\npicker",
    "picker = FacePicker(lone); picker",
    "picker = FacePicker(crowd); picker",
    "picker = FacePicker(); picker",
    "import ipywidgets\npicker = FacePicker(found, layout=ipywidgets.Layout(width='360px')); picker",
    "answer = await picker.chosen()",
    """
evil = "<img src=x onerror='window.pwned=1'>"
class Refuses:
    def detect(self, photo):
        raise RuntimeError(evil)
picker = FacePicker(Detection(photo, [face(1, faces[0], evil)]), client=Refuses())
picker""",
    "import akool_nb\nclient = akool_nb.connect(sandbox=True)\npicker = FacePicker(client=client)\n"
    "picker.detect(photo)\npicker",
]


@pytest.fixture(scope="module")
def lab_page(lab, reused_notebooks) -> Iterator[NotebookPage]:
    """One notebook for all tests of this file; each runs the cell that it needs."""
    page = reused_notebooks(CELLS)
    page.page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=lab.url)
    page.page.set_viewport_size({"width": 1280, "height": 1100})
    page.page.set_default_timeout(10_000)
    page.run(0)
    yield page
    page.page.context.clear_permissions()
    reused_notebooks.tidy()


@pytest.fixture
def show(lab_page):
    """Show one cell's widget alone, newly created."""

    def run(cell: int, *, ready: str = ".ak-item") -> NotebookPage:
        lab_page.clear_outputs()
        lab_page.run(cell)
        lab_page.page.locator(ready).first.wait_for()
        settle(lab_page.page)
        return lab_page

    lab_page.console.clear()
    yield run
    assert lab_page.complaints == []


EMPTY_STATES = (
    "picker._has_detection = False",
    "picker._busy = True",
    "picker.detection = Detection(photo, [])",
    "picker.detection = crowd",
)
"""Not searched yet, searching, nothing found, and many faces."""


def announcement(page: Page) -> str:
    return page.locator(".ak-voice").text_content() or ""


def test_a_click_on_a_box_chooses_the_face(show):
    lab = show(SIX)
    lab.page.mouse.click(*on_screen(lab.page, FACES[1][2]))
    expect(item(lab.page, 2)).to_have_attribute("aria-selected", "true")
    assert lab.wait_for("[face.number for face in picker.selected]") == [2]
    assert lab.kernel("picker.opts == found[1].opts")
    assert announcement(lab.page) == "Face 2 of 6, chosen"
    lab.screenshot("picker-chosen-light", ".akool")


def test_the_warnings_are_under_the_chosen_face_and_in_the_description_of_each(show):
    lab = show(SIX)
    sentences = lab.kernel("found.warnings")
    for number, each in enumerate(sentences, 1):
        expect(item(lab.page, number)).to_have_attribute("aria-description", " ".join(each))
    number = next(place for place, each in enumerate(sentences, 1) if each)
    item(lab.page, number).click()
    expect(lab.page.get_by_role("list", name="Why the swap may look bad")).to_have_text("".join(sentences[number - 1]))
    lab.screenshot("picker-warnings", ".akool")


def test_several_faces_are_chosen_in_order(show):
    lab = show(SIX)
    item(lab.page, 5).click()
    item(lab.page, 2).click(modifiers=["Control"])
    lab.page.get_by_role("button", name="Choose several").click()
    lab.page.mouse.click(*on_screen(lab.page, FACES[2][2]))
    lab.wait_for("len(picker.selected) == 3")
    assert lab.kernel("[face.number for face in picker.selected]") == [5, 2, 3]
    assert lab.kernel("[source.path for source in picker.sources]")[0] == "https://crops.example/5.jpg"
    expect(item(lab.page, 3).locator(".ak-order")).to_have_text("#3")
    item(lab.page, 2).click()
    lab.wait_for("[face.number for face in picker.selected] == [5, 3]")
    assert lab.kernel("choices") == [1, 2, 3, 2]


def test_a_choice_sends_the_kernel_one_small_message(show):
    lab = show(SIX)
    lab.page.evaluate(
        """() => { window.sent = [];
            const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
            kernel.anyMessage.connect((_, { msg, direction }) =>
                direction === 'send' && window.sent.push(msg.content)) }"""
    )
    item(lab.page, 4).click()
    lab.page.wait_for_function("window.sent.length > 0")
    (message,) = lab.page.evaluate("window.sent")
    assert message["data"]["state"] == {"_chosen": {"turn": 1, "faces": [3]}}
    assert len(json.dumps(message["data"]["state"])) <= 100


def test_the_only_face_is_chosen_from_the_start(show):
    lab = show(ONE)
    expect(item(lab.page, 1)).to_have_attribute("aria-selected", "true")
    expect(lab.page.get_by_label("opts of the chosen face")).to_have_value(lab.kernel("picker.opts"))


def test_everything_can_be_done_by_keyboard(show):
    lab = show(SIX)
    keyboard = lab.page.keyboard
    lab.page.get_by_role("button", name="Choose several").focus()
    keyboard.press("Enter")
    item(lab.page, 1).focus()
    # In JupyterLab's command mode these keys delete cells, cut, paste, and insert new ones.
    for key in ["d", "d", "x", "v", "a", "b", "ArrowRight", "ArrowRight", "Space", "ArrowLeft", "Enter"]:
        keyboard.press(key)
    lab.wait_for("[face.number for face in picker.selected] == [3, 2]")
    assert len(lab.outputs()) > 0
    assert lab.page.evaluate("window.jupyterapp.shell.currentWidget.content.widgets.length") == len(CELLS)
    lab.page.get_by_role("button", name="Move points").press("Enter")
    point = lab.page.get_by_role("button", name="left eye")
    point.focus()
    keyboard.press("ArrowRight")
    keyboard.press("Shift+ArrowDown")
    x, y = FACES[1][0]
    assert announcement(lab.page) == f"Face 2 of 6, left eye {x + 1}, {y + 10}"
    lab.wait_for(f"picker.selected[1].landmarks[0] == ({x + 1}, {y + 10})")
    assert lab.kernel("picker.selected[1].opts").startswith(f"{x + 1},{y + 10}:")
    keyboard.press("Control+z")
    lab.wait_for("picker.selected[1] == found[1]")
    keyboard.press("Escape")
    expect(lab.page.locator(".ak-point")).to_have_count(0)


def test_tab_focuses_the_controls_in_the_order_of_the_page(show):
    lab = show(SIX)
    item(lab.page, 1).click()
    several = lab.page.get_by_role("button", name="Choose several")
    tools = ["Move points", "Zoom out", "Whole photo", "Zoom in", "Photo. When it is zoomed, the arrow keys move it."]
    result = ["Face 1 of 6", "opts of the chosen face", "Copy opts", "Copy sourceImage"]
    assert tab_walk(lab.page, several, 9) == [*tools, *result]
    lab.page.get_by_role("button", name="Move points").press("Enter")
    names = tab_walk(lab.page, several, 18)
    assert names[:3] == ["Move points", "Undo", "Reset this face"]
    assert [name.rsplit(" ", 2)[0] for name in names[7:13]] == [
        *("left eye", "right eye", "nose", "mouth", "left mouth corner", "right mouth corner")
    ]
    assert names[13:17] == result


def test_the_focus_stays_on_a_control_that_becomes_disabled(show):
    lab = show(SANDBOX)
    page = lab.page
    item(page, 1).click()
    page.get_by_role("button", name="Move points").press("Enter")
    page.get_by_role("button", name="nose").press("ArrowLeft")
    page.locator(".akool").get_by_role("button", name="Undo").press("Enter")
    assert focused(page) == "Undo"
    page.keyboard.press("Enter")  # there is nothing to undo, so nothing happens
    page.get_by_role("button", name="nose").press("ArrowLeft")
    page.get_by_role("button", name="Reset this face").press("Enter")
    assert focused(page) == "Reset this face"
    page.keyboard.press("Escape")
    assert focused(page) == "Move points"
    for _ in range(2):
        page.locator(".akool").get_by_role("button", name="Undo").press("Enter")
    assert focused(page) == "Move points"
    lab.execute("first = picker.detection")
    page.get_by_role("button", name="Detect again").press("Enter")
    lab.wait_for("picker.detection is not first and not picker._busy")
    page.wait_for_function("() => document.querySelectorAll('.ak-item[aria-selected=true]').length === 0")
    assert focused(page) == "Detect again"


def test_control_z_is_announced_and_control_shift_z_does_not_undo(show):
    lab = show(ONE)
    lab.page.get_by_role("button", name="Move points").press("Enter")
    lab.page.get_by_role("button", name="nose").press("ArrowLeft")
    lab.wait_for("picker.selected[0] is not lone[0]")
    lab.page.keyboard.press("Control+Shift+Z")
    assert announcement(lab.page) != "Undone"
    lab.page.keyboard.press("Control+z")
    lab.wait_for("picker.selected[0] is lone[0]")
    assert announcement(lab.page) == "Undone"


def test_a_photo_with_fewer_faces_ends_a_running_move(show):
    lab = show(SIX)
    item(lab.page, 6).click()
    lab.page.get_by_role("button", name="Move points").press("Enter")
    lab.page.get_by_role("button", name="nose").focus()
    lab.page.keyboard.down("ArrowLeft")
    lab.execute("picker.detection = lone")
    expect(lab.page.locator(".ak-item")).to_have_count(1)
    lab.page.keyboard.up("ArrowLeft")
    assert focused(lab.page) == "Move points"
    expect(item(lab.page, 1)).to_have_attribute("aria-selected", "true")
    assert lab.kernel("picker.selected[0] is lone[0]")


def test_a_removed_photo_disappears_from_the_page(show):
    lab = show(ONE)
    lab.execute("picker.detection = None")
    expect(lab.page.locator(".ak-empty")).to_contain_text("No photo yet")
    expect(lab.page.locator(".ak-stage")).to_be_hidden()
    expect(item(lab.page, 1)).to_be_hidden()


def test_only_the_main_button_clicks_and_a_missed_release_does_not_drag(show):
    lab = show(SIX)
    page = lab.page
    page.mouse.click(*on_screen(page, FACES[1][2]), button="middle")
    page.get_by_role("button", name="Zoom in").click()
    x, y = on_screen(page, FACES[1][2])
    before = page.locator(".ak-canvas").bounding_box()
    # The release happened outside of the browser: the next event is a mouse move without a button.
    page.locator(".ak-stage").dispatch_event(
        "pointerdown", {"pointerId": 1, "button": 0, "buttons": 1, "clientX": x, "clientY": y}
    )
    page.mouse.move(x + 40, y + 30, steps=3)
    assert page.locator(".ak-canvas").bounding_box() == before
    assert lab.kernel("picker.selected") == []


def test_a_point_is_dragged_limited_undone_and_reset(show):
    lab = show(ONE)
    page = lab.page
    page.get_by_role("button", name="Move points").click()
    nose = page.get_by_role("button", name="nose")
    before = nose.bounding_box()
    nose.hover()
    page.mouse.down()
    page.mouse.move(before["x"] - 30, before["y"] - 40, steps=6)
    page.mouse.up()
    lab.wait_for("picker.selected[0] != lone[0]")
    lab.screenshot("picker-editing-light", ".akool")
    nose.hover()
    page.mouse.down()
    page.mouse.move(-4000, -4000, steps=4)
    page.mouse.up()
    # The API writes "no point" as 0, 0, so a point never reaches that corner.
    lab.wait_for("picker.selected[0].landmarks[2] == (1, 0)")
    page.locator(".akool").get_by_role("button", name="Undo").click()
    lab.wait_for("picker.selected[0].landmarks[2] != (1, 0)")
    assert lab.kernel("picker.selected[0] != lone[0]")
    page.get_by_role("button", name="Reset this face").click()
    lab.wait_for("picker.selected[0] == lone[0]")
    expect(page.get_by_label("opts of the chosen face")).to_have_value(lab.kernel("lone[0].opts"))


def test_the_photo_zooms_and_pans_by_wheel_mouse_and_keys(show):
    lab = show(SIX)
    page = lab.page
    width = "() => document.querySelector('.ak-canvas').getBoundingClientRect().width"
    whole = page.evaluate(width)
    spot = on_screen(page, FACES[0][2])
    page.mouse.move(*spot)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    assert page.evaluate(width) > 2 * whole
    # The mouse is on whole pixels, and the zoom enlarges the rest of the pixel too.
    assert on_screen(page, FACES[0][2]) == pytest.approx(spot, abs=4)
    spot = on_screen(page, FACES[0][2])
    page.mouse.move(*spot)
    page.mouse.down()
    page.mouse.move(spot[0] - 60, spot[1] - 20, steps=4)
    page.mouse.up()
    assert on_screen(page, FACES[0][2]) == pytest.approx((spot[0] - 60, spot[1] - 20), abs=2)
    assert lab.kernel("picker.selected") == []
    page.locator(".ak-stage").focus()
    page.keyboard.press("0")
    assert page.evaluate(width) == pytest.approx(whole)
    page.keyboard.press("+")
    assert page.evaluate(width) == pytest.approx(1.5 * whole, rel=0.01)


def touch(session: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    session.send(
        "Input.dispatchTouchEvent",
        {"type": kind, "touchPoints": [{"x": x, "y": y, "id": at} for at, (x, y) in enumerate(points)]},
    )


def test_touch_chooses_drags_and_pinches(show):
    lab = show(SIX)
    page = lab.page
    session = page.context.new_cdp_session(page)
    x, y = on_screen(page, FACES[2][2])
    touch(session, "touchStart", (x, y))
    touch(session, "touchEnd")
    lab.wait_for("[face.number for face in picker.selected] == [3]")
    width = page.locator(".ak-canvas").evaluate("canvas => canvas.offsetWidth")
    touch(session, "touchStart", (x - 20, y), (x + 20, y))
    for apart in (30, 45, 60, 80):
        touch(session, "touchMove", (x - apart, y), (x + apart, y))
    touch(session, "touchEnd")
    assert page.locator(".ak-canvas").evaluate("canvas => canvas.offsetWidth") > 2 * width
    page.get_by_role("button", name="Move points").click()
    box = page.get_by_role("button", name="right eye").bounding_box()
    at = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    touch(session, "touchStart", at)
    for step in (10, 20, 30):
        touch(session, "touchMove", (at[0] + step, at[1]))
    touch(session, "touchEnd")
    lab.wait_for("picker.selected[0] != found[2]")
    session.detach()


def test_on_a_screen_with_double_resolution_everything_is_drawn_sharp(show):
    lab = show(SIX)
    session = lab.page.context.new_cdp_session(lab.page)
    size = {"width": 1280, "height": 1100, "deviceScaleFactor": 2, "mobile": False}
    session.send("Emulation.setDeviceMetricsOverride", size)
    try:
        show(SIX)
        assert lab.page.locator(".ak-item canvas").first.evaluate("canvas => canvas.width") == 112
        # The middle pixel is part of the face: the thumbnail is drawn and not only sized.
        paint = "canvas => canvas.getContext('2d').getImageData(56, 56, 1, 1).data[3]"
        lab.page.wait_for_function(f"() => ({paint})(document.querySelector('.ak-item canvas')) === 255")
        lab.screenshot("picker-sharp", ".akool")
    finally:
        session.send("Emulation.clearDeviceMetricsOverride")
        session.detach()


def test_opts_and_source_can_be_copied(show):
    lab = show(SIX)
    item(lab.page, 6).click()
    lab.page.get_by_role("button", name="Copy opts").click()
    expect(lab.page.locator(".ak-voice")).to_have_text("Copied")
    assert lab.page.evaluate("navigator.clipboard.readText()") == lab.kernel("found[5].opts")
    lab.page.get_by_role("button", name="Copy sourceImage").click()
    source = {"path": "https://crops.example/6.jpg", "opts": lab.kernel("found[5].crop.opts")}
    lab.page.wait_for_function("navigator.clipboard.readText().then(text => text.startsWith('['))")
    assert json.loads(lab.page.evaluate("navigator.clipboard.readText()")) == [source]


def test_a_hundred_faces_are_shown(show):
    lab = show(CROWD)
    expect(lab.page.locator(".ak-item")).to_have_count(100)
    lab.page.mouse.click(*on_screen(lab.page, (20 + 125 * 7 + 12, 20 + 68 * 9 + 12)))
    assert lab.wait_for("[face.number for face in picker.selected]") == [98]
    lab.page.locator(".ak-strip").scroll_into_view_if_needed()  # the widget does not scroll the page
    expect(item(lab.page, 98)).to_be_in_viewport(ratio=1)
    lab.screenshot("picker-crowd", ".akool")


def test_markup_in_a_message_of_the_service_is_shown_as_text(show):
    lab = show(HOSTILE)
    expect(lab.page.get_by_label("opts of the chosen face")).to_have_value(lab.kernel("evil"))
    lab.page.get_by_role("button", name="Detect again").click()
    expect(lab.page.get_by_role("alert")).to_have_text("RuntimeError: " + lab.kernel("evil"))
    assert lab.page.evaluate("window.pwned") is None
    assert lab.page.locator(".akool img[src=x]").count() == 0
    lab.screenshot("picker-error", ".akool")


def test_with_a_client_the_widget_detects_and_detects_again(show):
    lab = show(SANDBOX)
    assert lab.wait_for("len(picker.faces)") == 6
    item(lab.page, 1).click()
    lab.wait_for("len(picker.selected) == 1")
    lab.execute("first = picker.detection")
    lab.page.get_by_role("button", name="Detect again").click()
    lab.wait_for("picker.detection is not first and not picker._busy")
    assert lab.kernel("picker.selected") == []
    assert lab.kernel("picker.error") == ""


def test_a_cell_can_wait_for_a_choice(show):
    lab = show(SIX)
    lab.page.evaluate(f"() => window.jupyterapp.shell.currentWidget.content.activeCellIndex = {WAITING}")
    lab._command("notebook:run-cell", wait=False)
    lab.page.locator(".jp-Notebook .jp-Cell").nth(WAITING).get_by_text("[*]:").wait_for()
    item(lab.page, 4).click()
    lab.wait_until_idle()
    assert lab.kernel("answer.number") == 4


def test_the_widget_is_shown_at_once_while_the_kernel_is_busy(show):
    lab = show(NOTHING, ready=".ak-empty")
    expect(lab.page.locator(".ak-empty")).to_contain_text("No photo yet")
    lab.page.evaluate(
        """() => { const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
            kernel.requestExecute({ code: 'picker.detection = found; import time; time.sleep(3); late = True' }) }"""
    )
    item(lab.page, 6).wait_for(timeout=2500)
    item(lab.page, 6).click()
    assert lab.wait_for("[face.number for face in picker.selected]") == [6]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_no_problem_in_any_state(show, dark):
    lab = show(SIX)
    lab.dark(dark)
    name = "dark" if dark else "light"
    try:
        themed(lab.page, name)
        assert lab.violations(".akool") == []
        item(lab.page, 1).click()
        lab.page.get_by_role("button", name="Move points").click()
        assert lab.violations(".akool") == []
        lab.screenshot(f"picker-states-editing-{name}", ".akool")
        lab.execute("picker.error = 'The message of an error.'")
        lab.page.get_by_role("alert").wait_for()
        assert lab.violations(".akool") == []
        show(NOTHING, ready=".ak-empty")
        for state in EMPTY_STATES:
            lab.execute(state)
            settle(lab.page)
            themed(lab.page, name)
            assert lab.violations(".akool") == [], state
    finally:
        lab.dark(False)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_narrow_column_does_not_break_the_layout(show, dark):
    lab = show(NARROW)
    lab.dark(dark)
    try:
        themed(lab.page, "dark" if dark else "light")
        item(lab.page, 2).click()
        assert lab.page.locator(".akool").evaluate("root => root.scrollWidth - root.clientWidth") <= 0
        small = lab.page.locator(".akool button:visible").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect()).filter(box => box.width < 24 || box.height < 24).length"
        )
        assert small == 0
        lab.screenshot(f"picker-narrow-{'dark' if dark else 'light'}", ".akool")
    finally:
        lab.dark(False)


def test_reduced_motion_is_respected(show):
    lab = show(SIX)
    duration = "() => getComputedStyle(document.querySelector('.ak-button')).transitionDuration"
    assert lab.page.evaluate(duration) != "0s"
    lab.page.emulate_media(reduced_motion="reduce")
    try:
        assert lab.page.evaluate(duration) == "0s"
    finally:
        lab.page.emulate_media(reduced_motion="no-preference")


def test_after_a_restart_the_widget_says_that_python_has_stopped(show):
    lab = show(SIX)
    lab.restart_kernel()
    expect(lab.page.get_by_text("Python has stopped. Run the cell again")).to_be_visible()
    expect(lab.page.locator(".ak-body[inert]")).to_be_visible()
    lab.run(0)
