"""The real SDK in a real JupyterLab, as far as it works without Agora: tracks, refusals, errors of the access point."""

import json
import time

import pytest

from tests.browser.live_cells import AGORA_SESSION, lights, press, wait_dark, wait_state, watch_tracks

VIEW = "view = LiveView(session, join_limit=3, close_after=None)\nview.consent = True\nview"
DRAWN = "view = LiveView(session, camera='drawn', join_limit=3, close_after=None)\nview"
CAMERA = "globalThis.openTracks.find(([track]) => track.kind === 'video')"
ACCESS_POINT = "**/api/v2/transpond/webrtc**"
NOBODY = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}


def refusal(code):
    """The refusal that Agora's access point sends."""
    buffer = {"code": code, "flag": 4096, "cid": 1, "uid": 1, "cname": "x", "cert": "c", "detail": {}}
    body = [{"uri": 23, "buffer": {**buffer, "edges_services": [{"ip": "127.0.0.1", "port": 9}]}}]
    now = int(time.time() * 1000)
    answer = {"code": 0, "enter_ts": now, "leave_ts": now, "opid": 1, "detail": {"502": "127.0.0.1"}}
    return json.dumps({**answer, "response_body": body})


def answer_with(page, code):
    def fulfill(route):
        if route.request.method == "OPTIONS":
            route.fulfill(status=204, headers=NOBODY)
        else:
            route.fulfill(status=200, headers=NOBODY, content_type="application/json", body=refusal(code))

    page.page.route(ACCESS_POINT, fulfill)


def wait_code(page, code):
    wait_state(page, "failed", seconds=30)
    page.wait_for(f"view.error_code == {code!r}")
    return page.kernel("view.error")


def test_the_camera_track_has_the_documented_size_and_rate(reused_notebook):
    page = reused_notebook([AGORA_SESSION, VIEW.replace("join_limit=3", "join_limit=5")])
    page.page.route(ACCESS_POINT, lambda route: None)  # the access point does not answer
    asked = []
    page.page.on("request", lambda request: asked.append(request.url))
    watch_tracks(page)
    page.run_all()
    press(page, "Start")
    page.page.wait_for_function(f"() => {CAMERA}")
    settings = page.page.evaluate(f"() => {CAMERA}[0].getSettings()")
    assert (settings["width"], settings["height"], settings["frameRate"]) == (640, 480, 20)
    wanted = page.page.evaluate(f"() => {CAMERA}[1].video")
    assert (wanted["width"], wanted["height"], wanted["frameRate"]) == (640, 480, {"max": 20, "min": 20})
    assert "webrtc2-ap-web-1.agora.io" in wait_code(page, "JOIN_TIMEOUT")
    wait_dark(page)
    assert set(lights(page)) == {"ended"}
    assert any("transpond/webrtc" in url for url in asked), "the page sends requests"
    assert [url for url in asked if "statscollector" in url or "logservice" in url] == [], "no telemetry, no log upload"


@pytest.mark.parametrize(
    ("code", "shown_code"),
    [
        (2010005, "APP_ID_UNKNOWN"),
        (2010009, "TOKEN_INVALID"),
        (2010013, "TOKEN_EXPIRE"),
        (2010018, "AREA_FORBIDDEN"),
    ],
)
def test_a_refusal_of_the_access_point_is_shown_in_plain_words(reused_notebook, code, shown_code):
    page = reused_notebook([AGORA_SESSION, DRAWN.replace("join_limit=3", "join_limit=10")])
    answer_with(page, code)
    page.run_all()
    assert wait_code(page, shown_code)


def test_without_any_app_id_the_view_says_what_to_do(reused_notebook):
    # A readable token contains the app id that the answer omits.
    page = reused_notebook([AGORA_SESSION, "token = 'unreadable'\nsession = new_session(app_id='')", DRAWN])
    page.run_all()
    assert "Create a new session" in wait_code(page, "INVALID_PARAMS")


@pytest.mark.parametrize(("camera", "code"), [("denied", "PERMISSION_DENIED"), ("none", "DEVICE_NOT_FOUND")])
def test_a_camera_that_cannot_be_opened_is_reported(reused_notebook, camera, code):
    page = reused_notebook([AGORA_SESSION, VIEW], camera=camera)
    page.run_all()
    press(page, "Start")
    assert "moving picture" in wait_code(page, code)


def test_an_insecure_page_is_reported_before_any_click(reused_notebook):
    page = reused_notebook([AGORA_SESSION, VIEW], insecure=True)
    page.run_all()
    page.page.locator(".ak-live-invitation").get_by_text("plain http").wait_for()
    assert page.page.locator(".akool").get_by_role("button", name="Start", exact=True).is_disabled()
    assert not page.page.get_by_role("button", name="Open in a browser").is_visible(), (
        "127.0.0.1 would be another machine"
    )
