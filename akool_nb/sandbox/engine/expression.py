"""What a mesh tells of the face's pose and expression: open mouth, open eyes, turned head."""

from __future__ import annotations

import math

from akool_nb.sandbox.engine.arrays import Mesh, Points

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
    """How far the head is turned to a side, in degrees: 0 from the front, 90 in profile, the sign tells the side."""
    across = mesh[SIDES[1]] - mesh[SIDES[0]]
    return math.degrees(math.atan2(float(across[2]), math.hypot(across[0], across[1])))


def ramp(value: float, low: float, high: float) -> float:
    """0 at `low`, 1 at `high`, straight between them; `low` may be the larger."""
    return min(1.0, max(0.0, (value - low) / (high - low)))


def _gap(points: Points, pair: tuple[int, int]) -> float:
    (x, y), (other_x, other_y) = points[pair[0], :2].tolist(), points[pair[1], :2].tolist()
    return math.hypot(x - other_x, y - other_y)
