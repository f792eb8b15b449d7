"""Live sessions: they queue, process, cost credits, and end, as the real ones do."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from akool_nb.agora import RtcToken, view_key
from akool_nb.sandbox.engine.swap import SourceFace
from akool_nb.sandbox.service.account import Account
from akool_nb.sandbox.service.clock import Clock
from akool_nb.sandbox.service.refusal import Refusal
from akool_nb.sandbox.switches import Switches

QUEUING, PROCESSING, SUCCESS, FAILED = 1, 2, 3, 4
FRONT_USER, ALGORITHM_USER = "1", "3"
JOIN, PUBLISH_AUDIO, PUBLISH_VIDEO, PUBLISH_DATA = 1, 2, 3, 4

Listener = Callable[[dict[str, Any]], None]


@dataclass
class Session:
    """One live session; times are those of the sandbox's clock."""

    id: str
    channel: str
    app_id: str
    token: str = field(repr=False)
    source: SourceFace = field(repr=False)
    created: float
    status: int = QUEUING
    end_reason: str = ""
    joined: bool = False
    first_frame: float | None = None
    cost: float = 0.0
    updates: int = 0
    """How many updates have come so far."""
    worn: int = 0
    """Which of them the source is of; 0 for that of `create`."""
    listeners: list[Listener] = field(default_factory=list, repr=False)

    def admits(self, uid: str, token: str) -> bool:
        """Whether a viewer with this uid and token (or its view key) may join."""
        given = token.encode("utf-8", "surrogatepass")
        fits = [secrets.compare_digest(given, key.encode()) for key in (self.token, view_key(self.token))]
        return uid == FRONT_USER and any(fits)

    def count_update(self) -> int:
        """The number of an update that has just come."""
        self.updates += 1
        return self.updates

    def wear(self, source: SourceFace, update: int) -> None:
        """Put an update's face on, unless that of a later one, whose picture came sooner, is on already."""
        if update > self.worn:
            self.source, self.worn = source, update

    def tell(self, message: dict[str, Any]) -> None:
        """Pass a message on to whoever watches the session."""
        for listener in list(self.listeners):
            listener(message)

    def summary(self, now: float) -> dict[str, Any]:
        """What the panel shows of the session: nothing that opens it."""
        age, cost = round(now - self.created, 1), round(self.cost, 2)
        return {"id": self.id, "status": self.status, "seconds": age, "credits": cost, "joined": self.joined}

    def to_json(self) -> dict[str, Any]:
        """`data` of the answer to `create`, to the last field."""
        return {
            "_id": self.id,
            "faceswap_status": self.status,
            "front_user_id": FRONT_USER,
            "algorithm_user_id": ALGORITHM_USER,
            "front_rtc_token": self.token,
            "channel_id": self.channel,
            "app_id": self.app_id,
        }


