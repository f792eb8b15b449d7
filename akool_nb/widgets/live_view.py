"""The live picture in the notebook: the camera's frames go out, the swapped picture comes back."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets

from akool_nb.api.arguments import having, number
from akool_nb.widgets import texts
from akool_nb.widgets.base import script
from akool_nb.widgets.create_part import CreatePart
from akool_nb.widgets.faces_row import FacesRow
from akool_nb.widgets.join_part import JoinPart
from akool_nb.widgets.live_call import STATES
from akool_nb.widgets.live_capture import LiveCapture
from akool_nb.widgets.live_host import RUNNING
from akool_nb.widgets.relay_part import RelayPart

if TYPE_CHECKING:
    from akool_nb.api.models import Face
    from akool_nb.api.session import LiveSession
    from akool_nb.widgets.page import LivePage

__all__ = ["CAMERAS", "RUNNING", "STATES", "LiveView"]

CAMERAS = ("ask", "drawn")
# https://api-ref.agora.io/en/video-sdk/web/4.x/interfaces/clientconfig.html
MODES = ("rtc", "live")
CODECS = ("vp8", "vp9", "h264", "av1")
CLOUD_PROXIES = ("", "udp", "tcp")


class LiveView(LiveCapture):
    """The swapped picture of a session, live, with one's own picture small in its corner.

        view = LiveView(session)
        display(view)

        @view.on_state
        def show(state):
            print(state)

    What the function prints appears under the cell that defines it. `LiveCapture` has the calls that take pictures out
    of the view: `take_snapshot`, `start_recording`, `stop_recording`, `on_frame` and `frames`.

    On AKOOL the page joins the session's Agora channel with the recommended tracks
    (https://docs.akool.com/ai-tools-suite/live-faceswap); on the sandbox it sends JPEG frames to it directly. The
    RTC token goes to the page only when it joins, as a message; no trait holds it. A camera opens only after a click.

    Args:
        session: what `client.create(face)` returned; or None, and set `session` later.
        camera: "ask" waits for a click; "drawn" starts at once with a drawn moving face, which needs no camera.
        mirror: show both pictures as in a mirror.
        faces: prepared faces, shown as a row; a click calls `session.update(face)` while the picture goes on.
        create: a function that returns a session. Start calls it, on the widget's thread, if no session is open: after
            the consent is given and the camera is open, because an open session costs credits.
        close_after: seconds after its last live picture stopped in which the session is closed, unless the picture is
            started again before; None leaves the session open.
        folder: where recordings go (WebM files); it is made when it is needed.
        mode, codec: how the Agora client is made: "rtc" or "live"; "vp8", "vp9", "h264" or "av1".
        mark: False leaves out the words "AI-swapped" that are part of every picture of an Agora session, and warns. The
            sandbox's own mark always stays.
        cloud_proxy: "udp" or "tcp" sends the call through Agora's cloud proxy, for networks whose firewall stops it
            otherwise (https://docs.agora.io/en/video-calling/advanced-features/cloud-proxy?platform=web).
        join_limit: seconds after which joining Agora's channel is given up; without a network it never fails by itself.

    Raises:
        TypeError: an unknown keyword.
        traitlets.TraitError: a value that an option cannot take.
    """

    _esm = script("live_view")
    _options = ("layout", "camera", "mirror", "mark", "mode", "codec", "cloud_proxy")

    camera = traitlets.Enum(CAMERAS, "ask", help="Whether to wait for a click.").tag(sync=True)
    mark = traitlets.Bool(True, help='Whether an Agora session\'s picture carries "AI-swapped".').tag(sync=True)
    mode = traitlets.Enum(MODES, "rtc", help="Channel profile of the Agora client.")
    codec = traitlets.Enum(CODECS, "vp8", help="Video codec of the Agora client.")
    cloud_proxy = traitlets.Enum(CLOUD_PROXIES, "", help="Agora's cloud proxy, or none.")
    mirror = traitlets.Bool(False, help="Show both pictures as in a mirror.").tag(sync=True)
    creates = traitlets.Bool(help="Start opens a session if none is open.").tag(sync=True)

    def __init__(
        self,
        session: LiveSession | None = None,
        *,
        faces: Sequence[Face] = (),
        create: Callable[[], LiveSession] | None = None,
        close_after: float | None = 60.0,
        folder: str | Path = ".",
        join_limit: float = 15.0,
        **options: Any,
    ) -> None:
        self.join_limit = number("join_limit", join_limit, 1, 3600)
        self._row = FacesRow(self, faces)
        self._relay = RelayPart(self)
        self._page: LivePage | None = None
        self._parts = (self._row, self._relay, JoinPart(self))
        if create is not None:
            having(
                "create", create, "__call__", "a function that returns a session, such as lambda: client.create(face)"
            )
            self._parts = (*self._parts, CreatePart(self, create))
        self.creates = create is not None
        super().__init__(session, close_after=close_after, folder=folder, **options)
        if not self.mark:
            warnings.warn(texts.NO_MARK, stacklevel=2)

    @property
    def faces(self) -> tuple[Face, ...]:
        """The prepared faces of the row. Setting them shows others."""
        return self._row.faces

    @faces.setter
    def faces(self, faces: Sequence[Face]) -> None:
        self._row.show(faces)

    def _session_shown(self) -> None:
        self._row.mark()

    def mark_face(self) -> None:
        """Mark the face in the row that the session has now, after an update that was not made by a click."""
        self._row.mark()

    def start(self) -> None:
        """Start as if the button had been pressed: on the page of `open_page()` if that is open, else in the notebook.

        The browser asks for the camera if it was never allowed.
        """
        start = {"kind": "start"}
        if self._page is not None and self._page.is_open:
            self._page.send(start)
        else:
            super().send(start)

    def open_page(self) -> str:
        """Serve this view on a page of its own and return its address, which opens it once.

        For notebook programs that cannot open a camera: open it in a browser on the same machine.
        """
        if self._page is None:
            # tornado comes with Jupyter; other notebook programs need it for this page only.
            from akool_nb.widgets.page import LivePage

            self._page = LivePage(self, self._page_ended)
        else:
            self._page.renew()
        return self._page.url

    def send(self, content: Any, buffers: list[bytes] | None = None) -> None:
        """Send a message to the views, and to the page of its own if there is one."""
        super().send(content, buffers)
        page = self._page  # read once: another thread may be closing it
        if page is not None:
            page.send(content, buffers)

    def _end(self) -> None:
        self._relay.close()
        if self._page is not None:
            self._page.close()
        self._page = None
        super()._end()

    @traitlets.observe("state", "page")
    def _follow_page(self, _change: dict[str, Any]) -> None:
        page = self._page  # read once: another thread may be closing it
        runs_there = page is not None and page.is_open and page.reporter == self.page
        self.elsewhere = runs_there and self.state in RUNNING

    def _page_ended(self) -> None:
        """The page of its own has ended."""
        if self.elsewhere:
            self.reports.ended()

    def _receive_stop(self) -> None:
        """The notebook's button for a picture that runs on the page of its own."""
        self.stop()

    def _receive_open_page(self) -> None:
        self.post("page", {"url": self.open_page()})
