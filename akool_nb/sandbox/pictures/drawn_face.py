"""People who do not exist: faces drawn from ellipses and lines, whose points are therefore known exactly.

They are the sandbox's sample photos, its camera picture where there is no camera, and the tests' truth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from akool_nb.sandbox.engine.arrays import Image, Mask
from akool_nb.sandbox.engine.opencv import cv2
from akool_nb.sandbox.pictures.drawn_person import ADA, Colour, Person

Point = tuple[float, float]
"""Fractions of the picture's side, x to the right and y down."""

FINE = 2
"""A picture is drawn this many times as large and then shrunk, so that its edges are smooth."""

EYE_Y = 0.46
EYE_X = 0.1
NOSE_Y = 0.585
MOUTH_Y = 0.68
MOUTH_X = 0.08
"""Heights of the eyes, the nose tip and the mouth; half the distance of the eyes, and of the mouth's corners."""

MIDDLE: Point = (0.5, 0.52)


@dataclass(frozen=True)
class Pose:
    """The expression and the turn of a face: each number is 0 at rest and 1 at most; `turn` is from -1 to 1."""

    smile: float = 0.0
    mouth: float = 0.0
    blink: float = 0.0
    turn: float = 0.0

    def place(self, x: float, y: float, depth: float = 0.0) -> Point:
        """The place in the picture of a point of the turned head.

        `x` is its distance from the middle of the face, and `depth` its distance to the front from the ears.
        """
        angle = 0.6 * self.turn
        return MIDDLE[0] + x * math.cos(angle) + depth * math.sin(angle), y

    def mouth_corner(self, side: int) -> Point:
        """A corner of the mouth: a smile pulls it out and up."""
        return self.place(side * (MOUTH_X + 0.018 * self.smile), MOUTH_Y - 0.022 * self.smile, 0.09)


def draw(
    size: int = 480,
    *,
    person: Person = ADA,
    smile: float = 0.0,
    mouth: float = 0.0,
    blink: float = 0.0,
    turn: float = 0.0,
) -> Image:
    """A `size`×`size` picture (BGR uint8) of a person with the given expression; see `Pose` for the numbers."""
    canvas = _Canvas(size, person, Pose(smile, mouth, blink, turn))
    for part in (_hair_behind, _body, _head, _ears, _shading, _eyes, _brows, _nose, _mouth, _cat_paint, _fringe):
        part(canvas)
    return canvas.finished()


def truth(size: int = 480, *, smile: float = 0.0, turn: float = 0.0) -> dict[str, Point]:
    """The exact five points, in pixels, of the face that `draw` draws with the same numbers."""
    pose = Pose(smile=smile, turn=turn)
    places = {
        "left_eye": pose.place(-EYE_X, EYE_Y, 0.08),
        "right_eye": pose.place(EYE_X, EYE_Y, 0.08),
        "nose": pose.place(0, NOSE_Y, 0.14),
        "mouth_left": pose.mouth_corner(-1),
        "mouth_right": pose.mouth_corner(1),
    }
    return {name: (x * size, y * size) for name, (x, y) in places.items()}


