"""LiveView with the sandbox, in a real JupyterLab with a (fake) camera that shows a face."""

import json
from typing import NamedTuple

import pytest
from playwright.sync_api import expect

from tests.browser.face_cells import focused, settle
from tests.browser.live_cells import (
    CAMERA,
    DRAWN,
    EARLIER_FILMS,
    NEW_FILM,
    lights,
    press,
    session_on,
    start_camera,
    wait_state,
    watch_tracks,
)

SPINNING_RATE = 10
"""Pictures per second beside a busy cell, on any machine; the bench requires 18 on an idle one."""
BUSY = "import time\nend = time.time() + 9\nwhile time.time() < end:\n    pass"
COUNT_FRAMES = """async milliseconds => {
    const video = document.querySelector('.ak-live-remote');
    let count = 0;
    const next = () => video.requestVideoFrameCallback(() => { count += 1; next(); });
    next();
    await new Promise(done => setTimeout(done, milliseconds));
    return count;
}"""
MADE_BY_A_MODEL = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
FREED = "address => fetch(address).then(() => false, () => true)"
WINDOW_STREAM = "() => document.querySelector('video')?.srcObject?.id"
STREAMS = "() => [...document.querySelectorAll('.ak-live-remote')].map(video => video.srcObject?.id)"


@pytest.fixture
def live(reused_notebook, sandbox):
    """A notebook whose drawn picture goes through the sandbox, and six prepared faces."""
    page = reused_notebook([session_on(sandbox, "collage"), DRAWN.replace("close_after=1", "faces=faces")])
    page.run_all()
    wait_state(page, "live")
    return page


@pytest.mark.alone
def test_run_all_shows_a_live_picture_while_the_kernel_is_busy(reused_notebook, sandbox):
    page = reused_notebook([session_on(sandbox), DRAWN, BUSY, "print('done')"])
    page.run_all(wait=False)
    wait_state(page, "live")
    assert page.page.evaluate(COUNT_FRAMES, 2000) >= 2 * SPINNING_RATE, "the picture stuttered while a cell was running"
    assert page.outputs(3) == [], "the busy cell has finished too early"
    page.wait_for("view.state == 'live' and view.stats")
    assert page.kernel("(view.stats['width'], view.stats['height'])") == [640, 480]
    assert page.kernel("view.error") == ""


def test_two_views_share_the_width_of_an_hbox(reused_notebook):
    cell = "import ipywidgets\nfrom akool_nb.widgets import LiveView\nipywidgets.HBox([LiveView(), LiveView()])"
    page = reused_notebook([cell])
    page.run_all()
    views = page.page.locator(".akool")
    expect(views).to_have_count(2)
    widths = views.evaluate_all("views => views.map(view => view.clientWidth)")
    assert min(widths) > 300, widths


def test_the_camera_opens_only_after_consent_and_a_click(reused_notebook, sandbox):
    page = reused_notebook([session_on(sandbox), CAMERA])
    watch_tracks(page)
    page.run_all()
    press(page, "Start")
    page.page.wait_for_selector(".ak-asking")
    assert lights(page) == []
    start_camera(page)
    assert lights(page) == ["live"]
    asked = page.page.evaluate("() => globalThis.openTracks[0][1].video")
    assert asked == {"width": 640, "height": 480, "frameRate": {"max": 20, "min": 20}}


def test_the_session_is_opened_only_after_the_consent_and_the_camera(reused_notebook, sandbox):
    view = "session.close()\nview = LiveView(create=lambda: client.create(faces[0]), close_after=1)\nview"
    page = reused_notebook([session_on(sandbox), view])
    watch_tracks(page)
    page.run_all()
    press(page, "Start")
    page.page.wait_for_selector(".ak-asking")
    assert (lights(page), sandbox.sessions) == ([], [])
    start_camera(page)
    assert page.kernel("[one.id for one in client.sessions] == [view.session.id]")
    press(page, "Stop")
    page.wait_for("view.session.closed")


def test_a_preview_is_shown_before_the_call_and_the_camera_may_be_changed_in_it(reused_notebook, sandbox):
    page = reused_notebook([session_on(sandbox), "view = LiveView(session)\nview.consent = True\nview"])
    watch_tracks(page)
    page.run_all()
    press(page, "Check my camera first")
    wait_state(page, "preview")
    assert sandbox.sessions[0]["joined"] is False
    press(page, "Start")
    wait_state(page, "live")
    page.page.get_by_label("Camera", exact=True).select_option("drawn")
    page.page.wait_for_function("() => openTracks.every(([track]) => track.readyState === 'ended')")
    wait_state(page, "live")


def test_a_running_call_gives_pictures_recordings_and_windows(live):
    expect(live.page.get_by_label("The AI-swapped picture")).to_be_visible()
    live.page.wait_for_function("() => document.querySelector('.ak-live-remote').videoWidth === 640")
    press(live, "Snapshot")
    live.wait_for("view.snapshot is not None")
    assert live.kernel("view.snapshot.size") == [640, 480]
    assert MADE_BY_A_MODEL in live.kernel("view.snapshot.info['XML:com.adobe.xmp']"), "Pillow reads the XMP packet"
    file = live.page.get_by_role("link", name="Save as file")
    expect(file).to_have_attribute("download", "snapshot.png")
    first = file.get_attribute("href")
    press(live, "Snapshot")
    live.page.wait_for_function(FREED, arg=first)
    live.execute(EARLIER_FILMS)
    press(live, "Record")
    live.wait_for(NEW_FILM)
    press(live, "Stop recording")
    live.wait_for("view.recordings")
    path = live.kernel("str(view.recordings[0])")
    film = parse_film(live.kernel("str(view.recordings[0].resolve())"))
    assert film.tags == {"DIGITAL_SOURCE_TYPE": MADE_BY_A_MODEL, "ENCODER_SETTINGS": "akool_nb"}
    assert film.size == (640, 480) and film.clusters > 0, "the film is read past its tags"
    expect(live.page.locator(".ak-live-tools").get_by_text(f"Recorded: {path}")).to_be_visible()
    press(live, "More")
    press(live, "Mirror")
    assert live.wait_for("view.mirror")
    live.wait_for("len(view.to_pandas()) >= 2")
    assert {"fps_in", "kbps_in", "round_trip_ms", "delay_ms"} <= set(live.kernel("list(view.to_pandas().columns)"))
    assert_nothing_secret_is_saved(live)


CAPTURE = """import asyncio
@view.on_frame(every=0.2)
def show(frame):
    show.newest = frame
    return None if len(view.recordings) == 0 else False

view.start_recording()
picture = await view.take_snapshot()
frames = [frame async for frame in view.frames(every=0.1, limit=20, own=True)]
path = await view.stop_recording()
print(frames[-1], picture)"""
ALL_FRAMES = "frames = [frame async for frame in view.frames()]"


def test_python_takes_a_snapshot_a_recording_and_frames_while_its_cell_runs(reused_notebook, sandbox):
    page = reused_notebook([session_on(sandbox), DRAWN, CAPTURE, ALL_FRAMES])
    page.run(0)
    page.run(1)
    wait_state(page, "live")
    page.wait_for("view.state == 'live'")
    page.run(2)
    assert page.errors() == []
    assert "640×480" in page.outputs(2)[0]
    assert page.kernel("(picture.size, frames[-1].picture.size, frames[-1].own.size)") == [[640, 480]] * 3
    assert MADE_BY_A_MODEL in page.kernel("frames[-1].picture.info['xmp'].decode()")
    gaps = page.kernel("[later.time - frame.time for frame, later in zip(frames, frames[1:])]")
    assert min(gaps) > 0.045 and page.kernel("frames[-1].delay") > 0
    assert page.kernel("view.recordings == (path,)") and page.kernel("show.newest.own") is None
    assert parse_film(page.kernel("str(path.resolve())")).clusters > 0
    page.run(3, wait=False)
    press(page, "Stop")
    page.wait_until_idle()
    assert page.errors() == []
    assert_nothing_secret_is_saved(page)


