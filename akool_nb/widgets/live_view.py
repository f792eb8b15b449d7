"""The live picture in the notebook: camera out, swapped picture back, and everything a video call needs."""

from __future__ import annotations

import gzip
import io
import threading
import time
import warnings
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets
from PIL import Image

from akool_nb.agora import AgoraChannel, RtcToken
from akool_nb.errors import AkoolError, TokenFormatError
from akool_nb.widgets import texts
from akool_nb.widgets.audience import Audience
from akool_nb.widgets.base import STATIC, BaseWidget, F, Listeners, script
from akool_nb.widgets.page_watch import PageWatch

if TYPE_CHECKING:
    from akool_nb.api.models import Face
    from akool_nb.api.session import LiveSession
    from akool_nb.widgets.page import LivePage
    from akool_nb.widgets.relay import Relay

STATES = ("idle", "preview", "starting", "joined", "live", "reconnecting", "stopped", "failed")
"""What `LiveView.state` can be: the page's own words."""
RUNNING = frozenset({"starting", "joined", "live", "reconnecting"})
CAMERAS = ("ask", "drawn")
# https://api-ref.agora.io/en/video-sdk/web/4.x/interfaces/clientconfig.html
MODES = ("rtc", "live")
CODECS = ("vp8", "vp9", "h264", "av1")
CLOUD_PROXIES = ("", "udp", "tcp")
FACE_SIDE = 96
"""Pixels of a prepared face: twice its size on the page, for sharp screens."""
_SECONDS_KEPT = 3600


@dataclass(eq=False)
class _Row:
    """The prepared faces that the page shows, and which of them was chosen."""

    faces: tuple[Face, ...]
    turn: int = 0
    """By which a click tells what row it was on: a late one must not choose from another."""
    chosen: int = -1
    """Its place from 0; -1 for none."""


