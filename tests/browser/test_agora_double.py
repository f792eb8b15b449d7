"""LiveView on Agora, as far as the page is concerned: the SDK's double behaves as the SDK does, without Agora."""

import pytest
from playwright.sync_api import expect

from tests.browser.live_cells import AGORA_SESSION, press, said, swap_in_double, wait_state, watch_tracks

VIEW = "view = LiveView(session, camera='drawn', close_after=None)\nview"
# A page that has loaded the double does not load the real SDK any more.
DOUBLE = "Agora's double"
CAMERA = "view = LiveView(session, close_after=None)\nview.consent = True\nview"

# The Jupyter server's own word about where it serves an extension's files.
MOVE_FILES = """folder => {
    const element = document.getElementById('jupyter-config-data');
    const config = JSON.parse(element.textContent);
    const before = config.fullLabextensionsUrl;
    element.textContent = JSON.stringify({ ...config, fullLabextensionsUrl: folder });
    return before;
}"""


SHOWN = "() => document.querySelector('.ak-live-remote').srcObject.id"


@pytest.fixture
def live(reused_notebook):
    """A notebook whose drawn picture goes through the double."""
    page = reused_notebook([AGORA_SESSION, VIEW], purpose=DOUBLE)
    swap_in_double(page)
    page.run_all()
    wait_state(page, "live")
    return page


def do(page, deed):
    """Let something happen in the channel."""
    page.page.evaluate(f"() => globalThis.__agora.client.{deed}()")


def test_join_publish_subscribe_and_leave(live):
    assert said(live, "createClient") == [["rtc", "vp8"]]
    assert said(live, "join") == [["ea4df2d20e43424ab4a8028e1883b17f", "channel", True, 1, "number"]]
    assert said(live, "publish") == [["video"]]
    assert said(live, "subscribe") == [[3, "video"]]
    assert said(live, "createCustomVideoTrack") == [
        [{"bitrateMin": 5000, "bitrateMax": 5000, "width": 640, "height": 480, "frameRate": 20}]
    ]
    press(live, "Stop")
    wait_state(live, "stopped")
    assert said(live, "leave") == [[]]
    assert ["video"] in said(live, "track.close")


def test_the_sdk_is_quiet(live):
    assert said(live, "setLogLevel") == [[4]]
    assert ["ENABLE_EVENT_REPORT", False] in said(live, "setParameter")


def test_camera_and_microphone_are_made_as_documented(reused_notebook):
    page = reused_notebook([AGORA_SESSION, CAMERA], purpose=DOUBLE)
    swap_in_double(page)
    watch_tracks(page)
    page.run_all()
    page.page.get_by_label("Microphone", exact=True).select_option("")
    press(page, "Start")
    wait_state(page, "live")
    video = {"width": 640, "height": 480, "frameRate": {"max": 20, "min": 20}, "bitrateMin": 5000, "bitrateMax": 5000}
    assert said(page, "createCameraVideoTrack") == [[{"encoderConfig": video}]]
    assert said(page, "createMicrophoneAudioTrack") == [[{"encoderConfig": "music_standard"}]]
    assert said(page, "publish") == [["audio,video"]]
    shown = page.page.evaluate(SHOWN)
    page.page.get_by_label("Camera", exact=True).select_option("drawn")
    page.page.wait_for_function("() => openTracks.some(([track]) => track.readyState === 'ended')")
    assert said(page, "replaceTrack") == [["video", True]]
    assert said(page, "publish") == [["audio,video"]], "nothing is published anew"
    assert page.page.evaluate(SHOWN) == shown, "the swapped picture goes on"
    press(page, "More")
    press(page, "Mute microphone")
    page.page.get_by_role("button", name="Unmute microphone").wait_for()
    assert said(page, "setMuted") == [["audio", True]]
    # The choice is remembered for the next page; the other tests want silence.
    page.page.get_by_label("Microphone", exact=True).select_option("off")
    page.execute("session.close()")
    page.page.wait_for_function("() => openTracks.every(([track]) => track.readyState === 'ended')")


