"""The source's face made flat: warped from its photo into the layout that all meshes share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from akool_nb.sandbox.engine import topology
from akool_nb.sandbox.engine.arrays import Image, Mask, Mesh, Points
from akool_nb.sandbox.engine.delight import delighted
from akool_nb.sandbox.engine.expression import ramp
from akool_nb.sandbox.engine.opencv import cv2
from akool_nb.sandbox.engine.visibility import visibility
from akool_nb.sandbox.engine.warp import position_map

SIZE = 384
"""Side of a texture in pixels."""

LIPS_APART = 0.28
LIPS_OPEN = 0.4
"""Gaps between the source's lips, as parts of the mouth's width, at which its lips begin to fade, and are left out."""

SHARP_EYES = 50.0
SMALL_EYES = 26.0
"""Pixels between the outer corners of the source's eyes below which its eyes and brows begin to fade, and are left out.

A face of 80 pixels has 50, one of 42 has 26.
"""

SMALLEST = 96
EDGE = 0.055
"""Width of the soft edge as a part of the side."""

STRANGE = 2.5
"""How many times the cheeks' own spread a colour must differ to count as hair."""

LEAST_SPREAD = (14, 4, 4)
MOST_SPREAD = (20, 8, 8)
"""Bounds of that spread (L, a, b): a light from one side spreads the cheeks' brightness as far as to dark hair."""

BROW = (0.92, 1.3)
"""Which part of a brow's width and height is its own, whatever its colour."""

