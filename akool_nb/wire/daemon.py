"""Work in daemon threads: Python does not wait for them when it ends."""

from __future__ import annotations

import concurrent.futures
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

_WAIT_SECONDS = 0.2
# On Windows a wait without a time limit cannot be interrupted, so a long wait is made of short ones.


def start(work: Callable[[], T], name: str) -> Future[T]:
    """Run `work` in a new daemon thread called `name`; the future holds its result or its exception."""
    future: Future[T] = Future()
    _start(work, name, future)
    return future


def result_or_undo(work: Callable[[], T], name: str, undo: Callable[[T], object]) -> T:
    """Run `work` in a daemon thread and return its result. After an interrupt, `undo(result)` runs when it is there.

    `create` needs this: a KeyboardInterrupt between its request and its response would leave a billed session whose
    id is not known.
    """
    future: Future[T] = Future()
    try:
        _start(work, name, future)
        while not future.done():
            concurrent.futures.wait([future], _WAIT_SECONDS)
        return future.result()
    except BaseException:
        # Called at once if the work is done already.
        future.add_done_callback(lambda done: _undo(done, undo))
        raise


def _start(work: Callable[[], T], name: str, future: Future[T]) -> None:
    future.set_running_or_notify_cancel()
    thread = threading.Thread(target=settle, args=(future, work), name=name, daemon=True)
    try:
        thread.start()
    except RuntimeError:
        # While Python ends, it starts no threads.
        settle(future, work)


def settle(future: Future[T], work: Callable[[], T]) -> None:
    """Run `work`; the future holds its result or its exception."""
    try:
        result = work()
    except BaseException as error:
        # Without the frames of the work, whose local variables a verbose traceback would show.
        future.set_exception(error.with_traceback(None))
    else:
        future.set_result(result)


def _undo(future: Future[Any], undo: Callable[[Any], object]) -> None:
    # The caller sees the interrupt; a session that cannot be closed here is closed by the guard.
    with contextlib.suppress(Exception):
        undo(future.result())
