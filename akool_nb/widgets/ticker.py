"""One thread for everything that must look at something once a second."""

from __future__ import annotations

import contextlib
import time
import weakref
from collections.abc import Callable

from akool_nb.widgets.worker import Worker

SECONDS = 1.0


class Ticker:
    """Calls methods once a second, until they return False or their object is deleted.

    All methods share one thread, which ends with the last of them. They must be quick.
    """

    def __init__(self) -> None:
        self._worker = Worker("akool_nb ticker")
        self._methods: list[weakref.WeakMethod[Callable[[], bool]]] = []

    def add(self, method: Callable[[], bool]) -> None:
        """Call this bound method from now on."""
        self._methods.append(weakref.WeakMethod(method))
        self._worker.do(self._tick)

    def _tick(self) -> None:
        while self._methods:
            for reference in list(self._methods):
                if not _goes_on(reference):
                    self._methods.remove(reference)
            time.sleep(SECONDS)


def _goes_on(reference: weakref.WeakMethod[Callable[[], bool]]) -> bool:
    method = reference()
    if method is None:
        return False
    # One that fails must not end the others.
    with contextlib.suppress(Exception):
        return method()
    return True


TICKER = Ticker()
