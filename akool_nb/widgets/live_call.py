"""The session and the state of a live view: what is shown, which page shows it, and when the session is closed."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import traitlets

from akool_nb.api.arguments import having, number
from akool_nb.widgets.base import BaseWidget, F, Listeners
from akool_nb.widgets.live_host import RUNNING
from akool_nb.widgets.page_reports import PageReports

if TYPE_CHECKING:
    from akool_nb.api.session import LiveSession

STATES = ("idle", "preview", "starting", "joined", "live", "reconnecting", "stopped", "failed")
"""What `LiveView.state` can be."""
_SECONDS_KEPT = 3600
_FIGURES = ("fps_out", "fps_in", "width", "height", "kbps_out", "kbps_in", "round_trip_ms", "delay_ms", "dropped")
MOST_SECONDS = 86_400


class LiveCall(BaseWidget):
    """A session that a page shows: the base of `LiveView`.

    Args:
        session: the session, or None.
        close_after: seconds without a viewer after which the session is closed; None leaves it open.
    """

    state = traitlets.Enum(STATES, "idle", help="What the call is doing; see STATES.").tag(sync=True)
    error_code = traitlets.Unicode(help="A short name for `error`, to compare with.").tag(sync=True)
    stats = traitlets.Dict(help="Figures of the last second, and its time; see `to_pandas` for all.").tag(sync=True)
    page = traitlets.Unicode(help="The id of the page that runs the call; see PageReports.").tag(sync=True)
    _report: Any = traitlets.List(help="The id of the page that sends other traits with it, and a counter.").tag(
        sync=True
    )

    # What the page needs to start without asking the kernel. The key in the address opens nothing but this video.
    transport = traitlets.Enum(("", "sandbox", "agora"), "").tag(sync=True)
    session_id = traitlets.Unicode().tag(sync=True)
    view_url = traitlets.Unicode().tag(sync=True)
    expires_at = traitlets.Float().tag(sync=True)

    def __init__(self, session: LiveSession | None, *, close_after: float | None, **options: Any) -> None:
        self.close_after = None if close_after is None else number("close_after", close_after, 0, MOST_SECONDS)
        self._history: deque[dict[str, Any]] = deque(maxlen=_SECONDS_KEPT)
        self._listeners = Listeners(self)
        self.reports = PageReports(self)
        self._parts = (*self._parts, self.reports)
        self._session: LiveSession | None = None
        # Before the page receives the widget, so that its first state is enough to start.
        self._show_session(_checked(session))
        super().__init__(**options)
        self._follow_session(session)

    @property
    def session(self) -> LiveSession | None:
        """The session that is shown. If another one is set while the picture runs, the picture changes to it."""
        return self._session

    @session.setter
    def session(self, session: LiveSession | None) -> None:
        if _checked(session) is self._session:
            return
        # The page of a session that was closed before knows that, and shows nothing.
        goes_on = self.state in RUNNING and self._session is not None and not self._session.closed
        self.reports.release()
        self._follow_session(session)
        with self.hold_sync():
            self._show_session(session)
            if session is not None and goes_on:
                # The page stops and starts, but of the states in between only the last may reach us.
                self.reports.hold()
                self.state = "starting"
        self._session_shown()

    def _session_shown(self) -> None:
        """Another session is shown, or none."""

    def on_state(self, function: F) -> F:
        """Call the function with each new state; works as a decorator.

        It runs on the kernel's main thread, between two cells; on the server's thread for the page of `open_page()`.
        """
        return self._listeners.add(function)

    def to_pandas(self) -> Any:
        """The statistics of the last hour as a DataFrame, one row a second with its time in UTC.

        It needs pandas (`pip install pandas`).
        """
        import pandas as pd

        table = pd.DataFrame(list(self._history), columns=["time", *_FIGURES])
        table["time"] = pd.to_datetime(table["time"], unit="s", utc=True).dt.floor("s")
        return table.set_index("time")

    def stop(self) -> None:
        """Leave the call and switch the camera off."""
        self.post("stop")

    def close(self) -> None:
        super().close()
        if self.state in RUNNING:
            self.state = "stopped"

    def _end(self) -> None:
        self.reports.release()

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take traits of a page in the notebook. One that does not run the call gets Python's values back."""
        refused = self._refused(sync_data)
        # Hosts wait for an answer to each trait, and some of them take no values from it, so these are sent, too.
        super().set_state({**sync_data, **self.get_state(refused)})
        if refused:
            self.send_state(refused)

    def take(self, traits: dict[str, Any]) -> set[str]:
        """Take traits of the page of `open_page()`; return the names of those that are refused."""
        refused = self._refused(traits)
        for name, value in traits.items():
            if name not in refused:
                setattr(self, name, value)
        return refused

    def _refused(self, traits: dict[str, Any]) -> set[str]:
        refused = self.reports.refused(traits)
        if "stats" in traits.keys() - refused:
            self.reports.received()
        return refused

    def _follow_session(self, session: LiveSession | None) -> None:
        self._session = session
        if session is not None:
            session.on_close(self._session_closed)

    def _session_closed(self, session: LiveSession) -> None:
        if session is self._session:
            self.post("ended", {"code": "SESSION_CLOSED"})

    def _show_session(self, session: LiveSession | None) -> None:
        for name, value in session_traits(session).items():
            setattr(self, name, value)

    @traitlets.observe("state")
    def _follow_state(self, change: dict[str, Any]) -> None:
        self.reports.follow(change["old"], change["new"])
        self._listeners.call(change["new"])

    @traitlets.observe("stats")
    def _keep_stats(self, change: dict[str, Any]) -> None:
        if change["new"]:
            self._history.append(change["new"])


def _checked(session: LiveSession | None) -> LiveSession | None:
    if session is None:
        return None
    return having("session", session, "channel", "what client.create(face) returns, or None")


def session_traits(session: LiveSession | None) -> dict[str, Any]:
    """What the page may know of a session from the start, by trait."""
    if session is None:
        return {"transport": "", "view_url": "", "expires_at": 0.0, "session_id": ""}
    # The id comes last: it is what makes a running page go on with the new session.
    return {
        "transport": "sandbox" if session.view_url else "agora",
        "view_url": session.view_url or "",
        "expires_at": session.expires_at.timestamp() if session.expires_at else 0.0,
        "session_id": session.id,
    }
