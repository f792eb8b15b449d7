"""Noticing that a page has ended although it could not say so: a killed browser, a lost network."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


class PageWatch:
    """Calls `on_silence` when the page has sent nothing for too long while the kernel had time to receive.

    A kernel that runs cells receives nothing either; its ticks come late then, and do not count.

    Args:
        on_silence: called once, in the kernel's loop.
        patience: seconds of silence that are too many. A hidden tab may send only once a minute; a page that is
            closed says so.
        tick: seconds between two looks; the page sends something every second while a picture runs.
    """

    def __init__(self, on_silence: Callable[[], None], *, patience: float = 150.0, tick: float = 5.0) -> None:
        self._on_silence = on_silence
        self._patience = patience
        self._tick = tick
        self._loop = _running_loop()
        self._received = False
        self._watching = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Watch from now on; any thread may call it. Without a loop (a plain script) there is no page to watch."""
        self._loop = _running_loop() or self._loop
        self._watching = True
        self._received = True
        self._soon(self._begin)

    def received(self) -> None:
        self._received = True

    def stop(self) -> None:
        """Stop watching; any thread may call it."""
        self._watching = False
        self._soon(self._end)

    def _soon(self, act: Callable[[], None]) -> None:
        # The loop calls in the order of starts and stops, whichever threads these came from.
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(act)

    def _begin(self) -> None:
        self._end()
        if self._watching:
            self._task = asyncio.get_running_loop().create_task(self._watch())

    def _end(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task = None

    async def _watch(self) -> None:
        silent = 0.0
        while silent < self._patience:
            self._received = False
            began = time.monotonic()
            await asyncio.sleep(self._tick)
            punctual = time.monotonic() - began < 1.2 * self._tick
            silent = silent + self._tick if punctual and not self._received else 0.0
        self._task = None
        if self._watching:
            self._on_silence()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
