"""The page of its own: who gets in, and that nobody else reaches the video's token or this machine's disk."""

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
    """Open the address as a browser does; the cookie it gave."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.headers["Set-Cookie"].partition(";")[0]


def request(view, **headers):
    """The request for the page's channel, from a program that says only these headers."""
    return HTTPRequest(f"ws://127.0.0.1:{view._page.port}/socket", headers=headers, request_timeout=10)


def refused(view, **headers):
    """The status that such a program gets."""

    async def knock():
        with pytest.raises(HTTPClientError) as refusal:
            await websocket_connect(request(view, **headers))
        return refusal.value.code

    return asyncio.run(knock())


def test_the_channel_opens_for_the_page_alone(view):
    cookie = enter(view.open_page())
    own = f"http://127.0.0.1:{view._page.port}"

    async def first_word():
        socket = await websocket_connect(request(view, Cookie=cookie, Origin=own))
        word = json.loads(await socket.read_message())
        socket.close()
        return word

    assert asyncio.run(first_word())["state"]["session_id"] == view.session.id
    assert refused(view) == 403
    assert refused(view, Cookie=f"{view._page.cookie_name}=a-guess") == 403
    assert refused(view, Origin=own) == 403
    assert refused(view, Cookie=cookie, Origin="http://evil.test") == 403
    assert refused(view, Cookie=cookie, Host="evil.test") == 403


def test_a_guest_that_is_not_let_in_learns_nothing_and_writes_nothing(view, tmp_path):
    view.open_page()
    heard = []
    view._hear = lambda *message: heard.append(message)
    assert refused(view) == 403
    assert heard == [] and list(tmp_path.iterdir()) == []


def test_a_new_address_shuts_the_former_page_out(view):
    cookie = enter(view.open_page())

    async def until_shut_out():
        socket = await websocket_connect(request(view, Cookie=cookie))
        await socket.read_message()
        view.open_page()
        return await asyncio.wait_for(socket.read_message(), 10)

    assert asyncio.run(until_shut_out()) is None
    assert refused(view, Cookie=cookie) == 403
    wait(lambda: not view._page.is_open)


def test_the_pages_of_two_views_do_not_take_each_others_cookie(view):
    other = LiveView(view.session)
    names = {enter(one.open_page()).partition("=")[0] for one in (view, other)}
    assert len(names) == 2
    other.close()


def test_the_page_ends_with_what_a_trait_ends_with(view):
    view.observe(lambda _change: setattr(view, "mirror", False), "mirror")  # the page hears of this change first
    cookie = enter(view.open_page())

    async def mirrored():
        socket = await websocket_connect(request(view, Cookie=cookie))
        await socket.read_message()
        view.mirror = True
        view.error = "that was all"
        told = []
        while "error" not in (state := json.loads(await socket.read_message())["state"]):
            told.append(state["mirror"])
        socket.close()
        return told

    assert asyncio.run(mirrored())[-1] is False


def test_the_notebook_gets_what_the_page_reports_as_a_change_of_pythons(view):
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


def test_a_page_that_does_not_run_the_call_sets_nothing_and_its_end_ends_nothing(view):
    view.set_state({"page": "1-tab", "_report": ["1-tab", 1], "state": "live"})
    cookie = enter(view.open_page())

    async def put_back():
        socket = await websocket_connect(request(view, Cookie=cookie))
        await socket.read_message()
        report = {"page": "1-own", "_report": ["1-own", 1], "state": "starting"}
        await socket.write_message(json.dumps({"state": report, "buffers": 0}))
        told = {}
        while not told.keys() >= {"page", "state"}:
            told |= json.loads(await socket.read_message())["state"]
        socket.close()
        return told["page"], told["state"]

    assert asyncio.run(put_back()) == ("1-tab", "live")
    wait(lambda: not view._page.is_open)
    assert (view.state, view.elsewhere) == ("live", False)


def test_the_end_of_the_view_hangs_up(view):
    cookie = enter(view.open_page())

    async def until_the_end():
        socket = await websocket_connect(request(view, Cookie=cookie))
        await socket.read_message()
        view.close()
        return await asyncio.wait_for(socket.read_message(), 10)

    assert asyncio.run(until_the_end()) is None


def test_the_address_opens_once_and_the_former_one_not_at_all(view):
    former = view.open_page()
    enter(view.open_page())
    for url in (former, view._page.url):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(url, timeout=10)
