"""Noticing that a page is gone although it could not say so: a killed browser, a lost network."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable


class PageWatch:
    """Calls `gone` when the page has been silent for so long while the kernel had time to listen.

    A kernel that works through cells hears nothing either, and then its ticks come late: those do not count.

    Args:
        gone: called once, in the kernel's loop.
        patience: seconds of silence that are too many. A hidden tab may speak but once a minute, and a page that
            is closed says so.
        tick: seconds between two looks; the page says something every second while a picture runs.
    """

    def __init__(self, gone: Callable[[], None], *, patience: float = 150.0, tick: float = 5.0) -> None:
        self._gone = gone
        self._patience = patience
        self._tick = tick
        self._heard = False
        self._loop = _running_loop()
        self._round = 0
        self._task: asyncio.Task[None] | None = None
        self._lock = threading.Lock()
        """Held by the end of one round and the beginning of the next, which other threads may ask for."""

    def start(self) -> None:
        """Watch from now on, from whatever thread; without a loop (a plain script) there is no page to watch."""
        self.stop()
        loop = _running_loop() or self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._begin, self._round)

    def heard(self) -> None:
        """The page has said something."""
        self._heard = True

    def stop(self) -> None:
        """Watch no longer."""
        with self._lock:
            self._round += 1
            task, self._task = self._task, None
        if task is not None and not task.get_loop().is_closed():
            task.get_loop().call_soon_threadsafe(task.cancel)

    def _begin(self, round_: int) -> None:
        with self._lock:
            if round_ == self._round:  # else it was stopped before the loop came to it
                self._task = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        silent = 0.0
        while silent < self._patience:
            self._heard, began = False, time.monotonic()
            await asyncio.sleep(self._tick)
            punctual = time.monotonic() - began < 1.2 * self._tick
            silent = silent + self._tick if punctual and not self._heard else 0.0
        self._task = None
        self._gone()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
