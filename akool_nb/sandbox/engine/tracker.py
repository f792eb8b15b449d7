"""Following faces from frame to frame: the mesh network in every third frame, optical flow in between."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from akool_nb.sandbox.engine import topology
from akool_nb.sandbox.engine.appearance import Appearance
from akool_nb.sandbox.engine.arrays import Image, Mesh
from akool_nb.sandbox.engine.blazeface import Box
from akool_nb.sandbox.engine.evidence import Examiner
from akool_nb.sandbox.engine.expression import SIDES, ramp
from akool_nb.sandbox.engine.flow import FlowPatch
from akool_nb.sandbox.engine.mesh import FaceMesh, MeshFit
from akool_nb.sandbox.engine.pyramid import Pyramid
from akool_nb.sandbox.engine.search import FaceSearch
from akool_nb.sandbox.engine.smoothing import OneEuroFilter
from akool_nb.sandbox.engine.square import Square

FIT_EVERY = 3
"""Frames between two runs of the mesh network on one face. Four faces and more take turns, one a frame."""

LEAST_CERTAINTY = 0.5
SAME_FACE = 0.2
"""A detector's box that overlaps a tracked face by more than this part is that face."""

DOUBLE = 0.5
"""Two tracked faces that overlap by more than this part are one face, tracked twice."""

STILL = 0.002
MOVING = 0.004
"""Flow of a noisy picture drifts: a step below STILL (face widths a frame) is ignored, one above MOVING is kept."""

CLEAR_MOVE = 0.015
LEAST_SHARE = 0.06
"""How much of the network's answer is taken over: all of a point's change that is above CLEAR_MOVE (face widths),
less of a smaller change, because that may be noise of the camera, and at least LEAST_SHARE."""

FADE_IN = 0.25
FADE_OUT = 0.2
"""Change of a face's strength a frame, so that a face that is lost for one frame does not flicker."""

FLOW_POINTS = np.concatenate(
    [
        topology.OUTLINE[::3],
        [33, 133, 263, 362, 1, 4, 6, 168, 61, 291, 0, 17, 70, 300, 50, 280, 10, 152, 105, 334, 5, 195],
    ]
)


class TrackedFace:
    """One face of a video.

    Each frame calls `follow` and then `fade`.

    Attributes:
        mesh: the smoothed mesh in the current frame (468×3 pixels).
        strength: how visible the swap is, 0 to 1.
        lost: whether the mesh network saw no face in the last look; the mesh then stays where it was.
        appearance: what earlier frames showed of this face.
    """

    def __init__(self, frame: Image, fit: MeshFit, *, strength: float, rate: float) -> None:
        self.strength = strength
        self.lost = False
        self.leap = 0.0  # how far the last answer of the network moved the face, in face widths
        self.appearance = Appearance()
        self._is_double = False
        self._fits = 1
        self._measured = fit.mesh
        self._filter = OneEuroFilter(rate=rate)
        self._patch = FlowPatch(frame, fit.mesh, width=self._width)
        self.mesh = self._smoothed()

    @property
    def box(self) -> Box:
        """The bounding box of the measured mesh."""
        return Box.around(self._measured)

    def follow(self, picture: Pyramid, network: FaceMesh, *, is_turn: bool) -> None:
        """Find the face in the next frame: by flow, and by the network too if it is this face's turn or it is lost."""
        before = self._measured
        frame = picture.image
        has_moved = self._move(frame)
        if (is_turn or self.lost or not has_moved) and not self._is_double:
            self._measure(network.fit(picture, Square.around_mesh(self._measured)))
            if self.lost:
                self._measured = before
        self.mesh = self._smoothed()
        self._patch.keep_around(frame, self._measured, width=self._width)

    def fade(self) -> None:
        """One step towards fully visible or, when lost, towards invisible."""
        step = -FADE_OUT if self.lost else FADE_IN
        self.strength = min(1.0, max(0.0, self.strength + step))

    def give_up(self) -> None:
        """Fade this face out for good, because another tracked face is the same one."""
        self.lost = True
        self._is_double = True

    @property
    def _width(self) -> float:
        """Pixels between the two sides of the face."""
        left, right = self._measured[list(SIDES), :2]
        return float(np.hypot(*(right - left)))

    def _move(self, frame: Image) -> bool:
        """Move the mesh as the picture moved; False where the motion is unknown."""
        motion = self._patch.motion(frame, self._measured[FLOW_POINTS, :2])
        if motion is None:
            return False
        moved = self._measured.copy()
        steps = moved[:, :2] @ motion[:, :2].T + motion[:, 2] - moved[:, :2]
        pace = float(np.hypot(*steps.mean(axis=0))) / self._width
        moved[:, :2] += ramp(pace, STILL, MOVING) * steps
        self._measured = moved
        return True

    def _measure(self, fit: MeshFit) -> None:
        """Take over the network's answer, a part of it where it differs little."""
        self.lost = fit.certainty < LEAST_CERTAINTY
        if self.lost:
            return
        gap = fit.mesh - self._measured
        self.leap = float(np.hypot(*gap[:, :2].mean(axis=0))) / self._width
        size = np.hypot(gap[:, :1], gap[:, 1:2]) / np.float32(self._width * CLEAR_MOVE)
        # The first answers are averaged with equal weight, because the very first may be far off.
        self._fits += 1
        self._measured = self._measured + np.clip(size, max(LEAST_SHARE, 1 / self._fits), 1) * gap

    def _smoothed(self) -> Mesh:
        mesh = self._measured.copy()
        mesh[:, :2] = self._filter(self._measured[:, :2], unit=self._width)
        return mesh


