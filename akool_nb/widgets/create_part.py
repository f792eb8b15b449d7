"""Opening the session of a live view when a page starts the call."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from akool_nb.widgets.base import describe
from akool_nb.widgets.live_host import LiveHost

if TYPE_CHECKING:
    from akool_nb.api.session import LiveSession
    from akool_nb.widgets.page_reports import PageReports


class CreatingView(LiveHost, Protocol):
    """A live view whose session may be exchanged."""

    session: LiveSession | None
    session_id: str

    @property
    def reports(self) -> PageReports:
        """The part that follows the page which runs the call."""


class CreatePart:
    """The part of a live view that opens a session at Start, after the page has asked for consent and camera.

    The page's messages are `create(question)` and, if it leaves before the answer, `withdraw(question)`; `question` is
    a random text. The trait `state` cannot replace them: JupyterLab sends a change of a trait only after the kernel has
    taken the change before, so it may arrive after the message.
    """

    def __init__(self, view: CreatingView, create: Callable[[], LiveSession]) -> None:
        self._view = view
        self._create = create
        # The newest question; empty when its page has left.
        self._question = ""

    def _receive_create(self, question: str) -> None:
        self._question = question
        self._view.work(self._answer, question)

    def _receive_withdraw(self, question: str) -> None:
        if question == self._question:
            self._question = ""
            self._view.reports.release()

    def _answer(self, question: str) -> None:
        refused = ""
        try:
            self._ensure()
        except Exception as problem:
            refused = describe(problem)
        if question == self._question:
            self._view.post("create", {"refused": refused, "session_id": self._view.session_id})

    def _ensure(self) -> None:
        """Open a session unless one is open; close it at once if the page has left meanwhile."""
        session = self._view.session
        if not self._question or (session is not None and not session.closed):
            return
        session = self._create()
        if not self._question:
            session.close()
            return
        self._view.session = session
        self._view.reports.hold()
        if not self._question:
            self._view.reports.release()
