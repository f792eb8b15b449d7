"""Faces cut out of their pictures, so that `create` finds the same face again in the cut-out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from akool_nb.sandbox.engine.arrays import Image
from akool_nb.sandbox.engine.detector import FoundFace
from akool_nb.sandbox.engine.mesh import FaceMesh
from akool_nb.sandbox.engine.swap import NoFaceAtOpts, find_face
from akool_nb.sandbox.pictures.picture import decode, encode, encode_png
from akool_nb.sandbox.service.detections import four_pixels

MARGINS = (0.35, 0.8, 1.6)
"""Widths of the margin around a face, as parts of its own width and height; wider where the face is not found again."""

Place = tuple[int, int, int, int]
"""Left, top, width and height in pixels."""


def cut_out_all(image: Image, faces: Sequence[FoundFace]) -> list[tuple[Place, bytes]]:
    """`cut_out` for each face."""
    network = FaceMesh()
    return [cut_out(image, face, network) for face in faces]


def cut_out(image: Image, face: FoundFace, network: FaceMesh) -> tuple[Place, bytes]:
    """The smallest cut-out in which the face is found again, as its place in the picture and its bytes.

    A JPEG; where no JPEG shows the face, the whole picture without loss, in which it was found.
    """
    for margin in MARGINS:
        place = _place(image, face, margin)
        left, top, width, height = place
        content = encode(image[top : top + height, left : left + width], quality=92)
        if _is_found_again(content, place, face, network):
            return place, content
    return (0, 0, image.shape[1], image.shape[0]), encode_png(image)


def _place(image: Image, face: FoundFace, margin: float) -> Place:
    x, y, width, height = face.region
    left = max(0, round(x - margin * width))
    top = max(0, round(y - margin * height))
    right = min(image.shape[1], round(x + (1 + margin) * width))
    bottom = min(image.shape[0], round(y + (1 + margin) * height))
    return left, top, right - left, bottom - top


def _is_found_again(content: bytes, place: Place, face: FoundFace, network: FaceMesh) -> bool:
    for fourth in ("mouth_centre", "mouth_left"):
        points = np.array(four_pixels(face, fourth)) - place[:2]
        try:
            find_face(decode(content), [(float(x), float(y)) for x, y in points], network)
        except NoFaceAtOpts:
            return False
    return True