class FaceTracker:
    """Follows up to `most` faces through a video of `rate` frames a second."""

    def __init__(self, *, most: int = 4, rate: float = 20.0) -> None:
        self._most = most
        self._rate = rate
        self._examiner = Examiner()
        self._search = FaceSearch()
        self._faces: list[TrackedFace] = []
        self._frames = 0

    def update(self, frame: Image) -> list[TrackedFace]:
        """The faces in the next frame (H×W×3 BGR uint8), with those that fade out."""
        picture = Pyramid(frame)
        for index, face in enumerate(self._faces):
            self._follow(face, picture, index)
        self._give_up_doubles()
        self._add_new_faces(picture)
        for face in self._faces:
            face.fade()
        self._faces = [face for face in self._faces if face.strength > 0]
        self._frames += 1
        return list(self._faces)

    def _follow(self, face: TrackedFace, picture: Pyramid, index: int) -> None:
        period = max(FIT_EVERY, len(self._faces))
        was_lost = face.lost
        face.follow(picture, self._examiner.mesh, is_turn=(self._frames + index) % period == 0)
        if face.lost and not was_lost:
            self._search.expect_a_face()

    def _give_up_doubles(self) -> None:
        """Where one face passes before another, the mesh of the hidden face jumps onto it: give the hidden face up.

        The search finds the hidden face again as soon as it is visible.
        """
        for pair in combinations(self._followed, 2):
            if not (pair[0].lost or pair[1].lost) and pair[0].box.overlap(pair[1].box) > DOUBLE:
                max(pair, key=lambda face: face.leap).give_up()
                self._search.expect_a_face()

    @property
    def _followed(self) -> list[TrackedFace]:
        return [face for face in self._faces if not face.lost]

    def _add_new_faces(self, picture: Pyramid) -> None:
        """Track the faces that the search finds and that are not tracked yet, the largest first."""
        followed = len(self._followed)
        boxes = self._search.boxes(picture.image, followed=followed) if followed < self._most else []
        new = [box for box in boxes if all(box.overlap(face.box) < SAME_FACE for face in self._faces)]
        for box in new[: self._most - len(self._faces)]:
            evidence = self._examiner.examine(picture, box)
            if evidence.is_face and evidence.fit.certainty >= LEAST_CERTAINTY:
                # The first frame may be a still picture, which is swapped in full at once.
                strength = 1.0 if self._frames == 0 else 0.0
                self._faces.append(TrackedFace(picture.image, evidence.fit, strength=strength, rate=self._rate))
