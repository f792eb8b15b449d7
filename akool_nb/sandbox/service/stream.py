"""One viewer's live video: JPEG in, swapped JPEG out, in order; when there are too many, older frames are dropped."""

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
"""Larger frames would occupy a thread for seconds while other viewers wait; 2560×1600 is accepted."""

LATE = 0.1
"""How many seconds a finished frame may wait for a viewer who reads slowly, before a newer one takes its place."""

Notify = Callable[[dict[str, Any]], None]
Show = Callable[[bytes], Awaitable[None]]


@dataclass
class _Answer:
    """The outcome of a frame: the swapped picture, or a number of lost frames in a row; sent at `due`."""

    due: float
    frame: bytes | None = None
    lost: int = 0
    why: dict[str, str] = field(default_factory=dict)


class Stream:
    """Takes frames from a socket and sends each back swapped; reports the number of dropped frames.

    Answers and losses are sent in the order of the frames, so a viewer who counts knows which frame has come back.

    Args:
        session: its source face is read anew for each frame, so that `update` has effect at once.
        notify: sends a message to the viewer.
        show: sends a frame; it is waited for, so that a viewer who reads slowly gets fewer frames, not older ones.
    """

    # Finished frames that are not due yet: five seconds of video, for the switches that delay it.
    MOST_WAITING = 100

    def __init__(self, session: Session, workers: Workers, switches: Switches, notify: Notify, show: Show) -> None:
        self.session = session
        self._workers = workers
        self._switches = switches
        self._notify = notify
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
        """Accept a frame; it replaces one that is still waiting."""
        if self._waiting is not None:
            self._overtaken += 1
        if not self._is_working:
            self._settle_overtaken()
        self._waiting = frame
        self._wake.set()

    def wake(self) -> None:
        """Check again whether work can go on, because the session has changed."""
        self._wake.set()

    def summary(self) -> dict[str, Any]:
        return {"session": self.session.id, "fps": self.rate, "frames": self.frames, "dropped": self.dropped}

    def report(self, streams: int, credits: float) -> None:
        """Send the viewer the frame rate of the last second, the number of streams on the machine, and the balance."""
        now = time.monotonic()
        reported_at, reported_frames = self._reported
        self.rate = round((self.frames - reported_frames) / max(1e-3, now - reported_at), 1)
        self._reported = (now, self.frames)
        self._notify({"streams": streams, "fps": self.rate})
        self._notify({"credit": round(credits, 2)})

    async def run(self) -> None:
        tasks = [asyncio.ensure_future(work) for work in (self._send_answers(), self._swap_frames())]
        try:
            # A failure of one ends both, because neither is useful alone.
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
        frame = self._waiting
        self._waiting = None
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
        if random.random() < self._switches.frame_loss:  # noqa: S311 - a simulated loss, no secret
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
        # Jitter must not change the order: a later frame is never due before an earlier one.
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
            self._report_dropped(answer.lost, **answer.why)
            return
        self.frames += 1
        await self._show(answer.frame)

    def _drop_outdated(self) -> None:
        """Of the frames that have waited too long for their viewer keep only the newest."""
        late = time.monotonic() - LATE
        newest = max((at for at, each in enumerate(self._answers) if each.frame and each.due <= late), default=0)
        for _ in range(newest):
            old = self._answers.popleft()
            self._report_dropped(old.lost or 1, **old.why)

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

    def _report_dropped(self, count: int, **why: str) -> None:
        self.dropped += count
        self._notify({"dropped": count, **why})
