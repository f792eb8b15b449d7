"""Who watches a session: what they have seen so far, and closing it when nobody watches any more."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING, Protocol

from akool_nb.errors import AkoolError

if TYPE_CHECKING:
    from akool_nb.api.session import LiveSession

JOINED = frozenset({"joined", "live"})
PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds until a close that has failed is tried again: twice as many each time."""


class Viewer(Protocol):
    """Who watches: a widget."""

    def fail(self, problem: BaseException) -> None:
        """Show what went wrong."""


class Audience:
    """The viewers of one session. Some seconds after the last one left, the session is closed; before the first, never.

    So a forgotten picture does not go on costing credits.
    """

    def __init__(self, session: LiveSession) -> None:
        # Weak, for the session is the key that keeps this audience.
        self._session = weakref.ref(session)
        self._viewers: set[int] = set()
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()
        self.joined = False
        """Whether a page has joined the session's channel at least once."""
        self.seen = False
        """Whether a swapped picture has arrived at least once: the only proof that all of it works."""

    @classmethod
    def of(cls, session: LiveSession) -> Audience:
        """The one audience of this session."""
        with _LOCK:
            if session not in _AUDIENCES:
                _AUDIENCES[session] = cls(session)
            return _AUDIENCES[session]

    @property
    def is_watching(self) -> bool:
        """Whether anybody watches now."""
        return bool(self._viewers)

    def tell(self, state: str) -> None:
        """A viewer's state, for what has been seen."""
        # Only ever to True: of two viewers who tell at once, neither takes back what the other has said.
        if state in JOINED:
            self.joined = True
        if state == "live":
            self.seen = True

    def hold(self, viewer: Viewer) -> None:
        """The viewer watches from now on."""
        with self._lock:
            self._viewers.add(id(viewer))
            self._cancel()

    def release(self, viewer: Viewer, *, after: float | None) -> None:
        """The viewer has left; if it was the last, close after so many seconds, or never for None.

        A close that fails is tried again as long as the session can last; the viewer shows why.
        """
        with self._lock:
            if id(viewer) not in self._viewers:
                return
            self._viewers.remove(id(viewer))
            if not self._viewers and after is not None:
                self._end_in(after, viewer, PAUSE)

    def _end_in(self, seconds: float, viewer: Viewer, pause: float) -> None:
        self._cancel()
        self._timer = threading.Timer(seconds, self._end, (viewer, pause))
        self._timer.daemon = True
        self._timer.start()

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None

    def _end(self, viewer: Viewer, pause: float) -> None:
        session = self._session()
        if session is None or self._viewers or session.closed:
            return
        try:
            session.close()
        except AkoolError as problem:
            viewer.fail(problem)
            with self._lock:
                if not self._viewers and session.seconds_left > 0:
                    self._end_in(pause, viewer, min(2 * pause, LONGEST_PAUSE))


_AUDIENCES: weakref.WeakKeyDictionary[LiveSession, Audience] = weakref.WeakKeyDictionary()
_LOCK = threading.Lock()
