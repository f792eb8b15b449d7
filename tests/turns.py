"""Locks between the processes of a test run, so that a test can have the machine to itself: a plugin of pytest."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

LOCKS = Path(__file__).parent / "artefacts"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """A test that holds a pace has the machine to itself: it waits for the other processes' tests, and they for it."""
    with taking_turns(alone=item.get_closest_marker("pace") is not None):
        return (yield)


@contextlib.contextmanager
def taking_turns(*, alone: bool) -> Iterator[None]:
    """Hold the machine during the block, alone or together with others.

    A process that waits for the machine holds the queue, so that the tests of another cannot overtake it for ever.
    """
    LOCKS.mkdir(exist_ok=True)
    with (LOCKS / "machine.lock").open("w") as machine:
        with (LOCKS / "queue.lock").open("w") as queue:
            fcntl.flock(queue, fcntl.LOCK_EX)
            fcntl.flock(machine, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield
