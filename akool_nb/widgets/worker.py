"""A thread that runs jobs in order: what a widget does off the kernel's main thread never overlaps."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, wait
from functools import partial
from typing import TypeVar

from akool_nb.wire import daemon

T = TypeVar("T")
# A wait without a time limit cannot be interrupted on Windows, so a waiting cell wakes up this often (s).
INTERRUPTIBLE = 0.2


class Worker:
    """Runs jobs one after the other on a daemon thread, which ends while there are no jobs."""

    def __init__(self, name: str = "akool_nb worker") -> None:
        self._name = name
        self._jobs: deque[Callable[[], object]] = deque()
        self._thread: threading.Thread | None = None
        # Any thread may add a job at the moment in which the worker's thread finds none and ends.
        self._lock = threading.Lock()

    def do(self, job: Callable[[], object]) -> None:
        """Run the job after those that are queued; a job that is added by a job runs at once, as a part of it."""
        if threading.current_thread() is self._thread:
            job()
            return
        with self._lock:
            self._jobs.append(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True, name=self._name)
                self._thread.start()

    def result(self, job: Callable[[], T]) -> T:
        """Run the job after those that are queued, wait for it, and return its result or raise its exception."""
        future: Future[T] = Future()
        self.do(partial(daemon.settle, future, job))
        while not future.done():
            wait([future], INTERRUPTIBLE)
        return future.result()

    def _run(self) -> None:
        job = self._next()
        while job is not None:
            job()
            job = self._next()

    def _next(self) -> Callable[[], object] | None:
        with self._lock:
            if self._jobs:
                return self._jobs.popleft()
            self._thread = None
            return None
