"""The session's dashboard: create, change and close it, see what it does, what it costs and what was called."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import traitlets

from akool_nb.errors import AkoolError, SessionClosed
from akool_nb.guard import Journal
from akool_nb.models import FaceswapStatus
from akool_nb.session import LiveSession
from akool_nb.widgets import texts
from akool_nb.widgets.audience import Audience
from akool_nb.widgets.base import BaseWidget, F, Listeners, script

if TYPE_CHECKING:
    from akool_nb.calls import Call
    from akool_nb.client import Client

CALLS_SHOWN = 12
LOOK_EVERY = 1.0
CREDITS_EVERY = 10.0


@dataclass
class _Costs:
    """What the session has cost so far, by difference of the balance."""

    before: float | None = None
    now: float | None = None
    asked: float = field(default=0.0)

    def to_json(self) -> dict[str, float | None]:
        used = None if self.before is None or self.now is None else max(0.0, self.before - self.now)
        return {"before": self.before, "now": self.now, "used": used}


class SessionPanel(BaseWidget):
    """Buttons and gauges for one live session; the current one is `session`.

        panel = SessionPanel(client, face=found[0])
        LiveView(panel.session)

    It shows the four states of the documentation (queuing 1, processing 2, success 3, failed 4), whether a page has
    joined, and whether a swapped picture was seen, which alone proves that all of it works. The state is asked for
    with `live/info` where the service knows it. https://docs.akool.com/ai-tools-suite/live-faceswap

    Args:
        client: whose sessions these are.
        face: what a new session puts on; may be set later.
        idle_minutes: close the session when nobody has watched it for so long; 0 never does.

    Raises:
        TypeError: an unknown keyword.
    """

    _esm = script("session_panel")
    _options = ("layout", "idle_minutes")

    session = traitlets.Instance(LiveSession, allow_none=True, help="The current session, or None; observable.")
    face = traitlets.Any(help="What create and update put on: a face of a detection, or a SourceImage.")
    idle_minutes = traitlets.Float(5.0, min=0.0, help="Close after so long without a viewer; 0 never.").tag(sync=True)
    # Nothing that opens a session or shows a face stands in here.
    _shown = traitlets.Dict().tag(sync=True)

    def __init__(self, client: Client, *, face: Any = None, **options: Any) -> None:
        self.client = client
        self._costs = _Costs()
        self._busy = ""
        self._newest: Call | None = None
        self._last_watched = time.monotonic()
        self._wake = threading.Event()
        self._closed = False
        self._listeners = Listeners(self)
        self.face = face
        self._shown = self._seen()
        super().__init__(**options)
        self.work(self._monitor)

    def on_session(self, function: F) -> F:
        """Call the function with each new session, and with None when it has ended; works as a decorator."""
        return self._listeners.add(function)

    def create(self) -> LiveSession:
        """Open a session with the current face; one that is open already is closed first."""
        if self.face is None:
            raise AkoolError(texts.NO_FACE)
        self.end()
        self._ask_credits()
        self._costs.before = self._costs.now
        session = self.client.create(self.face)
        session.on_close(lambda *_: self._ended(session))
        self._last_watched = time.monotonic()
        self.session = session
        self._show()
        self._listeners.tell(session)
        return session

    def update(self) -> None:
        """Put the current face on in the open session."""
        if self.session is None or self.session.closed:
            raise SessionClosed(texts.NO_SESSION)
        self.session.update(self.face)

    def end(self) -> None:
        """Close the current session; harmless when there is none."""
        if self.session is not None:
            self.session.close()

    def close(self) -> None:
        """Take the panel away. The session goes on: it belongs to whoever opened it."""
        self._closed = True
        self._wake.set()
        super().close()

    def _ended(self, session: LiveSession) -> None:
        if session is self.session:
            self._wake.set()
            self._listeners.tell(None)

    # What the page says

    def _hear_create(self, _content: dict[str, Any], _buffers: list[memoryview]) -> None:
        self.work(self._do, "create", self.create)

    def _hear_update(self, _content: dict[str, Any], _buffers: list[memoryview]) -> None:
        self.work(self._do, "update", self.update)

    def _hear_end(self, content: dict[str, Any], _buffers: list[memoryview]) -> None:
        session_id = content.get("id")
        self.work(self._do, "close", lambda: self._end(session_id) if session_id else self.end())

    def _hear_hello(self, _content: dict[str, Any], _buffers: list[memoryview]) -> None:
        self._post_calls()

    def _do(self, name: str, act: Any) -> None:
        """Do what a button asks for; meanwhile the buttons rest."""
        self._busy, self.error = name, ""
        self._show()
        try:
            act()
        finally:
            self._busy = ""
            with contextlib.suppress(AkoolError):
                self._ask_credits()
            self._show()

    def _end(self, session_id: str) -> None:
        """Close a session of the list: one of this client, or one that a lost kernel left behind."""
        self.client.close(session_id)
        journal = Journal()
        for ticket in journal:
            if ticket.session_id == session_id:
                journal.strike(ticket)

    # Looking after it

    def _monitor(self) -> None:
        """Ask and show, until the panel is closed; a service that does not answer now may answer later."""
        while not self._closed:
            with contextlib.suppress(AkoolError):
                self._look()
            self._show()
            self._wake.wait(LOOK_EVERY)
            self._wake.clear()

    def _look(self) -> None:
        session = self.session
        if session is None or session.closed:
            return
        if Audience.of(session).is_watching:
            self._last_watched = time.monotonic()
        if 0 < self.idle_minutes * 60 < time.monotonic() - self._last_watched:
            self.error = texts.IDLE_CLOSED.format(minutes=self.idle_minutes)
            session.close()
            return
        if session.status is FaceswapStatus.QUEUING or time.monotonic() - self._costs.asked > CREDITS_EVERY:
            session.refresh()
        if time.monotonic() - self._costs.asked > CREDITS_EVERY:
            self._ask_credits()

    def _ask_credits(self) -> None:
        self._costs.asked = time.monotonic()
        self._costs.now = self.client.credits()

    def _show(self) -> None:
        self._shown = self._seen()
        newest = self.client.calls[-1] if len(self.client.calls) else None
        if newest is not self._newest:
            self._newest = newest
            self._post_calls()

    def _seen(self) -> dict[str, Any]:
        return {
            "face": self.face is not None,
            "busy": self._busy,
            "session": _described(self.session),
            "credits": self._costs.to_json(),
            "sessions": self._sessions(),
        }

    def _sessions(self) -> list[dict[str, Any]]:
        """What is open, as far as this machine knows: this client's sessions and the journal's."""
        own = {session.id: "kernel" for session in self.client.sessions}
        left = {ticket.session_id: "journal" for ticket in Journal() if ticket.is_orphaned}
        return [{"id": session_id, "from": origin} for session_id, origin in {**left, **own}.items()]

    def _post_calls(self) -> None:
        """The last calls, newest first: a message, for an address of a face has no business in a saved notebook."""
        calls = list(self.client.calls)[-CALLS_SHOWN:][::-1]
        self.post("calls", {"calls": [_call(call) for call in calls]})


def _described(session: LiveSession | None) -> dict[str, Any] | None:
    if session is None:
        return None
    audience = Audience.of(session)
    return {
        "id": session.id,
        "status": int(session.status),
        "closed": session.closed,
        "joined": audience.joined,
        "seen": audience.seen,
        "expires_at": session.expires_at.timestamp() if session.expires_at else 0,
    }


def _call(call: Call) -> dict[str, Any]:
    return {
        "at": f"{call.at:%H:%M:%S}",
        "what": f"{call.method} {call.endpoint}",
        "code": call.code,
        "http": call.http_status,
        "ms": round(1000 * call.seconds),
        "said": f"{call.error}: {call.said}" if call.error else call.said,
        "ok": call.ok,
        "curl": str(call.to_curl()),
    }
