"""The steps above the other parts of the studio."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import traitlets

from akool_nb.errors import AkoolError
from akool_nb.widgets import texts
from akool_nb.widgets.base import BaseWidget

ACCOUNT, PHOTO, FACE, LIVE = range(4)


class StudioGuide(BaseWidget):
    """Which step is shown, which one may be reached, and which account is used.

    Args:
        sign_in: called with whether it is the sandbox, and with the credentials that were typed.
        go_live: called when "Go live" is pressed and the consent is given.
    """

    step = traitlets.Int(ACCOUNT, min=ACCOUNT, max=LIVE).tag(sync=True)
    reachable = traitlets.Int(ACCOUNT, help="The furthest step that may be reached.").tag(sync=True)
    account = traitlets.Unicode(help="The account that is used, in words.").tag(sync=True)
    has_credentials = traitlets.Bool(help="The environment holds credentials of AKOOL.").tag(sync=True)
    is_live = traitlets.Bool(help="A session is open.").tag(sync=True)
    busy = traitlets.Bool().tag(sync=True)
    presses = traitlets.Int(help="How many clicks arrived; a button is disabled until its click is counted.").tag(
        sync=True
    )

    def __init__(
        self, sign_in: Callable[[bool, dict[str, str]], None], go_live: Callable[[], None], **options: Any
    ) -> None:
        self._sign_in = sign_in
        self._go_live = go_live
        super().__init__(**options)

    def _receive_account(self, which: str, **typed: str) -> None:
        """What was typed arrives in a message and goes to the client; no trait ever holds it."""
        credentials = {name: typed[name] for name in ("api_key", "client_id", "client_secret") if typed.get(name)}
        self._press(lambda: self._sign_in(which == "sandbox", credentials))

    def _receive_go_live(self) -> None:
        self._press(self._go_live_with_consent)

    def _go_live_with_consent(self) -> None:
        """The step that is shown next opens a session, so the consent comes first."""
        if not self.consent:
            raise AkoolError(texts.CONSENT_MISSING)
        self._go_live()

    def _press(self, act: Callable[[], None]) -> None:
        """One thing at a time: a second click, or clicks that were queued, do nothing."""
        if not self.busy:
            self.busy = True
            self.error = ""
            self.work(self._finish, act)
        self.presses += 1

    def _finish(self, act: Callable[[], None]) -> None:
        try:
            act()
        finally:
            self.busy = False
