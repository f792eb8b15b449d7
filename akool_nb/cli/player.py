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
from akool_nb.wire import daemon

IN_FLIGHT = 2
"""How many frames may be sent and not yet answered."""
PATIENCE = 20.0
"""Seconds without a message from the sandbox after which the stream counts as ended."""


@dataclass
class Take:
    """A clip before and after the swap.

    Attributes:
        sent: the frames that came back, as they were sent: JPEG.
        swapped: the same frames after the swap: JPEG.
        delays: milliseconds from sending a frame to its return.
        skipped: how many frames were not sent, or dropped by the sandbox.
        seconds: how long sending took.
    """

    sent: list[bytes] = field(default_factory=list)
    swapped: list[bytes] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    skipped: int = 0
    seconds: float = 0.0

    @property
    def fps(self) -> float:
        if not self.seconds:
            return 0.0
        return len(self.swapped) / self.seconds

    def delay(self, percent: int) -> float:
        """The delay in milliseconds below which `percent` percent of the frames stayed."""
        if len(self.delays) < 2:
            return sum(self.delays)
        return statistics.quantiles(self.delays, n=100, method="inclusive")[percent - 1]


class Player:
    """Sends frames to a session's live video at the rate of a camera, and keeps what comes back.

    At most two frames are in flight. A frame that is due while two are in flight is skipped, so that the delay stays
    small. In a notebook, `await player.play(…)` and `player.run(…)` do the same.

    Args:
        url: the session's `view_url`.
        fps: frames a second.
    """

    def __init__(self, url: str, *, fps: float) -> None:
        self.take = Take()
        self._url = url
        self._fps = fps
        self._in_flight: deque[tuple[float, bytes]] = deque()
        self._ready = False

    async def play(self, frames: Sequence[bytes], halfway: Callable[[], object] = lambda: None) -> Take:
        """Play all frames; `halfway` is called in a thread when half of them are sent.

        Raises `AkoolError` when the video ends early or sends nothing for 20 seconds.
        """
        from tornado.websocket import websocket_connect

        socket = await websocket_connect(self._url, max_message_size=8_000_000)
        receiving = asyncio.ensure_future(self._receive(socket))
        try:
            await self._until(lambda: self._ready, receiving)
            await self._send(socket, frames, halfway)
            await self._until(lambda: not self._in_flight, receiving)
        finally:
            receiving.cancel()
            socket.close()
        return self.take

    def run(self, frames: Sequence[bytes], halfway: Callable[[], object]) -> Take:
        """The same without `await`: also from a function that is called while an event loop runs, as in a notebook."""
        return daemon.start(lambda: asyncio.run(self.play(frames, halfway)), "akool_nb player").result()

    async def _send(self, socket: Any, frames: Sequence[bytes], halfway: Callable[[], object]) -> None:
        started = time.perf_counter()
        switching: asyncio.Future[object] | None = None
        for index, frame in enumerate(frames):
            await asyncio.sleep(max(0.0, started + index / self._fps - time.perf_counter()))
            if index == len(frames) // 2:
                switching = asyncio.ensure_future(asyncio.to_thread(halfway))
            if len(self._in_flight) >= IN_FLIGHT:
                self.take.skipped += 1
                continue
            self._in_flight.append((time.perf_counter(), frame))
            await socket.write_message(frame, binary=True)
        if switching is not None:
            await switching
        self.take.seconds = time.perf_counter() - started

    async def _receive(self, socket: Any) -> None:
        while (message := await asyncio.wait_for(socket.read_message(), PATIENCE)) is not None:
            if isinstance(message, bytes):
                self._keep(message)
            else:
                self._note(json.loads(message))
        raise AkoolError("The live video ended before the clip did.")

    def _keep(self, swapped: bytes) -> None:
        sent_at, frame = self._in_flight.popleft()
        self.take.delays.append(1000 * (time.perf_counter() - sent_at))
        self.take.sent.append(frame)
        self.take.swapped.append(swapped)

    def _note(self, news: dict[str, Any]) -> None:
        if news.get("end"):
            raise AkoolError(f"The live video ended: {news['end']}.")
        self._ready = self._ready or news.get("status") == 2
        for _ in range(min(int(news.get("dropped", 0)), len(self._in_flight))):
            self._in_flight.popleft()
            self.take.skipped += 1

    async def _until(self, reached: Callable[[], bool], receiving: asyncio.Future[None]) -> None:
        end = time.monotonic() + PATIENCE
        while not reached():
            if receiving.done():
                receiving.result()
            if time.monotonic() > end:
                raise AkoolError(
                    f"The sandbox sent no picture for {PATIENCE:.0f} s. Run 'akool-nb doctor' to find out why."
                )
            await asyncio.sleep(0.01)