class _Canvas:
    """A square to draw on in fractions of its side."""

    def __init__(self, size: int, person: Person, pose: Pose) -> None:
        self.size = size
        self.side = size * FINE
        self.person = person
        self.pose = pose
        self.pixels: Image = np.full((self.side, self.side, 3), person.wall, np.uint8)
        self.head: Mask = np.zeros((self.side, self.side), np.uint8)

    def ellipse(self, centre: Point, half: Point, colour: Colour) -> None:
        """A filled ellipse with the given half axes."""
        self._ellipse(self.pixels, centre, half, colour)

    def head_ellipse(self, centre: Point, half: Point) -> None:
        """A filled ellipse of skin that belongs to the head; `tint` colours only the head."""
        self._ellipse(self.pixels, centre, half, self.person.skin)
        self._ellipse(self.head, centre, half, (255, 255, 255))

    def curve(self, points: list[Point], colour: Colour, *, line: float) -> None:
        """A smooth line through three or more points."""
        outline = np.array([self._whole(point) for point in smooth(points)], np.int32)
        cv2.polylines(self.pixels, [outline], False, colour, max(1, round(line * self.side)), cv2.LINE_AA)

    def shape(self, points: list[Point], colour: Colour) -> None:
        cv2.fillPoly(self.pixels, [np.array([self._whole(point) for point in points], np.int32)], colour, cv2.LINE_AA)

    def tint(self, centre: Point, half: Point, colour: Colour, strength: float, *, soft: float = 0.03) -> None:
        """Blend a colour into a soft ellipse, on the head only."""
        reach = [round((value + 2.5 * soft) * self.side) for value in half]
        x, y = self._whole(centre)
        left = max(0, x - reach[0])
        top = max(0, y - reach[1])
        window = (slice(top, min(self.side, y + reach[1])), slice(left, min(self.side, x + reach[0])))
        spot = np.zeros(self.head[window].shape, np.uint8)
        cv2.ellipse(spot, (x - left, y - top), self._whole(half), 0, 0, 360, round(255 * strength), -1)
        weight = cv2.min(_blurred(spot, soft * self.side), self.head[window]).astype(np.float32) / 255
        plain = np.full_like(self.pixels[window], colour)
        self.pixels[window] = cv2.blendLinear(plain, self.pixels[window], weight, 1 - weight)

    def finished(self) -> Image:
        """The picture at its own size, a little blurred like a photograph."""
        small = cv2.resize(self.pixels, (self.size, self.size), interpolation=cv2.INTER_AREA)
        finished: Image = cv2.GaussianBlur(small, (0, 0), self.size / 600)
        return finished

    def _ellipse(self, pixels: Image, centre: Point, half: Point, colour: Colour) -> None:
        outline = cv2.ellipse2Poly(self._whole(centre), self._whole(half), 0, 0, 360, 3)
        cv2.fillPoly(pixels, [outline], colour, cv2.LINE_AA)

    def _whole(self, point: Point) -> tuple[int, int]:
        return round(point[0] * self.side), round(point[1] * self.side)


def _blurred(spot: Mask, sigma: float) -> Mask:
    """A Gaussian blur, computed at a quarter of the size, which is enough for soft spots and much faster."""
    small = cv2.resize(spot, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(cv2.GaussianBlur(small, (0, 0), sigma / 4), spot.shape[::-1]))


def smooth(points: list[Point]) -> list[Point]:
    """24 points on the polynomial through all given points."""
    places = np.array(points)
    at = np.linspace(0, 1, len(points))
    fine = np.linspace(0, 1, 24)
    x, y = (np.polyval(np.polyfit(at, places[:, axis], len(points) - 1), fine) for axis in (0, 1))
    return list(zip(x.tolist(), y.tolist(), strict=True))


def shade(colour: Colour, factor: float) -> Colour:
    """A colour made darker (below 1) or lighter (above 1)."""
    blue, green, red = (min(255, round(value * factor)) for value in colour)
    return blue, green, red


def _hair_behind(canvas: _Canvas) -> None:
    hair = canvas.person.hair
    canvas.ellipse(canvas.pose.place(0, 0.41, -0.05), (0.29, 0.33), hair)
    if canvas.person.long_hair:
        canvas.ellipse(canvas.pose.place(0, 0.62, -0.05), (0.31, 0.42), hair)


def _body(canvas: _Canvas) -> None:
    skin = canvas.person.skin
    canvas.ellipse((0.5, 1.08), (0.42, 0.2), canvas.person.shirt)
    canvas.shape([(0.41, 0.75), (0.59, 0.75), (0.61, 0.93), (0.39, 0.93)], shade(skin, 0.82))
    canvas.ellipse((0.5, 0.92), (0.11, 0.05), shade(skin, 0.82))


def _head(canvas: _Canvas) -> None:
    skull = canvas.pose.place(0, 0.49)
    jaw = canvas.pose.place(0, 0.6, 0.02)
    canvas.head_ellipse(skull, (0.245, 0.27))
    canvas.head_ellipse(jaw, (0.216, 0.25))