def test_a_recording_that_cannot_be_written_is_refused_before_it_starts(live):
    live.execute("from pathlib import Path; view.folder = Path('/dev/null/films')")
    press(live, "Record")
    expect(live.page.get_by_role("alert").first).to_contain_text("cannot be written")
    expect(live.page.get_by_role("button", name="Record", exact=True)).to_have_attribute("aria-pressed", "false")
    wait_state(live, "live")
    assert live.kernel("view.recordings") == []


def test_full_screen_a_small_picture_and_a_clean_window_follow_the_stream(live):
    press(live, "More")
    press(live, "Full screen")
    live.page.wait_for_function("() => document.fullscreenElement?.classList.contains('ak-live-stage')")
    live.page.evaluate("() => document.exitFullscreen()")
    press(live, "Picture in picture")
    live.page.wait_for_function("() => document.pictureInPictureElement?.classList.contains('ak-live-remote')")
    with live.page.expect_popup() as popup:
        press(live, "Clean window for screen capture")
    window = popup.value
    window.wait_for_function("() => document.querySelector('video')?.videoWidth === 640")
    assert window.evaluate("() => document.body.children.length") == 1
    before = window.evaluate(WINDOW_STREAM)
    live.execute("session = client.create(faces[1]); session.wait(); view.session = session")
    window.wait_for_function(f"before => ![undefined, before].includes(({WINDOW_STREAM})())", arg=before)
    with window.expect_event("close"):
        press(live, "Stop")
    live.page.wait_for_function("() => document.pictureInPictureElement === null")


class Film(NamedTuple):
    """The content of a WebM file."""

    tags: dict
    size: tuple
    clusters: int


def parse_film(path):
    """Read the file element by element, as players do."""
    from ebmlite import loadSchema

    document = loadSchema("matroska.xml").load(path)
    assert document.type == "webm"
    (segment,) = (element for element in document if element.name == "Segment")
    named = [element for element in elements_of(segment) if element.name == "SimpleTag"]
    tags = [{child.name: child.value for child in tag} for tag in named]
    (video,) = (element for element in elements_of(segment) if element.name == "Video")
    size = {child.name: child.value for child in video}
    clusters = sum(element.name == "Cluster" for element in elements_of(segment))
    by_name = {tag["TagName"]: tag["TagString"] for tag in tags}
    return Film(by_name, (size["PixelWidth"], size["PixelHeight"]), clusters)


def elements_of(master):
    for element in master:
        yield element
        if element.dtype is list:
            yield from elements_of(element)


def assert_nothing_secret_is_saved(live):
    token = live.kernel("session.channel.token")
    assert token not in json.dumps(live.save())
    state = live.kernel("{name: value for name, value in view.get_state().items() if name != '_esm'}")
    assert token not in json.dumps(state)
    assert len(json.dumps(state)) < 4000, "no picture is in a trait"


def test_a_prepared_face_changes_the_picture_during_the_stream(live, sandbox):
    live.page.locator(".ak-live-face").nth(5).click()
    live.page.wait_for_selector('.ak-live-face[aria-pressed="true"]')
    assert live.wait_for("session.source == faces[5].source")
    voice = live.page.locator(".ak-voice")
    expect(voice).to_have_text("The face was changed.")
    wait_state(live, "live")
    sandbox.fail_next("update", code=1003)
    live.page.locator(".ak-live-face").nth(2).click()
    expect(voice).to_have_text("The face was not changed.")


