"""Picking faces: the photo with the faces found in it, chosen by mouse, finger or keyboard, points mended by hand."""

from __future__ import annotations

import asyncio
import dataclasses
import importlib.metadata
import os
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import traitlets

from akool_nb import opts
from akool_nb.api.models import Detection, Face, SourceImage
from akool_nb.api.photo import PAGE_SIDE, Photo
from akool_nb.errors import AkoolError, NoFaceError, OptsError
from akool_nb.widgets import texts
from akool_nb.widgets.base import BaseWidget, F, Listeners, script

if TYPE_CHECKING:
    from akool_nb.api.client import Client

WAITS = (7, 4)
"""The first ipykernel that hears the page while a cell awaits; older ones stand still for ever."""


class FacePicker(BaseWidget):
    """Shows the faces of a `Detection` and lets a person choose; the result is `selected`.

    With a client it can detect again, or detect in a photo that it is given:

        picker = FacePicker(client.detect(photo))
        uploader.on_photo(FacePicker(client=client).detect)

    The only face of a photo is chosen from the start; of several, none is.

    Args:
        detection: whose faces are shown; None, and set `detection` or call `detect` later.
        client: whom to ask for faces.

    Raises:
        TypeError: an unknown keyword.
        IndexError: `choose` of a face that is not there.
        AkoolError: `detect` without a client; `chosen` where a cell would wait for ever.
    """

    _esm = script("face_picker")

    detection = traitlets.Instance(Detection, allow_none=True, help="Whose faces are shown; may be set anew.")
    selected = traitlets.Tuple(help="The chosen `Face`s in the order of choosing, moved points included.")
    _chosen = traitlets.Dict(
        per_key_traits={"turn": traitlets.Int(), "faces": traitlets.List(traitlets.Int())},
        default_value={"turn": 0, "faces": []},
        help="Places of the chosen faces, and the turn that they are about.",
    ).tag(sync=True)
    _has_detection = traitlets.Bool().tag(sync=True)
    _can_detect = traitlets.Bool().tag(sync=True)
    _busy = traitlets.Bool().tag(sync=True)

    def __init__(self, detection: Detection | None = None, *, client: Client | None = None, **options: Any) -> None:
        self._client = client
        self._lock = threading.RLock()
        """Held while what is shown or chosen changes: clicks come in one thread, the detector's answers in others."""
        self._edited: dict[int, Face] = {}
        self._places: list[int] = []
        self._turn = 0  # which detection is shown
        self._asked = 0  # which question to the detector is the newest
        self._photo: Photo | None = None
        self._listeners = Listeners(self)
        super().__init__(**options)
        self.detection = detection

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
        """Choose faces from Python, by place from 0; none given chooses none."""
        count = len(self.faces)
        if any(not 0 <= place < count for place in places):
            raise IndexError(texts.NO_SUCH_FACE.format(count=count))
        self._chosen = {"turn": self._turn, "faces": list(places)}

    def on_change(self, function: F) -> F:
        """Call the function with the tuple of chosen faces at every change; works as a decorator."""
        return self._listeners.add(function)

    def detect(self, photo: Photo) -> None:
        """Look for faces in the photo, with the client, on a thread of its own; then show them."""
        if self._client is None:
            raise AkoolError(texts.NO_CLIENT)
        with self._lock:
            self._asked += 1
            self._photo = photo
            self._busy, self.error = True, ""
            self.work(self._detect, self._client, photo, self._asked)

    async def chosen(self) -> Face:
        """Wait until a person has chosen a face, and return it (of several, the first).

        Needs a notebook and ipykernel 7.4 or newer; elsewhere it raises at once, because the cell would wait for ever.
        """
        while not self.selected:
            _refuse_to_hang()
            await self._next_choice()
        first: Face = self.selected[0]
        return first

    async def _next_choice(self) -> None:
        loop, arrived = asyncio.get_running_loop(), asyncio.Event()

        def changed(_change: object) -> None:
            if self.selected:
                loop.call_soon_threadsafe(arrived.set)

        self.observe(changed, "selected")
        try:
            if not self.selected:  # else the choice came before anybody listened
                await arrived.wait()
        finally:
            self.unobserve(changed, "selected")

    def _detect(self, client: Client, photo: Photo, asked: int) -> None:
        problem: Exception | None = None
        found: Detection | None = None
        try:
            found = client.detect(photo)
        except NoFaceError as none:
            found, problem = Detection(photo, ()), none
        except Exception as other:
            problem = other
        with self._lock:
            # Meanwhile another photo may have come; its answer is the one to show.
            if asked == self._asked:
                self._settle(found, problem)

    def _settle(self, found: Detection | None, problem: Exception | None) -> None:
        if found is not None:
            self.detection = found
        if problem is not None:
            self.fail(problem)
        self._busy = False

    @traitlets.observe("detection")
    def _follow_detection(self, _change: object) -> None:
        with self._lock:
            # What it is now, not what the change says: meanwhile another thread may have set the next one.
            self._show(self.detection)

    def _show(self, detection: Detection | None) -> None:
        self._turn += 1
        self._asked += 1
        self._busy, self.error = False, ""
        self._edited, self._places = {}, []
        self._has_detection = detection is not None
        self._photo = detection.photo if detection is not None else self._photo
        self._can_detect = self._client is not None and self._photo is not None
        only = [0] if detection is not None and len(detection) == 1 else []
        self._chosen = {"turn": self._turn, "faces": only}
        # Unasked: while a busy kernel works through Run All, the page could ask in vain.
        self._show_faces()

    @traitlets.observe("_chosen")
    def _follow_choice(self, _change: object) -> None:
        with self._lock:
            chosen: dict[str, Any] = self._chosen
            self._choose(chosen["turn"], chosen["faces"])

    def _choose(self, turn: int, places: list[int]) -> None:
        if turn == self._turn and all(0 <= place < len(self.faces) for place in places):
            self._places = list(places)
            self._select()
        else:
            # A late click, on a photo that is gone: the page learns what holds.
            self._chosen = {"turn": self._turn, "faces": self._places}

    def _select(self) -> None:
        before, faces = self.selected, self.faces
        selected = tuple(faces[place] for place in self._places if place < len(faces))
        if list(map(id, selected)) == list(map(id, before)):
            return
        self.selected = selected
        if selected == before:
            # Equal by points, but found anew: the crop is another, and traitlets would not tell of it.
            self.notify_change(traitlets.Bunch(name="selected", old=before, new=selected, owner=self, type="change"))
        self._listeners.tell(selected)

    # What the page says

    def _hear_hello(self, _content: dict[str, Any], _buffers: list[memoryview]) -> None:
        self._show_faces()

    def _hear_detect(self, _content: dict[str, Any], _buffers: list[memoryview]) -> None:
        if self._photo is not None:
            self.detect(self._photo)

    def _hear_move(self, content: dict[str, Any], _buffers: list[memoryview]) -> None:
        with self._lock:
            self._move(int(content["face"]), content)

    def _move(self, place: int, content: dict[str, Any]) -> None:
        if self.detection is None or content["turn"] != self._turn or not 0 <= place < len(self.detection):
            return  # about a photo that is gone
        face = self.detection[place]
        moved = _moved(face, content["points"], content["opts"], content["crop_opts"])
        self._edited.pop(place, None)
        if moved != face:
            self._edited[place] = moved
        self._select()

    def _show_faces(self) -> None:
        # On a thread: a photo known by its address is fetched only now.
        self.work(self._send_faces, self._turn, self.detection)

    def _send_faces(self, turn: int, detection: Detection | None) -> None:
        pictures = [detection.photo.preview(PAGE_SIDE)] if detection is not None else []
        width, height = detection.photo.size if detection is not None else (0, 0)
        told = {"turn": turn, "width": width, "height": height, "faces": list(map(_wire, detection or ()))}
        with self._lock:
            # A photo that took long to fetch must not take the place of a later one.
            if turn == self._turn:
                moved = {str(place): face.landmarks for place, face in self._edited.items()}
                self.post("faces", {**told, "moved": moved}, *pictures)