def _ears(canvas: _Canvas) -> None:
    for side in (-1, 1):
        ear = canvas.pose.place(side * 0.242, 0.52, -0.04)
        canvas.ellipse(ear, (0.028, 0.055), shade(canvas.person.skin, 0.94))
        canvas.ellipse(ear, (0.014, 0.033), shade(canvas.person.skin, 0.8))


def _shading(canvas: _Canvas) -> None:
    skin = canvas.person.skin
    pose = canvas.pose
    dark = shade(skin, 0.66)
    blush = (min(255, skin[0] - 8), skin[1] - 26, min(255, skin[2] + 6))
    canvas.tint(pose.place(0.235, 0.58), (0.05, 0.27), dark, 0.55, soft=0.045)
    canvas.tint(pose.place(-0.25, 0.58), (0.025, 0.25), dark, 0.5, soft=0.035)
    canvas.tint(pose.place(0, 0.86, 0.02), (0.17, 0.03), dark, 0.6, soft=0.03)
    canvas.tint(pose.place(-0.02, 0.335, 0.08), (0.13, 0.05), shade(skin, 1.18), 0.4, soft=0.04)
    for side in (-1, 1):
        canvas.tint(pose.place(side * 0.12, 0.6, 0.07), (0.05, 0.035), blush, 0.7, soft=0.03)
        canvas.tint(pose.place(side * EYE_X, EYE_Y, 0.08), (0.06, 0.032), dark, 0.32, soft=0.018)


def _eyes(canvas: _Canvas) -> None:
    for side in (-1, 1):
        _eye(canvas, side)


def _eye(canvas: _Canvas, side: int) -> None:
    person = canvas.person
    pose = canvas.pose
    x, y = pose.place(side * EYE_X, EYE_Y, 0.08)
    open_ = 1 - pose.blink
    canvas.ellipse((x, y), (0.047, 0.024), shade(person.skin, 0.92))
    if open_ > 0.15:
        canvas.ellipse((x, y), (0.045, 0.023 * open_), (240, 243, 244))
        _iris(canvas, (x, y), open_)
    lid = 0.026 * open_ - 0.012 * pose.blink
    canvas.curve([(x - 0.048, y), (x, y - lid), (x + 0.048, y)], shade(person.hair, 0.8), line=0.008)
    canvas.curve(
        [(x - 0.045, y + 0.002), (x, y + 0.024 - 0.01 * pose.blink), (x + 0.045, y + 0.002)],
        shade(person.skin, 0.62),
        line=0.003,
    )
    canvas.curve([(x - 0.045, y - 0.018), (x, y - 0.04), (x + 0.045, y - 0.018)], shade(person.skin, 0.7), line=0.003)


def _iris(canvas: _Canvas, centre: Point, open_: float) -> None:
    x, y = centre
    height = min(0.021, 0.023 * open_)
    canvas.ellipse(centre, (0.021, height), shade(canvas.person.iris, 0.6))
    canvas.ellipse(centre, (0.017, height * 0.82), canvas.person.iris)
    canvas.ellipse(centre, (0.009, min(0.009, height)), (12, 12, 12))
    canvas.ellipse((x + 0.006, y - 0.3 * height), (0.004, min(0.004, height * 0.3)), (250, 250, 250))


def _brows(canvas: _Canvas) -> None:
    for side in (-1, 1):
        points = [canvas.pose.place(side * x, y, 0.08) for x, y in ((0.045, 0.415), (0.1, 0.398), (0.158, 0.418))]
        canvas.curve(points, shade(canvas.person.hair, 1.1), line=0.013 * canvas.person.brow)


