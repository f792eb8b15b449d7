"""The consent to use a face: given once per Python process, shown by every widget that asks for it."""

from __future__ import annotations

import threading
import weakref
from typing import Protocol


class Asks(Protocol):
    """A widget with the tick."""

    consent: bool


class Consent:
    """Whether the person said that they may use the faces they bring; all widgets show the same answer."""

    def __init__(self) -> None:
        self.given = False
        self._widgets: weakref.WeakSet[Asks] = weakref.WeakSet()
        self._lock = threading.RLock()
        """Widgets are made, and ticks come, in several threads; a set that grows cannot be gone through."""

    def follow(self, widget: Asks) -> None:
        """Keep the widget's `consent` equal to `given` for as long as the widget lives."""
        with self._lock:
            self._widgets.add(widget)
            widget.consent = self.given

    def set(self, given: bool) -> None:
        """Give or take back; every widget learns it."""
        with self._lock:
            self.given = given
            for widget in list(self._widgets):
                widget.consent = given


CONSENT = Consent()
"""The one of this process."""
