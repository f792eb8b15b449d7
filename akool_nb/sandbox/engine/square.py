"""A turned square in a picture: the part that a network receives."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from akool_nb.sandbox.engine.arrays import Affine, Image, Mesh, Points
from akool_nb.sandbox.engine.blazeface import Box
from akool_nb.sandbox.engine.opencv import cv2
from akool_nb.sandbox.engine.pyramid import Pyramid

MARGIN = 1.5
"""How much wider than the face itself the square is; the mesh network was trained with it."""

OUTER_EYE_CORNERS = (33, 263)


@dataclass(frozen=True)
class Square:
    """A square with a centre and a side in pixels, turned clockwise by an angle in radians."""

    x: float
    y: float
    side: float
    angle: float = 0.0

    @classmethod
    def around_eyes(cls, left_eye: Points, right_eye: Points) -> Square:
        """From two eye centres alone: 3.3 eye distances wide, its centre a little below the eyes."""
        across = right_eye - left_eye
        down = np.array([-across[1], across[0]])
        x, y = (left_eye + right_eye) / 2 + 0.55 * down
        return cls(float(x), float(y), 3.3 * float(np.hypot(*across)), math.atan2(across[1], across[0]))

    @classmethod
    def around_box(cls, box: Box) -> Square:
        """Around a detector's box, turned like its eyes."""
        across = box.points[1] - box.points[0]
        side = MARGIN * max(box.right - box.left, box.bottom - box.top)
        x = (box.left + box.right) / 2
        y = (box.top + box.bottom) / 2
        return cls(x, y, side, math.atan2(across[1], across[0]))

    @classmethod
    def around_mesh(cls, mesh: Mesh) -> Square:
        """Around all points of a mesh, turned like its eyes."""
        left, right = mesh[list(OUTER_EYE_CORNERS), :2]
        angle = math.atan2(right[1] - left[1], right[0] - left[0])
        upright = mesh[:, :2] @ rotation(-angle).T
        low = upright.min(axis=0)
        high = upright.max(axis=0)
        x, y = rotation(angle) @ ((low + high) / 2)
        return cls(float(x), float(y), MARGIN * float((high - low).max()), angle)

    def widened(self, times: float) -> Square:
        """A square around the same centre, `times` as wide."""
        return Square(self.x, self.y, self.side * times, self.angle)

    def to_pixels(self, size: int) -> Affine:
        """The map from the picture to a `size`×`size` cut of this square."""
        turn = rotation(-self.angle) * (size / self.side)
        offset = size / 2 - turn @ (self.x, self.y)
        return np.column_stack([turn, offset]).astype(np.float32)

    def cut(self, picture: Pyramid, size: int) -> Image:
        """The picture inside the square, `size`×`size`; outside the picture it is black."""
        # Bilinear sampling is free of aliasing only where the picture is at most twice as large as the cut.
        image, times = picture.shrunk(self.side / size)
        matrix = self.to_pixels(size)
        # The centre of a shrunk pixel is between the pixels that it averages.
        matrix[:, 2] += matrix[:, :2].sum(axis=1) * (times - 1) / 2
        matrix[:, :2] *= times
        cut: Image = cv2.warpAffine(image, matrix, (size, size), flags=cv2.INTER_LINEAR)
        return cut


def rotation(angle: float) -> Affine:
    """The 2×2 matrix that turns clockwise on the screen (y down) by `angle` radians."""
    cosine = math.cos(angle)
    sine = math.sin(angle)
    return np.array([[cosine, -sine], [sine, cosine]], np.float32)
