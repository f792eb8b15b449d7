"""Pose and expression of a face, measured on its mesh: open eyes, turned head."""

from __future__ import annotations

import math

from akool_nb.sandbox.engine.arrays import Mesh, Points

USUAL_OPENING = 0.38
"""The usual opening of eyes that were not seen before."""

OPENING = 0.2
CLOSING = 0.01
SETTLING = 0.08
SETTLING_FRAMES = 20
"""Share of a change that `UsualEyes` takes over: of wider eyes, of narrower eyes, and of those in the first frames."""

LIDS = ((159, 145), (386, 374))
EYE_CORNERS = ((33, 133), (263, 362))
SIDES = (234, 454)
"""Point numbers: lids and corners of both eyes, and the face's two sides."""


def eye_opening(points: Points) -> float:
    """Gap between the lids as a part of the eye's width, the mean of both eyes: about 0.1 closed, 0.35 open."""
    ratios = [
        _gap(points, lids) / max(1.0, _gap(points, corners)) for lids, corners in zip(LIDS, EYE_CORNERS, strict=True)
    ]
    return sum(ratios) / 2


def turn(mesh: Mesh) -> float:
    """How far the head is turned to a side, in degrees: 0 from the front, 90 in profile, the sign gives the side."""
    across = mesh[SIDES[1]] - mesh[SIDES[0]]
    return math.degrees(math.atan2(float(across[2]), math.hypot(across[0], across[1])))


class UsualEyes:
    """How far the eyes of one face in a video are open most of the time, as `eye_opening` measures it."""

    def __init__(self) -> None:
        self.opening = USUAL_OPENING
        self._frames = 0

    def update(self, opening: float) -> float:
        """Take in the opening in the next frame; returns the usual one."""
        self._frames += 1
        if self._frames == 1:
            self.opening = max(USUAL_OPENING, opening)
            return self.opening
        # Fast upwards and slowly downwards, because eyes are open most of the time and a blink is short.
        # In the first second faster, so that narrow eyes soon count as usual.
        downwards = SETTLING if self._frames <= SETTLING_FRAMES else CLOSING
        share = OPENING if opening > self.opening else downwards
        self.opening += share * (opening - self.opening)
        return self.opening


def ramp(value: float, low: float, high: float) -> float:
    """0 at `low`, 1 at `high`, straight between them; `low` may be the larger."""
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _gap(points: Points, pair: tuple[int, int]) -> float:
    x, y = points[pair[0], :2].tolist()
    other_x, other_y = points[pair[1], :2].tolist()
    return math.hypot(x - other_x, y - other_y)
