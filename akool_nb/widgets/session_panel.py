"""The session's dashboard: create, change and close it, see what it does, what it costs and what was called."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import traitlets

from akool_nb.api.calls import Call
from akool_nb.api.client import Client
from akool_nb.api.session import LiveSession
from akool_nb.api.upkeep import sessions_here
from akool_nb.errors import AkoolError, ApiError, SessionClosed
from akool_nb.guard.journal import Journal
from akool_nb.widgets import texts
from akool_nb.widgets.audience import Audience
from akool_nb.widgets.base import script
from akool_nb.widgets.session_control import SessionControl
from akool_nb.widgets.session_shown import describe_call, describe_credits, describe_demo, describe_session
from akool_nb.widgets.ticker import TICKER
from akool_nb.widgets.worker import Worker

CALLS_SHOWN = 12


class SessionPanel(SessionControl):
    """Buttons and gauges for one live session; the current one is `session`.

        panel = SessionPanel(client, face=found[0])
        LiveView(panel.session)

    It shows the four states of the documentation (queuing 1, processing 2, success 3, failed 4), whether a page has
    joined, and whether a swapped picture was seen, which alone proves that everything works. The state is asked for
    with `live/info` where the service knows it. https://docs.akool.com/ai-tools-suite/live-faceswap

    `create`, `update` and `update_or_create` may be called from any thread; they run one after the other on the
    panel's own thread. Closing has a thread of its own, so it never waits for them.

    Args:
        client: whose sessions these are.
        face: the face of a new session; may be set later.
        idle_minutes: close the session when no page has shown it for so long; 0 never does.

    Raises:
        TypeError: an unknown keyword.
        AkoolError: `create` and `update_or_create` without a face; further, what the client's calls raise.
        SessionClosed: `update` while no session is open.
    """

    _esm = script("session_panel")
    _options = ("layout", "idle_minutes")

    _shown = traitlets.Dict().tag(sync=True)

    def __init__(self, client: Client, *, face: Any = None, **options: Any) -> None:
        self._closing = Worker("akool_nb closing")
        # Everything that the page is shown is gathered and sent on this thread: older data never replace newer ones.
        self._showing = Worker("akool_nb showing")
        self._running: list[str] = []
        self._presses = 0
        self._newest: Call | None = None
        super().__init__(client, face=face, **options)
        TICKER.add(self._tick)

    def _ended(self, session: LiveSession) -> None:
        super()._ended(session)
        self._show()

    @traitlets.observe("session", "face")
    def _follow_traits(self, _change: object) -> None:
        self._show()

    # Messages of the page

    def _receive_create(self) -> None:
        # The button is there only while no session is open: a click that arrives later is a late one.
        self._press("create", self.worker, lambda: None if self.is_open else self._create())

    def _receive_update(self) -> None:
        self._press("update", self.worker, self._update)

    def _receive_end(self, id: str = "") -> None:
        self._press("close", self._closing, partial(self._close_listed, id) if id else self.end)

    def _receive_hello(self) -> None:
        self._newest = None
        self._show()

    def _receive_demo_token(self, press: str) -> None:
        """Answer "Copy the token" with a message, because no trait may hold the token; `press` names the view."""
        session = self.session
        if session is None or session.closed:
            raise SessionClosed(texts.NOT_OPEN)
        # The session has one place for a viewer. The page gets "stop" before it gets the token.
        Audience.of(session).dismiss()
        self.viewed()
        self.post("demo_token", {"press": press, "token": session.channel.token})

    def _press(self, name: str, lane: Worker, act: Callable[[], object]) -> None:
        """Do what a button asks for. Only one thing at a time, except that closing is never refused: it is free."""
        self._presses += 1
        if name == "close" or not self._running:
            self._running.append(name)
            self.error = ""
            lane.do(partial(self._finish, name, act))
        self._show()

    def _finish(self, name: str, act: Callable[[], object]) -> None:
        try:
            act()
        except ApiError as problem:
            number = getattr(self.face, "number", None)
            self.fail(problem, about=texts.FACE.format(number=number) if number and name != "close" else "")
        except Exception as problem:
            self.fail(problem)
        self._running.remove(name)
        self._show()
        self.work(self._watch.ask_credits)
        self._show()

    def _close_listed(self, session_id: str) -> None:
        """Close a session of the list: one of this kernel, or one of the journal."""
        # An id is unique for one service only, so the sessions of this client's service come first.
        for session in [*self.client.upkeep.sessions_here(), *sessions_here()]:
            if session.id == session_id:
                session.close()
                return
        self.client.upkeep.sweep(only=session_id)
        if session_id in self._noted():
            raise AkoolError(texts.NOT_CLOSED)

    # What the page is shown

    def _tick(self) -> bool:
        """Once a second, on the thread that all panels share, until the panel is closed."""
        if self.is_open:
            self.work(self._watch.look)
        self._show()
        return self.comm is not None

    def _show(self) -> None:
        self._showing.do(partial(self._guarded, self._show_now))

    def _show_now(self) -> None:
        self._shown = self._gather()
        calls = list(self.client.calls)
        newest = calls[-1] if calls else None
        if newest is not self._newest:
            self._newest = newest
            # A message, because the address of a face must not be saved with the notebook. Newest first.
            self.post("calls", {"calls": [describe_call(call) for call in calls[-CALLS_SHOWN:][::-1]]})

    @traitlets.default("_shown")
    def _gather(self) -> dict[str, Any]:
        return {
            "face": self.face is not None,
            "busy": next(iter(self._running), ""),
            "presses": self._presses,
            "session": describe_session(self.session),
            "demo": describe_demo(self.session),
            "credits": describe_credits(self._watch),
            "sessions": self._sessions(),
        }

    def _sessions(self) -> list[dict[str, Any]]:
        """The open sessions of this account that can be closed from here: of this process, and of this machine."""
        here = {one.id: "panel" if one is self.session else "kernel" for one in sessions_here()}
        return [{"id": session_id, "from": origin} for session_id, origin in {**self._noted(), **here}.items()]

    def _noted(self) -> dict[str, str]:
        """The sessions of this account in the machine's journal: in use by a program, or left behind by one."""
        mine = [entry for entry in Journal() if self.client.upkeep.owns(entry)]
        return {entry.session_id: "machine" if entry.state == "in use" else "journal" for entry in mine}