HEADROOM = 0.035
"""How far above the brows the mask reaches before it fades: higher up there may be hair."""


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
    positions, _ = position_map(layout, triangles, mesh[everything, :2], (size, size), cells=size)
    flat: Image = cv2.remap(image, positions, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return flat


def texture(image: Image, mesh: Mesh) -> Texture:
    """The texture of one face of a photo."""
    colours, known = delighted(flatten(image, mesh), visibility(image, mesh, SIZE))
    alpha = mask(SIZE) * known * _without_odd_features(mesh)
    flat = np.dstack([lips_for_mouth(skin_for_hair(colours)), alpha.astype(np.uint8)])
    levels = [flat]
    while levels[-1].shape[0] // 2 >= SMALLEST:
        half = levels[-1].shape[0] // 2
        levels.append(cv2.resize(levels[-1], (half, half), interpolation=cv2.INTER_AREA))
    return Texture(tuple(levels))


def _without_odd_features(mesh: Mesh) -> Mask:
    """1 where the source's features are drawn, 0 on lips that are wide open, and on eyes and brows that are too small.

    There (float32) the target keeps its own, because the source's would be torn or smudged.
    """
    kept = np.ones((SIZE, SIZE), np.float32)
    width = max(1.0, float(np.hypot(*(mesh[291, :2] - mesh[61, :2]))))
    gap = float(np.hypot(*(mesh[14, :2] - mesh[13, :2]))) / width
    eyes = float(np.hypot(*(mesh[263, :2] - mesh[33, :2])))
    kept -= ramp(gap, LIPS_APART, LIPS_OPEN) * _around(topology.OUTER_LIPS)
    blur = ramp(eyes, SHARP_EYES, SMALL_EYES)
    for eye, brow in zip((topology.LEFT_EYE, topology.RIGHT_EYE), topology.WHOLE_BROWS, strict=True):
        kept -= blur * _around(np.append(eye, brow))
    return np.asarray(np.clip(kept, 0, 1))


def _around(loop: Points) -> Mask:
    """A soft spot over a loop of points (float32, 0 to 1)."""
    place = np.zeros((SIZE, SIZE), np.float32)
    cv2.fillConvexPoly(place, cv2.convexHull(np.round(topology.LAYOUT[loop] * SIZE).astype(np.int32)), 1.0)
    grown = cv2.dilate(place, np.ones((SIZE // 16, SIZE // 16), np.uint8))
    return np.asarray(cv2.GaussianBlur(grown, (0, 0), SIZE / 40))


def skin_for_hair(flat: Image) -> Image:
    """A flat face (BGR uint8) with skin painted over the hair on forehead and temples, as is seen beside it."""
    kept = without_hair(flat)
    size = len(flat)
    clean = np.where((kept > 250) & (_strangeness(flat) < STRANGE), 1, 0).astype(np.float32)
    amount = cv2.GaussianBlur(clean, (0, 0), size / 24)[..., None] + 0.02
    colours = cv2.GaussianBlur(flat * clean[..., None], (0, 0), size / 24)
    # Far from all skin that is seen it takes the cheeks' colour.
    skin = (colours + 0.02 * np.median(flat[_cheeks(size) > 0], axis=0)) / amount
    share = kept[..., None] / np.float32(255)
    return np.asarray(flat * share + skin * (1 - share), np.uint8)


def lips_for_mouth(flat: Image) -> Image:
    """A flat face (BGR uint8) whose lips meet without a line between them, and without teeth.

    What is seen between the lips is the target's own, which opens and shuts its mouth as it likes.
    """
    share, lips = _between_lips(len(flat))
    lips = lips * (_redness(flat, lips) + 0.02)
    amount = cv2.GaussianBlur(lips, (0, 0), len(flat) / 48)[..., None] + 1e-6
    colours = cv2.GaussianBlur(flat * lips[..., None], (0, 0), len(flat) / 48) / amount
    return np.asarray(flat * (1 - share) + colours * share, np.uint8)


def _redness(flat: Image, lips: Mask) -> Mask:
    """How much redder each place is than the middle of the lips (float32, 0 to 1).

    The outline of thin or smiling lips also covers skin and teeth, which would make the lips pale.
    """
    lab = cv2.cvtColor(cv2.GaussianBlur(flat, (0, 0), len(flat) / 200), cv2.COLOR_BGR2LAB)
    red = lab[..., 1].astype(np.float32)
    return np.asarray(np.clip((red - np.median(red[lips > 0])) / 8, 0, 1))


@cache
def _between_lips(size: int) -> tuple[Mask, Mask]:
    """How much of each place is between the lips (size×size×1, 0-1), and where the lips themselves are (0 or 1)."""
    mouth = _filled(topology.LAYOUT[topology.BETWEEN_LIPS] * size, size)
    reach = size // 44 | 1
    grown = cv2.dilate(mouth, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    lips = cv2.subtract(_filled(topology.LAYOUT[topology.OUTER_LIPS] * size, size), grown)
    share = cv2.GaussianBlur(grown, (0, 0), size / 200)[..., None] / np.float32(255)
    return share, (lips > 0).astype(np.float32)


def without_hair(flat: Image) -> Mask:
    """Where a flat face (BGR uint8) shows no hair over forehead and temples: uint8, 255 = carry over.

    Hair is what differs much from the colour of the cheeks. On the cheeks, the eyes and the brows all is carried over.
    """
    size = len(flat)
    hair = cv2.min(np.where(_strangeness(flat) > STRANGE, 255, 0).astype(np.uint8), _hair_may_hang(size))
    reach = size // 42 | 1
    grown = cv2.dilate(hair, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    soft: Mask = cv2.GaussianBlur(cv2.min(grown, _hair_may_hang(size)), (0, 0), size / 120)
    return 255 - soft


def _strangeness(flat: Image) -> Points:
    """The difference of each pixel's colour from the cheeks', as a multiple of their spread."""
    lab = cv2.cvtColor(cv2.GaussianBlur(flat, (0, 0), len(flat) / 200), cv2.COLOR_BGR2LAB).astype(np.float32)
    cheeks = lab[_cheeks(len(flat)) > 0]
    spread = np.clip(cheeks.std(axis=0), LEAST_SPREAD, MOST_SPREAD)
    return np.asarray(np.linalg.norm((lab - np.median(cheeks, axis=0)) / spread, axis=2))


@cache
def _cheeks(size: int) -> Mask:
    left, right = (_filled(topology.LAYOUT[loop] * size, size) for loop in topology.CHEEKS)
    both: Mask = cv2.max(left, right)
    return both


@cache
def _hair_may_hang(size: int) -> Mask:
    """Forehead down to the eyes and temples down to the cheeks, less the brows, the eyes and what is between them."""
    layout = topology.LAYOUT * size
    place = np.full((size, size), 255, np.uint8)
    height = round(layout[topology.LEFT_EYE, 1].mean())
    left = layout[topology.LEFT_EYE, 0].min() - size / 24
    right = layout[topology.RIGHT_EYE, 0].max() + size / 24
    place[height:, round(left) : round(right)] = 0
    place[height + size // 10 :] = 0
    for loop in topology.LIDS:
        hull = cv2.convexHull(np.round(layout[loop]).astype(np.int32))
        cv2.fillConvexPoly(place, hull, 0)
        cv2.polylines(place, [hull], True, 0, size // 24)
    for loop in (*topology.WHOLE_BROWS, topology.BETWEEN_BROWS):
        middle = layout[loop].mean(axis=0)
        # Hair hangs down to the very ends of the brows.
        cv2.fillPoly(place, [np.round(middle + BROW * (layout[loop] - middle)).astype(np.int32)], 0)
    return place


@cache
def mask(size: int = SIZE) -> Mask:
    """Which part of a flat face is carried over: all but its rim and the forehead, softly (uint8, 0-255)."""
    layout = topology.LAYOUT * size
    whole = _filled(layout[topology.OUTLINE], size)
    edge = round(EDGE * size)
    inner = cv2.erode(whole, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * edge + 1, 2 * edge + 1)))
    soft = cv2.GaussianBlur(cv2.min(inner, _below_forehead(layout, size)), (0, 0), 0.6 * edge)
    cut: Mask = cv2.min(soft, whole)
    return cut


def _below_forehead(layout: Points, size: int) -> Mask:
    """Everything below a line that runs a little above the brows."""
    brows = layout[topology.BROWS] - (0, HEADROOM * size)
    around = [(size, brows[-1, 1]), (size, size), (0, size), (0, brows[0, 1])]
    return _filled(np.vstack([brows, around]), size)


def _filled(outline: Points, size: int) -> Mask:
    filled = np.zeros((size, size), np.uint8)
    cv2.fillPoly(filled, [np.round(outline).astype(np.int32)], 255)
    return filled
