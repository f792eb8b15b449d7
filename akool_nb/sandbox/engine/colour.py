"""Colour and light: the drawn face takes those of the face that it covers."""

from __future__ import annotations

import numpy as np

from akool_nb.sandbox.engine.arrays import Image, Mask
from akool_nb.sandbox.engine.opencv import cv2

CELLS = 24
"""Width in cells of the grid on which light is compared."""

SOFTNESS = 0.16
"""Blur of that grid as a part of its width: smaller differences are features of the source."""

DARKEST = 0.1
BRIGHTEST = 1.75
"""Bounds of the gain in luminance."""

MOST_TINT = 1.5
"""Bound of the gain of one colour over that of the luminance, and its inverse."""

UNIT = 128
"""A gain of 1 in the uint8 form that OpenCV multiplies fastest."""

KNEE = 226
TOP = 248
"""Brighter levels than KNEE are compressed, so that they approach TOP and are never blown out."""

MEASURE_EVERY = 2
"""Frames between two measurements of the light on a face of a video: it changes slowly."""

ROLL_OFF = np.full((1, 256), 255, np.uint8)
"""The compressed level for each half level from KNEE on; 255 below, where nothing is compressed."""
_half = np.arange(KNEE // 2, 256)
ROLL_OFF[0, _half] = np.round(TOP - (TOP - KNEE) * np.exp(-(2 * _half - KNEE) / (TOP - KNEE)))


class Light:
    """The light on one face of a video, measured in every second frame."""

    def __init__(self) -> None:
        self._factors: Image = np.ones((1, 1, 3), np.float32)
        self._drawn: object = None
        self._frames = 0

    def match(self, face: Image, target: Image, weight: Mask, *, drawn: object = None) -> Image:
        """The face in the colours and the light of the target, as far as they change slowly over the face.

        The target may be larger, as in `gain`. `drawn` identifies the source: a new source is measured at once.
        """
        if drawn is not self._drawn or self._frames % MEASURE_EVERY == 0:
            self._factors = gain(face, target, weight)
            self._drawn = drawn
        self._frames += 1
        return apply(face, self._factors)


def gain(face: Image, target: Image, weight: Mask) -> Image:
    """How much brighter the target is than the face, for each colour and place: a coarse float32 grid of factors.

    Face and weight (uint8, where the face counts) are of one size; the target may show the same place in another size.
    """
    height, width = weight.shape
    rows = max(8, round(CELLS * height / width))
    face, target, weight = (_sampled(part, rows) for part in (face, target, weight))
    parts = [_coarse(part, rows) for part in (_weighted(face, weight), _weighted(target, weight), weight)]
    sigma = SOFTNESS * CELLS
    blurred = cv2.GaussianBlur(np.dstack(parts), (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    amount = blurred[..., 6:] / 255 + 1e-3
    # The added 3 keeps dark places from being lit up by a factor of noise.
    ratio = (blurred[..., 3:6] / amount + 3) / (blurred[..., :3] / amount + 3)
    luminance = (ratio @ np.array([0.114, 0.587, 0.299], np.float32))[..., None]
    tint = np.clip(ratio / luminance, 1 / MOST_TINT, MOST_TINT)
    factors: Image = (np.clip(luminance, DARKEST, BRIGHTEST) * tint).astype(np.float32)
    return factors


def apply(face: Image, factors: Image) -> Image:
    """The face with each colour multiplied by the factors' grid, smoothly enlarged; highlights are compressed."""
    fine = cv2.resize(np.minimum(factors * UNIT, 255).astype(np.uint8), face.shape[1::-1])
    brighter = cv2.multiply(face, fine, scale=1 / UNIT)
    compressed = cv2.LUT(cv2.multiply(face, fine, scale=0.5 / UNIT), ROLL_OFF)
    return np.asarray(cv2.min(brighter, compressed))


def _weighted(image: Image, weight: Mask) -> Image:
    weighted: Image = cv2.multiply(image, cv2.merge([weight, weight, weight]), scale=1 / 255)
    return weighted


def _sampled(image: Image, rows: int) -> Image:
    """Two by two pixels for each cell of the grid; an average over all would cost as much as the rest together."""
    few: Image = cv2.resize(image, (2 * CELLS, 2 * rows), interpolation=cv2.INTER_NEAREST)
    return few


def _coarse(samples: Image, rows: int) -> Image:
    small: Image = cv2.resize(samples, (CELLS, rows), interpolation=cv2.INTER_AREA).astype(np.float32)
    return small
