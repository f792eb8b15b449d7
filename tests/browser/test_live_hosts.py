"""The live view in other hosts, and on its own page if a host cannot open a camera."""

import urllib.error
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.browser.harness import NotebookPage, WebPage
from tests.browser.live_cells import (
    CAMERA,
    DRAWN,
    NEWCOMER,
    every_live_widget,
    own_session,
    picture,
    press,
    session_on,
    start_camera,
    wait_state,
    walk,
)


def test_notebook_7_shows_a_live_picture(notebook7, sandbox):
    page = notebook7(every_live_widget(sandbox))
    page.run_all()
    walk(page, sandbox)
    assert page.kernel("len(client.calls.find('live/close'))") == 2


def test_voila_shows_a_live_picture(voila, sandbox):
    walk(voila(every_live_widget(sandbox)), sandbox)


def test_marimo_shows_a_live_picture(marimo):
    page = marimo([own_session(), DRAWN])
    page.page.locator("[data-state=live]").wait_for(timeout=60_000)
    assert picture(page) == [640, 480]


def test_marimo_shows_every_step_of_the_studio(marimo):
    page = marimo(["from akool_nb.widgets import Studio\nstudio = Studio()\nstudio"])
    page.page.get_by_role("button", name=NEWCOMER[0]).wait_for(timeout=60_000)
    for name in NEWCOMER:
        expect(page.page.get_by_role("button", name=name)).to_be_enabled(timeout=30_000)
        page.screenshot(f"marimo-studio-{NEWCOMER.index(name)}")
        page.page.get_by_role("button", name=name).click()
        if name == "Go live":
            page.page.get_by_role("checkbox", name="I may use this face").first.check()
    page.page.locator("[data-state=live]").wait_for(timeout=30_000)
    assert picture(page) == [640, 480]
    page.screenshot("marimo-studio-live")
    assert page.page.get_by_role("button", name="Close session").is_visible()


@pytest.fixture
def own_page(reused_notebook, sandbox):
    """The view's own page, opened from a notebook program on this machine that cannot open a camera."""
    page = reused_notebook([session_on(sandbox), CAMERA])
    page.page.evaluate("() => { globalThis.acquireVsCodeApi = () => null }")
    page.run_all()
    with page.page.expect_popup() as popup:
        press(page, "Open in a browser")
    own = WebPage(popup.value)
    own.page.wait_for_selector("[data-state=idle]")
    yield page, own
    if not page.page.is_closed():
        page.page.evaluate("() => { delete globalThis.acquireVsCodeApi }")
    if not own.page.is_closed():
        own.page.close(run_before_unload=False)


def test_the_own_page_has_the_camera_that_the_host_lacks(own_page):
    page, own = own_page
    assert own.page.url.startswith("http://127.0.0.1:")
    assert own.violations(".akool") == []
    start_camera(own)
    page.wait_for("view.state == 'live' and view.stats")
    press(own, "Snapshot")
    assert page.wait_for("view.snapshot and view.snapshot.size") == [640, 480]
    own.screenshot("live-own-page")
    own.page.close(run_before_unload=False)
    page.wait_for("session.closed and not view.elsewhere")


def test_the_notebook_says_that_its_page_is_live_and_only_one_of_them_starts(own_page):
    page, own = own_page
    page.execute("view.consent = True; view.start()")
    wait_state(own, "live")
    page.page.get_by_text("Live in another tab").first.wait_for()
    assert page.kernel("(view.state, view.elsewhere)") == ["live", True]
    assert page.page.locator(".ak-live-stage").get_attribute("data-state") == "idle"
    page.screenshot("live-elsewhere", ".akool")
    assert page.violations(".akool") == []
    press(page, "Stop")
    wait_state(own, "stopped")
    page.page.get_by_role("button", name="Open in a browser").wait_for()
    assert page.wait_for("view.state == 'stopped' and not view.elsewhere")


def test_a_second_tab_changes_nothing_until_it_takes_the_call_over(reused_notebook, sandbox):
    page = reused_notebook([session_on(sandbox), DRAWN])
    page.run_all()
    wait_state(page, "live")
    page.save()
    second = NotebookPage(page.page.context.new_page(), page.server, page.path)
    second.open()
    second.page.reload()
    second.page.get_by_text("Live in another tab").first.wait_for()
    assert page.kernel("(view.state, session.closed)") == ["live", False]
    press(second, "Go on here")
    wait_state(second, "live")
    page.page.get_by_text("Live in another tab").first.wait_for()
    # The sandbox may have ended the first tab's call before Python did: no error is shown.
    assert page.page.locator(".ak-live-stage").get_attribute("data-state") in ("stopped", "failed")
    assert second.wait_for("view.stats and (view.state, view.error)") == ["live", ""]
    press(second, "Stop")
    page.wait_for("session.closed")
    second.page.close()


def test_a_page_from_another_machine_is_not_sent_to_its_own_127_0_0_1(reused_notebook, sandbox):
    page = reused_notebook([session_on(sandbox), CAMERA], insecure=True)
    page.run_all()
    page.page.locator(".ak-live-invitation").get_by_text("https").wait_for()
    assert not page.page.get_by_role("button", name="Open in a browser").is_visible()


def test_the_address_opens_once_and_its_files_need_the_cookie(own_page):
    _page, own = own_page
    host = own.page.url.partition("/open/")[0]
    for path in (own.page.url.removeprefix(host), "/static/page.js", "/open/guess"):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(host + path, timeout=10)
    own.page.reload()
    own.page.wait_for_selector("[data-state=idle]")
