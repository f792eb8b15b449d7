"""Closing a session that nobody watches any more, so that it does not go on costing credits."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING

from akool_nb.errors import AkoolError

if TYPE_CHECKING:
    from akool_nb.session import LiveSession

_LEASES: weakref.WeakKeyDictionary[LiveSession, Lease] = weakref.WeakKeyDictionary()
_LOCK = threading.Lock()


class Lease:
    """Who watches a session. Some seconds after the last one left, the session is closed; before the first, never."""

    def __init__(self, session: LiveSession) -> None:
        # Weak, for the session is the key that keeps this lease.
        self._session = weakref.ref(session)
        self._viewers: set[int] = set()
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    @classmethod
    def of(cls, session: LiveSession) -> Lease:
        """The one lease of this session."""
        with _LOCK:
            if session not in _LEASES:
                _LEASES[session] = cls(session)
            return _LEASES[session]

    def hold(self, viewer: object) -> None:
        """The viewer watches from now on."""
        with self._lock:
            self._viewers.add(id(viewer))
            self._cancel()

    def release(self, viewer: object, *, after: float | None) -> None:
        """The viewer has left; if it was the last, close after so many seconds, or never for None."""
        with self._lock:
            if id(viewer) not in self._viewers:
                return
            self._viewers.remove(id(viewer))
            if not self._viewers and after is not None:
                self._cancel()
                self._timer = threading.Timer(after, self._end)
                self._timer.daemon = True
                self._timer.start()

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None

    def _end(self) -> None:
        session = self._session()
        with self._lock:
            wanted = bool(self._viewers)
        if session is None or wanted or session.closed:
            return
        try:
            session.close()
        except AkoolError:
            # The watchdog has the session in its journal and closes what could not be closed from here.
            return
