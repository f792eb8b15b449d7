"""Following faces from frame to frame: the mesh network now and then, optical flow in between."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from akool_nb.sandbox.engine import topology
from akool_nb.sandbox.engine.arrays import Affine, Image, Mask, Mesh, Points
from akool_nb.sandbox.engine.blazeface import FULL_RANGE, SHORT_RANGE, BlazeFace, Box
from akool_nb.sandbox.engine.blend import USUAL_EYES
from akool_nb.sandbox.engine.colour import Light
from akool_nb.sandbox.engine.expression import SIDES, eye_opening, ramp
from akool_nb.sandbox.engine.mesh import FaceMesh, MeshFit
from akool_nb.sandbox.engine.occlusion import FaceMemory
from akool_nb.sandbox.engine.opencv import cv2
from akool_nb.sandbox.engine.smoothing import OneEuroFilter
from akool_nb.sandbox.engine.square import Square
from akool_nb.sandbox.engine.warp import Window

SEARCH_EVERY = 40
"""Frames between looks for further faces while at least one is followed."""

SEARCH_SOON, SOON = 3, 100
"""Frames between those looks when a face went missing, and for how many frames it is expected back."""

THOROUGH_EVERY = 4
"""Of looks in close succession, every so many with the full range network: it takes three times as long."""

FIT_EVERY = 3
"""Frames between two runs of the mesh network on one face; more faces than this take turns."""

LEAST_CERTAINTY = 0.5
SAME_FACE, DOUBLE = 0.2, 0.5
"""Overlaps from which a found box is a face that is followed already, and two followed faces are one."""

AT_REST = (0.002, 0.004)
"""Steps of the whole face in a frame, as parts of its width, up to which it rests, and from which it is seen to move:
the flow of a noisy picture wanders."""

CLEAR, LEAST_SHARE = 0.015, 0.06
"""A point that the network sees this part of the face's width away has moved; of less, which may be the camera's noise,
only a share is taken in, the least one where they agree: the flow has followed the motion of the whole face already."""

FADE_IN, FADE_OUT = 0.25, 0.2
"""Change of a face's strength a frame: a face that is lost for a moment does not blink."""

FLOW_POINTS = np.concatenate(
    [
        topology.OUTLINE[::3],
        [33, 133, 263, 362, 1, 4, 6, 168, 61, 291, 0, 17, 70, 300, 50, 280, 10, 152, 105, 334, 5, 195],
    ]
)
LEAST_FLOW_POINTS = 10
STRAY = 1.5
"""Points that miss the common motion by more pixels than this have no say in it: lips, hands, background."""

PATCH = 128
"""About how many pixels wide the picture is in which flow is measured."""


