"""The end of a live view: the camera is turned off, the channel is left, the session is closed once."""

import time

import pytest

from tests.browser.live_cells import (
    CAMERA,
    lights,
    press,
    session_on,
    start_camera,
    wait_dark,
    wait_state,
    watch_tracks,
)

NOTE_WHEN_DARK = """() => {
    const look = setInterval(() => {
        if (openTracks[0][0].readyState !== 'ended') return;
        globalThis.darkAt = performance.now();
        clearInterval(look);
    }, 10);
    return performance.now();
}"""


def closes(page):
    """The number of `close` requests."""
    return page.kernel("len(client.calls.find('live/close'))")


@pytest.fixture
def live(reused_notebook, sandbox):
    """A notebook whose camera goes through the sandbox; a cell above the view opens the session."""
    page = reused_notebook([session_on(sandbox), CAMERA])
    watch_tracks(page)
    page.run_all()
    start_camera(page)
    page.wait_for("view.state == 'live'")
    assert lights(page) == ["live"]
    return page


def closed_once(page):
    page.wait_for("session.closed")
    assert closes(page) == 1


def test_the_stop_button_ends_the_call(live):
    press(live, "Stop")
    wait_dark(live)
    closed_once(live)
    assert live.kernel("view.state") == "stopped"


def test_stopping_and_starting_again_keeps_the_session(live):
    live.execute("view.close_after = 3")
    press(live, "Stop")
    wait_state(live, "stopped")
    press(live, "Start")
    wait_state(live, "live")
    live.page.wait_for_timeout(3500)
    assert live.kernel("session.closed") is False
    live.execute("session.close()")


def test_running_the_cell_again_ends_the_call(live):
    live.execute("old = session")
    live.run(1)
    wait_dark(live)
    live.wait_for("old.closed")
    assert closes(live) == 1


def test_clearing_the_output_ends_the_call(live):
    live.clear_outputs()
    wait_dark(live)
    closed_once(live)


def test_closing_the_widget_ends_the_call(live):
    live.execute("view.close()")
    wait_dark(live)
    closed_once(live)


def test_closing_the_session_elsewhere_ends_the_call(live):
    live.execute("session.close()")
    wait_dark(live)
    closed_once(live)
    live.wait_for("view.error_code == 'SESSION_CLOSED'")
    assert "Create a new one" in live.kernel("view.error")


def test_the_end_of_the_session_by_the_service_ends_the_call(live, sandbox):
    sandbox.end(sandbox.sessions[0]["id"], "time is up")
    wait_dark(live)
    live.wait_for("view.state == 'stopped'")
    assert live.kernel("view.error_code") == "SESSION_CLOSED"


def test_closing_the_page_ends_the_call(live, browsers):
    live.page.close(run_before_unload=False)
    page = browsers.context().new_page()
    again = type(live)(page, live.server, live.path)
    again.open()
    again.wait_for("session.closed")
    assert closes(again) == 1
    again.close()


def wait_closed(sandbox, seconds=15):
    end = time.monotonic() + seconds
    while sandbox.sessions and time.monotonic() < end:
        time.sleep(0.1)
    assert sandbox.sessions == []


def test_restarting_the_kernel_ends_the_call(live, sandbox):
    began = live.page.evaluate(NOTE_WHEN_DARK)
    live.restart_kernel()
    wait_dark(live)
    took = live.page.evaluate("() => darkAt") - began
    print(f"camera off {took:.0f} ms after the restart was asked for")
    assert took < 2000, "the camera was on for 2 s or more"
    wait_closed(sandbox)


def test_the_death_of_the_kernel_ends_the_call(live, sandbox):
    live.execute("import os, signal, threading; threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGKILL)).start()")
    wait_dark(live, seconds=30)
    wait_closed(sandbox)
    live.page.close()  # JupyterLab still reconnects; the next test gets another page
