"""Why the swap of a face may look bad: plain sentences, from the face's landmarks and its picture."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageFilter, ImageStat

LEAST_SIDE = 80
"""AKOOL's smallest face in pixels: https://docs.akool.com/ai-tools-suite/live-faceswap"""

MOST_OFFSET = 0.3
"""How far the nose may be beside the middle between the eyes, in eye distances: about 30 degrees of turn."""

DARK = 45
BRIGHT = 225
"""Mean grey levels of a face that is too dark, and too bright."""

MOST_RATIO = 1.8
"""How many times as bright as the other cheek one cheek may be; evenly lit photos have 1.0 to 1.4."""

LEAST_DETAIL = 0.07
"""Part of the contrast that is in fine detail, at 96×96 pixels: sharp photos have 0.1 to 0.3."""

SMALL_SIDE = 96
CHEEKS = ((10, 30, 40, 80), (56, 30, 86, 80))
DETAIL_RADIUS = 2


def warnings_of(region: Sequence[int], landmarks: Sequence[Sequence[float]], picture: Image.Image) -> tuple[str, ...]:
    """The warnings for one face: its region (x, y, width, height), its landmarks and its cut-out picture."""
    found = [_size(region), _turn(landmarks), _light(picture), _side_light(picture), _blur(picture)]
    return tuple(sentence for sentence in found if sentence)


def _size(region: Sequence[int]) -> str:
    width, height = region[2:4]
    if min(width, height) >= LEAST_SIDE:
        return ""
    return f"The face is only {width}×{height} pixels; use a photo in which it has at least {LEAST_SIDE}×{LEAST_SIDE}."


def _turn(landmarks: Sequence[Sequence[float]]) -> str:
    (left_x, left_y), (right_x, right_y), (nose_x, nose_y) = landmarks[:3]
    across_x = right_x - left_x
    across_y = right_y - left_y
    length = math.hypot(across_x, across_y) or 1.0
    along = (nose_x - (left_x + right_x) / 2) * across_x + (nose_y - (left_y + right_y) / 2) * across_y
    offset = abs(along) / length**2
    if offset <= MOST_OFFSET:
        return ""
    return f"The head is turned (the nose is {offset:.0%} of the eye distance off the middle); use a frontal photo."


def _light(picture: Image.Image) -> str:
    level = round(ImageStat.Stat(picture.convert("L")).mean[0])
    if DARK <= level <= BRIGHT:
        return ""
    problem = "dark" if level < DARK else "bright"
    return f"The face is too {problem} (mean level {level} of 255); use an evenly lit photo."


def _side_light(picture: Image.Image) -> str:
    small = picture.convert("L").resize((SMALL_SIDE, SMALL_SIDE))
    darker, brighter = sorted(ImageStat.Stat(small.crop(cheek)).mean[0] for cheek in CHEEKS)
    ratio = brighter / max(1.0, darker)
    if ratio <= MOST_RATIO:
        return ""
    return f"The light comes from one side (one cheek is {ratio:.1f} times as bright); use an evenly lit photo."


def _blur(picture: Image.Image) -> str:
    small = picture.convert("L").resize((SMALL_SIDE, SMALL_SIDE))
    contrast = ImageStat.Stat(small).stddev[0]
    fine = ImageChops.difference(small, small.filter(ImageFilter.GaussianBlur(DETAIL_RADIUS)))
    # A picture of one colour has no contrast, so its sharpness cannot be measured.
    detail = ImageStat.Stat(fine).mean[0] / contrast if contrast else 1.0
    if detail >= LEAST_DETAIL:
        return ""
    return f"The face is blurred (fine detail is {detail:.0%} of its contrast); use a sharp photo."
