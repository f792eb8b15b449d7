"""The session's dashboard: create, change and close it, see what it does, what it costs and what was called."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import traitlets

from akool_nb.api.client import Client
from akool_nb.api.models import FaceswapStatus
from akool_nb.api.session import LiveSession
from akool_nb.errors import AkoolError, ContentError, ParameterError, SessionClosed
from akool_nb.widgets import texts
from akool_nb.widgets.audience import Audience
from akool_nb.widgets.base import BaseWidget, F, Listeners, script

if TYPE_CHECKING:
    from collections.abc import Callable

    from akool_nb.api.calls import Call

CALLS_SHOWN = 12
LOOK_EVERY = 1.0
CREDITS_EVERY = 10.0


@dataclass
class _Costs:
    """What the session has cost so far, by difference of the balance."""

    before: float | None = None
    now: float | None = None
    asked: float = 0.0
    wanted: bool = False
    """Whether to ask at once, although it is not time or no session is open."""

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
        AkoolError: `create` and `wear` without a face; further, what the client's calls raise.
        SessionClosed: `update` while no session is open.
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
        self._turn = threading.RLock()
        """Held while a session is opened or changed: one at a time, whoever asks."""
        self._press = threading.Lock()
        """Held while a click is counted, and while the page is told: what was seen first must not come last."""
        self._asking = threading.Lock()
        """Held while the balance is asked for, so that an older answer never replaces a newer one."""
        self._doing: list[str] = []
        self._presses = 0
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

    @property
    def is_open(self) -> bool:
        """Whether there is a session that was not closed yet."""
        return self.session is not None and not self.session.closed

    def create(self) -> LiveSession:
        """Open a session with the current face; one that is open already is closed first."""
        if self.face is None:
            raise AkoolError(texts.NO_FACE)
        with self._turn:
            self.end()
            self._ask_credits()
            self._costs.before = self._costs.now
            return self._take(self.client.create(self.face))

    def update(self) -> None:
        """Put the current face on in the open session."""
        if self.session is None or self.session.closed:
            raise SessionClosed(texts.NO_SESSION)
        self.session.update(self.face)

    def wear(self) -> None:
        """Put the current face on: in the session that is open, else in a new one."""
        with self._turn:
            if self.is_open:
                self.update()
            else:
                self.create()

    def end(self) -> None:
        """Close the current session; harmless when there is none."""
        if self.session is not None:
            self.session.close()

    def close(self) -> None:
        """Take the panel away. The session goes on: it belongs to whoever opened it."""
        self._closed = True
        self._wake.set()
        super().close()

    def _take(self, session: LiveSession) -> LiveSession:
        session.on_close(lambda *_: self._ended(session))
        self._last_watched = time.monotonic()
        self.session = session
        self._show()
        self._listeners.tell(session)
        return session

    def _ended(self, session: LiveSession) -> None:
        if session is self.session:
            self._costs.wanted = True
            self._wake.set()
            self._listeners.tell(None)

    # What the page says

    def _hear_create(self, _content: dict[str, Any], _buffers: list[memoryview]) -> None:
        self._do("create", self._create_unless_open)

    def _hear_update(self, _content: dict[str, Any], _buffers: list[memoryview]) -> None:
        self._do("update", self.update)

    def _hear_end(self, content: dict[str, Any], _buffers: list[memoryview]) -> None:
        session_id = content.get("id")
        self._do("close", lambda: self._end(session_id) if session_id else self.end())

    def _hear_hello(self, _content: dict[str, Any], _buffers: list[memoryview]) -> None:
        with self._press:
            self._post_calls(list(self.client.calls))

    def _do(self, name: str, act: Callable[[], object]) -> None:
        """Do what a button asks for, one thing at a time: a second click, or clicks that queued up, open nothing."""
        with self._press:
            self._presses += 1
            # To close is never refused: it costs nothing, and twice is as good as once.
            is_taken = name == "close" or not self._doing
            if is_taken:
                self._doing.append(name)
        if is_taken:
            self.error = ""
            self.work(self._finish, name, act)
        self._show()

    def _finish(self, name: str, act: Callable[[], object]) -> None:
        try:
            act()
        finally:
            self._doing.remove(name)
            self._show()
            self._costs.wanted = True
            self._wake.set()

    def _create_unless_open(self) -> None:
        """The button is there only while no session is open: a click that comes then is a late one."""
        with self._turn:
            if not self.is_open:
                self.create()

    def _end(self, session_id: str) -> None:
        """Close a session of the list: one of this kernel, or one that a lost kernel left behind."""
        for session in Client.sessions_here():
            if session.id == session_id:
                session.close()
                return
        self.client.sweep(only=session_id)
        if session_id in self.client.lost():
            raise AkoolError(texts.NOT_CLOSED)

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
            if self._costs.wanted:  # what a session has cost is known when it is over
                self._ask_credits()
            return
        if Audience.of(session).is_watching:
            self._last_watched = time.monotonic()
        if 0 < self.idle_minutes * 60 < time.monotonic() - self._last_watched:
            self._give_up(session, texts.IDLE_CLOSED.format(minutes=self.idle_minutes))
            return
        is_time = self._costs.wanted or time.monotonic() - self._costs.asked > CREDITS_EVERY
        if is_time:
            self._ask_credits()
        if is_time or session.status is FaceswapStatus.QUEUING:
            self._refresh(session)

    def _refresh(self, session: LiveSession) -> None:
        """Ask for the state. A session that the service has ended is over here, too."""
        before = session.status
        try:
            status = session.refresh()
        except (ParameterError, ContentError):
            self._give_up(session, texts.ENDED_ELSEWHERE)
            return
        if Audience.of(session).is_watching:
            return  # while a page still shows the picture, it is the page that knows best
        if status is FaceswapStatus.FAILED:
            self._give_up(session, texts.SESSION_FAILED)
        # What "success" (3) means for a live session is not documented; after "processing" it can hardly be a start.
        elif status is FaceswapStatus.SUCCESS and before is FaceswapStatus.PROCESSING:
            self._give_up(session, texts.ENDED_ELSEWHERE)

    def _give_up(self, session: LiveSession, why: str) -> None:
        try:
            session.close()
        except AkoolError as problem:
            self.fail(problem)
        else:
            self.error = why

    def _ask_credits(self) -> None:
        """The balance, where the service tells it: that it does not is no reason to do without a session."""
        with self._asking:
            self._costs.asked, self._costs.wanted = time.monotonic(), False
            try:
                self._costs.now = self.client.credits()
            except AkoolError:
                self._costs.now = None

    def _show(self) -> None:
        with self._press:
            self._shown = self._seen()
            calls = list(self.client.calls)
            newest = calls[-1] if calls else None
            if newest is not self._newest:
                self._newest = newest
                self._post_calls(calls)

    def _seen(self) -> dict[str, Any]:
        return {
            "face": self.face is not None,
            "busy": next(iter(self._doing), ""),
            "presses": self._presses,
            "session": _described(self.session),
            "credits": self._costs.to_json(),
            "sessions": self._sessions(),
        }

    def _sessions(self) -> list[dict[str, Any]]:
        """What is open and can be closed from here: this kernel's sessions, and what a lost one left to this client."""
        here = {one.id: "panel" if one is self.session else "kernel" for one in Client.sessions_here()}
        left = dict.fromkeys(self.client.lost(), "journal")
        return [{"id": session_id, "from": origin} for session_id, origin in {**left, **here}.items()]

    def _post_calls(self, calls: list[Call]) -> None:
        """The last calls, newest first: a message, for an address of a face has no business in a saved notebook."""
        self.post("calls", {"calls": [_call(call) for call in calls[-CALLS_SHOWN:][::-1]]})


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
