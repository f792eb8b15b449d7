"""Colour and light: the drawn face takes those of the face that it covers."""

from __future__ import annotations

import numpy as np

from akool_nb.sandbox.engine.arrays import Image, Mask
from akool_nb.sandbox.engine.opencv import cv2

CELLS = 24
"""Width of the grid on which light is compared, in cells."""

SOFTNESS = 0.16
"""Blur of that grid as a part of its width: smaller differences are the source's own features."""

WEAKEST, STRONGEST = 0.35, 1.9
UNIT = 128
"""A gain of 1 in the uint8 form that OpenCV multiplies fastest."""

MEASURE_EVERY = 2
"""Frames between two looks at the light on a face of a video: it changes slowly."""


class Light:
    """The light on one face of a video, measured now and then and kept in between."""

    def __init__(self) -> None:
        self._factors: Image = np.ones((1, 1, 3), np.float32)
        self._drawn: object = None
        self._frames = 0

    def match(self, face: Image, target: Image, weight: Mask, *, drawn: object = None) -> Image:
        """The face in the colours and the light of the target, as far as they change slowly over the face.

        All are of one size, as in `gain`; what is `drawn` tells whose face it is: another's is measured at once.
        """
        if drawn is not self._drawn or self._frames % MEASURE_EVERY == 0:
            self._factors, self._drawn = gain(face, target, weight), drawn
        self._frames += 1
        return apply(face, self._factors)


def gain(face: Image, target: Image, weight: Mask) -> Image:
    """How much brighter the target is than the face, for each colour and place: a coarse float32 grid of factors.

    All three are of one size; `weight` (uint8) says where the face counts.
    """
    height, width = weight.shape
    rows = max(8, round(CELLS * height / width))
    face, target, weight = (_sampled(part, rows) for part in (face, target, weight))
    parts = [_coarse(part, rows) for part in (_weighted(face, weight), _weighted(target, weight), weight)]
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


def _weighted(image: Image, weight: Mask) -> Image:
    weighted: Image = cv2.multiply(image, cv2.merge([weight, weight, weight]), scale=1 / 255)
    return weighted


def _sampled(image: Image, rows: int) -> Image:
    """Two by two pixels for each cell of the grid; to average over all would cost as much as the rest together."""
    few: Image = cv2.resize(image, (2 * CELLS, 2 * rows), interpolation=cv2.INTER_NEAREST)
    return few


def _coarse(samples: Image, rows: int) -> Image:
    small: Image = cv2.resize(samples, (CELLS, rows), interpolation=cv2.INTER_AREA).astype(np.float32)
    return small
