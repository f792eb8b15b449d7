"""The exercises of the lessons 01 (its second), 04 and 05: sessions, states, credits, tokens, delays, frames."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

from akool_nb.agora import RtcToken
from akool_nb.api.models import FaceswapStatus
from akool_nb.api.session import LiveSession
from akool_nb.check.exercise import Exercise, call, compare, expect

# How far the clock of this machine may be from the clock of the service.
CLOCK_DIFFERENCE = timedelta(minutes=5)
# Two seconds at two credits a second, with some time for the requests.
LEAST_CREDITS = 3.5
MOST_CREDITS = 12.0


def _is_closed(value: Any) -> str:
    expect(LiveSession, value)
    if value.closed:
        return ""
    return "The session is still open, and with an account an open session costs. Close it, or use with."


def _is_updated_and_closed(value: Any) -> str:
    still_open = _is_closed(value)
    if still_open:
        return still_open
    updates = value.client.calls.find("/update")
    if any(sent.ok and sent.request["_id"] == value.id for sent in updates):
        return ""
    return "The session is closed, but its face was not changed: update() comes before close()."


def _can_join(value: Any) -> str:
    return compare(value, ((f"the state {one}", one, one is FaceswapStatus.PROCESSING) for one in FaceswapStatus))


def _used_credits(value: Any) -> str:
    used = float(value)
    if used < 0:
        return "The number is negative: subtract the credits after the session from the credits before it."
    if LEAST_CREDITS <= used <= MOST_CREDITS:
        return ""
    return f"{used:g} credits are not about 4. Two seconds, two credits each second, measured after the session closed."


def _end_of_token(value: Any) -> str:
    expect(datetime, value)
    if value.tzinfo is None:
        return "This time has no time zone, so it can mean different moments. RtcToken.decode(…).expires_at has one."
    left = value - datetime.now(timezone.utc)
    if timedelta(0) < left <= timedelta(hours=1) + CLOCK_DIFFERENCE:
        return ""
    return "The token of a new session ends within one hour."


def _allows_sending(value: Any) -> str:
    viewer = RtcToken(app_id="0" * 32, channel="demo", uid="1", issued=0, expire=60, privileges={1: 60})
    sender = replace(viewer, privileges={1: 60, 3: 60})
    cases = ((sender, True), (viewer, False))
    return compare(value, ((f"the privileges {sorted(one.privileges)}", one, right) for one, right in cases))


def _share_in_time(value: Any) -> str:
    delays = [10.0, 50.0, 51.0, 100.0]
    said = float(call(value, delays, case=f"the delays {delays}"))
    if abs(said - 0.5) < 1e-6:
        return ""
    return f"Of the delays {delays} two of four are at most 50 ms, so the share is 0.5; yours is {said:g}."


def _frames_per_second(value: Any) -> str:
    frames = [SimpleNamespace(time=1000.0 + 0.5 * number) for number in range(5)]
    said = float(call(value, frames, case="five frames, each half a second after the one before"))
    if abs(said - 2.0) < 1e-6:
        return ""
    return f"Five frames in two seconds have four gaps of half a second: 2 frames per second; yours is {said:g}."


EXERCISES = {
    "01.2": Exercise("a closed LiveSession", _is_closed, "Closed: this session costs nothing more."),
    "04.1": Exercise("a LiveSession", _is_updated_and_closed, "Created, updated, closed: nothing is left open."),
    "04.2": Exercise("a function that takes a FaceswapStatus", _can_join, "The browser joins in one state only."),
    "04.3": Exercise("a number of credits", _used_credits, "You measured the price instead of guessing it."),
    "05.1": Exercise("a datetime with a time zone", _end_of_token, "When the token ends, the session ends."),
    "05.2": Exercise("a function that takes an RtcToken", _allows_sending, "A token says what its owner may do."),
    "05.3": Exercise(
        "a function that takes a list of delays", _share_in_time, "A share says more than the mean of the delays."
    ),
    "05.4": Exercise("a function that takes a list of frames", _frames_per_second, "Gaps are counted, not frames."),
}
