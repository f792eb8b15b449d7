"""The source's face made flat: pulled off its photo into the layout that all meshes share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from akool_nb.sandbox import topology
from akool_nb.sandbox.arrays import Image, Mask, Mesh
from akool_nb.sandbox.opencv import cv2
from akool_nb.sandbox.warp import position_map

SIZE = 384
"""Side of a texture in pixels."""

SMALLEST = 96
EDGE = 0.045
"""Width of the soft edge as a part of the side."""

HEADROOM = 0.06
"""How far above the brows the mask reaches before it fades: hair hangs higher."""


@dataclass(frozen=True)
class Texture:
    """A flat face in several sizes (BGRA, the largest first), each half of the one before; alpha is the mask."""

    levels: tuple[Image, ...]

    def for_size(self, pixels: float) -> Image:
        """The level that is just large enough for a face `pixels` tall: smaller ones blur, larger ones flicker."""
        fitting = [level for level in self.levels if level.shape[0] >= pixels]
        return fitting[-1] if fitting else self.levels[0]


def flatten(image: Image, mesh: Mesh, size: int = SIZE) -> Image:
    """The face under the mesh (468×3, pixels of the image) as a flat `size`×`size` picture, BGR uint8."""
    everything, triangles = topology.reduced(len(mesh))
    layout = topology.LAYOUT[everything] * size
    positions, _ = position_map(layout, triangles, mesh[everything, :2], (size, size))
    flat: Image = cv2.remap(image, positions, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return flat


def texture(image: Image, mesh: Mesh) -> Texture:
    """The texture of one face of a photo."""
    flat = np.dstack([flatten(image, mesh), mask(SIZE)])
    levels = [flat]
    while levels[-1].shape[0] // 2 >= SMALLEST:
        half = levels[-1].shape[0] // 2
        levels.append(cv2.resize(levels[-1], (half, half), interpolation=cv2.INTER_AREA))
    return Texture(tuple(levels))


@cache
def mask(size: int = SIZE) -> Mask:
    """Which part of a flat face is carried over: all but its rim and the forehead, softly (uint8, 0-255)."""
    layout = topology.LAYOUT * size
    whole = np.zeros((size, size), np.uint8)
    cv2.fillPoly(whole, [np.round(layout[topology.OUTLINE]).astype(np.int32)], 255)
    edge = round(EDGE * size)
    inner = cv2.erode(whole, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * edge + 1, 2 * edge + 1)))
    top = layout[topology.BROWS, 1].min() - HEADROOM * size
    below = np.clip((np.arange(size) - top) / (0.1 * size) + 0.5, 0, 1)
    soft = cv2.GaussianBlur((inner * below[:, None]).astype(np.uint8), (0, 0), 0.7 * edge)
    cut: Mask = cv2.min(soft, whole)
    return cut
