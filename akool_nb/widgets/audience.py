"""The viewers of a session: what they have seen, and closing the session some time after the last one left."""

from __future__ import annotations

import threading
import time
import weakref
from typing import Protocol

from akool_nb.api.session import LiveSession
from akool_nb.errors import AkoolError

JOINED = frozenset({"joined", "live"})
# Seconds until a close that failed is tried again: each pause is twice as long as the one before.
PAUSE = 1.0
LONGEST_PAUSE = 60.0


class Viewer(Protocol):
    """A widget that shows the session."""

    def fail(self, problem: BaseException) -> None:
        """Show what went wrong."""

    def stop(self) -> None:
        """Leave the session's channel."""


class Audience:
    """The viewers of one session. Some seconds after the last one left, the session is closed; before the first, never.

    So a forgotten picture does not go on costing credits. The timer's thread is the lane for closing: a slow service
    holds up nothing else.

    Attributes:
        joined: whether a page has joined the session's channel at least once.
        seen: whether a swapped picture has arrived at least once: the only proof that everything works.
    """

    def __init__(self, session: LiveSession) -> None:
        # Weak, because the session is the key that keeps this audience.
        self._session = weakref.ref(session)
        self._viewers: weakref.WeakSet[Viewer] = weakref.WeakSet()
        self._deadline = float("inf")
        self.joined = False
        self.seen = False

    @classmethod
    def of(cls, session: LiveSession) -> Audience:
        """The one audience of this session."""
        # One step for the interpreter: two threads get the same object.
        return _AUDIENCES.setdefault(session, cls(session))

    @property
    def is_watching(self) -> bool:
        """Whether a viewer shows the session now."""
        return bool(self._viewers)

    def note(self, state: str) -> None:
        # Only ever set to True: of two viewers that report at once, neither undoes what the other has seen.
        if state in JOINED:
            self.joined = True
        if state == "live":
            self.seen = True

    def hold(self, viewer: Viewer) -> None:
        self._viewers.add(viewer)
        self._deadline = float("inf")

    def release(self, viewer: Viewer, *, after: float | None) -> None:
        """The viewer has left; if it was the last, close after `after` seconds, or never for None.

        A close that fails is tried again as long as the session can last; the viewer shows why.
        """
        if viewer not in self._viewers:
            return
        self._viewers.discard(viewer)
        if not self._viewers and after is not None:
            self._close_in(after, viewer, PAUSE)

    def dismiss(self) -> None:
        """Stop every viewer, and leave the session open for a viewer that is not a page of this package."""
        viewers = list(self._viewers)
        # Removed before they stop, so that their release does not close the session.
        self._viewers.clear()
        self._deadline = float("inf")
        for viewer in viewers:
            viewer.stop()

    def _close_in(self, seconds: float, viewer: Viewer, pause: float) -> None:
        self._deadline = time.monotonic() + seconds
        timer = threading.Timer(seconds, self._close, (self._deadline, viewer, pause))
        timer.daemon = True
        timer.start()

    def _close(self, deadline: float, viewer: Viewer, pause: float) -> None:
        session = self._session()
        # Another deadline means that a viewer came back in between.
        is_due = deadline == self._deadline and not self._viewers
        if session is None or not is_due or session.closed:
            return
        try:
            session.close()
        except AkoolError as problem:
            viewer.fail(problem)
            if not self._viewers and session.seconds_left > 0:
                self._close_in(pause, viewer, min(2 * pause, LONGEST_PAUSE))


_AUDIENCES: weakref.WeakKeyDictionary[LiveSession, Audience] = weakref.WeakKeyDictionary()
