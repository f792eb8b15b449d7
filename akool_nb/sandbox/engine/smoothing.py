"""The One-Euro filter: smooths still points strongly and moving points little."""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np

from akool_nb.sandbox.engine.arrays import Points

Share = TypeVar("Share", float, Points)
"""One number for all points, or one for each."""


class OneEuroFilter:
    """Smooths points over time: Casiez, Roussel, Vogel, "1€ Filter", CHI 2012, https://doi.org/10.1145/2207676.2208639.

    Each point's cut-off frequency (Hz) is `rest` plus `eagerness` times its speed in units a second.
    """

    def __init__(self, *, rate: float = 20.0, rest: float = 0.8, eagerness: float = 9.0) -> None:
        self.rate = rate
        self.rest = rest
        self.eagerness = eagerness
        self._points: Points | None = None
        self._speed: Points | None = None

    def __call__(self, points: Points, *, unit: float) -> Points:
        """The next smoothed points (n×2 pixels); `unit` is the size in pixels that speed is measured in."""
        if self._points is None or self._speed is None:
            self._points = points.copy()
            self._speed = np.zeros_like(points)
            return self._points
        self._speed = self._speed + self._share(1.0) * ((points - self._points) * self.rate - self._speed)
        pace = np.hypot(self._speed[:, :1], self._speed[:, 1:]) / np.float32(max(unit, 1.0))
        self._points = self._points + self._share(self.rest + self.eagerness * pace) * (points - self._points)
        return self._points

    def _share(self, cutoff: Share) -> Share:
        """How much of a new value is taken in at a cut-off frequency."""
        return cutoff / (cutoff + self.rate / (2 * math.pi))
