"""All faces of one photo with the points that the API names. BlazeFace finds boxes, the mesh network checks each."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from akool_nb.sandbox.engine.arrays import Image, Mesh
from akool_nb.sandbox.engine.blazeface import FULL_RANGE, BlazeFace, Box, merge
from akool_nb.sandbox.engine.evidence import Evidence, Examiner
from akool_nb.sandbox.engine.mesh import five_points
from akool_nb.sandbox.engine.opencv import cv2
from akool_nb.sandbox.engine.pyramid import Pyramid

PARTS = 4
"""Tiles along the longer side; of faces of 1.5 % of that side, eight in ten are found in them, and all of 2 %."""

LEAST_PART = 200
"""Pixels of the longer side for each tile: smaller photos have fewer tiles, in which faces of 16 pixels are found."""

FINE_SIDE = 4096
"""Pixels. In photos with a longer side faces of 80 pixels are less than 2 %; smaller tiles are searched for them."""

FINE_TILE = 1000
"""Pixels of a tile in which a face of 80 pixels is found; of 10 such faces 8 were found in tiles of 1400."""

LARGE = 0.15
"""Share of the longer side; a face of this width and all larger ones are found without tiles."""

LEAST_SCORE = 0.25
"""Of a box; small faces have low scores, and `Examiner` sorts out what is no face."""

SAME_FACE = 0.35

Point = tuple[float, float]


@dataclass(frozen=True)
class FoundFace:
    """One face: a score (0-1) and its 468×3 mesh in pixels; the other values are computed from the mesh."""

    score: float
    mesh: Mesh

    @classmethod
    def of(cls, evidence: Evidence) -> FoundFace:
        """The face that the evidence is about."""
        return cls(evidence.box.score * max(0.5, evidence.fit.certainty), evidence.fit.mesh)

    @property
    def region(self) -> tuple[int, int, int, int]:
        """The mesh's bounding box as whole pixels: x, y, width, height."""
        left, top = np.floor(self.mesh[:, :2].min(axis=0)).astype(int)
        right, bottom = np.ceil(self.mesh[:, :2].max(axis=0)).astype(int)
        return int(left), int(top), int(right - left), int(bottom - top)

    @property
    def points(self) -> dict[str, Point]:
        """The named points; "left" is left in the picture."""
        names = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right", "mouth_centre")
        five = five_points(self.mesh)
        places = [*five, (five[3] + five[4]) / 2]
        return {name: (float(x), float(y)) for name, (x, y) in zip(names, places, strict=True)}

    @property
    def left_eye(self) -> Point:
        """Centre of the eye on the left of the picture."""
        return self.points["left_eye"]

    @property
    def right_eye(self) -> Point:
        """Centre of the eye on the right of the picture."""
        return self.points["right_eye"]

    @property
    def nose(self) -> Point:
        """Tip of the nose."""
        return self.points["nose"]

    @property
    def mouth_left(self) -> Point:
        """Corner of the mouth on the left of the picture."""
        return self.points["mouth_left"]

    @property
    def mouth_right(self) -> Point:
        """Corner of the mouth on the right of the picture."""
        return self.points["mouth_right"]

    @property
    def mouth_centre(self) -> Point:
        """Middle between the two corners of the mouth."""
        return self.points["mouth_centre"]

    @property
    def box(self) -> Box:
        """The bounding box in the form in which overlaps are measured."""
        return Box.around(self.mesh, self.score)


class FaceDetector:
    """Finds faces from about 2 % of the photo's longer side and 16 pixels, and from 80 pixels in the largest photos.

    It runs https://arxiv.org/abs/1907.05047 on the photo and on tiles of it; each answer is confirmed and measured by
    https://arxiv.org/abs/1907.06724.
    """

    def __init__(self) -> None:
        self._boxes = BlazeFace(FULL_RANGE, least_score=LEAST_SCORE)
        self._examiner = Examiner()

    def detect(self, image: Image, *, single_face: bool = False) -> list[FoundFace]:
        """Faces in the photo (H×W×3 BGR uint8), the largest first; with `single_face` only that one."""
        picture = Pyramid(image)
        boxes = self._whole(picture)
        if single_face:
            large = [box for box in boxes if box.right - box.left >= LARGE * max(image.shape[:2])]
            faces = self._faces(picture, large)
            if faces:
                return faces[:1]
        faces = self._faces(picture, [*boxes, *self._tiles(picture)])
        return faces[:1] if single_face else faces

    def evidence(self, image: Image) -> Iterator[Evidence]:
        """Everything that may be a face, with what the networks say about it."""
        picture = Pyramid(image)
        return self._evidence(picture, [*self._whole(picture), *self._tiles(picture)])

    def _faces(self, picture: Pyramid, boxes: list[Box]) -> list[FoundFace]:
        """The faces in the boxes, the largest first."""
        found = [FoundFace.of(evidence) for evidence in self._evidence(picture, boxes) if evidence.is_face]
        return sorted(_without_doubles(found), key=lambda face: -face.box.area)

    def _evidence(self, picture: Pyramid, boxes: list[Box]) -> Iterator[Evidence]:
        for box in merge(boxes):
            yield self._examiner.examine(picture, box)

    def _whole(self, picture: Pyramid) -> list[Box]:
        return list(_search(self._boxes, picture, 1))

    def _tiles(self, picture: Pyramid) -> Iterator[Box]:
        longer = max(picture.image.shape[:2])
        if longer >= 2 * LEAST_PART:
            yield from _search(self._boxes, picture, min(PARTS, round(longer / LEAST_PART)))
        if longer > FINE_SIDE:
            yield from _search(self._boxes, picture, math.ceil(longer * 1.25 / FINE_TILE))


def _search(network: BlazeFace, picture: Pyramid, parts: int) -> Iterator[Box]:
    """Boxes found in each tile of the picture, without those that an inner border cuts."""
    # The picture is shrunk once, because to shrink each tile takes as long as the network.
    small, times = _fitted(picture, network.size, parts)
    height, width = small.shape[:2]
    for left, top, right, bottom in tiles(width, height, parts):
        for box in network.raw_boxes(small[top:bottom, left:right]):
            moved = box.moved(left, top)
            if not _is_cut(moved, (left, top, right, bottom), (width, height)):
                yield moved.scaled(times)


def _fitted(picture: Pyramid, side: int, parts: int) -> tuple[Image, float]:
    """The picture so small that its tiles are `side` pixels wide, and the factor back."""
    height, width = picture.image.shape[:2]
    left, _, right, _ = tiles(width, height, parts)[0]
    wanted = (max(width, height) if parts == 1 else right - left) / side
    if wanted <= 1:
        return picture.image, 1.0
    image, times = picture.shrunk(wanted)
    width = max(1, round(image.shape[1] * times / wanted))
    height = max(1, round(image.shape[0] * times / wanted))
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR), wanted


def tiles(width: int, height: int, parts: int) -> list[tuple[int, int, int, int]]:
    """Overlapping squares (left, top, right, bottom) that cover a picture, its longer side cut into `parts`."""
    if parts == 1:
        return [(0, 0, width, height)]
    side = math.ceil(max(width, height) / parts * 1.25)
    return [
        (left, top, min(width, left + side), min(height, top + side))
        for top in _starts(height, side)
        for left in _starts(width, side)
    ]


def _starts(length: int, side: int) -> list[int]:
    """Where tiles begin along one side: evenly spread, overlapping by 18 % or more."""
    if length <= side:
        return [0]
    count = math.ceil((length - side) / (side * 0.82)) + 1
    return [round(index * (length - side) / (count - 1)) for index in range(count)]


def _is_cut(box: Box, tile: tuple[int, int, int, int], size: tuple[int, int]) -> bool:
    """Whether the box touches a border of the tile that is not a border of the picture."""
    left, top, right, bottom = tile
    edge = (right - left) * 0.01
    return (
        (left > 0 and box.left < left + edge)
        or (top > 0 and box.top < top + edge)
        or (right < size[0] and box.right > right - edge)
        or (bottom < size[1] and box.bottom > bottom - edge)
    )


def _without_doubles(faces: list[FoundFace]) -> list[FoundFace]:
    """Of each group of overlapping faces the one with the highest score; a face inside a face is a part of it."""
    kept: list[FoundFace] = []
    for face in sorted(faces, key=lambda face: -face.score):
        if not any(_is_same(other.box, face.box) for other in kept):
            kept.append(face)
    return kept


def _is_same(kept: Box, box: Box) -> bool:
    return kept.overlap(box) >= SAME_FACE or kept.holds_middle_of(box)
