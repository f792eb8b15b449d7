"""Upkeep of sessions: which are open, what happens to them when Python ends, and what a lost kernel left open."""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import certifi

from akool_nb import errors
from akool_nb.api.service import Service
from akool_nb.api.session import LiveSession
from akool_nb.guard.guard import GUARD
from akool_nb.guard.journal import LONGEST_SECONDS, Journal, JournalEntry
from akool_nb.guard.process import process_mark
from akool_nb.wire.addresses import origin_of
from akool_nb.wire.deadline import Deadline

SWEEP_SECONDS = 3.0
"""How long closing what others have left open may delay a new session."""

_OPEN_HERE: dict[LiveSession, str] = {}  # each with the origin of its service


def sessions_here() -> list[LiveSession]:
    """The open sessions of this Python process, whichever client opened them, oldest first."""
    return list(_OPEN_HERE)


class Upkeep:
    """The open sessions of one client, and the sessions of its account that a lost kernel left open.

    Args:
        service: the service that closes them.
        is_guarded: whether open sessions outlive this process; those of the shared sandbox end with it.
    """

    def __init__(self, service: Service, is_guarded: Callable[[], bool]) -> None:
        self._service = service
        self._is_guarded = is_guarded
        self._swept = False
        self.open: dict[str, LiveSession] = {}
        # The newest ids that were closed from here.
        self.closed_ids: deque[str] = deque(maxlen=1000)
        service.credentials.on_renewal = self._renewed

    def prepare(self) -> None:
        """Before a session is opened: close what was left open, and start the watchdog meanwhile."""
        self.sweep(once=True)
        if self._is_guarded():
            GUARD.prepare()

    def watch(self, session: LiveSession) -> None:
        """Have the guard close the session however Python ends."""
        session.on_close(self._forget)
        how = self._how_to_close()
        if self._is_guarded():
            entry = JournalEntry(session.id, self._service.live("close"), time.time(), process_mark(), self._account)
            GUARD.opened(entry, how, session.close)
        # Only now may other threads close it: the guard ignores the end of a session that it does not know yet.
        self.open[session.id] = session
        _OPEN_HERE[session] = origin_of(self._service.base_url)
        if self._is_guarded() and how["headers"] != self._service.credentials.in_hand():
            self._renewed()  # another thread renewed the token meanwhile

    def find(self, session_or_id: LiveSession | str) -> LiveSession | str:
        """The session where this process has it open, whichever client of the service opened it; else its id."""
        if isinstance(session_or_id, LiveSession):
            return session_or_id
        if not isinstance(session_or_id, str) or not session_or_id.strip():
            raise TypeError(f"A session is a LiveSession or its id, not {type(session_or_id).__name__}.")
        return next((session for session in self.sessions_here() if session.id == session_or_id), session_or_id)

    def sessions_here(self) -> list[LiveSession]:
        """The open sessions of this process with the same service, whichever client opened them."""
        ours = origin_of(self._service.base_url)
        return [session for session, origin in list(_OPEN_HERE.items()) if origin == ours]

    def sweep(self, *, once: bool = False, only: str = "") -> list[str]:
        """Close this account's sessions that a lost kernel or machine left open; returns their ids.

        Before the first session of a client is opened, this is done automatically, in a few seconds. What cannot be
        closed now stays noted. `only` closes the session with that id, even when another process uses it. Raises
        `AuthenticationError` and `MissingCredentials`.
        """
        if once and self._swept:
            return []
        limit = Deadline(SWEEP_SECONDS) if once else None
        notes = Journal()
        entries = notes.orphans()
        if only:
            entries = [entry for entry in notes if entry.session_id == only]
        mine = [entry for entry in entries if self.owns(entry)]
        outcomes = {entry.session_id: self._close_lost(entry, notes, limit) for entry in mine}
        # A close without an answer, or without time for it, is tried again before the next session.
        self._swept = self._swept or not (only or None in outcomes.values())
        return [session_id for session_id, closed in outcomes.items() if closed]

    def owns(self, entry: JournalEntry) -> bool:
        """Whether a noted session belongs to this service and, as far as can be known, to this account."""
        same_service = origin_of(entry.close_url) == origin_of(self._service.base_url)
        return same_service and entry.account in ("", self._account)

    def _close_lost(self, entry: JournalEntry, journal: Journal, limit: Deadline | None) -> bool | None:
        """Whether it was closed; None when no answer came."""
        if limit and limit.left() <= 0:
            return None
        try:
            self._service.send_close(entry.session_id, limit.left() if limit else None)
        except (errors.ParameterError, errors.ContentError):
            # The service knows no such session: it has ended, unless it may be another account's and still open.
            if entry.account or entry.age > LONGEST_SECONDS:
                journal.strike(entry)
            return False
        except (errors.AuthenticationError, errors.MissingCredentials):
            raise
        except errors.TransportError:
            return None
        except errors.AkoolError:
            return False
        journal.strike(entry)
        return True

    def _forget(self, session: LiveSession) -> None:
        self.open.pop(session.id, None)
        _OPEN_HERE.pop(session, None)
        self.closed_ids.append(session.id)
        GUARD.closed(session.id)

    def _renewed(self) -> None:
        for session_id in list(self.open):
            GUARD.renewed(session_id, self._service.credentials.in_hand())

    def _how_to_close(self) -> dict[str, Any]:
        service = self._service
        proxy = service.transport.proxy_for(service.base_url)
        return {
            # Those that have just opened a session: signing in here could fail, and leave it without a guard.
            "headers": service.credentials.in_hand(),
            "proxies": {urlsplit(service.base_url).scheme: proxy} if proxy else {},
            "ca": service.transport.ca_file() or certifi.where(),
        }

    @property
    def _account(self) -> str:
        """A mark by which accounts differ, without naming them; empty when only a secret is known."""
        who = self._service.credentials.client_id
        if not who:
            return ""
        return hashlib.sha256(("akool_nb " + who).encode()).hexdigest()[:16]
