"""Sessions without a network: late updates, the right viewer, the idle time, pre-charged credits."""

from __future__ import annotations

import pytest

from akool_nb.agora import view_key
from akool_nb.sandbox.service.account import FULL, Account
from akool_nb.sandbox.service.clock import Clock
from akool_nb.sandbox.service.sessions import FRONT_USER, Session, Sessions
from akool_nb.sandbox.switches import Switches


class Time(Clock):
    """A clock that the test sets."""

    seconds = 0.0

    def now(self) -> float:
        return self.seconds


class Scene:
    """Sessions of one account, with a clock that the test sets."""

    def __init__(self, **values: object) -> None:
        self.time = Time()
        self.switches = Switches()
        self.switches.update({"queue_seconds": 0, "credits_per_second": 0, **values})
        self.account = Account(self.switches)
        self.sessions = Sessions(self.account, self.time, self.switches)

    def tick(self, seconds: float) -> None:
        self.time.seconds = seconds
        self.sessions.tick()


def test_an_update_whose_picture_arrives_late_does_not_replace_a_later_one():
    session = Session("id", "channel", "", "token", "the first face", 0.0)
    slow, quick = session.count_update(), session.count_update()
    session.set_source("the face of the last update", quick)
    session.set_source("the face of the slow update", slow)
    assert session.source == "the face of the last update"
    session.set_source("another face", session.count_update())
    assert session.source == "another face"


@pytest.mark.parametrize("uid", ["2", "3", "", "11", FRONT_USER])
@pytest.mark.parametrize("key", ["token", view_key("token"), "", "another", "\ud800"])
def test_a_viewer_needs_the_id_of_the_front_user_and_the_token_or_its_view_key(uid: str, key: str):
    session = Session("id", "channel", "", "token", "face", 0.0)
    assert session.admits(uid, key) is (uid == FRONT_USER and key in ("token", view_key("token")))


@pytest.mark.parametrize("idle", [0, 60])
@pytest.mark.parametrize("joined", [False, True])
def test_only_a_session_without_a_viewer_ends_after_the_idle_time(idle: float, joined: bool):
    scene = Scene(idle_seconds=idle)
    session = scene.sessions.create("face")
    session.joined = joined
    scene.tick(59)
    assert scene.sessions.open == [session]
    scene.tick(60)
    ends = idle > 0 and not joined
    assert (scene.sessions.open == []) is ends and session.end_reason == ("idle" if ends else "")


@pytest.mark.parametrize("metering", ["create", "first_frame"])
def test_pre_charge_takes_a_whole_session_and_returns_what_was_not_used(metering: str):
    scene = Scene(pre_charge=True, credits_per_second=0.25, metering=metering)
    session = scene.sessions.create("face")
    assert scene.account.credits == FULL - 900
    scene.tick(100)
    assert scene.account.credits == FULL - 900
    scene.sessions.end(session, "closed")
    assert scene.account.credits == pytest.approx(FULL - (25 if metering == "create" else 0))


def test_a_pre_charged_session_ends_when_its_reserved_credits_are_used():
    scene = Scene(pre_charge=True, credits_per_second=1)
    session = scene.sessions.create("face")
    assert scene.account.credits == 0 and session.held == FULL
    scene.tick(FULL - 1)
    assert scene.sessions.open == [session]
    scene.tick(FULL)
    assert session.end_reason == "quota" and session.cost == FULL and scene.account.credits == 0