class Sessions:
    """All sessions of the account, the open ones and the last that ended."""

    REMEMBERED = 500

    def __init__(self, account: Account, clock: Clock, switches: Switches) -> None:
        self._account = account
        self._clock = clock
        self._switches = switches
        self._open: dict[str, Session] = {}
        self._ended: OrderedDict[str, Session] = OrderedDict()
        self._app_id = secrets.token_hex(16)
        # Nobody but this process has to check the tokens, so their key is thrown away with it.
        self._app_certificate = secrets.token_hex(16)
        self._ticked = clock.now()

    @property
    def open(self) -> list[Session]:
        """The sessions that run now, oldest first."""
        return list(self._open.values())

    def check_quota(self) -> None:
        """1104 without credits; 1005 when the account has as many sessions as it may."""
        if self._account.credits <= 0:
            raise Refusal(1104, "the quota is insufficient: no credits are left")
        most = self._switches.parallel_sessions
        if most and len(self._open) >= most:
            raise Refusal(1005, f"only {most} session(s) at a time: close the one that is open")

    def create(self, source: SourceFace) -> Session:
        """A new session on the way to processing."""
        session_id, channel = new_id(), _new_channel()
        app_id = self._app_id if self._switches.app_id_given else ""
        session = Session(session_id, channel, app_id, self._issue(channel), source, self._clock.now())
        self._open[session_id] = session
        self._advance(session)
        return session

    def get(self, session_id: str) -> Session:
        """The open session with this id, else the code that `unknown_session_code` names."""
        session = self._open.get(session_id)
        if session is None:
            raise Refusal(self._switches.unknown_session_code, self._why_missing(session_id))
        return session

    def find(self, session_id: str) -> Session | None:
        """The session with this id, open or lately ended."""
        return self._open.get(session_id) or self._ended.get(session_id)

    def of_channel(self, channel: str) -> Session | None:
        """The open session in this channel."""
        return next((session for session in self._open.values() if session.channel == channel), None)

    def end(self, session: Session, reason: str, *, status: int = SUCCESS) -> None:
        """End a session and tell its viewer why."""
        if self._open.pop(session.id, None) is None:
            return
        session.status, session.end_reason = status, reason
        self._ended[session.id] = session
        while len(self._ended) > self.REMEMBERED:
            self._ended.popitem(last=False)
        session.tell({"status": status})
        session.tell({"end": reason})

    def end_all(self, reason: str) -> None:
        """End every open session."""
        for session in self.open:
            self.end(session, reason)

    def tick(self) -> None:
        """Let the time since the last tick pass: queues move, credits run down, ends come."""
        now = self._clock.now()
        passed, self._ticked = now - self._ticked, now
        for session in self.open:
            self._meter(session, passed)
            self._advance(session)
            self._end_if_due(session, now)

    def _meter(self, session: Session, passed: float) -> None:
        since = session.created if self._switches.metering == "create" else session.first_frame
        if since is None:
            return
        cost = min(passed, self._clock.now() - since) * self._switches.credits_per_second
        session.cost += min(cost, self._account.credits)
        self._account.credits = max(0.0, self._account.credits - cost)

    def _advance(self, session: Session) -> None:
        waited = self._clock.now() - session.created
        if session.status != QUEUING or waited < self._switches.queue_seconds:
            return
        if self._switches.after_queue == "process":
            session.status = PROCESSING
            session.tell({"status": PROCESSING})
        elif self._switches.after_queue == "fail":
            self.end(session, "failed", status=FAILED)

    def _end_if_due(self, session: Session, now: float) -> None:
        age, idle = now - session.created, self._switches.idle_seconds
        if self._account.credits <= 0:
            self.end(session, "quota")
        elif self._switches.end_with_token and age >= self._switches.session_seconds:
            self.end(session, "hour")
        elif idle and not session.joined and age >= idle:
            self.end(session, "idle")

    def _issue(self, channel: str) -> str:
        # Agora's clock is the real one: a sped-up hour is written as what it really takes.
        life = max(1, round(self._clock.real(self._switches.session_seconds)))
        rights = dict.fromkeys((JOIN, PUBLISH_AUDIO, PUBLISH_VIDEO, PUBLISH_DATA), life)
        salt = secrets.randbelow(99_999_999) + 1
        token = RtcToken(self._app_id, channel, FRONT_USER, int(time.time()), life, salt, rights)
        return token.encode(self._app_certificate)

    def _why_missing(self, session_id: str) -> str:
        ended = self._ended.get(session_id)
        if ended is None:
            return "no session has this _id: use the one that create answered"
        return f"the session is over ({ended.end_reason}): create a new one"


def new_id() -> str:
    """An id as AKOOL's: 24 hex digits, the first eight of them the time."""
    return f"{int(time.time()):08x}{secrets.token_hex(8)}"


def _new_channel() -> str:
    now = datetime.now(timezone.utc)
    return f"{now:%Y%m%d%H%M%S}{now.microsecond // 1000:03d}_{secrets.randbelow(9000) + 1000}"
