"""One viewer's live video: JPEG in, swapped JPEG out, in order; where there are too many, the older give way."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from akool_nb.sandbox.engine.swap import FaceSwapper
from akool_nb.sandbox.pictures import picture
from akool_nb.sandbox.service.sessions import PROCESSING, Session
from akool_nb.sandbox.service.workers import Workers
from akool_nb.sandbox.switches import Switches

MOST_PIXELS = 4_200_000
"""Larger frames would keep a thread from the other viewers for seconds; 2560×1600 may pass."""

LATE = 0.1
"""How many seconds a finished frame may wait for a viewer who reads slowly, before a newer one takes its place."""

Tell = Callable[[dict[str, Any]], None]
Show = Callable[[bytes], Awaitable[None]]


@dataclass
class _Answer:
    """What became of a frame: the swapped one, or so many lost in a row; and when the viewer shall hear of it."""

    due: float
    frame: bytes | None = None
    lost: int = 0
    why: dict[str, str] = field(default_factory=dict)


class Stream:
    """Takes frames from a socket and sends each back swapped; tells how many it had to drop.

    Answers and losses go out in the order of the frames, so a viewer who counts knows which frame has come back.

    Args:
        session: whose source face is worn, read anew for each frame so that `update` shows at once.
        tell: passes a message on to the viewer.
        show: passes a frame on; it is waited for, so that a viewer who reads slowly gets fewer frames, not older ones.
    """

    MOST_WAITING = 100
    """Finished frames whose time has not come: five seconds of video, for the switches that delay it."""

    def __init__(self, session: Session, workers: Workers, switches: Switches, tell: Tell, show: Show) -> None:
        self.session = session
        self._workers = workers
        self._switches = switches
        self._tell = tell
        self._show = show
        self._waiting: bytes | None = None
        self._overtaken = 0
        self._is_working = False
        self._wake = asyncio.Event()
        self._swapper: FaceSwapper | None = None
        self._due = 0.0
        self._answers: deque[_Answer] = deque()
        self._answered = asyncio.Event()
        self.frames = 0
        self.dropped = 0
        self.rate = 0.0
        self._reported = (time.monotonic(), 0)

    def take(self, frame: bytes) -> None:
        """A frame has come; one that is still waiting gives way to it."""
        if self._waiting is not None:
            self._overtaken += 1
        if not self._is_working:
            self._settle_overtaken()
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
        tasks = [asyncio.ensure_future(work) for work in (self._send_answers(), self._swap_frames())]
        try:
            # Whichever fails ends both: a stream that only swaps or only sends is none.
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()

    async def _swap_frames(self) -> None:
        while True:
            frame = await self._next()
            self._is_working = True
            await self._work(frame)
            self._is_working = False
            self._settle_overtaken()

    async def _next(self) -> bytes:
        while self._waiting is None or self.session.status != PROCESSING:
            self._wake.clear()
            await self._wake.wait()
        frame, self._waiting = self._waiting, None
        return frame

    async def _work(self, frame: bytes) -> None:
        if len(self._answers) >= self.MOST_WAITING:
            self._lose()
            return
        try:
            swapped = await self._workers.frame(lambda: self._swap(frame))
        except picture.PictureError as error:
            self._lose(error=str(error))
            return
        if random.random() < self._switches.frame_loss:  # noqa: S311 - a dice, no secret
            self._lose()
            return
        self._answer(_Answer(self._due_time(), swapped))

    def _swap(self, frame: bytes) -> bytes:
        image = picture.decode(frame, most_pixels=MOST_PIXELS)
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
            while not self._answers:
                self._answered.clear()
                await self._answered.wait()
            if (wait := self._answers[0].due - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            self._drop_outdated()
            await self._send(self._answers.popleft())

    async def _send(self, answer: _Answer) -> None:
        if answer.frame is None:
            self._tell_dropped(answer.lost, **answer.why)
            return
        self.frames += 1
        await self._show(answer.frame)

    def _drop_outdated(self) -> None:
        """Of the frames that have waited too long for their viewer only the newest is worth sending."""
        late = time.monotonic() - LATE
        newest = max((at for at, each in enumerate(self._answers) if each.frame and each.due <= late), default=0)
        for _ in range(newest):
            old = self._answers.popleft()
            self._tell_dropped(old.lost or 1, **old.why)

    def _settle_overtaken(self) -> None:
        for _ in range(self._overtaken):
            self._lose()
        self._overtaken = 0

    def _lose(self, **why: str) -> None:
        last = self._answers[-1] if self._answers else None
        if last is not None and last.frame is None and last.why == why:
            last.lost += 1
        else:
            self._answer(_Answer(max(self._due, time.monotonic()), lost=1, why=why))

    def _answer(self, answer: _Answer) -> None:
        self._answers.append(answer)
        self._drop_outdated()
        self._answered.set()

    def _tell_dropped(self, count: int, **why: str) -> None:
        self.dropped += count
        self._tell({"dropped": count, **why})
