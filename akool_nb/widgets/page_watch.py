"""Noticing that a page is gone although it could not say so: a killed browser, a lost network."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


class PageWatch:
    """Calls `gone` when the page has been silent for so long while the kernel had time to listen.

    A kernel that works through cells hears nothing either, and then its ticks come late: those do not count.

    Args:
        gone: called once, in the kernel's loop.
        patience: seconds of silence that are too many.
        tick: seconds between two looks; the page says something every second while a picture runs.
    """

    def __init__(self, gone: Callable[[], None], *, patience: float = 30.0, tick: float = 5.0) -> None:
        self._gone = gone
        self._patience = patience
        self._tick = tick
        self._heard = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Watch from now on; without a running loop (a plain script) there is no page to watch."""
        self.stop()
        try:
            self._task = asyncio.get_running_loop().create_task(self._watch())
        except RuntimeError:
            return

    def heard(self) -> None:
        """The page has said something."""
        self._heard = True

    def stop(self) -> None:
        """Watch no longer."""
        if self._task is not None:
            self._task.get_loop().call_soon_threadsafe(self._task.cancel)
        self._task = None

    async def _watch(self) -> None:
        silent = 0.0
        while silent < self._patience:
            self._heard, began = False, time.monotonic()
            await asyncio.sleep(self._tick)
            punctual = time.monotonic() - began < 1.2 * self._tick
            silent = silent + self._tick if punctual and not self._heard else 0.0
        self._task = None
        self._gone()