class TrackedFace:
    """One face that is being followed: its mesh as last measured, the same smoothed, and how visible its swap is."""

    def __init__(self, fit: MeshFit, *, strength: float, rate: float) -> None:
        self.measured = fit.mesh
        self.strength = strength
        self.lost = self.is_double = False
        self.leap = 0.0
        self.memory, self.light = FaceMemory(), Light()
        self._filter = OneEuroFilter(rate=rate)
        self._window = Window(0, 0, 0, 0)
        self._times = self._fits = 1
        self._patch: Mask = np.zeros((0, 0), np.uint8)
        self.mesh: Mesh = fit.mesh
        self.usual_eyes = max(USUAL_EYES, eye_opening(fit.mesh))
        self.smooth()

    @property
    def width(self) -> float:
        """Pixels between the face's two sides."""
        left, right = self.measured[list(SIDES), :2]
        return float(np.hypot(*(right - left)))

    @property
    def box(self) -> Box:
        """The bounding box of the measured mesh."""
        left, top = self.measured[:, :2].min(axis=0)
        right, bottom = self.measured[:, :2].max(axis=0)
        return Box(1.0, float(left), float(top), float(right), float(bottom), self.measured[:, :2])

    def measure(self, fit: MeshFit) -> None:
        """Take a fresh answer of the mesh network; where it sees no face, the last place is kept."""
        self.lost = fit.certainty < LEAST_CERTAINTY
        if not self.lost:
            gap = fit.mesh - self.measured
            self.leap = float(np.hypot(*gap[:, :2].mean(axis=0))) / self.width
            size = np.hypot(gap[:, :1], gap[:, 1:2]) / np.float32(self.width * CLEAR)
            # The first few answers weigh alike, as in a mean: the very first may be the one that is off.
            self._fits += 1
            self.measured = self.measured + np.clip(size, max(LEAST_SHARE, 1 / self._fits), 1) * gap

    def flow(self, frame: Image) -> bool:
        """Move along with the picture since the last frame; False where it gives no hold."""
        before, self._patch = self._patch, self._look(frame)
        motion = similarity(before, self._patch, self._in_patch(self.measured[FLOW_POINTS, :2]))
        if motion is None:
            return False
        moved = self.measured.copy()
        local = self._in_patch(moved[:, :2]) @ motion[:, :2].T + motion[:, 2]
        steps = local * self._times + self._window.corner - moved[:, :2]
        pace = float(np.hypot(*steps.mean(axis=0))) / self.width
        moved[:, :2] += ramp(pace, *AT_REST) * steps
        self.measured = moved
        return True

    def smooth(self) -> None:
        """Let the filter take in what was measured."""
        self.mesh = self.measured.copy()
        self.mesh[:, :2] = self._filter(self.measured[:, :2], unit=self.width)
        opening = eye_opening(self.mesh)
        # Quickly up, slowly down: eyes are open most of the time, and a blink is short.
        self.usual_eyes += (0.2 if opening > self.usual_eyes else 0.01) * (opening - self.usual_eyes)

    def remember(self, frame: Image) -> None:
        """Keep the face's surroundings for the next `flow`; the same place as before while the face is well inside."""
        close = Window.around(self.measured, frame, margin=4 + 0.12 * self.width)
        if not self._window.holds(close):
            self._window = Window.around(self.measured, frame, margin=4 + 0.25 * self.width)
            self._times = max(1, round(max(self._window.size) / PATCH))
            self._patch = self._look(frame)

    def _look(self, frame: Image) -> Mask:
        """The window of a frame in grey, some whole times smaller."""
        part = self._window.of(frame)
        if min(part.shape[:2]) < self._times:
            return np.zeros((0, 0), np.uint8)
        grey: Mask = cv2.cvtColor(part, cv2.COLOR_BGR2GRAY)
        height, width = grey.shape[0] // self._times, grey.shape[1] // self._times
        grey = grey[: height * self._times, : width * self._times]
        return cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA) if self._times > 1 else grey

    def _in_patch(self, points: Points) -> Points:
        return (points - self._window.corner) / np.float32(self._times)

    def fade(self) -> None:
        """One frame's step towards fully visible or, when lost, towards invisible."""
        step = -FADE_OUT if self.lost else FADE_IN
        self.strength = min(1.0, max(0.0, self.strength + step))


class FaceTracker:
    """Follows up to `most` faces through a video of `rate` frames a second."""

    def __init__(self, *, most: int = 4, rate: float = 20.0) -> None:
        self._most, self._rate = most, rate
        self._thorough, self._quick = BlazeFace(FULL_RANGE), BlazeFace(SHORT_RANGE)
        self._mesh = FaceMesh()
        self._faces: list[TrackedFace] = []
        self._frames = self._searches = 0
        self._eager_until = 0

    def update(self, frame: Image) -> list[TrackedFace]:
        """The faces in the next frame (H×W×3 BGR uint8), those that fade out included."""
        for index, face in enumerate(self._faces):
            self._follow(face, frame, index)
        self._part_doubles()
        if self._is_time_to_search():
            self._search(frame)
        for face in self._faces:
            face.fade()
            face.remember(frame)
        self._faces = [face for face in self._faces if face.strength > 0]
        self._frames += 1
        return list(self._faces)

    def _follow(self, face: TrackedFace, frame: Image, index: int) -> None:
        period = max(FIT_EVERY, len(self._faces))
        before = face.measured
        moved = face.flow(frame)
        is_due = not moved or face.lost or (self._frames + index) % period == 0
        if is_due and not face.is_double:
            was_lost = face.lost
            face.measure(self._mesh.fit(frame, Square.around_mesh(face.measured)))
            if face.lost:
                face.measured = before
                if not was_lost:
                    self._expect_a_face()
        face.smooth()

    def _part_doubles(self) -> None:
        """Where one of two faces passes before the other, the mesh of the hidden one leaps onto it: let that one go.

        The hidden face is looked for as soon as it shows again.
        """
        for pair in combinations(self._followed, 2):
            if not (pair[0].lost or pair[1].lost) and pair[0].box.overlap(pair[1].box) > DOUBLE:
                double = max(pair, key=lambda face: face.leap)
                double.lost = double.is_double = True
                self._expect_a_face()

    @property
    def _followed(self) -> list[TrackedFace]:
        return [face for face in self._faces if not face.lost]

    def _expect_a_face(self) -> None:
        """Search often for the next seconds."""
        self._eager_until = self._frames + SOON

    def _is_time_to_search(self) -> bool:
        followed = len(self._followed)
        return followed == 0 or (followed < self._most and self._frames % self._period == self._period - 1)

    @property
    def _period(self) -> int:
        """Frames between two looks for further faces."""
        return SEARCH_SOON if self._frames < self._eager_until else SEARCH_EVERY

    def _proposer(self) -> BlazeFace:
        """The network for the next look: the thorough one for rare looks, and now and then among frequent ones."""
        is_rare = bool(self._followed) and self._period == SEARCH_EVERY
        self._searches += 1
        return self._thorough if is_rare or self._searches % THOROUGH_EVERY == 1 else self._quick

    def _search(self, frame: Image) -> None:
        """Take up faces that are not followed yet, the largest first."""
        boxes = sorted(self._proposer().boxes(frame), key=lambda box: -box.area)
        new = [box for box in boxes if all(box.overlap(face.box) < SAME_FACE for face in self._faces)]
        for box in new[: self._most - len(self._faces)]:
            fit = self._mesh.fit(frame, Square.around_box(box))
            if fit.certainty >= LEAST_CERTAINTY:
                fit = self._mesh.refine(frame, fit)
                # The very first frame may be the only one: a still picture is swapped in full at once.
                strength = 1.0 if self._frames == 0 else 0.0
                self._faces.append(TrackedFace(fit, strength=strength, rate=self._rate))


def similarity(before: Mask, after: Mask, points: Points) -> Affine | None:
    """How points moved between two grey pictures: a 2×3 map of shift, turn and scale, or None without enough hold.

    Pyramidal Lucas-Kanade flow (Lucas, Kanade 1981; Bouguet 2001, "Pyramidal Implementation of the Lucas Kanade
    Feature Tracker").
    """
    if before.shape != after.shape or min(before.shape) < 16:
        return None
    moved, found, _ = cv2.calcOpticalFlowPyrLK(
        before, after, points.astype(np.float32), None, winSize=(11, 11), maxLevel=2, criteria=(3, 8, 0.03)
    )
    good = found.ravel() == 1
    if good.sum() < LEAST_FLOW_POINTS:
        return None
    # The last fit to all points that agree is linear: a second refining step changes nothing.
    motion, agreed = cv2.estimateAffinePartial2D(
        points[good], moved[good], method=cv2.RANSAC, ransacReprojThreshold=STRAY, refineIters=2
    )
    if motion is None or agreed.sum() < LEAST_FLOW_POINTS:
        return None
    return np.asarray(motion, np.float32)
