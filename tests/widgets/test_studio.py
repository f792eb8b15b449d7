"""Studio without a browser: four steps, each is reachable when the previous one is done."""

import json

import pytest

from akool_nb import samples
from akool_nb.errors import AuthenticationError, InsufficientQuotaError
from akool_nb.widgets.consent import CONSENT
from akool_nb.widgets.studio import ACCOUNT, FACE, LIVE, PHOTO, Studio, _try_out, studio
from tests.widgets.test_live_view import Page, settle, wait


@pytest.fixture
def made(sandbox):
    CONSENT.set(True)
    made = Studio(sandbox.client())
    yield made
    made.close()
    CONSENT.set(False)


def go_live(made):
    """Press "Go live" and then "Start": the page requests a session as soon as its camera is open."""
    Page(made.guide).send("go_live")
    wait(lambda: made.guide.step == LIVE)
    Page(made.view).send("create", question="a page")
    wait(lambda: made.guide.is_live)


def shown(made):
    """The names of the parts that the page shows."""
    settle(made)
    return [place["name"] for place in made._places if place["shown"]]


def test_without_a_client_the_studio_starts_with_the_account_step():
    made = studio()
    assert (made.guide.step, made.guide.reachable) == (ACCOUNT, ACCOUNT)
    assert made.session is None
    made.close()


def test_the_faces_of_a_photo_that_is_removed_are_not_shown(made):
    made.uploader.add(samples.photo("astronaut"))
    wait(lambda: made.panel.face is not None)
    Page(made.uploader).send("remove", id=1)
    wait(lambda: made.guide.reachable == PHOTO)
    assert made.picker.detection is None and made.panel.face is None


def test_a_wrong_argument_is_the_only_error():
    with pytest.raises(TypeError, match="positional"):
        Studio("me.jpg", "you.jpg")
    Studio.__new__(Studio).close()  # as Python does when the constructor has failed


def test_photo_face_and_go_live_lead_to_one_session(made, sandbox):
    assert made.guide.step == PHOTO
    made.uploader.add(samples.photo("astronaut"))
    assert made.guide.step == FACE
    wait(lambda: made.guide.reachable == LIVE)
    go_live(made)
    assert made.view.session is made.session
    assert [one["id"] for one in sandbox.sessions] == [made.session.id]
    made.close()
    assert sandbox.sessions == []


def test_without_consent_no_session_is_opened(made, sandbox):
    made.guide.consent = False
    made.uploader.add(samples.photo("astronaut"))
    wait(lambda: made.guide.reachable == LIVE)
    Page(made.guide).send("go_live")
    wait(lambda: made.guide.error and not made.guide.busy)
    assert "Tick" in made.guide.error
    assert not made.client.calls.find("live/create")
    assert sandbox.sessions == []


def test_go_live_opens_one_session_and_only_after_the_camera_is_open(made, sandbox):
    page = Page(made.guide)
    made.uploader.add(samples.photo("astronaut"))
    wait(lambda: made.guide.reachable == LIVE)
    page.send("go_live")
    page.send("go_live")
    wait(lambda: made.guide.step == LIVE and not made.guide.busy)
    assert made.guide.presses == 2
    assert shown(made) == ["guide", "view"]
    assert not made.client.calls.find("live/create")
    go_live(made)
    go_live(made)
    assert shown(made) == ["guide", "view", "panel"]
    assert len(made.client.calls.find("live/create")) == len(sandbox.sessions) == 1


def test_a_session_that_is_opening_when_the_studio_closes_is_closed(made, sandbox):
    made.uploader.add(samples.photo("astronaut"))
    wait(lambda: made.guide.reachable == LIVE)
    sandbox.latency = 0.5
    Page(made.view).send("create", question="a page")
    made.close()
    wait(lambda: made.client.calls.find("live/close"))
    assert made.client.sessions == sandbox.sessions == []


def test_the_studio_closes_even_if_its_session_cannot_be_closed(made, sandbox):
    made.uploader.add(samples.photo("astronaut"))
    wait(lambda: made.guide.reachable == LIVE)
    made.panel.create()
    sandbox.fail_next("close", code=1104)
    with pytest.raises(InsufficientQuotaError):
        made.close()
    assert made.comm is None


def test_signing_in_while_the_studio_closes_creates_no_panel():
    made = Studio()
    made.close()
    made._sign_in(True, {})
    assert made.panel is None


def test_a_session_that_ends_at_once_is_not_live(made):
    made.uploader.add(samples.photo("astronaut"))
    wait(lambda: made.guide.reachable == LIVE)
    made.panel.observe(lambda change: change["new"].close(), "session")
    made.panel.create()
    assert not made.guide.is_live


def test_an_account_that_does_not_report_its_balance_can_be_used(sandbox):
    sandbox.fail_always("credits", code=1003)
    _try_out(sandbox.client())


def test_wrong_credentials_are_reported_at_sign_in(sandbox):
    sandbox.fail_always("credits", code=1101)
    with pytest.raises(AuthenticationError):
        _try_out(sandbox.client())


def test_only_the_current_step_is_shown(made):
    made.uploader.add(samples.photo("astronaut"))
    assert shown(made) == ["guide", "picker"]


def test_a_part_sends_and_receives_through_the_studio_until_it_is_removed(made, sandbox):
    page = Page(made)
    key = made.picker.model_id

    def receive(**data):
        page.send("part", key=key, page="a page", data=data)

    receive(method="request_state")
    state = page.answers("part")[-1]["data"]["state"]
    assert state["_key"] == made.picker._key and "_esm" not in state
    receive(method="update", state={"error": "from the page"})
    assert made.picker.error == "from the page"
    echo = page.answers("part")[-1]
    assert (echo["data"]["method"], echo["page"]) == ("echo_update", "a page")
    made.picker.error = "from Python"
    assert page.answers("part")[-1] == {
        "kind": "part",
        "key": key,
        "data": {"method": "update", "state": {"error": "from Python"}, "buffer_paths": []},
    }
    removed = made.picker
    made._use(sandbox.client())
    receive(method="update", state={"error": "too late"})
    assert (removed.error, made.picker.error) == ("from Python", "")


def test_another_face_updates_the_session(made):
    page = Page(made.guide)
    made.uploader.add(samples.photo("collage"))
    wait(lambda: made.picker.faces)
    made.picker.choose(0)
    go_live(made)
    session = made.session
    made.picker.choose(2)
    page.send("go_live")
    wait(lambda: session.source == made.picker.faces[2].source)
    assert made.session is session


def test_another_account_closes_the_session_of_the_previous_one(made, sandbox):
    made.uploader.add(samples.photo("astronaut"))
    wait(lambda: made.guide.reachable == LIVE)
    go_live(made)
    panel = made.panel
    made._use(sandbox.client())
    assert (made.session, made.guide.is_live, sandbox.sessions) == (None, False, [])
    assert panel.comm is None
    wait(lambda: made.guide.reachable == LIVE)
    go_live(made)


def test_typed_credentials_are_in_no_trait(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # the real service must not be reached
    made = Studio()
    page = Page(made.guide)
    page.send("account", which="typed", api_key="a-very-secret-key")
    wait(lambda: made.guide.error and not made.guide.busy)
    assert "a-very-secret-key" not in json.dumps(made.guide.get_state(), default=repr)
    assert "a-very-secret-key" not in made.guide.error
    made.close()
