"""Colour and light: the drawn face takes those of the face that it covers."""

from __future__ import annotations

import numpy as np

from akool_nb.sandbox.arrays import Image, Mask
from akool_nb.sandbox.opencv import cv2

CELLS = 24
"""Width of the grid on which light is compared, in cells."""

SOFTNESS = 0.16
"""Blur of that grid as a part of its width: smaller differences are the source's own features."""

WEAKEST, STRONGEST = 0.35, 1.9
UNIT = 128
"""A gain of 1 in the uint8 form that OpenCV multiplies fastest."""


def gain(face: Image, target: Image, weight: Mask) -> Image:
    """How much brighter the target is than the face, for each colour and place: a coarse float32 grid of factors.

    All three are of one size; `weight` (uint8) says where the face counts.
    """
    height, width = weight.shape
    grid = (CELLS, max(8, round(CELLS * height / width)))
    step = max(1, width // 72)
    face, target, weight = (np.ascontiguousarray(part[::step, ::step]) for part in (face, target, weight))
    parts = [_coarse(part, grid) for part in (_weighted(face, weight), _weighted(target, weight), weight)]
    sigma = SOFTNESS * CELLS
    blurred = cv2.GaussianBlur(np.dstack(parts), (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    amount = blurred[..., 6:] / 255 + 1e-3
    # The added 8 keeps dark places from being lit up by a factor of noise.
    ratio = (blurred[..., 3:6] / amount + 8) / (blurred[..., :3] / amount + 8)
    factors: Image = np.clip(ratio, WEAKEST, STRONGEST).astype(np.float32)
    return factors


def apply(face: Image, factors: Image) -> Image:
    """The face with each colour multiplied by the factors' grid, smoothly enlarged."""
    fine = cv2.resize((factors * UNIT).astype(np.uint8), face.shape[1::-1])
    brighter: Image = cv2.multiply(face, fine, scale=1 / UNIT)
    return brighter


def match(face: Image, target: Image, weight: Mask) -> Image:
    """The face in the colours and the light of the target, as far as they change slowly over the face."""
    return apply(face, gain(face, target, weight))


def _weighted(image: Image, weight: Mask) -> Image:
    weighted: Image = cv2.multiply(image, cv2.merge([weight, weight, weight]), scale=1 / 255)
    return weighted


def _coarse(image: Image, grid: tuple[int, int]) -> Image:
    small: Image = cv2.resize(image, grid, interpolation=cv2.INTER_AREA).astype(np.float32)
    return small
