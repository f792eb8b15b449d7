"""Piecewise affine warping: each triangle of a mesh maps its part of one picture to its place in another."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from akool_nb.sandbox.engine.arrays import Image, Mask, Mesh, Points
from akool_nb.sandbox.engine.opencv import cv2

LEAST_CELLS = 24
MOST_CELLS = 64
CELL = 4
"""Bounds of the longest side of the coarse map in cells, and the width of a cell in pixels between them.

The map is enlarged bilinearly, because positions change slowly inside a face.
"""

NOWHERE = np.array([0, 0, 0, 0, -1000, -1000], np.float32)
"""The affine part of a cell that no triangle covers: it points far outside every texture."""


@dataclass(frozen=True)
class Window:
    """A rectangle of whole pixels in a picture."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def around(cls, points: Points, image: Image, *, margin: float = 2) -> Window:
        """The part inside the picture of the points' bounding box, which is made `margin` pixels wider on each side."""
        height, width = image.shape[:2]
        low = points[:, :2].min(axis=0) - margin
        high = points[:, :2].max(axis=0) + margin + 1
        left, top = (int(max(0, value)) for value in low)
        return cls(left, top, int(min(width, high[0])), int(min(height, high[1])))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels; 0 or less when it is outside the picture."""
        return self.right - self.left, self.bottom - self.top

    def holds(self, other: Window) -> bool:
        """Whether the other rectangle is inside this one."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and self.right >= other.right
            and self.bottom >= other.bottom
        )

    @property
    def corner(self) -> Points:
        """The upper left corner, to be subtracted from points of the picture."""
        return np.array([self.left, self.top], np.float32)

    def of(self, image: Image) -> Image:
        """The picture's part in the window: a view, not a copy."""
        return image[self.top : self.bottom, self.left : self.right]


def position_map(
    mesh: Mesh, triangles: Points, places: Points, size: tuple[int, int], *, cells: int | None = None
) -> tuple[Points, Mask]:
    """For each pixel of a `size` (width, height) picture: where to look, and whether a triangle covers it (0 or 255).

    Args:
        mesh: n×3 corners in this picture's pixels with their depth (or n×2); far triangles are drawn first.
        triangles: m×3 rows of the mesh.
        places: n×2 positions of the same corners in the picture to look into.
        size: width and height of the map in pixels.
        cells: the longer side of the coarse map that is computed and then enlarged; None to let the size decide.

    Returns: a height×width×2 float32 map for `cv2.remap`, and a height×width uint8 mask.
    """
    coarse = _coarse_size(size, cells or min(max(LEAST_CELLS, math.ceil(max(size) / CELL)), MOST_CELLS))
    scale = np.array(coarse, np.float32) / size
    corners = ((mesh[:, :2] + 0.5) * scale - 0.5)[triangles].astype(np.float32)
    labels = triangle_labels(corners, _far_first(mesh, triangles), coarse)
    positions, inside = _look_up(labels, _affine_parts(corners, places[triangles]))
    return _enlarged(positions, inside, size)


def render(texture: Image, mesh: Mesh, triangles: Points, places: Points, size: tuple[int, int]) -> Image:
    """The texture (H×W×4, colour and alpha) drawn on the mesh: height×width×4 with alpha 0 outside the mesh.

    `places` are the corners' positions in the texture as fractions of its sides; see `position_map` for the rest.
    """
    pixels = places * (texture.shape[1], texture.shape[0]) - 0.5
    positions, inside = position_map(mesh, triangles, pixels.astype(np.float32), size)
    drawn: Image = cv2.remap(texture, positions, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    cv2.insertChannel(cv2.min(cv2.extractChannel(drawn, 3), inside), drawn, 3)
    return drawn


def _coarse_size(size: tuple[int, int], cells: int) -> tuple[int, int]:
    shrink = max(1.0, max(size) / cells)
    return round(size[0] / shrink) or 1, round(size[1] / shrink) or 1


def _far_first(mesh: Mesh, triangles: Points) -> Points:
    """The order in which nearer triangles cover farther ones; depth grows away from the camera."""
    if mesh.shape[1] < 3:
        return np.arange(len(triangles))
    return np.argsort(-mesh[:, 2][triangles].sum(axis=1))


def triangle_labels(corners: Points, order: Points, size: tuple[int, int]) -> Points:
    """The number of the triangle over each cell, -1 where there is none."""
    labels = np.full((size[1], size[0]), -1, np.int32)
    fixed = np.round(corners * 16).astype(np.int32)
    for number in order.tolist():
        cv2.fillConvexPoly(labels, fixed[number], number, cv2.LINE_8, 4)
    return labels


def _affine_parts(corners: Points, places: Points) -> Points:
    """One row a triangle, (a, b, c, d, e, f), so that (x, y) is looked up at (ax + cy + e, bx + dy + f)."""
    origin = corners[:, 0]
    first = corners[:, 1] - origin
    second = corners[:, 2] - origin
    to_first = places[:, 1] - places[:, 0]
    to_second = places[:, 2] - places[:, 0]
    area = first[:, :1] * second[:, 1:] - first[:, 1:] * second[:, :1]
    area = np.where(np.abs(area) < 1e-6, 1e-6, area)
    by_x = (to_first * second[:, 1:] - to_second * first[:, 1:]) / area
    by_y = (to_second * first[:, :1] - to_first * second[:, :1]) / area
    start = places[:, 0] - by_x * origin[:, :1] - by_y * origin[:, 1:]
    return np.concatenate([by_x, by_y, start], axis=1).astype(np.float32)


def _look_up(labels: Points, parts: Points) -> tuple[Points, Mask]:
    """Each cell's position by its triangle's affine part; cells without one borrow their neighbour's."""
    height, width = labels.shape
    x = np.arange(width, dtype=np.float32)[:, None]
    y = np.arange(height, dtype=np.float32)[:, None, None]
    own = np.vstack([parts, NOWHERE])[labels]  # -1, no triangle, finds the last row
    positions = own[..., :2] * x + own[..., 2:4] * y + own[..., 4:]
    outside = labels < 0
    # Enlarging mixes neighbours: a real position mixed with NOWHERE would point at a wrong place.
    positions[outside] = cv2.dilate(positions, None)[outside]
    return positions, np.where(outside, 0, 255).astype(np.uint8)


def _softened(inside: Mask) -> Mask:
    """The mask one cell smaller and with a soft edge: 0 where half of the 5×5 cells around are outside.

    The mean over fewer cells would leave the steps of the cells visible at the outline of a turned head.
    """
    share = cv2.blur(cv2.erode(inside, None), (5, 5))
    return np.asarray(cv2.subtract(share, 255 - share))


def _enlarged(positions: Points, inside: Mask, size: tuple[int, int]) -> tuple[Points, Mask]:
    if inside.shape == size[::-1]:
        return positions, inside
    return cv2.resize(positions, size), cv2.resize(_softened(inside), size)
