"""The whole flow as one widget, in four steps: account, photo, face, live. For those who do not want to write code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from akool_nb import connect
from akool_nb.api.arguments import A_CLIENT, having
from akool_nb.api.client import Client
from akool_nb.errors import AkoolError, AuthenticationError, ConnectionFailed, DeadlineExceeded, MissingCredentials
from akool_nb.widgets import texts
from akool_nb.widgets.base import BaseWidget, script
from akool_nb.widgets.face_picker import FacePicker
from akool_nb.widgets.image_uploader import ImageUploader
from akool_nb.widgets.live_view import LiveView
from akool_nb.widgets.part_comm import PartComm
from akool_nb.widgets.session_panel import SessionPanel
from akool_nb.widgets.studio_guide import ACCOUNT, FACE, LIVE, PHOTO, StudioGuide

if TYPE_CHECKING:
    from akool_nb.api.models import Face
    from akool_nb.api.photo import Photo
    from akool_nb.api.session import LiveSession

__all__ = ["ACCOUNT", "FACE", "LIVE", "PHOTO", "Studio", "studio"]


class Studio(BaseWidget):
    """Account, photo, face, live: the package's widgets as one.

        studio = Studio()

    Its parts are the widgets that one would write oneself, and stay reachable: `uploader`, `picker`, `panel`, `view`.
    The page shows them inside the studio, because a host such as marimo shows only single widgets; a part cannot be
    displayed alone.

    Args:
        client: an account or the sandbox; without one, the first step asks.

    Raises:
        TypeError: an unknown keyword.
    """

    _esm = script("studio")

    _places: traitlets.List[dict[str, Any]] = traitlets.List(help="Name, key and visibility of each part.").tag(
        sync=True
    )

    # `close` also runs when the constructor was called with wrong arguments.
    picker: FacePicker | None = None
    panel: SessionPanel | None = None
    _closed = False

    def __init__(self, client: Client | None = None, **options: Any) -> None:
        self.client: Client | None = None
        self._comms: dict[str, PartComm] = {}
        self.guide = StudioGuide(self._sign_in, self._go_live, comm=self._open_comm())
        self.uploader = ImageUploader(comm=self._open_comm())
        self.view = LiveView(create=self._create, comm=self._open_comm())
        super().__init__(**options)
        self.uploader.on_photo(self._photo_chosen)
        self.uploader.observe(self._photo_removed, "photo")
        self.guide.observe(lambda _change: self.work(self._show_step), "step")
        self.guide.has_credentials = Client().has_credentials
        self._show_step()
        if client is not None:
            self._use(client)

    @property
    def session(self) -> LiveSession | None:
        """The live session, or None."""
        return self.panel.session if self.panel else None

    def close(self) -> None:
        """Close the session and every part."""
        super().close()
        if self.session is not None:
            # Last, because it may fail: the watchdog then closes it.
            self.session.close()

    def _end(self) -> None:
        self._closed = True
        for part in (self.view, self.panel, self.picker, self.uploader, self.guide):
            if part is not None:
                part.close()

    # The steps

    def _sign_in(self, sandbox: bool, credentials: dict[str, str]) -> None:
        client = connect(sandbox=sandbox, **credentials)
        if not sandbox:
            _try_out(client)
        if not self._closed:
            self._use(client)

    def _use(self, client: Client) -> None:
        self.client = having("client", client, "create", A_CLIENT)
        left = (self.picker, self.panel)
        session = self.session
        self.picker = FacePicker(client=client, comm=self._open_comm())
        self.panel = panel = SessionPanel(client, comm=self._open_comm())
        self.picker.on_change(self._face_chosen)
        panel.on_session(lambda session: self._session_changed(panel, session))
        self.guide.is_live = False
        self.guide.account = texts.SANDBOX_ACCOUNT if client.is_sandbox else texts.AKOOL_ACCOUNT
        self.work(self._show_step)
        for part in filter(None, left):
            self._comms.pop(part.model_id)
            part.close()
        self.guide.reachable = PHOTO
        self.guide.step = PHOTO
        if self.uploader.photo is not None:
            self._photo_chosen(self.uploader.photo)
        if session is not None:
            # It would be shown nowhere any more and still cost credits. Last, because it may fail: the watchdog then
            # closes it.
            session.close()

    def _photo_chosen(self, photo: Photo) -> None:
        if self.picker is None:
            return
        self.picker.detect(photo)
        self.guide.reachable = FACE
        self.guide.step = FACE

    def _photo_removed(self, change: dict[str, Any]) -> None:
        """The last photo was removed: its faces are shown no longer."""
        if change["new"] is None and self.picker is not None:
            self.picker.detection = None
            self.guide.reachable = LIVE if self.guide.is_live else PHOTO

    def _face_chosen(self, faces: tuple[Face, ...]) -> None:
        assert self.panel is not None, "the picker comes with the panel"
        self.panel.face = faces[0] if faces else None
        self.view.faces = self.picker.faces if self.picker else ()
        self.guide.reachable = LIVE if faces or self.guide.is_live else FACE

    def _go_live(self) -> None:
        """Show the last step, where Start opens a session; when one is open, send it the chosen face."""
        assert self.panel is not None, "there is a client by now"
        if self.panel.is_open:
            self.panel.update()
            self.view.mark_face()
        self.guide.step = LIVE

    def _create(self) -> LiveSession:
        """Open a session with the chosen face, or send the face to the one that was opened meanwhile."""
        assert self.panel is not None, "there is a client by now"
        return self.panel.update_or_create()

    def _session_changed(self, panel: SessionPanel, session: LiveSession | None) -> None:
        """Called on the panel's thread."""
        if self._closed or panel is not self.panel:
            if session is not None:
                session.close()  # it was being opened when its panel was removed
            return
        if session is not None:
            self.view.session = session
        # After the view: who waits for `is_live` finds the session there.
        self.guide.is_live = panel.is_open
        self.work(self._show_step)

    # The parts

    def _open_comm(self) -> PartComm:
        comm = PartComm(self)
        self._comms[comm.comm_id] = comm
        return comm

    def _receive_part(self, *buffers: memoryview, key: str, page: str, data: dict[str, Any]) -> None:
        """Give a part its message; one for a part that was removed is dropped."""
        comm = self._comms.get(key)
        if comm is not None:
            comm.receive(page, data, list(buffers))

    def _show_step(self) -> None:
        """Show what belongs to the step, on the studio's thread, because steps change on several threads."""
        # Hidden, not removed: a picture that runs goes on while another face is looked for.
        step = self.guide.step
        # The panel could open a session before the camera is open, so it comes with the first session.
        shown = {
            "guide": (self.guide, True),
            "uploader": (self.uploader, step == PHOTO),
            "picker": (self.picker, step == FACE),
            "view": (self.view, step == LIVE),
            "panel": (self.panel, step == LIVE and self.session is not None),
        }
        self._places = [
            {"name": name, "key": part.model_id, "shown": is_shown}
            for name, (part, is_shown) in shown.items()
            if part is not None
        ]


def _try_out(client: Client) -> None:
    """Check the credentials now, not three steps later. A service that reports no credits can be used."""
    try:
        client.credits()
    except (AuthenticationError, ConnectionFailed, DeadlineExceeded, MissingCredentials):
        raise
    except AkoolError:
        return


def studio(client: Client | None = None) -> Studio:
    """All steps in one widget: account, photo, face, live picture. Without a client it asks for the account."""
    return Studio(client)