def _nose(canvas: _Canvas) -> None:
    skin = canvas.person.skin
    pose = canvas.pose
    canvas.tint(pose.place(0.022, 0.53, 0.1), (0.012, 0.055), shade(skin, 0.68), 0.6, soft=0.01)
    canvas.tint(pose.place(-0.004, 0.53, 0.12), (0.009, 0.06), shade(skin, 1.2), 0.6, soft=0.01)
    canvas.tint(pose.place(0, NOSE_Y, 0.14), (0.026, 0.02), shade(skin, 1.15), 0.5, soft=0.012)
    dark = shade(skin, 0.55)
    canvas.curve(
        [pose.place(x, y, 0.12) for x, y in ((-0.036, 0.588), (0, 0.613), (0.036, 0.588))],
        shade(skin, 0.68),
        line=0.006,
    )
    for side in (-1, 1):
        canvas.ellipse(pose.place(side * 0.019, 0.602, 0.11), (0.009, 0.005), dark)


def _mouth(canvas: _Canvas) -> None:
    pose = canvas.pose
    lips = canvas.person.lips
    left = pose.mouth_corner(-1)
    right = pose.mouth_corner(1)
    middle = (left[0] + right[0]) / 2
    gap = 0.06 * pose.mouth
    sag = 0.02 * pose.smile
    top = MOUTH_Y + 0.2 * sag
    bottom = MOUTH_Y + sag + gap
    upper = smooth([left, (middle, top - 0.024), right])
    lower = smooth([right, (middle, bottom + 0.03), left])
    canvas.shape([*upper, *lower], lips)
    canvas.tint((middle, bottom + 0.016), (0.03, 0.006), shade(lips, 1.4), 0.6, soft=0.006)
    _between_lips(canvas, left, right, (middle, top), (middle, bottom))
    canvas.tint((middle, bottom + 0.05), (0.04, 0.008), shade(canvas.person.skin, 0.7), 0.5, soft=0.01)


def _between_lips(canvas: _Canvas, left: Point, right: Point, top: Point, bottom: Point) -> None:
    if bottom[1] - top[1] > 0.012:
        upper = smooth([left, top, right])
        lower = smooth([right, bottom, left])
        canvas.shape([*upper, *lower], (42, 30, 70))
        teeth = smooth([right, (top[0], top[1] + min(0.02, 0.5 * (bottom[1] - top[1]))), left])
        canvas.shape([*upper[3:-3], *teeth[3:-3]], (232, 238, 240))
    else:
        line = (top[0], (top[1] + bottom[1]) / 2)
        canvas.curve([left, line, right], shade(canvas.person.lips, 0.5), line=0.005)


def _cat_paint(canvas: _Canvas) -> None:
    """The nose and the whiskers of a cat."""
    paint = canvas.person.cat_paint
    if paint is None:
        return
    pose = canvas.pose
    canvas.ellipse(pose.place(0, NOSE_Y + 0.007, 0.14), (0.03, 0.022), paint)
    canvas.curve([pose.place(0, y, 0.13) for y in (0.6, 0.625, 0.65)], paint, line=0.006)
    for side in (-1, 1):
        for slope in (-0.03, 0.0, 0.03):
            places = ((0.06, 0.625 + 0.4 * slope), (0.12, 0.62 + 0.9 * slope), (0.19, 0.605 + 1.5 * slope))
            canvas.curve([pose.place(side * x, y, 0.07) for x, y in places], paint, line=0.007)


def _fringe(canvas: _Canvas) -> None:
    hair = canvas.person.hair
    pose = canvas.pose
    outline = [
        pose.place(x, y, 0.02) for x, y in ((-0.255, 0.47), (-0.24, 0.3), (0.0, 0.1), (0.24, 0.3), (0.255, 0.47))
    ]
    hairline = smooth(
        [
            outline[-1],
            pose.place(0.2, 0.31, 0.04),
            pose.place(0.02, 0.235, 0.06),
            pose.place(-0.19, 0.3, 0.04),
            outline[0],
        ]
    )
    canvas.shape([*smooth(outline), *hairline], hair)
    for x in (-0.12, -0.04, 0.05, 0.13):
        strand = [pose.place(0.02, 0.1), pose.place(x * 0.9, 0.15, 0.04), pose.place(x * 1.4, 0.23, 0.05)]
        canvas.curve(strand, shade(hair, 1.35), line=0.004)
