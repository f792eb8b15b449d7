"""How sure it is that a box of BlazeFace contains a face: the mesh network and a second BlazeFace look at it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from akool_nb.sandbox.engine.arrays import Mesh, Points
from akool_nb.sandbox.engine.blazeface import SHORT_RANGE, BlazeFace, Box
from akool_nb.sandbox.engine.mesh import FaceMesh, MeshFit, five_points
from akool_nb.sandbox.engine.pyramid import Pyramid
from akool_nb.sandbox.engine.square import Square

LEAST_SURENESS = 0.7
"""Chosen by the curve of `python -m tests.bench.detector`: textures with a mesh have at most 0.66, whole faces 0.83."""

LEAST_SUM = 1.18
"""Of sureness and the box's score, for faces that the picture's border cuts; textures have at most 1.14."""

LEAST_CERTAINTY = 0.9
CLEAR_CERTAINTY = 0.5
CLEAR_SCORE = 0.6
"""Of the mesh. The lower one is enough in a box of CLEAR_SCORE, which a cut face has; textures have at most 0.5."""

LEAST_BLURRED_SCORE = 0.75
MOST_DISAGREEMENT = 0.15
"""A face of which the mesh network is less certain needs this score of the box, and at most this `disagreement`."""

WIDENED = 2.2
"""Side of the cut in sides of the mesh's square. There a face has the size with which BlazeFace was trained."""

OFF_CENTRE = 0.25
"""How far the middle of a box may be from the middle of the cut, in sides of the mesh's square."""

DOUBTFUL = 0.3
SETTLED = 0.999
MOST_STEPS = 3
"""A mesh whose certainty is between these two is fitted again, at most this many times."""

SURE_SCORE = 0.75
"""A box of this score whose first mesh is settled is a face; no texture with a mesh has a box above 0.60."""

HOPELESS = 0.1
HOPELESS_SCORE = 0.6
"""A box below this score is dropped at once if the first fit is less certain."""


@dataclass(frozen=True)
class Evidence:
    """What the networks say about one box.

    Attributes:
        box: the box and the points found in the whole picture.
        fit: the mesh in it.
        sureness: the score (0-1) of the short range BlazeFace in a cut around the mesh, or of a box that is sure by
            itself. The score of other boxes depends on their size; a small face and a texture may have the same.
    """

    box: Box
    fit: MeshFit
    sureness: float

    @property
    def is_face(self) -> bool:
        """Whether the networks agree.

        The mesh network is not certain of blurred faces. If BlazeFace is sure and both networks find eyes, nose and
        mouth at the same places, the face is accepted; its points have larger errors (about 12 % of the eye distance).
        """
        is_sure = self.sureness >= LEAST_SURENESS or self.sureness + self.box.score >= LEAST_SUM
        return is_sure and (self._has_mesh or self._is_blurred_face)

    @property
    def _has_mesh(self) -> bool:
        least = LEAST_CERTAINTY if self.box.score < CLEAR_SCORE else CLEAR_CERTAINTY
        return self.fit.certainty >= least

    @property
    def _is_blurred_face(self) -> bool:
        agrees = disagreement(self.box.points, self.fit.mesh) <= MOST_DISAGREEMENT
        return self.box.score >= LEAST_BLURRED_SCORE and agrees


class Examiner:
    """Gathers the evidence about boxes; `mesh` is its mesh network."""

    def __init__(self) -> None:
        self.mesh = FaceMesh()
        self._closely = BlazeFace(SHORT_RANGE, least_score=0.05)

    def examine(self, picture: Pyramid, box: Box) -> Evidence:
        """Fit the mesh in the box in a picture, then look for a face around the mesh."""
        fit = self.mesh.fit(picture, Square.around_box(box))
        if fit.certainty < HOPELESS and box.score < HOPELESS_SCORE:
            return Evidence(box, fit, 0.0)
        if fit.certainty >= SETTLED and box.score >= SURE_SCORE:
            return Evidence(box, _mean(fit, self.mesh.refine(picture, fit)), box.score)
        fit = self._settled(picture, fit)
        return Evidence(box, fit, self._sureness(picture, Square.around_mesh(fit.mesh)))

    def _settled(self, picture: Pyramid, fit: MeshFit) -> MeshFit:
        """The mesh fitted again around itself, until the network is certain: a poor box leads to it step by step.

        Returns the mean of the last two fits, because one fit depends on its square by 1 to 2 % of the eye distance.
        """
        before = self.mesh.refine(picture, fit)
        fit = self.mesh.refine(picture, before)
        for _ in range(MOST_STEPS):
            if not DOUBTFUL <= fit.certainty < SETTLED:
                break
            before = fit
            fit = self.mesh.refine(picture, before)
        return _mean(before, fit)

    def _sureness(self, picture: Pyramid, square: Square) -> float:
        """The best score of a face in the middle of the cut around the square."""
        side = self._closely.size
        boxes = self._closely.raw_boxes(square.widened(WIDENED).cut(picture, side))
        return max((box.score for box in boxes if _is_central(box, side)), default=0.0)


def _mean(before: MeshFit, fit: MeshFit) -> MeshFit:
    return MeshFit((before.mesh + fit.mesh) / 2, fit.certainty)


def _is_central(box: Box, side: int) -> bool:
    middle = ((box.left + box.right) / 2, (box.top + box.bottom) / 2)
    return max(abs(place - side / 2) for place in middle) < OFF_CENTRE / WIDENED * side


def disagreement(points: Points, mesh: Mesh) -> float:
    """Mean gap between BlazeFace's eyes, nose and mouth (first four of 6×2) and the mesh's, in eye distances."""
    left_eye, right_eye, nose, left, right = five_points(mesh)
    seen = np.stack([left_eye, right_eye, nose, (left + right) / 2])
    return float(np.linalg.norm(points[:4] - seen, axis=1).mean() / max(1e-6, np.hypot(*(right_eye - left_eye))))
