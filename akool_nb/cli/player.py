"""A clip through the sandbox's live video, as a camera would send it, without a browser."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from akool_nb.errors import AkoolError

IN_FLIGHT = 2
PATIENCE = 20.0
"""Seconds without any word from the sandbox after which the stream counts as dead."""


@dataclass
class Take:
    """What a clip was before and after the swap, and how it fared on the way; delays are milliseconds."""

    sent: list[bytes] = field(default_factory=list)
    swapped: list[bytes] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    skipped: int = 0
    seconds: float = 0.0

    @property
    def fps(self) -> float:
        """Swapped frames a second."""
        return len(self.swapped) / self.seconds if self.seconds else 0.0

    def delay(self, percent: int) -> float:
        """The delay that so many percent of the frames stayed under."""
        if len(self.delays) < 2:
            return self.delays[0] if self.delays else 0.0
        return statistics.quantiles(self.delays, n=100, method="inclusive")[percent - 1]


class Player:
    """Sends frames to a session's live video at their own pace, as a camera would, and keeps what comes back.

    At most two frames are on the way; a frame whose turn comes while two are is skipped, so that the delay stays small.
    """

    def __init__(self, url: str, *, fps: float, progress: Callable[[int], None] = lambda count: None) -> None:
        self.take = Take()
        self._url, self._fps, self._progress = url, fps, progress
        self._on_the_way: deque[tuple[float, bytes]] = deque()
        self._ready = False

    async def play(self, frames: Sequence[bytes], halfway: Callable[[], object]) -> Take:
        """Play them all; `halfway` is called in a thread when half of them are sent."""
        from tornado.websocket import websocket_connect

        socket = await websocket_connect(self._url, max_message_size=8_000_000)
        receiving = asyncio.ensure_future(self._receive(socket))
        try:
            await self._until(lambda: self._ready, receiving)
            await self._send(socket, frames, halfway)
            await self._until(lambda: not self._on_the_way, receiving)
        finally:
            receiving.cancel()
            socket.close()
        return self.take

    async def _send(self, socket: Any, frames: Sequence[bytes], halfway: Callable[[], object]) -> None:
        started = time.perf_counter()
        switching: asyncio.Future[object] | None = None
        for index, frame in enumerate(frames):
            await asyncio.sleep(max(0.0, started + index / self._fps - time.perf_counter()))
            if index == len(frames) // 2:
                switching = asyncio.ensure_future(asyncio.to_thread(halfway))
            if len(self._on_the_way) >= IN_FLIGHT:
                self.take.skipped += 1
                continue
            self._on_the_way.append((time.perf_counter(), frame))
            await socket.write_message(frame, binary=True)
            self._progress(index + 1)
        if switching is not None:
            await switching
        self.take.seconds = time.perf_counter() - started

    async def _receive(self, socket: Any) -> None:
        while (message := await asyncio.wait_for(socket.read_message(), PATIENCE)) is not None:
            if isinstance(message, bytes):
                self._keep(message)
            else:
                self._hear(json.loads(message))
        raise AkoolError("The live video ended before the clip did.")

    def _keep(self, swapped: bytes) -> None:
        sent_at, frame = self._on_the_way.popleft()
        self.take.delays.append(1000 * (time.perf_counter() - sent_at))
        self.take.sent.append(frame)
        self.take.swapped.append(swapped)

    def _hear(self, news: dict[str, Any]) -> None:
        if news.get("end"):
            raise AkoolError(f"The live video ended: {news['end']}.")
        self._ready = self._ready or news.get("status") == 2
        for _ in range(min(int(news.get("dropped", 0)), len(self._on_the_way))):
            self._on_the_way.popleft()
            self.take.skipped += 1

    async def _until(self, reached: Callable[[], bool], receiving: asyncio.Future[None]) -> None:
        end = time.monotonic() + PATIENCE
        while not reached():
            if receiving.done():
                receiving.result()
            if time.monotonic() > end:
                raise AkoolError(
                    f"The sandbox sent no picture for {PATIENCE:.0f} s. 'akool-nb doctor' says what is wrong."
                )
            await asyncio.sleep(0.01)
