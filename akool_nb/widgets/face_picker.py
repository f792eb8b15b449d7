"""Picking faces: a photo with the faces found in it, to choose from and to correct by mouse, finger or keyboard."""

from __future__ import annotations

import asyncio
from typing import Any

import traitlets

from akool_nb.api.arguments import A_CLIENT, having
from akool_nb.api.client import Client
from akool_nb.api.models import Detection, Face
from akool_nb.api.photo import Photo, Source
from akool_nb.errors import AkoolError, NoFaceError
from akool_nb.widgets import texts
from akool_nb.widgets.base import script
from akool_nb.widgets.face_choice import FaceChoice
from akool_nb.widgets.waiting import refuse_to_hang


class FacePicker(FaceChoice):
    """Shows the faces of a `Detection` and lets a person choose; the result is `selected`.

    With a client it can detect again, or detect in another photo:

        picker = FacePicker(client.detect(photo))
        uploader.on_photo(FacePicker(client=client).detect)

    The only face of a photo is chosen from the start; of several, none is. The choice changes on the picker's own
    thread, one click after the other.

    Args:
        detection: whose faces are shown; None, and set `detection` or call `detect` later.
        client: the client that detects.

    Raises:
        TypeError: an unknown keyword.
        IndexError: `choose` of a face that does not exist.
        AkoolError: `detect` without a client; `chosen` where a cell would wait for ever.
    """

    _esm = script("face_picker")

    _can_detect = traitlets.Bool().tag(sync=True)
    _busy = traitlets.Bool().tag(sync=True)

    def __init__(self, detection: Detection | None = None, *, client: Client | None = None, **options: Any) -> None:
        self._client = None if client is None else having("client", client, "detect", A_CLIENT)
        self._photo: Photo | None = None
        self._asked = 0  # the number of the newest question to the detector; changes on the worker only
        super().__init__(**options)
        self.detection = detection

    def detect(self, photo: Source) -> None:
        """Look for faces in the photo, with the client, on a thread of its own; then show them."""
        if self._client is None:
            raise AkoolError(texts.NO_CLIENT)
        opened = Photo.open(photo)
        self.worker.result(lambda: self._ask(opened))

    async def chosen(self) -> Face:
        """Wait until a person has chosen a face, and return it (of several, the first).

        Needs a notebook and ipykernel 7.4 or newer; elsewhere it raises at once, because the cell would wait for ever.
        """
        while not self.selected:
            refuse_to_hang(texts.PICK_INSTEAD)
            await self._next_choice()
        first: Face = self.selected[0]
        return first

    async def _next_choice(self) -> None:
        loop = asyncio.get_running_loop()
        arrived = asyncio.Event()

        def changed(_change: object) -> None:
            if self.selected:
                loop.call_soon_threadsafe(arrived.set)

        self.observe(changed, "selected")
        try:
            if not self.selected:  # else the choice came before we observed
                await arrived.wait()
        finally:
            self.unobserve(changed, "selected")

    # Detecting

    def _ask(self, photo: Photo) -> None:
        self._asked += 1
        self._photo = photo
        self._busy = True
        self.error = ""
        self.aside(self._detect, photo, self._asked)

    def _detect(self, photo: Photo, asked: int) -> None:
        found: Detection | None = None
        problem: Exception | None = None
        try:
            assert self._client is not None, "`detect` has refused to work without one"
            found = self._client.detect(photo)
        except NoFaceError as no_face:
            found = Detection(photo, ())
            problem = no_face
        except Exception as other:
            problem = other
        self.work(self._settle, asked, found, problem)

    def _settle(self, asked: int, found: Detection | None, problem: Exception | None) -> None:
        if asked != self._asked:
            return  # another photo came in between; its answer is the one to show
        if found is not None:
            self.detection = found
        if problem is not None:
            self.fail(problem)
        self._busy = False

    def _show(self) -> None:
        super()._show()
        self._asked += 1
        self._busy = False
        detection: Detection | None = self.detection
        if detection is not None:
            self._photo = detection.photo
        self._can_detect = self._client is not None and self._photo is not None

    def _receive_detect(self) -> None:
        if self._photo is not None:
            self.work(self._ask, self._photo)