def _wire(face: Face) -> dict[str, Any]:
    """A face as the page needs it."""
    return {
        "region": face.region,
        "landmarks": face.landmarks,
        "opts": face.opts,
        "path": face.photo.url or (face.crop.path if face.crop else None),
        "crop_opts": face.crop.opts if face.crop and not face.photo.url else None,
    }


def _moved(face: Face, points: Sequence[Sequence[float]], text: str, crop_text: str | None) -> Face:
    """The face with its points where the person put them; the page has moved the detector's `opts` alike."""
    landmarks = tuple((int(x), int(y)) for x, y in points)
    _check(text, face.opts)
    crop = face.crop
    if crop and crop_text:
        _check(crop_text, crop.opts)
        crop = dataclasses.replace(crop, opts=crop_text)
    return dataclasses.replace(face, landmarks=landmarks, opts=text, crop=crop)


def _check(text: str, before: str) -> None:
    """Refuse what is no `opts`, and points moved out of their picture; the detector's own may lie outside."""
    if _least(opts.parse(text)) < min(0, _least(_points(before))):
        raise OptsError(texts.OUTSIDE)


def _points(text: str) -> tuple[opts.Point, ...]:
    try:
        return opts.parse(text)
    except OptsError:
        return ()  # a detector's text is passed on, whatever it is


def _least(points: tuple[opts.Point, ...]) -> int:
    return min((value for point in points for value in point), default=0)


def _refuse_to_hang() -> None:
    """Raise where a cell that waits keeps the kernel from hearing the page, or where there is no page."""
    if "marimo" in sys.modules and sys.modules["marimo"].running_in_notebook():
        raise AkoolError(texts.CANNOT_WAIT.format(host="marimo"))
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if getattr(shell, "kernel", None) is None:
        raise AkoolError(texts.NO_PAGE)
    # Both are Voila's: the first for kernels of its own, the second also for those it keeps warm.
    if os.environ.get("SERVER_SOFTWARE", "").startswith("voila") or "VOILA_KERNEL_ID" in os.environ:
        raise AkoolError(texts.CANNOT_WAIT_IN_VOILA)
    version = importlib.metadata.version("ipykernel")
    if tuple(map(int, version.split(".")[:2])) < WAITS:
        raise AkoolError(texts.CANNOT_WAIT.format(host=f"ipykernel {version}"))
