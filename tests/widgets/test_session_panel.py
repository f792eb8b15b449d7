"""SessionPanel without a browser: its buttons, what it shows, and what it must not show."""

import itertools
import json
import threading
import time

import pytest

from akool_nb import samples
from akool_nb.errors import AkoolError, PhotoError
from akool_nb.guard.journal import Journal, JournalEntry
from akool_nb.guard.process import process_mark
from akool_nb.widgets.audience import Audience
from akool_nb.widgets.live_view import LiveView
from akool_nb.widgets.session_panel import SessionPanel
from tests.widgets.test_live_view import Page, wait


@pytest.fixture
def faces(sandbox):
    return sandbox.client().detect(samples.photo("collage"))


@pytest.fixture
def panel(sandbox, faces):
    made = SessionPanel(sandbox.client(), face=faces[0])
    yield made
    made.end()
    made.close()


def test_the_buttons_create_update_and_close_a_session(panel, faces):
    page = Page(panel)
    sessions = []
    panel.on_session(sessions.append)
    page.send("create")
    pressed(panel, 1)
    panel.face = faces[2]
    page.send("update")
    wait(lambda: panel.session.source == faces[2].source)
    page.send("end")
    wait(lambda: panel.session.closed)
    wait(lambda: sessions == [panel.session, None])
    assert [len(panel.client.calls.find(verb)) for verb in ("create", "update", "close")] == [1, 1, 1]


def shown_status(panel):
    """The session's status as the page sees it; None without a session."""
    return (panel._shown["session"] or {}).get("status")


def pressed(panel, times):
    """Wait until this number of clicks is handled and nothing is in progress."""
    wait(lambda: (panel._shown["presses"], panel._shown["busy"]) == (times, ""))


def test_a_double_click_opens_one_session(panel, sandbox):
    page = Page(panel)
    page.send("create")
    page.send("create")
    pressed(panel, 2)
    page.send("create")  # a click that a busy kernel receives late
    pressed(panel, 3)
    assert len(panel.client.calls.find("live/create")) == 1
    assert [one["id"] for one in sandbox.sessions] == [panel.session.id]


def test_the_shown_values_are_sent_in_order(panel, monkeypatch):
    page, presses = Page(panel), []
    panel.observe(lambda change: presses.append(change["new"]["presses"]), "_shown")
    takes = itertools.cycle((0.03, 0.0))
    monkeypatch.setattr(panel, "_noted", lambda: time.sleep(next(takes)) or {})
    for _ in range(20):
        page.send("end")
    pressed(panel, 20)
    assert presses == sorted(presses)