def test_the_rtc_token_is_in_no_trait(live):
    token = live.kernel("token")
    assert token not in live.kernel("repr(view.get_state())")
    assert token not in str(live.save())


def test_statistics_are_those_of_the_sdk(live):
    live.wait_for("view.stats")
    stats = live.kernel("view.stats")
    assert (stats["fps_in"], stats["round_trip_ms"], stats["delay_ms"], stats["kbps_out"]) == (20, 42, None, 5000)


def test_a_lost_user_and_a_reconnect_are_told(live):
    do(live, "reconnect")
    wait_state(live, "reconnecting")
    do(live, "comeBackOnline")
    wait_state(live, "live")
    do(live, "lose")
    wait_state(live, "joined")
    live.wait_for("view.error_code == 'SWAPPED_VIDEO_GONE'")


@pytest.mark.parametrize(
    ("deed", "code"), [("expire", "TOKEN_EXPIRE"), ("drop", "CHANNEL_GONE"), ("ban", "UID_CONFLICT")]
)
def test_the_end_from_outside_says_what_to_do(live, deed, code):
    do(live, deed)
    wait_state(live, "failed")
    live.wait_for(f"view.error_code == {code!r}")
    assert "reate a new session" in live.kernel("view.error")
    assert said(live, "leave") == [[]]


def test_sound_that_the_browser_keeps_back_gets_a_button(live):
    play = live.page.get_by_role("button", name="Play the sound")
    press(live, "More")
    press(live, "Hear the call's sound")
    assert said(live, "resumeAudioContext") == [[]]
    do(live, "holdSound")
    expect(play).to_be_visible()
    assert live.violations(".akool") == []
    play.click()
    expect(play).to_be_hidden()
    assert said(live, "resumeAudioContext") == [[], []]


def test_the_end_is_announced(live):
    do(live, "warn")
    live.wait_for("view.error_code == 'TOKEN_ENDING' and view.state == 'live'")


def test_another_remote_user_serves_when_the_algorithm_has_another_number(reused_notebook):
    page = reused_notebook([AGORA_SESSION, VIEW], purpose=DOUBLE)
    swap_in_double(page, remoteUid=77)
    page.run_all()
    wait_state(page, "live")
    assert said(page, "subscribe") == [[77, "video"]]


def test_a_strange_app_id_is_told_and_a_join_that_never_ends_is_given_up(reused_notebook):
    other = "session = new_session(app_id='0' * 32)"
    page = reused_notebook(
        [AGORA_SESSION, other, VIEW.replace("close_after", "join_limit=3, close_after")], purpose=DOUBLE
    )
    swap_in_double(page, joinHangs=True)
    page.run_all()
    page.wait_for("view.error_code == 'APP_ID_DIFFERS' and view.state == 'starting'")
    wait_state(page, "failed")
    page.wait_for("view.error_code == 'JOIN_TIMEOUT'")
    assert said(page, "leave") == [[]]


def test_a_new_session_goes_on_where_the_old_one_ended(live):
    live.execute("second = new_session(); second.id = 'second'; view.session = second")
    live.page.wait_for_function("() => globalThis.__agora.log.filter(([word]) => word === 'join').length === 2")
    wait_state(live, "live")


def test_the_sdk_comes_through_the_kernel_where_no_file_is_served(reused_notebook):
    page = reused_notebook([AGORA_SESSION, VIEW], purpose=DOUBLE)
    swap_in_double(page)
    page.page.route("**/api/v2/transpond/webrtc**", lambda route: route.abort())
    page.page.route("**/nowhere/**", lambda route: route.abort())
    there = page.page.evaluate(MOVE_FILES, "/nowhere")
    try:
        page.run_all()
        page.page.wait_for_function("() => globalThis[Symbol.for('akool_nb.agora')]")
        loaded = "async () => (await globalThis[Symbol.for('akool_nb.agora')])?.VERSION ?? ''"
        assert page.page.evaluate(loaded).startswith("4.")
        assert said(page, "createClient") == []
    finally:
        page.page.evaluate(MOVE_FILES, there)
