"""The faces of a detection and which of them are chosen; the choice changes on the widget's thread, in order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import traitlets

from akool_nb.api.arguments import having
from akool_nb.api.models import Detection, Face, SourceImage
from akool_nb.api.photo import PAGE_SIDE
from akool_nb.widgets import texts
from akool_nb.widgets.base import BaseWidget, F, Listeners
from akool_nb.widgets.moved_face import describe, moved


class FaceChoice(BaseWidget):
    """A detection whose faces the page shows: the base of `FacePicker`."""

    detection = traitlets.Instance(Detection, allow_none=True, help="Whose faces are shown; may be set anew.")
    selected = traitlets.Tuple(
        read_only=True, help="The chosen `Face`s in the order of choosing, moved points included."
    )
    _chosen = traitlets.Dict(
        per_key_traits={"turn": traitlets.Int(), "faces": traitlets.List(traitlets.Int())},
        default_value={"turn": 0, "faces": []},
        help="Places of the chosen faces, and the number of the detection that they belong to.",
    ).tag(sync=True)
    _has_detection = traitlets.Bool().tag(sync=True)

    def __init__(self, **options: Any) -> None:
        # These change on the worker only.
        self._edited: dict[int, Face] = {}
        self._places: list[int] = []
        self._turn = 0  # the number of the detection that is shown
        self._listeners = Listeners(self)
        super().__init__(**options)

    @property
    def faces(self) -> tuple[Face, ...]:
        """All faces of the photo; one with moved points has its own `opts`, an untouched one the server's text."""
        return tuple(self._edited.get(place, face) for place, face in enumerate(self.detection or ()))

    @property
    def opts(self) -> str:
        """The `opts` of the face chosen first; "" while none is chosen."""
        return self.selected[0].opts if self.selected else ""

    @property
    def sources(self) -> tuple[SourceImage, ...]:
        """What `client.create` and `session.update` take, one per chosen face."""
        return tuple(face.source for face in self.selected)

    def choose(self, *places: int) -> None:
        """Choose faces from Python, by place from 0; without an argument, none is chosen."""
        count = len(self.faces)
        for place in places:
            having("place", place, "__index__", "a whole number from 0, as in picker.choose(0)")
        if any(not 0 <= place < count for place in places):
            raise IndexError(texts.NO_SUCH_FACE.format(count=count))
        self._chosen = {"turn": self._turn, "faces": list(dict.fromkeys(map(int, places)))}
        self.worker.result(self._follow_page)

    def on_change(self, function: F) -> F:
        """Call the function with the tuple of chosen faces at every change; works as a decorator.

        It runs on the picker's own thread. What it prints appears under the cell that defines it.
        """
        return self._listeners.add(function)

    # Showing

    @traitlets.observe("detection")
    def _follow_detection(self, _change: object) -> None:
        self.worker.result(self._show)

    def _show(self) -> None:
        # What it is now, not what the change says: another thread may have set the next one.
        detection: Detection | None = self.detection
        self._turn += 1
        self.error = ""
        self._edited = {}
        self._places = []
        self._has_detection = detection is not None
        only = [0] if detection is not None and len(detection) == 1 else []
        self._chosen = {"turn": self._turn, "faces": only}
        # Sent without being asked for, because a busy kernel would not receive the page's question.
        self.aside(self._send_faces, self._turn, detection)

    def _send_faces(self, turn: int, detection: Detection | None) -> None:
        # A photo known by its address is fetched only now.
        pictures = [detection.photo.preview(PAGE_SIDE)] if detection is not None else []
        width, height = detection.photo.size if detection is not None else (0, 0)
        faces = list(map(describe, detection or ()))
        content = {"turn": turn, "width": width, "height": height, "faces": faces}
        self.work(self._post_faces, content, pictures)
        if detection:
            # After the faces, because they need the whole photo decoded, which takes long and may fail.
            self.work(self._post_warnings, turn, detection.warnings)

    def _post_faces(self, content: dict[str, Any], pictures: list[bytes]) -> None:
        # A photo that took long to fetch must not replace a later one.
        if content["turn"] == self._turn:
            edited = {str(place): face.landmarks for place, face in self._edited.items()}
            self.post("faces", {**content, "moved": edited}, *pictures)

    def _post_warnings(self, turn: int, warnings: Sequence[Sequence[str]]) -> None:
        if turn == self._turn:
            self.post("warnings", {"turn": turn, "warnings": warnings})

    # Choosing

    @traitlets.observe("_chosen")
    def _follow_choice(self, _change: object) -> None:
        self.work(self._follow_page)

    def _follow_page(self) -> None:
        chosen: dict[str, Any] = self._chosen
        places = chosen["faces"]
        if chosen["turn"] == self._turn and all(0 <= place < len(self.faces) for place in places):
            self._places = list(places)
            self._select()
        else:
            # A late click, on another photo: send the page the choice that holds.
            self._chosen = {"turn": self._turn, "faces": self._places}

    def _select(self) -> None:
        before = self.selected
        faces = self.faces
        selected = tuple(faces[place] for place in self._places if place < len(faces))
        if list(map(id, selected)) == list(map(id, before)):
            return
        self.set_trait("selected", selected)
        if selected == before:
            # Equal by points, but detected anew with another crop: traitlets would not notify.
            self.notify_change(traitlets.Bunch(name="selected", old=before, new=selected, owner=self, type="change"))
        self._listeners.call(selected)

    # Messages of the page

    def _receive_hello(self) -> None:
        self.aside(self._send_faces, self._turn, self.detection)

    def _receive_move(self, **move: Any) -> None:
        self.work(partial(self._move, **move))

    def _move(self, turn: int, face: int, points: Sequence[Sequence[float]], opts: str, crop_opts: str | None) -> None:
        if self.detection is None or turn != self._turn or not 0 <= face < len(self.detection):
            return  # about another photo
        before = self.detection[face]
        after = moved(before, points, opts, crop_opts)
        self._edited.pop(face, None)
        if after != before:
            self._edited[face] = after
        self._select()