def test_the_focus_stays_on_the_row_when_other_faces_arrive(live):
    settle(live.page)
    live.page.locator(".ak-live-face").nth(2).focus()
    live.execute("view.faces = [*faces[:2], *faces[3:]]")
    expect(live.page.locator(".ak-live-face")).to_have_count(5)
    assert focused(live.page) == "Face 3"
    live.page.keyboard.press("Enter")
    assert live.wait_for("session.source == faces[3].source")


def test_of_two_widgets_with_one_session_the_newest_has_the_call(reused_notebook, sandbox):
    other = "other = LiveView(session, camera='drawn', close_after=1)\nother"
    page = reused_notebook([session_on(sandbox), DRAWN, "view", other])
    page.run_all()
    page.wait_for("other.state == 'live' and view.state == 'stopped' and not session.closed")
    assert len(sandbox.state()["streams"]) == 1
    page.execute("view.start()")
    page.wait_for("view.state == 'live' and other.state == 'stopped'")
    page.page.wait_for_function("() => document.querySelectorAll('[data-state=live]').length === 2")
    streams = [stream for stream in page.page.evaluate(STREAMS) if stream]
    assert len(streams) == 2 and len(set(streams)) == 1, "both views of one widget show its stream"
    page.execute("view.close()")
    page.wait_for("session.closed")


def test_every_control_is_reached_by_keyboard(reused_notebook, sandbox):
    page = reused_notebook([session_on(sandbox), CAMERA])
    page.run_all()
    page.page.locator(".akool").get_by_role("checkbox").focus()
    page.page.keyboard.press("Space")
    assert focused(page.page) == "Start"
    for _ in range(2):
        page.page.keyboard.press("Tab")
    assert focused(page.page) == "Use the moving picture instead"
    page.page.keyboard.press("Enter")
    wait_state(page, "live")
    assert focused(page.page) == "Stop"
    page.page.keyboard.press("Space")
    wait_state(page, "stopped")
    assert focused(page.page) == "Start"


def test_axe_finds_no_problem_in_light_and_dark_wide_and_narrow(live):
    press(live, "More")
    press(live, "Statistics")
    press(live, "Stop")
    for dark in (False, True):
        live.dark(dark)
        for state in ("live", "stopped"):  # pressing Start, then Stop
            press(live, "Stop" if state == "stopped" else "Start")
            wait_state(live, state)
            live.screenshot(f"live-view-{state}-{'dark' if dark else 'light'}", ".akool")
            assert live.violations(".akool") == []
    live.narrow()
    press(live, "Start")
    wait_state(live, "live")
    live.screenshot("live-view-narrow", ".akool")
    assert live.violations(".akool") == []


def test_ctrl_s_in_a_widget_saves_the_notebook_and_plain_keys_stay_in_the_widget(live):
    settle(live.page)
    live.page.locator(".akool").get_by_role("button", name="Snapshot").focus()
    cells = live.page.locator(".jp-Notebook .jp-Cell").count()
    live.page.keyboard.press("b")  # JupyterLab: insert a cell below
    with live.page.expect_request(lambda request: request.method == "PUT" and "/api/contents/" in request.url):
        live.page.keyboard.press("Control+s")
    assert live.page.locator(".jp-Notebook .jp-Cell").count() == cells
    assert focused(live.page) == "Snapshot"


def test_consent_given_in_another_widget_does_not_run_an_earlier_click(reused_notebook, sandbox):
    other = "from akool_nb.widgets import ImageUploader\nuploader = ImageUploader()\nuploader"
    page = reused_notebook([session_on(sandbox), CAMERA, other])
    watch_tracks(page)
    page.run_all()
    press(page, "Start")
    page.page.wait_for_selector(".ak-asking")
    page.page.locator(".akool").nth(1).get_by_role("checkbox").check()
    page.wait_for("view.consent")
    page.page.wait_for_timeout(500)  # time in which the camera would open
    assert (lights(page), page.kernel("view.state")) == ([], "idle")
    press(page, "Start")
    wait_state(page, "live")
