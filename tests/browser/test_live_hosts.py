"""The live view in other hosts, and on a page of its own where a host cannot open a camera."""

import urllib.error
import urllib.request

import pytest

from tests.browser.harness import WebPage
from tests.browser.live_cells import CAMERA, DRAWN, own_session, press, session_on, start_camera, wait_state

SIZE = """video => new Promise(done => video.requestVideoFrameCallback(
    () => done([video.videoWidth, video.videoHeight])))"""


def test_notebook_7(notebook7, sandbox):
    page = notebook7([session_on(sandbox), CAMERA])
    page.run_all()
    start_camera(page)
    page.wait_for("view.state == 'live' and view.stats")
    press(page, "Stop")
    page.wait_for("session.closed")


def test_voila(voila):
    page = voila([own_session(), DRAWN])
    wait_state(page, "live", seconds=60)
    assert page.page.locator(".ak-live-remote").evaluate(SIZE) == [640, 480]
    press(page, "Stop")
    wait_state(page, "stopped")


def test_marimo(marimo):
    page = marimo([own_session(), DRAWN])
    page.page.locator("[data-state=live]").wait_for(timeout=60_000)
    assert page.page.locator(".ak-live-remote").evaluate(SIZE) == [640, 480]


@pytest.fixture
def own_page(notebook, sandbox):
    """An address of the view's own page, from a notebook over plain http."""
    page = notebook([session_on(sandbox), CAMERA], insecure=True)
    page.run_all()
    with page.page.expect_popup() as popup:
        press(page, "Open in a browser")
    own = WebPage(popup.value)
    own.page.wait_for_selector("[data-state=idle]")
    return page, own


def test_the_page_of_its_own_has_the_camera_that_the_host_lacks(own_page):
    page, own = own_page
    assert own.page.url.startswith("http://127.0.0.1:")
    assert own.violations(".akool") == []
    start_camera(own)
    page.wait_for("view.state == 'live' and view.stats")
    press(own, "Snapshot")
    assert page.wait_for("view.snapshot and view.snapshot.size") == [640, 480]
    own.screenshot("live-own-page")
    own.page.close(run_before_unload=False)
    page.wait_for("session.closed")


def test_its_address_opens_once_and_its_files_need_the_cookie(own_page):
    _page, own = own_page
    host = own.page.url.partition("/open/")[0]
    for path in (own.page.url.removeprefix(host), "/static/page.js", "/open/guess"):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(host + path, timeout=10)
    own.page.reload()
    own.page.wait_for_selector("[data-state=idle]")


def test_frames_go_through_the_kernel_where_the_browser_cannot_reach_the_sandbox(notebook, sandbox):
    page = notebook([session_on(sandbox), DRAWN])
    # The browser's own machine is another one than the kernel's, as on Binder.
    page.page.evaluate(
        """() => { const Real = WebSocket; globalThis.WebSocket = class extends Real {
            constructor(url, ...rest) {
                super(String(url).includes('/live/') ? 'ws://127.0.0.1:9/' : url, ...rest);
            } } }"""
    )
    page.run_all()
    wait_state(page, "live", seconds=30)
    page.wait_for("view.stats and view.stats['fps_in'] > 1")
    press(page, "Stop")
    page.wait_for("session.closed")
