"""Writes akool_nb/sandbox/models/layout.npz: python -m tests.sandbox.make_layout"""

import cv2
import numpy as np

from akool_nb.sandbox.engine.blazeface import BlazeFace
from akool_nb.sandbox.engine.mesh import FaceMesh
from akool_nb.sandbox.engine.networks import MODELS
from akool_nb.sandbox.engine.pyramid import Pyramid
from akool_nb.sandbox.engine.square import Square
from akool_nb.sandbox.pictures import drawn_face

MARGIN = 0.08


def layout() -> np.ndarray:
    """The average of the drawn face's mesh and of its mirror image; its longer side fills 0-1 except a margin."""
    image = drawn_face.draw(480, mouth=0.3)
    straight, mirrored = (_mesh(picture) for picture in (image, cv2.flip(image, 1)))
    mirrored = mirrored * (-1, 1) + (480, 0)
    average = (straight + mirrored[_partners(straight, mirrored)]) / 2
    low, high = average.min(axis=0), average.max(axis=0)
    return ((average - (low + high) / 2) / (high - low).max() * (1 - 2 * MARGIN) + 0.5).astype(np.float32)


def _mesh(image: np.ndarray) -> np.ndarray:
    network = FaceMesh()
    (box,) = BlazeFace().boxes(image)
    picture = Pyramid(image)
    return network.refine(picture, network.fit(picture, Square.around_box(box))).mesh[:, :2]


def _partners(straight: np.ndarray, mirrored: np.ndarray) -> np.ndarray:
    """For each point the corresponding one on the other side of the face."""
    return np.linalg.norm(straight[:, None] - mirrored, axis=2).argmin(axis=1)


if __name__ == "__main__":
    np.savez_compressed(MODELS / "layout.npz", points=layout())
