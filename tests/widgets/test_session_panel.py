"""SessionPanel without a page: what its buttons do, what it shows, what it never shows."""

import json
import time

import pytest

from akool_nb import samples
from akool_nb.errors import AkoolError
from akool_nb.guard import Journal, Ticket
from akool_nb.widgets.audience import Audience
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


def test_create_update_and_close_by_its_buttons(panel, faces):
    page = Page(panel)
    heard = []
    panel.on_session(heard.append)
    page.say("create")
    wait(lambda: panel.session is not None)
    wait(lambda: panel._shown["busy"] == "")
    panel.face = faces[2]
    page.say("update")
    wait(lambda: panel.session.source == faces[2].source)
    page.say("end")
    wait(lambda: panel.session.closed)
    wait(lambda: heard == [panel.session, None])
    assert [len(panel.client.calls.find(verb)) for verb in ("create", "update", "close")] == [1, 1, 1]


def test_a_new_session_closes_the_old_one(panel, sandbox):
    first = panel.create()
    second = panel.create()
    assert first.closed
    assert [one["id"] for one in sandbox.sessions] == [second.id]


def test_without_a_face_it_says_what_to_do(sandbox):
    panel = SessionPanel(sandbox.client())
    with pytest.raises(AkoolError, match=r"panel\.face"):
        panel.create()
    panel.close()


def test_a_refusal_is_shown_and_the_buttons_come_back(panel, sandbox):
    sandbox.fail_next("create", code=1104)
    Page(panel).say("create")
    wait(lambda: panel.error)
    assert "1104" in panel.error
    wait(lambda: panel._shown["busy"] == "")


def test_it_shows_states_proof_and_costs(panel, sandbox):
    session = panel.create()
    wait(lambda: panel._shown["session"]["status"] == 2)
    Audience.of(session).tell("live")
    wait(lambda: panel._shown["session"]["seen"])
    sandbox.credits = 900
    panel._costs.asked = 0
    wait(lambda: panel._shown["credits"]["used"] >= 100)
    assert panel._shown["session"]["expires_at"] == pytest.approx(time.time() + 3600, abs=30)


def test_a_session_that_nobody_watches_is_closed(panel):
    session = panel.create()
    panel.idle_minutes = 0.005
    wait(lambda: session.closed)
    assert "nobody watched" in panel.error


def test_a_watched_session_stays(panel):
    session = panel.create()
    Audience.of(session).hold(panel)
    panel.idle_minutes = 0.005
    panel._look()
    time.sleep(0.4)
    panel._look()
    assert not session.closed


def test_sessions_of_a_lost_kernel_are_listed_and_can_be_closed(panel, sandbox, faces):
    lost = sandbox.client().create(faces[0])
    lost.client.forget(lost)  # the kernel that opened it is not this one
    ticket = Ticket(lost.id, f"{sandbox.url}/api/open/v3/faceswap/live/close", time.time(), "999999999:1:gone")
    Journal().write(ticket)
    wait(lambda: {"id": lost.id, "from": "journal"} in panel._sessions())
    Page(panel).say("end", id=lost.id)
    wait(lambda: lost.id not in [one["id"] for one in panel._sessions()])
    assert lost.id not in [one["id"] for one in sandbox.sessions]


def test_nothing_that_opens_a_session_reaches_the_page(panel):
    page = Page(panel)
    session = panel.create()
    page.say("hello")
    wait(lambda: page.answers("calls"))
    said = json.dumps([content for content, _ in page.heard]) + json.dumps(panel._shown)
    assert session.channel.token not in said
    secret = panel.client._credentials.client_secret
    assert str(getattr(secret, "reveal", lambda: secret)()) not in said
    assert any("curl" in call for call in page.answers("calls")[0]["calls"])
