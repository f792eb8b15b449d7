"""A pytest plugin: a test marked `alone` runs while no other process of the test run runs a test."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

LOCKS = Path(__file__).parent / "artefacts"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Wait for the lock, run the test, release the lock."""
    with machine_lock(alone=item.get_closest_marker("alone") is not None):
        return (yield)


@contextlib.contextmanager
def machine_lock(*, alone: bool) -> Iterator[None]:
    """Hold the machine's lock during the block: exclusive if `alone`, otherwise shared.

    A process that waits for the lock holds the queue's lock, so that tests of other processes cannot overtake it.
    """
    LOCKS.mkdir(exist_ok=True)
    with (LOCKS / "machine.lock").open("w") as machine:
        with (LOCKS / "queue.lock").open("w") as queue:
            fcntl.flock(queue, fcntl.LOCK_EX)
            fcntl.flock(machine, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield
