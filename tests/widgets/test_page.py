"""The own page of a live view: only its owner gets the video's token or writes to this machine's disk."""

import asyncio
import json
import urllib.error
import urllib.request

import pytest
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from akool_nb import samples
from akool_nb.widgets.live_view import LiveView
from tests.widgets.test_live_view import wait


@pytest.fixture
def view(sandbox, tmp_path):
    client = sandbox.client()
    view = LiveView(client.create(client.detect(samples.photo("astronaut"))[0]), folder=tmp_path)
    yield view
    view.close()


def enter(url):
    """Open the address as a browser does; returns the cookie."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.headers["Set-Cookie"].partition(";")[0]


def request(view, **headers):
    """The request for the page's WebSocket, with only these headers."""
    return HTTPRequest(f"ws://127.0.0.1:{view._page.port}/socket", headers=headers, request_timeout=10)


def refused(view, **headers):
    """The HTTP status for a request with only these headers."""

    async def connect():
        with pytest.raises(HTTPClientError) as refusal:
            await websocket_connect(request(view, **headers))
        return refusal.value.code

    return asyncio.run(connect())


def test_the_websocket_accepts_only_the_own_page(view):
    cookie = enter(view.open_page())
    own = f"http://127.0.0.1:{view._page.port}"

    async def first_message():
        socket = await websocket_connect(request(view, Cookie=cookie, Origin=own))
        message = json.loads(await socket.read_message())
        socket.close()
        return message

    assert asyncio.run(first_message())["state"]["session_id"] == view.session.id
    assert refused(view) == 403
    assert refused(view, Cookie=f"{view._page.cookie_name}=a-guess") == 403
    assert refused(view, Origin=own) == 403
    assert refused(view, Cookie=cookie, Origin="http://evil.test") == 403
    assert refused(view, Cookie=cookie, Host="evil.test") == 403


def test_a_refused_client_receives_nothing_and_writes_nothing(view, tmp_path):
    view.open_page()
    messages = []
    view.receive = lambda *message: messages.append(message)
    assert refused(view) == 403
    assert messages == [] and list(tmp_path.iterdir()) == []


def test_a_new_address_disconnects_the_earlier_page(view):
    cookie = enter(view.open_page())

    async def until_disconnected():
        socket = await websocket_connect(request(view, Cookie=cookie))
        await socket.read_message()
        view.open_page()
        return await asyncio.wait_for(socket.read_message(), 10)

    assert asyncio.run(until_disconnected()) is None
    assert refused(view, Cookie=cookie) == 403
    wait(lambda: not view._page.is_open)


def test_the_pages_of_two_views_have_different_cookies(view):
    other = LiveView(view.session)
    names = {enter(one.open_page()).partition("=")[0] for one in (view, other)}
    assert len(names) == 2
    other.close()


def test_the_page_gets_the_last_value_of_a_trait(view):
    view.observe(lambda _change: setattr(view, "mirror", False), "mirror")  # the page gets this change first
    cookie = enter(view.open_page())

    async def mirrored():
        socket = await websocket_connect(request(view, Cookie=cookie))
        await socket.read_message()
        view.mirror = True
        view.error = "that was all"
        values = []
        while "error" not in (state := json.loads(await socket.read_message())["state"]):
            values.append(state["mirror"])
        socket.close()
        return values

    assert asyncio.run(mirrored())[-1] is False


def test_the_notebook_gets_the_reports_of_the_page_as_changes_of_traits(view):
    cookie = enter(view.open_page())
    sent = []
    view.comm.send = lambda data, buffers=(): sent.append(data)

    async def report():
        socket = await websocket_connect(request(view, Cookie=cookie))
        await socket.read_message()
        traits = {"page": "1-own", "_report": ["1-own", 1], "state": "starting"}
        await socket.write_message(json.dumps({"state": traits, "buffers": 0}))
        await asyncio.to_thread(wait, lambda: view.elsewhere)
        socket.close()

    asyncio.run(report())
    updates = [data["state"] for data in sent if data["method"] == "update"]
    assert {"state": "starting"} in updates and {"page": "1-own"} in updates


def test_a_page_that_does_not_run_the_call_sets_nothing_and_its_end_changes_nothing(view):
    view.set_state({"page": "1-tab", "_report": ["1-tab", 1], "state": "live"})
    cookie = enter(view.open_page())

    async def put_back():
        socket = await websocket_connect(request(view, Cookie=cookie))
        await socket.read_message()
        report = {"page": "1-own", "_report": ["1-own", 1], "state": "starting"}
        await socket.write_message(json.dumps({"state": report, "buffers": 0}))
        state = {}
        while not state.keys() >= {"page", "state"}:
            state |= json.loads(await socket.read_message())["state"]
        socket.close()
        return state["page"], state["state"]

    assert asyncio.run(put_back()) == ("1-tab", "live")
    wait(lambda: not view._page.is_open)
    assert (view.state, view.elsewhere) == ("live", False)


def test_the_end_of_the_view_closes_the_websocket(view):
    cookie = enter(view.open_page())

    async def until_the_end():
        socket = await websocket_connect(request(view, Cookie=cookie))
        await socket.read_message()
        view.close()
        return await asyncio.wait_for(socket.read_message(), 10)

    assert asyncio.run(until_the_end()) is None


def test_an_address_opens_once_and_an_earlier_address_does_not_open(view):
    former = view.open_page()
    enter(view.open_page())
    for url in (former, view._page.url):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(url, timeout=10)
