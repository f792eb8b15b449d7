"""Locks between the processes of a test run, so that a test can have the machine to itself."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator

from tests.browser.harness import ARTEFACTS


@contextlib.contextmanager
def taking_turns(*, alone: bool) -> Iterator[None]:
    """Hold the machine during the block, alone or together with others.

    A process that waits for the machine holds the queue, so that the tests of another cannot overtake it for ever.
    """
    ARTEFACTS.mkdir(exist_ok=True)
    with (ARTEFACTS / "machine.lock").open("w") as machine:
        with (ARTEFACTS / "queue.lock").open("w") as queue:
            fcntl.flock(queue, fcntl.LOCK_EX)
            fcntl.flock(machine, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield
