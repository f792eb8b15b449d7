"""BlazeFace: boxes and six points of all faces in a picture, by one small network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from akool_nb.sandbox.engine.arrays import Image, Mesh, Points
from akool_nb.sandbox.engine.networks import Network, sigmoid
from akool_nb.sandbox.engine.opencv import cv2

OVERLAP = 0.3
"""Boxes that share more than this part of their union are one face."""


@dataclass(frozen=True)
class Box:
    """One box of the detector: its edges in pixels, and the eyes, nose, mouth and ears (6×2), left before right."""

    score: float
    left: float
    top: float
    right: float
    bottom: float
    points: Points

    @classmethod
    def around(cls, mesh: Mesh, score: float = 1.0) -> Box:
        """The bounding box of a mesh; its points are the mesh's own."""
        left, top = mesh[:, :2].min(axis=0)
        right, bottom = mesh[:, :2].max(axis=0)
        return cls(score, float(left), float(top), float(right), float(bottom), mesh[:, :2])

    def overlap(self, other: Box) -> float:
        """The shared part of the two boxes' union, 0-1."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        shared = max(0.0, width) * max(0.0, height)
        return shared / (self.area + other.area - shared + 1e-9)

    def holds_middle_of(self, other: Box) -> bool:
        """Whether the middle of the other box is in this one."""
        x = (other.left + other.right) / 2
        y = (other.top + other.bottom) / 2
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    @property
    def area(self) -> float:
        """Square pixels."""
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)

    def moved(self, x: float, y: float) -> Box:
        """The same box in a picture that contains this picture at (x, y)."""
        points = self.points + np.array([x, y], np.float32)
        return Box(self.score, self.left + x, self.top + y, self.right + x, self.bottom + y, points)

    def scaled(self, times: float) -> Box:
        """The same box in a picture that is `times` as large."""
        edges = (self.left * times, self.top * times, self.right * times, self.bottom * times)
        return Box(self.score, *edges, self.points * np.float32(times))


@dataclass(frozen=True)
class Variant:
    """One trained BlazeFace: its file, its input side, and the grids of anchors as (cells a side, anchors a cell)."""

    file: str
    size: int
    grids: tuple[tuple[int, int], ...]


SHORT_RANGE = Variant("face_detection_short_range.tflite", 128, ((16, 2), (8, 6)))
FULL_RANGE = Variant("face_detection_full_range.tflite", 192, ((48, 1),))


class BlazeFace:
    """The detector of Bazarevsky et al. 2019, https://arxiv.org/abs/1907.05047.

    The full range variant finds faces down to about 7 % of the longer side, the short range one is three times as fast.
    """

    def __init__(self, variant: Variant = FULL_RANGE, *, least_score: float = 0.5) -> None:
        self.size = variant.size
        self._network = Network(variant.file, size=variant.size, scale=1 / 127.5, mean=127.5)
        self._anchors = np.concatenate([_anchors(*grid) for grid in variant.grids])
        self._least_score = least_score

    def boxes(self, image: Image) -> list[Box]:
        """Every face in the picture (H×W×3 BGR uint8), doubles merged, best first."""
        return merge(self.raw_boxes(image))

    def raw_boxes(self, image: Image) -> list[Box]:
        """Every anchor that fired, doubles not merged."""
        square, scale, offset = letterbox(image, self._network.size)
        numbers, logits = self._network.run(square)
        scores = sigmoid(logits)
        fired = np.flatnonzero(scores >= self._least_score)
        values = self._decode(numbers.reshape(-1, 16)[fired], self._anchors[fired])
        places = (values * self._network.size - offset) / scale
        return [_box(float(score), place) for score, place in zip(scores[fired], places, strict=True)]

    def _decode(self, numbers: Points, anchors: Points) -> Points:
        """n×8×2 fractions of the square: two box corners, then six points."""
        pairs = numbers.reshape(-1, 8, 2) / self._network.size
        centre = pairs[:, 0] + anchors
        half = pairs[:, 1] / 2
        corners = np.stack([centre - half, centre + half], axis=1)
        return np.concatenate([corners, pairs[:, 2:] + anchors[:, None]], axis=1)


def letterbox(image: Image, size: int) -> tuple[Image, float, Points]:
    """The picture shrunk into a `size`×`size` square with black bars, the scale, and the picture's offset (x, y)."""
    height, width = image.shape[:2]
    scale = size / max(height, width)
    inner = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(image, inner, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    x = (size - inner[0]) // 2
    y = (size - inner[1]) // 2
    square = np.zeros((size, size, 3), np.uint8)
    square[y : y + inner[1], x : x + inner[0]] = small
    return square, scale, np.array([x, y], np.float32)


def merge(boxes: list[Box]) -> list[Box]:
    """One box for each group of overlapping boxes: their average weighted by score, as BlazeFace's paper proposes."""
    rest = sorted(boxes, key=lambda box: -box.score)
    merged = []
    while rest:
        group = [box for box in rest if box is rest[0] or rest[0].overlap(box) > OVERLAP]
        rest = [box for box in rest if all(box is not other for other in group)]
        merged.append(_average(group))
    return merged


def _average(group: list[Box]) -> Box:
    weights = np.array([box.score for box in group])
    places = np.stack([_places(box) for box in group])
    return _box(float(weights.max()), np.average(places, axis=0, weights=weights))


def _places(box: Box) -> Points:
    return np.vstack([[box.left, box.top], [box.right, box.bottom], box.points])


def _box(score: float, places: Points) -> Box:
    (left, top), (right, bottom) = places[:2]
    return Box(score, float(left), float(top), float(right), float(bottom), places[2:].astype(np.float32))


def _anchors(cells: int, each: int) -> Points:
    """Centres of a `cells`×`cells` grid as fractions, each repeated."""
    rows, columns = np.mgrid[0:cells, 0:cells]
    centres = np.stack([columns.ravel(), rows.ravel()], axis=1) + 0.5
    return np.repeat(centres / cells, each, axis=0).astype(np.float32)
