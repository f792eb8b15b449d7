"""One live session that is created, updated and closed: one thing after the other, whichever thread asks."""

from __future__ import annotations

from typing import Any

import traitlets

from akool_nb.api.arguments import A_CLIENT, having
from akool_nb.api.client import Client
from akool_nb.api.models import SourceImage
from akool_nb.api.session import LiveSession
from akool_nb.errors import AkoolError, SessionClosed
from akool_nb.widgets import texts
from akool_nb.widgets.base import BaseWidget, F, Listeners
from akool_nb.widgets.session_watch import SessionWatch


class SessionControl(BaseWidget):
    """The session of a panel: the base of `SessionPanel`."""

    session = traitlets.Instance(LiveSession, allow_none=True, help="The current session, or None; observable.")
    face = traitlets.Any(help="What create and update send: a face of a detection, or a SourceImage.")
    idle_minutes = traitlets.Float(5.0, min=0.0, help="Close after so long without a viewer; 0 never.").tag(sync=True)

    def __init__(self, client: Client, *, face: Any = None, **options: Any) -> None:
        self.client = having("client", client, "create", A_CLIENT)
        self._watch = SessionWatch(self)
        self._listeners = Listeners(self)
        self.face = face
        super().__init__(**options)

    def on_session(self, function: F) -> F:
        """Call the function with each new session, and with None when it has ended; works as a decorator.

        It runs on the panel's own thread. What it prints appears under the cell that defines it.
        """
        return self._listeners.add(function)

    def viewed(self) -> None:
        """Count `idle_minutes` from now on, as if a page showed the session now."""
        self._watch.viewed()

    @property
    def is_open(self) -> bool:
        """Whether there is a session that was not closed yet."""
        return self.session is not None and not self.session.closed

    def create(self) -> LiveSession:
        """Open a session with the current face; one that is open already is closed first."""
        return self.worker.result(self._create)

    def update(self) -> None:
        self.worker.result(self._update)

    def update_or_create(self) -> LiveSession:
        """Send the current face to the session that is open, or open a session with it; returns the session."""
        return self.worker.result(lambda: self._update() if self.is_open else self._create())

    def end(self) -> None:
        """Close the current session; harmless when there is none."""
        if self.session is not None:
            self.session.close()

    # On the worker

    def _create(self) -> LiveSession:
        if self.face is None:
            raise AkoolError(texts.NO_FACE)
        # Raises before the open session is closed.
        SourceImage.several(self.face)
        self.end()
        self._watch.begin()
        session = self.client.create(self.face)
        session.on_close(self._ended)
        self._watch.viewed()
        self.session = session
        self._listeners.call(session)
        return session

    def _update(self) -> LiveSession:
        if self.session is None or self.session.closed:
            raise SessionClosed(texts.NOT_OPEN)
        self.session.update(self.face)
        return self.session

    def _ended(self, session: LiveSession) -> None:
        """Called on the thread that closes the session."""
        if session is self.session:
            self.work(self._listeners.call, None)
            self.work(self._watch.ask_credits)
