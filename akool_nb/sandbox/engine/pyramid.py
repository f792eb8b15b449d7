"""A picture in sizes of which each is half the one before: a cut from the size near its own is fast and is smooth."""

from __future__ import annotations

import math

from akool_nb.sandbox.engine.arrays import Image
from akool_nb.sandbox.engine.opencv import cv2


class Pyramid:
    """A picture (H×W×3 BGR uint8) and its half, quarter and so on, each of which is made when it is first needed."""

    def __init__(self, image: Image) -> None:
        self.image = image
        self._levels = [image]

    def shrunk(self, most: float) -> tuple[Image, int]:
        """The smallest size that is at most `most` times smaller than the picture, and how many times it is smaller."""
        wanted = math.floor(math.log2(max(1.0, most)))
        while len(self._levels) <= wanted and min(self._levels[-1].shape[:2]) > 1:
            self._levels.append(_half(self._levels[-1]))
        number = min(wanted, len(self._levels) - 1)
        return self._levels[number], 2**number


def _half(image: Image) -> Image:
    height = image.shape[0] // 2
    width = image.shape[1] // 2
    # Each pixel is the mean of four. OpenCV is fastest for an even number of pixels.
    half: Image = cv2.resize(image[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA)
    return half
