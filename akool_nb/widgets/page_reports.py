"""What a live view's pages report, and which of them runs the call."""

from __future__ import annotations

from typing import Any

from akool_nb.widgets.audience import Audience
from akool_nb.widgets.live_host import RUNNING, LiveHost
from akool_nb.widgets.page_watch import PageWatch

# The traits that only the page that runs the call may set.
REPORTED = frozenset({"page", "state", "error", "error_code", "stats"})


class PageReports:
    """The part of a live view that follows the page which runs the call.

    A notebook may be open in several tabs, and each tab is a page of the same widget. A page that starts the call sets
    the trait `page` to a new id: a number that is one higher than the number of the id before, and random letters. With
    the traits in REPORTED it sends `_report`, its id and a counter. Its last message is `{kind: "gone", page: ID}`.

    While `state` is one of RUNNING, Python takes these traits only from the page with that id, or from one with a
    higher number, which takes the call over. To others it sends its own values back. A page that sees another id then
    shows "Live in another tab", reports nothing, and stops if it ran the call. So a second tab that is closed, reloaded
    or previews a camera changes nothing.
    """

    def __init__(self, view: LiveHost) -> None:
        self._view = view
        self.watch = PageWatch(self._silent)
        # The state of a page that stopped sending, until it sends again.
        self._missed = ""

    def refused(self, traits: dict[str, Any]) -> set[str]:
        """The names of these traits that are not taken, because another page runs the call."""
        if self._view.state not in RUNNING:
            return set()
        page = traits.get("_report", [""])[0]
        runs_call = page == self._view.page or _number(page) > _number(self._view.page)
        return set() if runs_call else traits.keys() & REPORTED

    def received(self) -> None:
        """The page has sent figures. One that was silent because its tab was hidden or offline runs again."""
        self.watch.received()
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

    def _receive_gone(self, page: str) -> None:
        if page == self._view.page:
            self.ended()

    def _silent(self) -> None:
        missed = self._view.state
        self.ended()
        self._missed = missed


def _number(page: str) -> int:
    """How many calls were started up to that of this page."""
    number = page.partition("-")[0]
    return int(number) if number.isdecimal() else 0
