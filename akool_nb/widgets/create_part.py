"""Opening the session of a live view when a page starts the call."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from akool_nb.widgets.base import describe
from akool_nb.widgets.live_host import RUNNING, LiveHost

if TYPE_CHECKING:
    from akool_nb.api.session import LiveSession
    from akool_nb.widgets.page_reports import PageReports


class CreatingView(LiveHost, Protocol):
    """A live view whose session may be exchanged."""

    session: LiveSession | None

    @property
    def reports(self) -> PageReports:
        """The part that follows the page which runs the call."""


class CreatePart:
    """The part of a live view that opens a session at Start, after the page has asked for consent and camera."""

    def __init__(self, view: CreatingView, create: Callable[[], LiveSession]) -> None:
        self._view = view
        self._create = create

    def _receive_create(self) -> None:
        self._view.work(self._answer)

    def _answer(self) -> None:
        refused = ""
        try:
            self._ensure()
        except Exception as problem:
            refused = describe(problem)
        self._view.post("create", {"refused": refused})

    def _ensure(self) -> None:
        """Open a session unless one is open; close it at once if the page has left meanwhile."""
        session = self._view.session
        # A click that the page has taken back while this kernel was busy.
        if self._view.state not in RUNNING or (session is not None and not session.closed):
            return
        session = self._create()
        self._view.session = session
        self._view.reports.hold()
        if self._view.state not in RUNNING:
            session.close()
