"""The threads that do the pictures' work, so that the event loop only ever passes bytes on."""

from __future__ import annotations

import asyncio
import base64
import binascii
import os
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from akool_nb.pictures import kinds
from akool_nb.sandbox.engine.arrays import Image
from akool_nb.sandbox.engine.detector import FaceDetector, FoundFace
from akool_nb.sandbox.engine.opencv import cv2
from akool_nb.sandbox.engine.swap import SourceFace
from akool_nb.sandbox.pictures import picture
from akool_nb.sandbox.service.refusal import NO_VIDEOS, DetectorRefusal

Result = TypeVar("Result")

STILLS, FETCHES = 1, 8


class Workers:
    """Three kinds of work kept apart, so that none waits for another: photos, downloads, live frames.

    Frames share as many threads as there are processors, first come first served; a stream has one frame in work at
    most, so several streams slow down alike.

    Raises:
        SandboxError: a network is missing, damaged, or more than this OpenCV can read.
    """

    def __init__(self) -> None:
        # One thread per picture: the parallel work is the streams' own.
        cv2.setNumThreads(1)
        # Now, though it takes 30 ms: a network that is missing or cannot be read must stop the start, not a later call.
        self._detector = FaceDetector()
        self._stills = ThreadPoolExecutor(STILLS, thread_name_prefix="stills")
        self._fetches = asyncio.Semaphore(FETCHES)
        self._frames = ThreadPoolExecutor(max(2, os.cpu_count() or 2), thread_name_prefix="frames")

    async def detect(self, content: bytes, *, single_face: bool) -> tuple[Image, list[FoundFace]]:
        """The decoded picture and the faces in it; DetectorRefusal when it is no picture."""
        return await self._run(self._stills, self._detect, content, single_face)

    async def source(self, content: bytes, points: tuple[tuple[int, int], ...]) -> SourceFace:
        """The face of the picture at these points; PictureError or NoFaceAtOpts when there is none."""
        return await self._run(self._stills, lambda: SourceFace.from_opts(picture.decode(content), points))

    async def still(self, work: Callable[[], Result]) -> Result:
        """Other work on photos."""
        return await self._run(self._stills, work)

    async def fetch(self, work: Callable[[], Result]) -> Result:
        """A download, in a thread that does not hold up the end of the process."""
        async with self._fetches:
            return await _aside(work)

    async def frame(self, work: Callable[[], Result]) -> Result:
        """The work on one live frame."""
        return await self._run(self._frames, work)

    def _detect(self, content: bytes, single_face: bool) -> tuple[Image, list[FoundFace]]:
        image = _decoded(content)
        return image, self._detector.detect(image, single_face=single_face)

    def close(self) -> None:
        """Begin no more work; what is being done is let go."""
        for pool in (self._stills, self._frames):
            pool.shutdown(wait=False, cancel_futures=True)

    async def _run(
        self, pool: ThreadPoolExecutor, work: Callable[..., Result], *arguments: object
    ) -> Result:  # fmt: skip
        return await asyncio.get_running_loop().run_in_executor(pool, work, *arguments)


def _aside(work: Callable[[], Result]) -> Awaitable[Result]:
    # An executor's threads are waited for when Python ends, whatever they wait for; a daemon thread is not.
    loop, outcome = asyncio.get_running_loop(), Future[Result]()
    outcome.set_running_or_notify_cancel()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:
            outcome.set_exception(error)

    threading.Thread(target=run, name="fetch", daemon=True).start()
    return asyncio.wrap_future(outcome, loop=loop)


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
