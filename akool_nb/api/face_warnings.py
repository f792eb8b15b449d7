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

MOST_EYES = 1.75
"""How many times as bright as the eyes the cheeks may be: 47 bare faces have at most 1.64, sunglasses 1.9 to 2.7."""

MOST_MOUTH = 1.1
"""How many times as red as the mouth the bridge of the nose may be: bare faces have at most 1.06, masks 1.1 to 2.5.

In grey or coloured light a mask is not found. A hand or hair is never found, because a face has the same colours.
"""

UNIT = 16
"""Pixels of half an eye distance in the upright picture whose boxes follow; the middle between the eyes is (32, 16)."""

UPRIGHT = (64, 48)
EYE_BOXES = ((9, 13, 23, 19), (41, 13, 55, 19))
CHEEK_BOXES = ((13, 24, 19, 28), (45, 24, 51, 28))
BRIDGE_BOXES = ((29, 15, 35, 19), (28, 5, 36, 9))
MOUTH_BOXES = ((14, 31, 20, 35), (45, 31, 51, 35), (26, 30, 38, 35), *CHEEK_BOXES)

SMALL_SIDE = 96
CHEEKS = ((10, 30, 40, 80), (56, 30, 86, 80))
DETAIL_RADIUS = 2


def warnings_of(region: Sequence[int], landmarks: Sequence[Sequence[float]], picture: Image.Image) -> tuple[str, ...]:
    """The warnings for one face: its region (x, y, width, height), its landmarks and its cut-out picture."""
    covered = _cover(_upright(region, landmarks, picture))
    found = [_size(region), _turn(landmarks), covered, _light(picture), _side_light(picture), _blur(picture)]
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


def _upright(region: Sequence[int], landmarks: Sequence[Sequence[float]], picture: Image.Image) -> Image.Image:
    """The face turned upright, with its eyes and its mouth at fixed places."""
    (left_x, left_y), (right_x, right_y), _, (mouth_x, mouth_y) = landmarks[:4]
    half_x = (right_x - left_x) / 2
    half_y = (right_y - left_y) / 2
    middle_x = (left_x + right_x) / 2
    middle_y = (left_y + right_y) / 2
    # From the eyes down to the mouth, as a multiple of half the eye distance; a corner of the mouth is as far down.
    down = ((mouth_y - middle_y) * half_x - (mouth_x - middle_x) * half_y) / (half_x**2 + half_y**2 or 1.0)
    down_x = -half_y * down
    down_y = half_x * down
    corner_x = middle_x - region[0] - 2 * half_x - down_x
    corner_y = middle_y - region[1] - 2 * half_y - down_y
    to_picture = (half_x / UNIT, down_x / UNIT, corner_x, half_y / UNIT, down_y / UNIT, corner_y)
    return picture.transform(UPRIGHT, Image.Transform.AFFINE, to_picture, Image.Resampling.BILINEAR)


def _cover(upright: Image.Image) -> str:
    redness = _redness(_colour(upright, BRIDGE_BOXES)) / _redness(_colour(upright, MOUTH_BOXES))
    if redness > MOST_MOUTH:
        return (
            f"Something seems to cover the mouth (the bridge of the nose is {redness:.1f} times as red); "
            "use a photo without a mask."
        )
    brightness = (sum(_colour(upright, CHEEK_BOXES)) + 1) / (sum(_colour(upright, EYE_BOXES)) + 1)
    if brightness > MOST_EYES:
        return (
            f"Something seems to cover the eyes (the cheeks are {brightness:.1f} times as bright); "
            "use a photo without sunglasses."
        )
    return ""


def _colour(picture: Image.Image, boxes: Sequence[tuple[int, int, int, int]]) -> list[float]:
    """The mean red, green and blue in all boxes."""
    parts = [ImageStat.Stat(picture.crop(box)) for box in boxes]
    pixels = sum(part.count[0] for part in parts)
    return [sum(part.sum[channel] for part in parts) / pixels for channel in range(3)]


def _redness(colour: Sequence[float]) -> float:
    # The added 4 keeps the noise of dark pictures small.
    return (colour[0] + 4) / (colour[1] + 4)


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
