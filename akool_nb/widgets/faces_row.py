"""The prepared faces under the live picture: a click changes the face while the picture continues."""

from __future__ import annotations

from collections.abc import Sequence

from akool_nb.api.arguments import having
from akool_nb.api.models import Face
from akool_nb.errors import AkoolError
from akool_nb.widgets import texts
from akool_nb.widgets.live_host import LiveHost

# Pixels of a prepared face: twice its size on the page, for sharp screens.
FACE_SIDE = 96
NONE = -1


class FacesRow:
    """The part of a live view that shows prepared faces and updates the session with the one that is clicked.

    Pictures are made and requests are sent on the widget's thread, in order, so an older row never replaces a newer
    one, and an older click never comes last.
    """

    def __init__(self, view: LiveHost, faces: Sequence[Face]) -> None:
        self._view = view
        self.faces = _checked(faces)
        # The number of this row. A click carries it: a late one must not choose from another row.
        self._turn = 0
        self._newest_click = (0, NONE)

    def show(self, faces: Sequence[Face]) -> None:
        faces = _checked(faces)
        # Compared by identity: a face that is detected again is equal and has another picture.
        if [*map(id, faces)] == [*map(id, self.faces)]:
            return
        self.faces = faces
        self._turn += 1
        self._view.work(self._post_faces)

    def mark(self) -> None:
        self._view.work(self._post_chosen)

    def _receive_faces(self) -> None:
        self._view.work(self._post_faces)

    def _receive_choose_face(self, index: int, turn: int | None = None) -> None:
        click = (self._turn if turn is None else turn, index)
        self._newest_click = click
        self._view.work(self._choose, click)

    def _post_faces(self) -> None:
        turn = self._turn
        faces = self.faces
        pictures = [self._picture(face) for face in faces]
        self._view.post("faces", {"chosen": self._in_use(faces), "turn": turn}, *pictures)

    def _picture(self, face: Face) -> bytes:
        """The face's picture as JPEG; empty if its photo cannot be fetched, because the service may still reach it."""
        try:
            return face.picture(FACE_SIDE)
        except AkoolError as problem:
            self._view.fail(problem)
            return b""

    def _choose(self, click: tuple[int, int]) -> None:
        turn, index = click
        try:
            # Of several clicks only the newest is worth a request.
            if click == self._newest_click and turn == self._turn:
                self._update(self.faces[index])
        except AkoolError as problem:
            self._view.fail(problem, about=texts.FACE.format(number=index + 1))
        finally:
            self._post_chosen()

    def _update(self, face: Face) -> None:
        session = self._view.session
        if session is None:
            raise AkoolError(texts.NO_SESSION)
        session.update(face)

    def _post_chosen(self) -> None:
        self._view.post("face_chosen", {"index": self._in_use(self.faces)})

    def _in_use(self, faces: tuple[Face, ...]) -> int:
        """The place of the session's face in the row, from 0; -1 if it is not there."""
        session = self._view.session
        if session is None:
            return NONE
        return next((place for place, face in enumerate(faces) if _has_source(face, session.source)), NONE)


def _has_source(face: Face, source: object) -> bool:
    try:
        return face.source == source
    except AkoolError:
        # A face of a photo that has no address cannot be in use.
        return False


def _checked(faces: Sequence[Face]) -> tuple[Face, ...]:
    wanted = "a list of faces of a detection, such as found[:3]"
    having("faces", faces, "__iter__", wanted)
    return tuple(having("faces", face, "region", wanted) for face in faces)
