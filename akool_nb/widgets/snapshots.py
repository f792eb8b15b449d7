"""Snapshots: taken by the page's button, or asked for by Python."""

from __future__ import annotations

import io
from concurrent.futures import Future

from PIL import Image

from akool_nb.widgets import texts
from akool_nb.widgets.live_host import LiveHost
from akool_nb.widgets.waiting import answer_of, require_answers


class Snapshots:
    """The part of a live view that gets snapshots.

    The message to the page is `take_snapshot`. The page answers with `snapshot(picture)`, which it also sends when its
    button is pressed.
    """

    def __init__(self, view: LiveHost) -> None:
        self._view = view
        self._waiting: list[Future[Image.Image]] = []

    async def take(self) -> Image.Image:
        """Ask the page for a snapshot and wait for it; raises AkoolError if there is no picture, or no answer."""
        require_answers(self._view, texts.SNAPSHOT_INSTEAD)
        answer: Future[Image.Image] = Future()
        self._waiting.append(answer)
        self._view.post("take_snapshot")
        return await answer_of(answer)

    def _receive_snapshot(self, picture: memoryview) -> None:
        data = bytes(picture)
        self._view.work(lambda: self._open(data))

    def _open(self, data: bytes) -> None:
        image = Image.open(io.BytesIO(data))
        image.load()
        self._view.snapshot = image
        while self._waiting:
            self._waiting.pop().set_result(image)
