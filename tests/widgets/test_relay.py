"""The route through the kernel: each relay has a number, and a closed one ends, also while it still connects."""

import time

import pytest

from akool_nb import samples
from akool_nb.sandbox import Sandbox
from akool_nb.widgets.live_view import LiveView
from akool_nb.widgets.relay import Relay


@pytest.fixture
def session(sandbox: Sandbox):
    client = sandbox.client()
    face = client.detect(samples.photo("astronaut"))[0]
    with client.create(face) as session:
        session.wait()
        yield session


class Page:
    """The page's end of the channel."""

    def __init__(self, widget):
        self.widget = widget
        self.received = []
        widget.send = lambda content, buffers=None: self.received.append(content)

    def send(self, **content):
        self.widget._handle_custom_msg(content, [])

    def events(self, relay):
        return [message["event"] for message in self.received if message.get("id") == relay]


def wait(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition is still false"
        time.sleep(0.01)


def test_a_relay_closed_while_it_connects_is_disconnected_and_reports_nothing_more(session, sandbox):
    reports = []
    relay = Relay(session.view_url, lambda *event: reports.append(event))
    relay.close()
    # On a busy machine the connection may already be open.
    reports.clear()
    assert relay.join(10)
    assert reports == []
    wait(lambda: sandbox.state()["streams"] == [])


def test_a_frame_after_the_end_is_dropped_without_a_log_record(session, caplog):
    relay = Relay(session.view_url, lambda *event: None)
    wait(lambda: relay._socket is not None)
    relay.close()
    relay.send(b"late")
    relay.join(10)
    assert caplog.records == []


def test_an_address_that_does_not_answer_is_reported_as_refused():
    reports = []
    relay = Relay("ws://127.0.0.1:9/live/x", lambda *event: reports.append(event[0]))
    relay.join(10)
    assert reports == ["refused"]
    relay.close()
    relay.send(b"late")


def test_events_of_a_relay_carry_its_number_and_a_new_relay_silences_the_earlier_one(session):
    page = Page(LiveView(session))
    page.send(kind="relay", event="open", id="first")
    wait(lambda: "open" in page.events("first"))
    page.send(kind="relay", event="open", id="second")
    wait(lambda: "open" in page.events("second"))
    time.sleep(0.2)
    assert "closed" not in page.events("first")
    page.widget.close()


def test_a_late_close_of_an_earlier_relay_does_not_close_the_new_one(session, sandbox):
    page = Page(LiveView(session))
    page.send(kind="relay", event="open", id="new")
    wait(lambda: "open" in page.events("new"))
    page.send(kind="relay", event="close", id="old")
    time.sleep(0.2)
    assert len(sandbox.state()["streams"]) == 1
    page.send(kind="relay", event="close", id="new")
    wait(lambda: sandbox.state()["streams"] == [])
    page.widget.close()


def test_a_pulse_of_the_page_is_answered(session):
    page = Page(LiveView(session))
    page.send(kind="pulse")
    assert page.received == [{"kind": "pulse"}]
