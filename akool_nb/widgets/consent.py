"""The consent to use a face: one answer per Python process, shown by every widget that asks for it."""

from __future__ import annotations

import threading
import weakref
from typing import Protocol


class Asks(Protocol):
    """A widget with the tick."""

    consent: bool


class Consent:
    """Whether the person said that they may use the faces they bring; all widgets show the same answer.

    The answer is shared, the question is not: in the page, a tick starts only what was asked for in the same widget.
    """

    def __init__(self) -> None:
        self.given = False
        self._widgets: weakref.WeakSet[Asks] = weakref.WeakSet()
        # Ticks arrive on the kernel's main thread, while another thread makes a widget or a page's server sets a tick:
        # of two answers the later one must be shown everywhere. Reentrant, because a widget repeats what it is given.
        self._lock = threading.RLock()

    def follow(self, widget: Asks) -> None:
        """Keep the widget's `consent` equal to `given` for as long as the widget lives."""
        with self._lock:
            self._widgets.add(widget)
            widget.consent = self.given

    def set(self, given: bool) -> None:
        with self._lock:
            self.given = given
            for widget in list(self._widgets):
                widget.consent = given


CONSENT = Consent()
"""The one of this process."""