class LiveView(BaseWidget):
    """The swapped picture of a session, live, with one's own picture small in its corner.

        view = LiveView(session)

        @view.on_state
        def tell(state):
            print(state)

    On AKOOL the page joins the session's Agora channel with the recommended tracks
    (https://docs.akool.com/ai-tools-suite/live-faceswap); on the sandbox it sends JPEG frames to it directly. The
    RTC token goes to the page only when it joins, as a message; no trait holds it. A camera opens only after a click.

    Args:
        session: what `client.create(face)` gave; None, and set `session` later.
        camera: "ask" waits for a click; "drawn" starts at once with a drawn moving face, which needs no camera.
        mirror: show both pictures as in a mirror.
        faces: prepared faces, shown as a row; a click calls `session.update(face)` while the picture goes on.
        close_after: the session is closed so many seconds after its last live picture stopped, unless it is started
            again before; None leaves it open.
        folder: where recordings go (WebM files).
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

    state = traitlets.Enum(STATES, "idle", help="What the call is doing; see STATES.").tag(sync=True)
    error_code = traitlets.Unicode(help="A short name for `error`, to compare with.").tag(sync=True)
    stats = traitlets.Dict(help="Figures of the last second; see `to_pandas` for all of them.").tag(sync=True)
    camera = traitlets.Enum(CAMERAS, "ask", help="Whether to wait for a click.").tag(sync=True)
    # Several pages may show one widget (a second tab, a second person): only the page that runs the call reports. It
    # sets `page` to a random id of its own together with `state` "starting", and sends the id with "gone". A page that
    # sees another id while `state` is one of RUNNING reports nothing and shows "Live in another tab"; it takes the call
    # over by setting `page`, and the first page then stops without a report.
    page = traitlets.Unicode(help="A random id of the page that runs the call.").tag(sync=True)
    mark = traitlets.Bool(True, help='Whether an Agora session\'s picture carries "AI-swapped".').tag(sync=True)
    mode = traitlets.Enum(MODES, "rtc", help="Channel profile of the Agora client.")
    codec = traitlets.Enum(CODECS, "vp8", help="Video codec of the Agora client.")
    cloud_proxy = traitlets.Enum(CLOUD_PROXIES, "", help="Agora's cloud proxy, or none.")
    elsewhere = traitlets.Bool(False, help="The page of `open_page()` runs the picture.").tag(sync=True)
    mirror = traitlets.Bool(False, help="Show both pictures as in a mirror.").tag(sync=True)
    snapshot = traitlets.Instance(Image.Image, allow_none=True, help="The last snapshot, or None; never saved.")
    recordings = traitlets.Tuple(help="Paths of the films that were recorded, oldest first.")

    # What the page needs to start without asking the kernel. The key in the address opens nothing but this video.
    transport = traitlets.Enum(("", "sandbox", "agora"), "").tag(sync=True)
    session_id = traitlets.Unicode().tag(sync=True)
    view_url = traitlets.Unicode().tag(sync=True)
    expires_at = traitlets.Float().tag(sync=True)

    def __init__(
        self,
        session: LiveSession | None = None,
        *,
        faces: Sequence[Face] = (),
        close_after: float | None = 60.0,
        folder: str | Path = ".",
        join_limit: float = 15.0,
        **options: Any,
    ) -> None:
        self._row = _Row(tuple(faces))
        self._clicks = 0
        self._showing, self._changing = threading.Lock(), threading.Lock()
        """Held while a row is sent, and while a face is put on: neither an older row nor an older click comes last."""
        self.close_after = close_after
        self.folder = Path(folder)
        self._join_limit_ms = round(1000 * join_limit)
        self._session: LiveSession | None = None
        self._missed = ""
        """The state that a page had when it fell silent, until it is heard of again."""
        self._history: deque[dict[str, Any]] = deque(maxlen=_SECONDS_KEPT)
        self._relay: Relay | None = None
        self._relay_id = ""
        self._page: LivePage | None = None
        self._listeners = Listeners(self)
        self._watch = PageWatch(self._page_silent)
        # Before the page hears of the widget, so that its first state is enough to start.
        self._tell_page(session)
        super().__init__(**options)
        if not self.mark:
            warnings.warn(texts.NO_MARK, stacklevel=2)
        self._take(session)

    @property
    def session(self) -> LiveSession | None:
        """The session that is shown. Setting another one while the picture runs goes on with that one."""
        return self._session

    @session.setter
    def session(self, session: LiveSession | None) -> None:
        if session is self._session:
            return
        # The page of a session that was closed before has heard of that, and goes on with nothing.
        goes_on = self.state in RUNNING and self._session is not None and not self._session.closed
        self._release(after=self.close_after)
        self._take(session)
        with self.hold_sync():
            self._tell_page(session)
            if session is not None and goes_on:
                # The page stops and starts, but of the states in between only the last may reach us.
                self._hold(session)
                self.state = "starting"

    @property
    def faces(self) -> tuple[Face, ...]:
        """The prepared faces of the row. Setting them shows others."""
        return self._row.faces

    @faces.setter
    def faces(self, faces: Sequence[Face]) -> None:
        # One and the same, not alike: detected again, a face looks the same and has another picture.
        if [*map(id, faces)] == [*map(id, self._row.faces)]:
            return
        self._row = _Row(tuple(faces), self._row.turn + 1)
        self._post_faces()

    def on_state(self, function: F) -> F:
        """Call the function with each new state; works as a decorator."""
        return self._listeners.add(function)

    def start(self) -> None:
        """Start as if the button had been pressed: on the page of `open_page()` if that is open, else in the notebook.

        The browser asks for the camera if it was never allowed.
        """
        start = {"kind": "start"}
        if self._page is not None and self._page.is_open:
            self._page.send(start)
        else:
            super().send(start)

    def stop(self) -> None:
        """Leave the call and switch the camera off."""
        self.post("stop")

    def open_page(self) -> str:
        """Serve this view on a page of its own and return its address, which opens it once.

        For notebook programs that cannot open a camera: open it in a browser on the same machine.
        """
        if self._page is None:
            # tornado comes with Jupyter; a notebook of another make needs it for this page only.
            from akool_nb.widgets.page import LivePage

            self._page = LivePage(self)
        else:
            self._page.renew()
        return self._page.url

    def send(self, content: Any, buffers: list[bytes] | None = None) -> None:
        """Tell the views, and the page of its own if there is one."""
        super().send(content, buffers)
        page = self._page  # once: another thread may be closing it
        if page is not None:
            page.send(content, buffers)

    def to_pandas(self) -> Any:
        """The statistics of the last hour, one row a second, as a DataFrame; needs pandas (`pip install pandas`)."""
        import pandas as pd

        return pd.DataFrame(list(self._history)).set_index("time") if self._history else pd.DataFrame()

    def close(self) -> None:
        """Take the view away: the page switches camera and call off."""
        self._release(after=self.close_after)
        self._hang_up()
        if self._page is not None:
            self._page.close()
        self._page = None
        super().close()

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the page tells, and note that it is there: a picture that stands still has the same figures."""
        if "stats" in sync_data:
            self.heard()
        super().set_state(sync_data)

    def heard(self) -> None:
        """The page runs the picture; called also by the server of the page of its own.

        One that was taken for gone, because its tab was hidden or the network was away, is back.
        """
        self._watch.heard()
        missed, self._missed = self._missed, ""
        if missed and self._session is not None and not self._session.closed:
            self.state = missed

    # The session

    def _take(self, session: LiveSession | None) -> None:
        self._session = session
        if session is not None:
            session.on_close(lambda *_: self._session_closed(session))

    def _tell_page(self, session: LiveSession | None) -> None:
        for name, value in _told(session).items():
            setattr(self, name, value)

    def _session_closed(self, session: LiveSession) -> None:
        if session is self._session:
            self.post("ended", {"code": "SESSION_CLOSED"})

    def _hold(self, session: LiveSession) -> None:
        Audience.of(session).hold(self)
        self._watch.start()

    def _release(self, *, after: float | None) -> None:
        self._watch.stop()
        if self._session is not None:
            Audience.of(self._session).release(self, after=after)

    def follow_page(self) -> None:
        """The page of its own has told its state, or is gone; called by that page's server."""
        page = self._page  # once: another thread may be closing it
        open_ = page is not None and page.is_open
        if self.elsewhere and not open_:
            self._page_gone()
        self.elsewhere = open_ and self.state in RUNNING

    def _page_silent(self) -> None:
        silent = self.state
        self._page_gone()
        self._missed = silent

    def _page_gone(self) -> None:
        self._release(after=self.close_after)
        self.state = "stopped"

    @traitlets.observe("state")
    def _follow_state(self, change: dict[str, Any]) -> None:
        self._missed = ""
        if self._session is not None:
            Audience.of(self._session).tell(change["new"])
        if change["new"] not in RUNNING:
            self._release(after=self.close_after)
        elif change["old"] not in RUNNING and self._session is not None:
            self._hold(self._session)
        self._listeners.tell(change["new"])

    @traitlets.observe("stats")
    def _keep_stats(self, change: dict[str, Any]) -> None:
        if change["new"]:
            self._history.append({"time": time.time(), **change["new"]})

    # What the page says

    def _hear_ticket(self, _content: dict[str, Any], _buffers: list[memoryview]) -> None:
        """The join data, with the RTC token: an answer, never a trait."""
        session = self._session
        if session is None or session.closed:
            self.post("ticket", {"refused": "NO_SESSION" if session is None else "SESSION_CLOSED"})
            return
        channel = session.channel
        ticket = {
            "app_id": channel.app_id,
            "channel_id": channel.channel_id,
            "front_user_id": channel.uid,
            "algorithm_user_id": channel.remote_uid,
            "front_rtc_token": channel.token,
            "app_id_differs": _app_id_differs(channel),
        }
        client = {"mode": self.mode, "codec": self.codec, "cloud_proxy": self.cloud_proxy}
        self.post("ticket", {**ticket, **client, "join_limit_ms": self._join_limit_ms})

    def _hear_sdk(self, _content: dict[str, Any], _buffers: list[memoryview]) -> None:
        self.work(lambda: self.post("sdk", {}, _packed_sdk()))

    def _hear_stop(self, _content: dict[str, Any], _buffers: list[memoryview]) -> None:
        """The notebook's button for what runs on the page of its own."""
        self.stop()

    def _hear_gone(self, content: dict[str, Any], _buffers: list[memoryview]) -> None:
        if content.get("page", self.page) == self.page:
            self._page_gone()

    def _hear_snapshot(self, _content: dict[str, Any], buffers: list[memoryview]) -> None:
        image = Image.open(io.BytesIO(buffers[0]))
        image.load()
        self.snapshot = image

    def _hear_recording(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        with self._film(content["name"]).open("ab") as file:
            file.write(buffers[0])

    def _hear_recorded(self, content: dict[str, Any], _buffers: list[memoryview]) -> None:
        self.recordings = (*self.recordings, self._film(content["name"]))

    def _film(self, name: str) -> Path:
        # The page's name is never a path: only its letters and digits are used.
        return self.folder / f"live-{''.join(filter(str.isalnum, name))[:16]}.webm"

    def _hear_open_page(self, _content: dict[str, Any], _buffers: list[memoryview]) -> None:
        self.post("page", {"url": self.open_page()})

    # Faces to choose from

    def _hear_faces(self, _content: dict[str, Any], _buffers: list[memoryview]) -> None:
        self._post_faces()

    def _post_faces(self) -> None:
        with self._showing:
            row = self._row
            pictures = [face.picture(FACE_SIDE) for face in row.faces]
            self.post("faces", {"chosen": row.chosen, "turn": row.turn}, *pictures)

    def _hear_choose_face(self, content: dict[str, Any], _buffers: list[memoryview]) -> None:
        row = self._row
        if content.get("turn", row.turn) == row.turn:
            self._clicks += 1
            self.work(self._choose, row, int(content["index"]), self._clicks)
        else:
            self._post_chosen()

    def _choose(self, row: _Row, index: int, click: int) -> None:
        try:
            with self._changing:
                if click == self._clicks:  # else a later click is already waiting, and has the word
                    self._put_on(row, index)
        finally:
            self._post_chosen()

    def _put_on(self, row: _Row, index: int) -> None:
        session = self._session
        if session is None:
            raise AkoolError(texts.NO_SESSION)
        session.update(row.faces[index])
        row.chosen = index

    def _post_chosen(self) -> None:
        self.post("face_chosen", {"index": self._row.chosen})

    # The road through the kernel

    def _hear_relay(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        event = content["event"]
        if event == "open":
            from akool_nb.widgets.relay import Relay  # tornado, as above

            self._hang_up()
            self._relay_id = content["id"]
            self._relay = Relay(self.view_url, partial(self._answer, self._relay_id))
        elif content["id"] != self._relay_id or self._relay is None:
            return  # a late word of a road that is closed already
        elif event == "frame":
            self._relay.send(bytes(buffers[0]))
        elif event == "close":
            self._hang_up()

    def _answer(self, relay: str, event: str, text: str, *frames: bytes) -> None:
        self.post("relay", {"id": relay, "event": event, "text": text}, *frames)

    def _hang_up(self) -> None:
        if self._relay is not None:
            self._relay.close()
        self._relay = None

    def _hear_pulse(self, _content: dict[str, Any], _buffers: list[memoryview]) -> None:
        """The page misses the picture and asks whether this kernel is still there."""
        self.post("pulse")


def _told(session: LiveSession | None) -> dict[str, Any]:
    """What the page may know of a session from the start."""
    if session is None:
        return {"transport": "", "view_url": "", "expires_at": 0.0, "session_id": ""}
    # The id comes last: it is what makes a running page go on with the new session.
    return {
        "transport": "sandbox" if session.view_url else "agora",
        "view_url": session.view_url or "",
        "expires_at": session.expires_at.timestamp() if session.expires_at else 0.0,
        "session_id": session.id,
    }


def _app_id_differs(channel: AgoraChannel) -> bool:
    try:
        return RtcToken.decode(channel.token).app_id != channel.app_id
    except TokenFormatError:
        # Then Agora judges it, not we.
        return False


@cache
def _packed_sdk() -> bytes:
    """Agora's SDK, compressed: for hosts that serve no files of the package."""
    return gzip.compress((STATIC / "agora.js").read_bytes(), mtime=0)
