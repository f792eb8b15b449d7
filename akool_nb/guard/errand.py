"""Work that must be seen through once it has begun, even when the cell that began it is interrupted."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Errand(Generic[T]):
    """Runs `work` in a thread of its own. If whoever waits is interrupted, the result is undone when it comes.

    `create` needs it: an interrupt between its sending and its answer would leave a billed session whose id
    nobody knows.
    """

    def __init__(self, work: Callable[[], T], *, undo: Callable[[T], object]) -> None:
        self._work = work
        self._undo = undo
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._abandoned = False
        self._results: list[T] = []
        self._error: BaseException | None = None

    def result(self) -> T:
        """What the work returns or raises."""
        thread = threading.Thread(target=self._run, name="akool_nb errand", daemon=True)
        try:
            thread.start()  # it waits, too, until the thread runs
            self._done.wait()
        except BaseException:
            self._abandon()
            raise
        if self._error is not None:
            raise self._error
        return self._results[0]

    def _run(self) -> None:
        try:
            self._results.append(self._work())
        except BaseException as error:
            self._error = error.with_traceback(None)
        with self._lock:
            self._done.set()
            if self._abandoned:
                self._undo_all()

    def _abandon(self) -> None:
        with self._lock:
            self._abandoned = True
            if self._done.is_set():
                self._undo_all()

    def _undo_all(self) -> None:
        # The interrupt is what the reader sees; what cannot be undone here is left to the guard.
        with contextlib.suppress(Exception):
            for result in self._results:
                self._undo(result)
