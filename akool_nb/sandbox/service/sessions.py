"""Live sessions: they queue, process, cost credits, and end, like the real ones."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from akool_nb.agora import PRIVILEGES, RtcToken, view_key
from akool_nb.sandbox.engine.swap import SourceFace
from akool_nb.sandbox.service.account import Account
from akool_nb.sandbox.service.clock import Clock
from akool_nb.sandbox.service.refusal import Refusal
from akool_nb.sandbox.switches import Switches

QUEUING = 1
PROCESSING = 2
SUCCESS = 3
FAILED = 4

FRONT_USER = "1"
ALGORITHM_USER = "3"

Listener = Callable[[dict[str, Any]], None]


@dataclass
class Session:
    """One live session; times are those of the sandbox's clock.

    Attributes:
        held: the credits that were taken at `create`; None when they are taken as time passes.
        cost: the credits used so far.
        updates: how many updates have come so far.
        last_update: the number of the update whose face is in use; 0 for the face of `create`.
    """

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
    held: float | None = None
    cost: float = 0.0
    updates: int = 0
    last_update: int = 0
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

    def set_source(self, source: SourceFace, update: int) -> None:
        """Use an update's face, unless a later update was faster and its face is in use already."""
        if update > self.last_update:
            self.source = source
            self.last_update = update

    def notify(self, message: dict[str, Any]) -> None:
        for listener in list(self.listeners):
            listener(message)

    def summary(self, now: float) -> dict[str, Any]:
        """What the panel shows of the session: nothing that opens it."""
        return {
            "id": self.id,
            "status": self.status,
            "seconds": round(now - self.created, 1),
            "credits": round(self.cost, 2),
            "joined": self.joined,
            "warnings": list(self.source.warnings),
        }

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
    """All sessions of the account: the open ones and the last that ended."""

    REMEMBERED = 500

    def __init__(self, account: Account, clock: Clock, switches: Switches) -> None:
        self._account = account
        self._clock = clock
        self._switches = switches
        self._open: dict[str, Session] = {}
        self._ended: OrderedDict[str, Session] = OrderedDict()
        self._app_id = secrets.token_hex(16)
        # Only this process checks the tokens, so their key need not be kept.
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
        channel = _new_channel()
        app_id = self._app_id if self._switches.app_id_given else ""
        session = Session(new_id(), channel, app_id, self._issue(channel), source, self._clock.now())
        if self._switches.pre_charge:
            self._hold(session)
        self._open[session.id] = session
        self._advance(session)
        return session

    def get(self, session_id: str) -> Session:
        """The open session with this id, else the code that `unknown_session_code` names."""
        session = self._open.get(session_id)
        if session is None:
            raise Refusal(self._switches.unknown_session_code, self._why_missing(session_id))
        return session

    def find(self, session_id: str) -> Session | None:
        """The session with this id, open or recently ended."""
        return self._open.get(session_id) or self._ended.get(session_id)

    def of_channel(self, channel: str) -> Session | None:
        return next((session for session in self._open.values() if session.channel == channel), None)

    def end(self, session: Session, reason: str, *, status: int = SUCCESS) -> None:
        """End a session and send its viewer the reason."""
        if self._open.pop(session.id, None) is None:
            return
        session.status = status
        session.end_reason = reason
        if session.held is not None:
            self._account.credits += session.held - session.cost
        self._ended[session.id] = session
        while len(self._ended) > self.REMEMBERED:
            self._ended.popitem(last=False)
        session.notify({"status": status})
        session.notify({"end": reason})

    def end_all(self, reason: str) -> None:
        for session in self.open:
            self.end(session, reason)

    def tick(self) -> None:
        """Apply the time since the last tick: sessions start to process, credits are used, sessions end."""
        now = self._clock.now()
        passed = now - self._ticked
        self._ticked = now
        for session in self.open:
            self._meter(session, passed)
            self._advance(session)
            self._end_if_due(session, now)

    def _hold(self, session: Session) -> None:
        """Take the credits of a whole session at once, or what is left of the balance."""
        price = self._switches.session_seconds * self._switches.credits_per_second
        session.held = min(price, self._account.credits)
        self._account.credits -= session.held

    def _meter(self, session: Session, passed: float) -> None:
        since = session.created if self._switches.metering == "create" else session.first_frame
        if since is None:
            return
        cost = min(passed, self._clock.now() - since) * self._switches.credits_per_second
        if session.held is None:
            cost = min(cost, self._account.credits)
            self._account.credits -= cost
        else:
            cost = min(cost, session.held - session.cost)
        session.cost += cost

    def _advance(self, session: Session) -> None:
        waited = self._clock.now() - session.created
        if session.status != QUEUING or waited < self._switches.queue_seconds:
            return
        if self._switches.after_queue == "process":
            session.status = PROCESSING
            session.notify({"status": PROCESSING})
        elif self._switches.after_queue == "fail":
            self.end(session, "failed", status=FAILED)

    def _end_if_due(self, session: Session, now: float) -> None:
        age = now - session.created
        idle = self._switches.idle_seconds
        if self._is_used_up(session):
            self.end(session, "quota")
        elif self._switches.end_with_token and age >= self._switches.session_seconds:
            self.end(session, "hour")
        elif idle and not session.joined and age >= idle:
            self.end(session, "idle")

    def _is_used_up(self, session: Session) -> bool:
        if session.held is None:
            return self._account.credits <= 0
        return 0 < session.held <= session.cost

    def _issue(self, channel: str) -> str:
        # Agora's clock is the real one: the token states the real duration of a session whose time is sped up.
        life = max(1, round(self._clock.real(self._switches.session_seconds)))
        rights = dict.fromkeys(PRIVILEGES, life)
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
