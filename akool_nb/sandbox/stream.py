"""One viewer's live video: JPEG in, swapped JPEG out, in order, the newest frame first when there are too many."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

from akool_nb.sandbox import picture
from akool_nb.sandbox.sessions import PROCESSING, Session
from akool_nb.sandbox.swap import FaceSwapper
from akool_nb.sandbox.switches import Switches
from akool_nb.sandbox.workers import Workers

Tell = Callable[[dict[str, Any]], None]
Show = Callable[[bytes], Awaitable[None]]


class Stream:
    """Takes frames from a socket and sends each back swapped; tells how many it had to drop.

    Args:
        session: whose source face is worn, read anew for each frame so that `update` shows at once.
        tell: passes a message on to the viewer.
        show: passes a frame on; it is waited for, so that a viewer who reads slowly gets fewer frames.
    """

    MOST_WAITING = 100
    """Finished frames on their way: five seconds of video, for the switches that delay it."""

    def __init__(self, session: Session, workers: Workers, switches: Switches, tell: Tell, show: Show) -> None:
        self.session = session
        self._workers = workers
        self._switches = switches
        self._tell = tell
        self._show = show
        self._waiting: bytes | None = None
        self._wake = asyncio.Event()
        self._swapper: FaceSwapper | None = None
        self._due = 0.0
        self._answers: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(self.MOST_WAITING)
        self.frames = 0
        self.dropped = 0
        self.rate = 0.0
        self._reported = (time.monotonic(), 0)

    def take(self, frame: bytes) -> None:
        """A frame has come; one that is still waiting gives way to it."""
        if self._waiting is not None:
            self._drop()
        self._waiting = frame
        self._wake.set()

    def wake(self) -> None:
        """Something about the session changed: look whether work can go on."""
        self._wake.set()

    def summary(self) -> dict[str, Any]:
        """What the panel shows of the stream."""
        return {"session": self.session.id, "fps": self.rate, "frames": self.frames, "dropped": self.dropped}

    def report(self, streams: int, credits: float) -> None:
        """Tell the viewer the frame rate of the last second, how many streams share the machine, and the balance."""
        now = time.monotonic()
        self.rate = round((self.frames - self._reported[1]) / max(1e-3, now - self._reported[0]), 1)
        self._reported = (now, self.frames)
        self._tell({"streams": streams, "fps": self.rate})
        self._tell({"credit": round(credits, 2)})

    async def run(self) -> None:
        """Work until cancelled."""
        sending = asyncio.ensure_future(self._send_answers())
        try:
            while True:
                await self._work(await self._next())
        finally:
            sending.cancel()

    async def _next(self) -> bytes:
        while self._waiting is None or self.session.status != PROCESSING:
            self._wake.clear()
            await self._wake.wait()
        frame, self._waiting = self._waiting, None
        return frame

    async def _work(self, frame: bytes) -> None:
        try:
            swapped = await self._workers.frame(lambda: self._swap(frame))
        except picture.PictureError as error:
            self._drop(error=str(error))
            return
        if random.random() < self._switches.frame_loss:  # noqa: S311 - a dice, no secret
            self._drop()
            return
        self.frames += 1
        await self._answers.put((self._due_time(), swapped))

    def _swap(self, frame: bytes) -> bytes:
        image = picture.decode(frame)
        if self._swapper is None:
            self._swapper = FaceSwapper(self.session.source)
        if self._swapper.source is not self.session.source:
            self._swapper.source = self.session.source
        swapped = self._swapper.swap(image)
        picture.draw_mark(swapped)
        return picture.encode(swapped)

    def _due_time(self) -> float:
        # Jitter may not overtake: a later frame is never due before an earlier one.
        delay = self._switches.frame_latency + random.uniform(0, self._switches.frame_jitter)  # noqa: S311 - a pause
        self._due = max(self._due, time.monotonic() + delay)
        return self._due

    async def _send_answers(self) -> None:
        while True:
            due, frame = await self._answers.get()
            if (wait := due - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            await self._show(frame)

    def _drop(self, **details: str) -> None:
        self.dropped += 1
        self._tell({"dropped": 1, **details})
