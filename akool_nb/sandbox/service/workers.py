"""The threads that work on pictures, so that the event loop only forwards bytes."""

from __future__ import annotations

import asyncio
import base64
import binascii
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from akool_nb.pictures import kinds
from akool_nb.sandbox.engine.arrays import Image
from akool_nb.sandbox.engine.detector import FaceDetector, FoundFace
from akool_nb.sandbox.engine.opencv import cv2
from akool_nb.sandbox.engine.swap import SourceFace
from akool_nb.sandbox.pictures import picture
from akool_nb.sandbox.service.recent import Recent
from akool_nb.sandbox.service.refusal import NO_VIDEOS, DetectorRefusal
from akool_nb.wire import daemon

Result = TypeVar("Result")

STILLS = 1
FETCHES = 8
DETECTIONS_KEPT = 64
SOURCES_KEPT = 16


class Workers:
    """Separate threads for photos, downloads and live frames, so that none of them waits for another.

    Frames share as many threads as there are processors, in the order in which they arrive. A stream has at most one
    frame in work, so several streams slow down equally.

    Raises:
        SandboxError: a network is missing, damaged, or more than this OpenCV can read.
    """

    def __init__(self) -> None:
        # One thread per picture, because several streams already use all processors.
        cv2.setNumThreads(1)
        # Loaded now, in 30 ms, because a network that is missing must stop the start and not a later call.
        self._detector = FaceDetector()
        self._faces = Recent[list[FoundFace]](DETECTIONS_KEPT)
        self._sources = Recent[SourceFace](SOURCES_KEPT)
        self._stills = ThreadPoolExecutor(STILLS, thread_name_prefix="stills")
        self._fetches = asyncio.Semaphore(FETCHES)
        self._frames = ThreadPoolExecutor(max(2, os.cpu_count() or 2), thread_name_prefix="frames")

    async def detect(self, content: bytes, *, single_face: bool) -> tuple[Image, list[FoundFace]]:
        """The decoded picture and the faces in it; DetectorRefusal if the data are not a picture."""
        return await self.still(lambda: self._detect(content, single_face))

    async def source(self, content: bytes, points: tuple[tuple[int, int], ...]) -> SourceFace:
        """The face of the picture at these points; PictureError or NoFaceAtOpts when there is none."""

        def take() -> SourceFace:
            return SourceFace.from_opts(picture.decode(content), points)

        return await self.still(lambda: self._sources.of(content, points, take))

    async def still(self, work: Callable[[], Result]) -> Result:
        """Work on a photo, such as detection; at most STILLS photos at once."""
        return await asyncio.get_running_loop().run_in_executor(self._stills, work)

    async def fetch(self, work: Callable[[], Result]) -> Result:
        """A download, in a thread that Python does not wait for when it ends."""
        async with self._fetches:
            return await asyncio.wrap_future(daemon.start(work, "fetch"))

    async def frame(self, work: Callable[[], Result]) -> Result:
        """The swap on one live frame."""
        return await asyncio.get_running_loop().run_in_executor(self._frames, work)

    def _detect(self, content: bytes, single_face: bool) -> tuple[Image, list[FoundFace]]:
        image = _decoded(content)
        faces = self._faces.of(content, single_face, lambda: self._detector.detect(image, single_face=single_face))
        return image, faces

    def close(self) -> None:
        """Cancel queued work; do not wait for running jobs."""
        for pool in (self._stills, self._frames):
            pool.shutdown(wait=False, cancel_futures=True)


def _decoded(content: bytes) -> Image:
    kind = kinds.kind_of(content)
    if kinds.is_video(content):
        raise DetectorRefusal(NO_VIDEOS)
    if kind is None or not kind.by_detector:
        raise DetectorRefusal("Media type detection failed")
    try:
        return picture.decode(content)
    except picture.PictureError as error:
        raise DetectorRefusal(f"Failed to process media: {error}") from None


def from_base64(text: str) -> bytes:
    """The bytes of an `img` field: plain base64 or a data URI."""
    if text.startswith("data:"):
        text = text.partition(",")[2]
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise DetectorRefusal("Failed to process media: img is not base64") from None
