"""LiveView with Agora, seen from the page: a double replaces the SDK and behaves as the SDK does, without network."""

import pytest
from playwright.sync_api import expect

from tests.browser.live_cells import AGORA_SESSION, press, sdk_calls, swap_in_double, wait_state, watch_tracks

VIEW = "view = LiveView(session, camera='drawn', close_after=None)\nview"
# A page that has loaded the double cannot load the real SDK.
DOUBLE = "Agora's double"
CAMERA = "view = LiveView(session, close_after=None)\nview.consent = True\nview"

# The Jupyter server's own setting of the address of an extension's files.
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


def do(page, act):
    """Make something happen in the channel."""
    page.page.evaluate(f"() => globalThis.__agora.client.{act}()")


def test_a_call_joins_publishes_subscribes_and_leaves(live):
    assert sdk_calls(live, "createClient") == [["rtc", "vp8"]]
    assert sdk_calls(live, "join") == [["ea4df2d20e43424ab4a8028e1883b17f", "channel", True, 1, "number"]]
    assert sdk_calls(live, "publish") == [["video"]]
    assert sdk_calls(live, "subscribe") == [[3, "video"]]
    assert sdk_calls(live, "createCustomVideoTrack") == [
        [{"bitrateMin": 5000, "bitrateMax": 5000, "width": 640, "height": 480, "frameRate": 20}]
    ]
    press(live, "Stop")
    wait_state(live, "stopped")
    assert sdk_calls(live, "leave") == [[]]
    assert ["video"] in sdk_calls(live, "track.close")


def test_the_sdk_logs_nothing_and_reports_no_events(live):
    assert sdk_calls(live, "setLogLevel") == [[4]]
    assert ["ENABLE_EVENT_REPORT", False] in sdk_calls(live, "setParameter")


def test_camera_and_microphone_tracks_have_the_documented_settings(reused_notebook):
    page = reused_notebook([AGORA_SESSION, CAMERA], purpose=DOUBLE)
    swap_in_double(page)
    watch_tracks(page)
    page.run_all()
    page.page.get_by_label("Microphone", exact=True).select_option("")
    press(page, "Start")
    wait_state(page, "live")
    video = {"width": 640, "height": 480, "frameRate": {"max": 20, "min": 20}, "bitrateMin": 5000, "bitrateMax": 5000}
    assert sdk_calls(page, "createCameraVideoTrack") == [[{"encoderConfig": video}]]
    assert sdk_calls(page, "createMicrophoneAudioTrack") == [[{"encoderConfig": "music_standard"}]]
    assert sdk_calls(page, "publish") == [["audio,video"]]
    shown = page.page.evaluate(SHOWN)
    page.page.get_by_label("Camera", exact=True).select_option("drawn")
    page.page.wait_for_function("() => openTracks.some(([track]) => track.readyState === 'ended')")
    assert sdk_calls(page, "replaceTrack") == [["video", True]]
    assert sdk_calls(page, "publish") == [["audio,video"]], "nothing is published again"
    assert page.page.evaluate(SHOWN) == shown, "the swapped picture is still shown"
    press(page, "More")
    press(page, "Mute microphone")
    page.page.get_by_role("button", name="Unmute microphone").wait_for()
    assert sdk_calls(page, "setMuted") == [["audio", True]]
    # The choice is remembered for the next page; the other tests need no sound.
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


def test_a_lost_user_and_a_reconnect_are_reported(live):
    do(live, "reconnect")
    wait_state(live, "reconnecting")
    do(live, "comeBackOnline")
    wait_state(live, "live")
    do(live, "lose")
    wait_state(live, "joined")
    live.wait_for("view.error_code == 'SWAPPED_VIDEO_GONE'")


@pytest.mark.parametrize(
    ("act", "code"), [("expire", "TOKEN_EXPIRE"), ("drop", "CHANNEL_GONE"), ("ban", "UID_CONFLICT")]
)
def test_the_end_from_outside_shows_what_to_do(live, act, code):
    do(live, act)
    wait_state(live, "failed")
    live.wait_for(f"view.error_code == {code!r}")
    assert "reate a new session" in live.kernel("view.error")
    assert sdk_calls(live, "leave") == [[]]


def test_sound_blocked_by_the_browser_gets_a_button(live):
    play = live.page.get_by_role("button", name="Play the sound")
    press(live, "More")
    press(live, "Hear the call's sound")
    assert sdk_calls(live, "resumeAudioContext") == [[]]
    do(live, "holdSound")
    expect(play).to_be_visible()
    assert live.violations(".akool") == []
    play.click()
    expect(play).to_be_hidden()
    assert sdk_calls(live, "resumeAudioContext") == [[], []]


def test_the_end_is_announced(live):
    do(live, "warn")
    live.wait_for("view.error_code == 'TOKEN_ENDING' and view.state == 'live'")


def test_another_remote_user_is_shown_if_the_algorithm_has_another_number(reused_notebook):
    page = reused_notebook([AGORA_SESSION, VIEW], purpose=DOUBLE)
    swap_in_double(page, remoteUid=77)
    page.run_all()
    wait_state(page, "live")
    assert sdk_calls(page, "subscribe") == [[77, "video"]]


def test_a_different_app_id_is_reported_and_a_join_that_never_ends_is_stopped(reused_notebook):
    other = "session = new_session(app_id='0' * 32)"
    page = reused_notebook(
        [AGORA_SESSION, other, VIEW.replace("close_after", "join_limit=3, close_after")], purpose=DOUBLE
    )
    swap_in_double(page, joinHangs=True)
    page.run_all()
    page.wait_for("view.error_code == 'APP_ID_DIFFERS' and view.state == 'starting'")
    wait_state(page, "failed")
    page.wait_for("view.error_code == 'JOIN_TIMEOUT'")
    assert sdk_calls(page, "leave") == [[]]


def test_a_new_session_replaces_the_ended_one(live):
    live.execute("second = new_session(); second.id = 'second'; view.session = second")
    live.page.wait_for_function("() => globalThis.__agora.log.filter(([name]) => name === 'join').length === 2")
    wait_state(live, "live")


def test_the_sdk_comes_through_the_kernel_if_the_server_has_no_file(reused_notebook):
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
        assert sdk_calls(page, "createClient") == []
    finally:
        page.page.evaluate(MOVE_FILES, there)
