"""Looking after the session of a panel: its state, its costs, and closing it when no page shows it."""

from __future__ import annotations

import time
from typing import Protocol

from akool_nb.api.client import Client
from akool_nb.api.models import FaceswapStatus
from akool_nb.api.session import LiveSession
from akool_nb.errors import AkoolError, ContentError, ParameterError
from akool_nb.widgets import texts
from akool_nb.widgets.audience import Audience

# Seconds between two questions for the balance, and for the state of a session that has left the queue.
ASK_EVERY = 10.0


class PanelHost(Protocol):
    """The panel, seen by its watch."""

    client: Client
    error: str
    idle_minutes: float
    session: LiveSession | None

    def fail(self, problem: BaseException) -> None:
        """Show what went wrong."""


class SessionWatch:
    """Asks for state and balance, and ends what must end. All methods but `viewed` run on the panel's worker.

    Attributes:
        credits_before: the balance when the session was opened; None where the service does not send it.
        credits_now: the newest balance.
    """

    def __init__(self, panel: PanelHost) -> None:
        self._panel = panel
        self.credits_before: float | None = None
        self.credits_now: float | None = None
        self._asked_at = 0.0
        self._last_viewed = time.monotonic()

    @property
    def credits_used(self) -> float | None:
        """Held or used by the session so far, by difference of the balance."""
        if self.credits_before is None or self.credits_now is None:
            return None
        return max(0.0, self.credits_before - self.credits_now)

    def begin(self) -> None:
        """A session is about to be opened: remember the balance."""
        self.ask_credits()
        self.credits_before = self.credits_now
        self.viewed()

    def viewed(self) -> None:
        self._last_viewed = time.monotonic()

    def ask_credits(self) -> None:
        """Ask for the balance; a service that does not send it can still be used."""
        self._asked_at = time.monotonic()
        try:
            self.credits_now = self._panel.client.credits()
        except AkoolError:
            self.credits_now = None

    def look(self) -> None:
        """Once a second while a session is open."""
        session = self._panel.session
        if session is None or session.closed:
            return
        if Audience.of(session).is_watching:
            self.viewed()
        idle = time.monotonic() - self._last_viewed
        if 0 < self._panel.idle_minutes * 60 < idle:
            self._give_up(session, texts.IDLE_CLOSED.format(minutes=self._panel.idle_minutes))
            return
        is_time = time.monotonic() - self._asked_at > ASK_EVERY
        if is_time:
            self.ask_credits()
        if is_time or session.status is FaceswapStatus.QUEUING:
            self._refresh(session)

    def _refresh(self, session: LiveSession) -> None:
        """Ask for the state. A session that the service has ended is closed here, too."""
        before = session.status
        try:
            status = session.refresh()
        except (ParameterError, ContentError):
            self._give_up(session, texts.ENDED_ELSEWHERE)
            return
        except AkoolError:
            return  # a service that does not answer now may answer later
        if Audience.of(session).is_watching:
            return  # the page that shows the picture knows better
        if status is FaceswapStatus.FAILED:
            self._give_up(session, texts.SESSION_FAILED)
        # The meaning of "success" (3) is not documented for a live session; after "processing" it cannot be a start.
        elif status is FaceswapStatus.SUCCESS and before is FaceswapStatus.PROCESSING:
            self._give_up(session, texts.ENDED_ELSEWHERE)

    def _give_up(self, session: LiveSession, why: str) -> None:
        try:
            session.close()
        except AkoolError as problem:
            self._panel.fail(problem)
        else:
            self._panel.error = why
