"""Which of the 468 mesh points form the outline, the eyes, the lips, and the triangles between them."""

from __future__ import annotations

from functools import cache

import numpy as np

from akool_nb.sandbox.engine.arrays import Points
from akool_nb.sandbox.engine.networks import model_path
from akool_nb.sandbox.engine.opencv import cv2

with np.load(model_path("topo.npz")) as _file:
    OUTLINE, LEFT_EYE, RIGHT_EYE, INNER_LIPS = (_file[name].astype(np.int32) for name in ("oval", "re", "le", "inner"))
"""Closed loops of point numbers; left and right as seen in the picture."""

OUTER_LIPS = np.array([61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146])
BETWEEN_LIPS = np.insert(INNER_LIPS, [0, 11], [61, 291])
"""The outline of what is visible between the lips, with both corners of the mouth."""

BROWS = np.array([70, 63, 105, 66, 107, 336, 296, 334, 293, 300])
"""The upper edge of both brows from left to right."""
WHOLE_BROWS = np.array([[70, 63, 105, 66, 107, 55, 65, 52, 53, 46], [336, 296, 334, 293, 300, 276, 283, 282, 295, 285]])
BETWEEN_BROWS = np.array([66, 107, 336, 296, 295, 362, 133, 65])
"""Closed loops around each brow, and around the skin between the brows and between the eyes."""
LIDS = (np.append(LEFT_EYE, [55, 65, 52, 53]), np.append(RIGHT_EYE, [285, 295, 282, 283]))
"""Each eye and the lower edge of the brow above it."""
CHEEKS = np.array([[50, 101, 205, 187, 123], [280, 330, 425, 411, 352]])
FEATURES = np.array([1, 4, 5, 195, 6, 168, 98, 327, 2, 70, 105, 107, 300, 334, 336, 9, 151, 10, 152])
"""Single points on nose, brows, forehead and chin."""

with np.load(model_path("layout.npz")) as _file:
    LAYOUT: Points = _file["points"]
"""468×2: the mesh of a symmetric face from the front, mouth a little open, spread over 0-1; the space of textures.

It is what the mesh network makes of the drawn face and its mirror image; tests/sandbox/make_layout.py writes it.
"""


@cache
def reduced(count: int = 110) -> tuple[Points, Points]:
    """A coarser mesh that is quick to draw: the numbers of `count` kept points, and m×3 positions in that list.

    Kept are the loops, the features, and then repeatedly the point that is farthest from all kept points. Delaunay
    triangles join them in the layout, also over eyes and mouth, so that the drawn face has no holes.
    """
    kept = _spread(LAYOUT, _landmarks(), count)
    return kept, _delaunay(LAYOUT[kept])


def _landmarks() -> list[int]:
    loops = (OUTLINE, OUTER_LIPS, INNER_LIPS, LEFT_EYE[::2], RIGHT_EYE[::2], FEATURES)
    return list(dict.fromkeys(int(number) for loop in loops for number in loop))


def _spread(places: Points, kept: list[int], count: int) -> Points:
    """`kept`, and the points that are farthest from all points before them, `count` in all."""
    gaps = np.linalg.norm(places[:, None] - places[kept], axis=2).min(axis=1)
    numbers = list(kept)
    while len(numbers) < count:
        numbers.append(int(gaps.argmax()))
        gaps = np.minimum(gaps, np.linalg.norm(places - places[numbers[-1]], axis=1))
    return np.array(numbers, np.int32)


def _delaunay(places: Points) -> Points:
    """Triangles of the given places (n×2 within 0-1) as m×3 positions."""
    division = cv2.Subdiv2D((-1, -1, 4, 4))
    division.insert(places.astype(np.float32).tolist())
    corners = division.getTriangleList().reshape(-1, 3, 2)
    gaps = np.linalg.norm(corners[:, :, None] - places, axis=3)
    inside = (gaps.min(axis=2).max(axis=1) < 1e-4) & (np.abs(_areas(corners)) > 1e-5)
    numbers: Points = gaps.argmin(axis=2)[inside].astype(np.int32)
    return numbers


def _areas(corners: Points) -> Points:
    """Twice the signed area of each triangle (m×3×2)."""
    first = corners[:, 1] - corners[:, 0]
    second = corners[:, 2] - corners[:, 0]
    return np.asarray(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0])
