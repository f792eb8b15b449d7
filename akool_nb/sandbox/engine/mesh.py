"""The face mesh network: 468 points of one face in a square cut from a picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from akool_nb.sandbox.engine.arrays import Mesh, Points
from akool_nb.sandbox.engine.networks import Network, sigmoid
from akool_nb.sandbox.engine.opencv import cv2
from akool_nb.sandbox.engine.pyramid import Pyramid
from akool_nb.sandbox.engine.square import Square

FILE = "face_landmark.tflite"
POINTS = 468
LEFT_EYE = (33, 133, 159, 145)
RIGHT_EYE = (263, 362, 386, 374)
NOSE = 1
MOUTH_LEFT = 61
MOUTH_RIGHT = 291
"""Point numbers; left and right as seen in the picture, not the person's own."""


@dataclass(frozen=True)
class MeshFit:
    """An answer of the network: 468×3 points in pixels of the picture, and its certainty (0-1) that this is a face."""

    mesh: Mesh
    certainty: float


class FaceMesh:
    """The 468-point face mesh of Kartynnik et al. 2019, https://arxiv.org/abs/1907.06724."""

    def __init__(self) -> None:
        self._network = Network(FILE, size=192, scale=1 / 255)

    def fit(self, picture: Pyramid, square: Square) -> MeshFit:
        """The mesh of the face inside the square, in pixels of the whole picture."""
        size = self._network.size
        points, flag = self._network.run(square.cut(picture, size))
        back = cv2.invertAffineTransform(square.to_pixels(size))
        mesh = points[: POINTS * 3].reshape(POINTS, 3).astype(np.float32)
        mesh[:, :2] = mesh[:, :2] @ back[:, :2].T + back[:, 2]
        mesh[:, 2] *= square.side / size
        return MeshFit(mesh, float(sigmoid(flag)[0]))

    def refine(self, picture: Pyramid, fit: MeshFit) -> MeshFit:
        """Fit once more in the square around a first fit; returns the better fit."""
        again = self.fit(picture, Square.around_mesh(fit.mesh))
        return again if again.certainty >= min(fit.certainty, 0.5) else fit


def five_points(mesh: Mesh) -> Points:
    """Left eye, right eye, nose tip, left and right mouth corner of a mesh: 5×2."""
    eyes = [mesh[list(eye), :2].mean(axis=0) for eye in (LEFT_EYE, RIGHT_EYE)]
    return np.stack([*eyes, mesh[NOSE, :2], mesh[MOUTH_LEFT, :2], mesh[MOUTH_RIGHT, :2]])
