"""The part of a session panel that hands the token over for Agora's demo page."""

from __future__ import annotations

from akool_nb.errors import SessionClosed
from akool_nb.widgets import texts
from akool_nb.widgets.audience import Audience
from akool_nb.widgets.session_control import SessionControl


class DemoPart:
    """Answers the press of "Copy the token" with one message that holds the token; no trait and no log ever holds it.

    The message of the page is `demo_token(press)`; `press` is a random text that comes back with the answer, so that of
    several views only the one that was pressed writes to the clipboard.
    """

    def __init__(self, panel: SessionControl) -> None:
        self._panel = panel

    def _receive_demo_token(self, press: str) -> None:
        session = self._panel.session
        if session is None or session.closed:
            raise SessionClosed(texts.NO_SESSION)
        # The session has one place for a viewer. The page gets "stop" before it gets the token.
        Audience.of(session).dismiss()
        self._panel.viewed()
        self._panel.post("demo_token", {"press": press, "token": session.channel.token})
