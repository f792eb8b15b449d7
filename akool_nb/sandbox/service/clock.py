"""The sandbox's clock: it can run faster than real time, so that a class sees in seconds what takes an hour."""

from __future__ import annotations

import time


class Clock:
    """Seconds since the start, counted `speed` times as fast as real ones."""

    def __init__(self) -> None:
        self._speed = 1.0
        self._counted = 0.0
        self._since = time.monotonic()

    def now(self) -> float:
        return self._counted + (time.monotonic() - self._since) * self._speed

    @property
    def speed(self) -> float:
        return self._speed

    @speed.setter
    def speed(self, value: float) -> None:
        self._counted = self.now()
        self._since = time.monotonic()
        self._speed = value

    def real(self, seconds: float) -> float:
        """The real duration of counted seconds: clients have clocks of their own, so answers state real time."""
        return seconds / self._speed
