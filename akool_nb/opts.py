"""`opts`: four landmarks of a face as the API writes them, "x,y:x,y:x,y:x,y".

The points are left eye, right eye, nose and mouth; "left" is left in the picture. The mouth is its left corner
for one of AKOOL's detectors and its centre for the other, so pass a detector's own text on rather than a rebuilt
one. Source: https://docs.akool.com/ai-tools-suite/live-faceswap
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from numbers import Real

from akool_nb.errors import OptsError

Point = tuple[int, int]
"""One landmark in pixels, counted from the top left of the picture."""

PADDING: Point = (0, 0)
"""What the detector writes where it has no further landmark."""

NEEDED = 4
MOST = 6
_LARGEST = 100_000
_LONGEST = 400
_EXAMPLE = "'262,175:363,175:313,215:272,279'"
_PAIR = re.compile(r"\s*(-?\d{1,9}(?:\.\d{1,9})?)\s*,\s*(-?\d{1,9}(?:\.\d{1,9})?)\s*", re.ASCII)


def parse(text: str) -> tuple[Point, ...]:
    """The four landmarks out of an `opts` text; padding is dropped, anything else raises `OptsError`."""
    if not isinstance(text, str) or len(text) > _LONGEST:
        raise OptsError(f"opts is a short text such as {_EXAMPLE}, not {_short(text)}.")
    pairs = [_PAIR.fullmatch(part) for part in text.split(":")]
    points = landmarks([_numbers(pair, text) for pair in pairs])
    if len(points) != NEEDED:
        raise OptsError(f"opts needs {NEEDED} points, eyes, nose and mouth; {_short(text)} has {len(points)}.")
    return _of_a_face(points)


def first_four(text: str) -> str:
    """The first four points of a detector's text, as they are written there; `OptsError` when it has no four.

    For a month the documentation showed six points and said to cut after the fourth; `opts` takes four.
    """
    if not isinstance(text, str) or len(text) > _LONGEST:
        raise OptsError(f"A detector's text is short, such as {_EXAMPLE}, not {_short(text)}.")
    points = text.split(":")
    if len(points) > MOST:
        raise OptsError(f"A detector's text has 4 to {MOST} points; {_short(text)} has {len(points)}.")
    four = ":".join(points[:NEEDED])
    parse(four)
    return four


def build(points: Iterable[Sequence[float]]) -> str:
    """The `opts` text of a face's landmarks: the first four of them, padding left out."""
    real = landmarks(points)
    if len(real) < NEEDED:
        raise OptsError(f"opts needs {NEEDED} points, eyes, nose and mouth; there are {len(real)}.")
    return ":".join(f"{x},{y}" for x, y in _of_a_face(real[:NEEDED]))


def landmarks(points: Iterable[Sequence[float]]) -> tuple[Point, ...]:
    """Points as whole pixels, with the [0, 0] padding dropped."""
    try:
        return tuple(point for point in map(_point, points) if point != PADDING)
    except TypeError:
        raise OptsError(f"Landmarks are pairs of numbers such as [[262, 175], …], not {_short(points)}.") from None


def _of_a_face(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """The four points, if a face can have them: some may be beyond the picture's edge, but not all."""
    if points[0] == points[1]:
        raise OptsError(f"Both eyes are at one point, {points[0]}. Pass on what detect answered.")
    if all(x < 0 or y < 0 for x, y in points):
        raise OptsError("All four points are outside the picture. Pass on what detect answered.")
    return points


def _point(pair: Sequence[float]) -> Point:
    if isinstance(pair, (str, bytes, Mapping)) or len(pair) != 2:
        raise OptsError(f"A landmark is a pair of numbers, x and y, not {_short(pair)}.")
    return _pixel(pair[0]), _pixel(pair[1])


def _pixel(value: float) -> int:
    # NumPy's numbers are Real, its truth values are not.
    if isinstance(value, bool) or not isinstance(value, Real) or math.isnan(value):
        raise OptsError(f"A landmark is a number of pixels, not {_short(value)}.")
    if not -_LARGEST <= value <= _LARGEST:
        raise OptsError(f"A landmark is between -{_LARGEST} and {_LARGEST} pixels, not {_short(value)}.")
    return round(float(value))


def _numbers(pair: re.Match[str] | None, text: str) -> tuple[float, float]:
    if pair is None:
        raise OptsError(f"{_short(text)} is not an opts text. Write four points, such as {_EXAMPLE}.")
    return float(pair[1]), float(pair[2])


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
