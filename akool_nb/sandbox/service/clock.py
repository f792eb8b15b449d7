"""The sandbox's clock: real time that can be sped up, so that an hour passes while the class is watching."""

from __future__ import annotations

import time


class Clock:
    """Seconds since the start, counted `speed` times as fast as they pass."""

    def __init__(self) -> None:
        self._speed = 1.0
        self._counted = 0.0
        self._since = time.monotonic()

    def now(self) -> float:
        """Counted seconds since the start."""
        return self._counted + (time.monotonic() - self._since) * self._speed

    @property
    def speed(self) -> float:
        """How many counted seconds pass in a real one."""
        return self._speed

    @speed.setter
    def speed(self, value: float) -> None:
        self._counted, self._since = self.now(), time.monotonic()
        self._speed = value

    def real(self, seconds: float) -> float:
        """How long so many counted seconds really take: what is told to clients, who have clocks of their own."""
        return seconds / self._speed
