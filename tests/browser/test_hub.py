"""The widgets on a hub: the page comes over https, and its 127.0.0.1 is not the kernel's."""

from urllib.parse import urlsplit

import pytest

from tests.browser.harness import NotebookPage, write_notebook
from tests.browser.hub import BARE, Hub
from tests.browser.live_cells import CAMERA, every_live_widget, press, session_on, wait_state, walk
from tests.browser.servers import running


@pytest.fixture(scope="module")
def hub(no_leftovers, tmp_path_factory):
    with running(Hub(tmp_path_factory.mktemp("hub"))) as server:
        yield server


class Visitor:
    """A signed-in user with an open notebook, and the addresses that their browser requested."""

    def __init__(self, context, hub, user, cells):
        self.requests = []
        self.sockets = []
        page = context.new_page()
        context.on("request", lambda request: self.requests.append(request))
        page.on("websocket", lambda socket: self.sockets.append(socket))
        hub.sign_in(page, user)
        self.page = NotebookPage(page, hub, write_notebook(hub.folder / f"{user}.ipynb", cells))
        self.page.open(hub.user_url(user))

    @property
    def hosts(self):
        """The requested hosts; blob and data addresses have none."""
        return {urlsplit(asked.url).hostname for asked in [*self.requests, *self.sockets]} - {None}

    @property
    def through_the_server(self):
        """The WebSockets that were requested through jupyter-server-proxy."""
        return [socket for socket in self.sockets if "/proxy/" in socket.url]


@pytest.fixture
def visit(hub, browsers):
    contexts = []

    def visit(user, cells):
        contexts.append(browsers.fresh_context())
        return Visitor(contexts[-1], hub, user, cells)

    yield visit
    for context in contexts:
        context.close()


def test_every_live_widget_works_through_the_jupyter_servers_proxy(visit, sandbox):
    visitor = visit("ada", every_live_widget(sandbox))
    visitor.page.run_all()
    walk(visitor.page, sandbox)
    assert len(visitor.through_the_server) == 3
    assert visitor.hosts == {"hub.test"}
    assert visitor.page.complaints == []


def test_the_picture_goes_through_the_kernel_and_no_own_page_is_offered(visit, sandbox):
    visitor = visit(BARE, [session_on(sandbox), CAMERA])
    page = visitor.page
    page.run_all()
    page.page.locator(".ak-live-invitation").get_by_text("camera").first.wait_for()
    assert not page.page.get_by_role("button", name="Open in a browser").is_visible()
    press(page, "Use the moving picture instead")
    wait_state(page, "live", seconds=30)
    page.wait_for("view.stats and view.stats['fps_in'] > 1")
    assert [socket.is_closed() for socket in visitor.through_the_server] == [True]
    press(page, "Stop")
    page.wait_for("session.closed")
    assert visitor.hosts == {"hub.test"}