def test_the_list_of_calls_never_gets_shorter(panel):
    lengths, takes = [], itertools.cycle((0.03, 0.0))
    panel.send = lambda content, buffers=None: time.sleep(next(takes)) or lengths.append(len(content["calls"]))

    def call_and_show():
        panel.client.credits()
        panel._show()
        panel._showing.result(lambda: None)

    threads = [threading.Thread(target=call_and_show) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lengths == sorted(lengths)
    assert lengths[-1] == len(panel.client.calls)


def test_a_second_click_does_not_clear_the_error_of_the_first(panel, sandbox):
    sandbox.fail_next("create", code=1104)
    page = Page(panel)
    page.send("create")
    page.send("create")
    pressed(panel, 2)
    assert "1104" in panel.error


def test_a_new_session_closes_the_old_one(panel, sandbox):
    first = panel.create()
    second = panel.create()
    assert first.closed
    assert [one["id"] for one in sandbox.sessions] == [second.id]


def test_create_with_an_invalid_face_does_not_close_the_open_session(panel):
    session = panel.create()
    panel.face = "me.jpg"
    with pytest.raises(PhotoError, match="face of a detection"):
        panel.create()
    assert panel.session is session and not session.closed


def test_create_without_a_face_raises_an_error_that_names_the_attribute(sandbox):
    panel = SessionPanel(sandbox.client())
    with pytest.raises(AkoolError, match=r"panel\.face"):
        panel.create()
    panel.close()


def test_a_refusal_is_shown_and_the_buttons_are_enabled_again(panel, sandbox):
    sandbox.fail_next("create", code=1104)
    Page(panel).send("create")
    wait(lambda: panel.error)
    assert "1104" in panel.error
    wait(lambda: panel._shown["busy"] == "")


def test_the_panel_shows_the_state_the_proof_and_the_credits_used(panel, sandbox):
    session = panel.create()
    wait(lambda: shown_status(panel) == 2)
    Audience.of(session).note("live")
    wait(lambda: panel._shown["session"]["seen"])
    sandbox.credits = 900
    panel._watch._asked_at = 0
    wait(lambda: panel._shown["credits"]["used"] >= 100)
    assert panel._shown["session"]["expires_at"] == pytest.approx(time.time() + 3600, abs=30)


def test_a_session_that_is_not_watched_is_closed(panel):
    session = panel.create()
    panel.idle_minutes = 0.005
    wait(lambda: "no page showed it" in panel.error)
    assert session.closed


def test_a_session_closed_elsewhere_is_shown_as_over_and_its_credits_are_read(panel, sandbox):
    ended = []
    panel.on_session(ended.append)
    session = panel.create()
    wait(lambda: shown_status(panel) == 2)
    sandbox.end(session.id, "time is up")
    sandbox.credits = 900
    panel._watch._asked_at = 0
    wait(lambda: session.closed)
    wait(lambda: panel._shown["session"]["closed"] and panel._shown["credits"]["used"] >= 100)
    wait(lambda: "over" in panel.error)
    assert ended[-1] is None


def test_a_session_unknown_to_the_service_is_over(panel, sandbox):
    session = panel.create()
    wait(lambda: shown_status(panel) == 2)
    sandbox.fail_next("info", code=1003)
    panel._watch._asked_at = 0
    wait(lambda: "over" in panel.error)
    assert session.closed
    infos = len(panel.client.calls.find("live/info"))
    time.sleep(2.5)
    assert len(panel.client.calls.find("live/info")) == infos


def test_a_failed_session_is_reported_and_a_new_one_can_be_opened(panel, sandbox):
    sandbox.after_queue, sandbox.queue_seconds = "fail", 0.2
    session = panel.create()
    wait(lambda: "could not start" in panel.error)
    assert session.closed
    wait(lambda: shown_status(panel) == 4)
    sandbox.after_queue = "process"
    Page(panel).send("create")
    wait(lambda: panel.is_open)


def test_a_watched_session_stays_open(panel):
    session = panel.create()
    Audience.of(session).hold(panel)
    panel.idle_minutes = 0.005
    time.sleep(2.5)
    assert not session.closed


def lose(client, faces, service, **changes):
    """A session of this client that an ended kernel has left in the journal."""
    lost = client.create(faces[0])
    client.upkeep._forget(lost)  # as if another kernel had opened it
    entry = JournalEntry(lost.id, f"{service}/api/open/v3/faceswap/live/close", time.time(), "999999999:1")
    Journal().write(entry._replace(**changes))
    return lost


def ids(panel, origin):
    return [one["id"] for one in panel._sessions() if one["from"] == origin]


def test_sessions_of_an_ended_kernel_are_listed_and_can_be_closed(panel, sandbox, faces):
    lost = lose(sandbox.client(), faces, sandbox.url)
    wait(lambda: lost.id in ids(panel, "journal"))
    Page(panel).send("end", id=lost.id)
    wait(lambda: lost.id not in ids(panel, "journal"))
    assert lost.id not in [one["id"] for one in sandbox.sessions]


def test_a_session_of_another_program_on_this_machine_is_listed_and_can_be_closed(panel, sandbox, faces):
    other = lose(sandbox.client(), faces, sandbox.url, owner=process_mark())
    wait(lambda: other.id in ids(panel, "machine"))
    Page(panel).send("end", id=other.id)
    wait(lambda: other.id not in ids(panel, "machine"))
    assert other.id not in [one["id"] for one in sandbox.sessions]


def test_an_orphaned_session_that_cannot_be_closed_stays_listed_and_the_reason_is_shown(panel, sandbox, faces):
    lost = lose(sandbox.client(), faces, sandbox.url)
    sandbox.fail_next("close", code=1003)
    Page(panel).send("end", id=lost.id)
    wait(lambda: "could not be closed" in panel.error)
    assert lost.id in ids(panel, "journal")
    panel.client.upkeep.sweep()


def test_sessions_of_other_services_and_accounts_are_not_listed(panel, sandbox, faces, replay):
    other_account = lose(sandbox.client(), faces, sandbox.url, account="somebody else")
    other_service = lose(sandbox.client(), faces, replay.url)
    assert not {other_account.id, other_service.id} & set(ids(panel, "journal"))
    for entry in Journal():
        Journal().strike(entry)


def test_sessions_of_another_client_of_this_kernel_are_listed_and_closed_by_that_client(panel, client, replay, faces):
    other = client.create(faces[0].source)
    own = panel.create()
    assert other.id in ids(panel, "kernel")
    assert ids(panel, "panel") == [own.id]
    Page(panel).send("end", id=other.id)
    wait(lambda: other.id not in ids(panel, "kernel"))
    assert other.closed
    assert replay.closed == [other.id]


def test_a_session_opens_even_if_the_service_refuses_to_report_the_balance(panel, sandbox):
    sandbox.fail_next("credits", code=1003, times=3)
    Page(panel).send("create")
    wait(lambda: panel.is_open)
    assert panel.error == ""


def test_no_token_or_secret_is_sent_to_the_page(panel):
    page = Page(panel)
    session = panel.create()
    page.send("hello")
    wait(lambda: page.answers("calls"))
    sent = json.dumps([content for content, _ in page.received]) + json.dumps(panel._shown)
    assert session.channel.token not in sent
    secret = panel.client._credentials.client_secret
    assert str(getattr(secret, "reveal", lambda: secret)()) not in sent
    assert any("curl" in call for call in page.answers("calls")[0]["calls"])


def test_the_token_for_the_demo_page_of_agora_is_sent_only_after_a_click(client, faces):
    panel = SessionPanel(client, face=faces[0].source)
    page = Page(panel)
    session = panel.create()
    wait(lambda: panel._shown["demo"])
    page.send("demo_token", press="abc")
    assert page.answers("demo_token") == [{"kind": "demo_token", "press": "abc", "token": session.channel.token}]
    page.send("hello")
    wait(lambda: page.answers("calls"))
    kept = json.dumps([panel.get_state(), page.answers("calls")], default=repr)
    assert session.channel.token not in kept
    panel.end()
    page.send("demo_token", press="late")
    assert len(page.answers("demo_token")) == 1
    assert "session" in panel.error
    wait(lambda: panel._shown["demo"] is None)
    panel.close()


def test_the_live_view_stops_for_the_demo_page_of_agora_and_the_session_stays_open(client, faces):
    panel = SessionPanel(client, face=faces[0].source)
    session = panel.create()
    view = LiveView(session, close_after=0.0)
    page = Page(view)
    view.set_state({"page": "one", "state": "live"})
    Page(panel).send("demo_token", press="abc")
    assert len(page.answers("stop")) == 1
    view.set_state({"page": "one", "state": "stopped"})
    time.sleep(0.2)
    assert not session.closed
    panel.end()
    panel.close()


def test_a_channel_of_the_sandbox_has_nothing_to_copy_and_the_panel_says_why(panel):
    panel.create()
    wait(lambda: panel._shown["demo"])
    demo = panel._shown["demo"]
    assert (list(demo["fields"]), list(demo["links"])) == ([], [])
    assert "Agora does not know it" in demo["notes"][0]
