"""What a live view's pages report, and which of them runs the call."""

from __future__ import annotations

from akool_nb.widgets.audience import Audience
from akool_nb.widgets.live_host import RUNNING, LiveHost
from akool_nb.widgets.page_watch import PageWatch


class PageReports:
    """The part of a live view that follows the page which runs the call.

    A notebook may be open in several tabs, and each tab is a page of the same widget. Only the page that runs the call
    reports: it sets the trait `page` to a random id of its own together with `state` "starting", and sends the id with
    its last message, `{kind: "gone", page: ID}`. A page that sees another id while `state` is one of RUNNING reports
    nothing and shows "Live in another tab". It takes the call over by setting `page`; the first page then stops without
    a report. So a second tab that is closed, reloaded or previews a camera changes nothing.
    """

    def __init__(self, view: LiveHost) -> None:
        self._view = view
        self.watch = PageWatch(self._silent)
        # The state of a page that stopped sending, until it sends again.
        self._missed = ""

    def heard(self) -> None:
        """The page has sent figures. One that was silent because its tab was hidden or offline runs again."""
        self.watch.heard()
        missed = self._missed
        self._missed = ""
        session = self._view.session
        if missed and session is not None and not session.closed:
            self._view.state = missed

    def follow(self, before: str, now: str) -> None:
        """The state has changed: hold the session while a page runs the call, release it afterwards."""
        self._missed = ""
        session = self._view.session
        if session is not None:
            Audience.of(session).note(now)
        if now not in RUNNING:
            self.release()
        elif before not in RUNNING:
            self.hold()

    def hold(self) -> None:
        session = self._view.session
        if session is not None:
            Audience.of(session).hold(self._view)
            self.watch.start()

    def release(self) -> None:
        """Close the session in `close_after` seconds, unless a viewer comes back."""
        self.watch.stop()
        session = self._view.session
        if session is not None:
            Audience.of(session).release(self._view, after=self._view.close_after)

    def ended(self) -> None:
        self.release()
        self._view.state = "stopped"

    def _receive_gone(self, page: str = "") -> None:
        if page in ("", self._view.page):
            self.ended()

    def _silent(self) -> None:
        missed = self._view.state
        self.ended()
        self._missed = missed
