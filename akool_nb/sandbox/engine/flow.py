"""Optical flow: how one face moved from one frame to the next."""

from __future__ import annotations

import numpy as np

from akool_nb.sandbox.engine.arrays import Affine, Image, Mask, Mesh, Points
from akool_nb.sandbox.engine.opencv import cv2
from akool_nb.sandbox.engine.warp import Window

LEAST_POINTS = 10
"""With fewer points that move alike the motion is unknown."""

STRAY = 1.5
"""A point that misses the common motion by more pixels than this is on a lip, a hand or the background."""

PATCH = 128
"""Flow is measured on a patch that is shrunk to about this many pixels."""

CLOSE = 0.12
WIDE = 0.25
"""Margins around the face, in face widths: below CLOSE a new patch is cut, which gets WIDE."""


class FlowPatch:
    """The grey, shrunk surroundings of one face in the last frame, against which the next frame is compared."""

    def __init__(self, frame: Image, mesh: Mesh, *, width: float) -> None:
        self._grey: Mask = np.zeros((0, 0), np.uint8)
        self._cut(frame, mesh, width)

    def motion(self, frame: Image, points: Points) -> Affine | None:
        """The 2×3 map from the last frame to this one near the points (n×2, pixels), None where it is unknown.

        The patch then holds this frame.
        """
        before = self._grey
        self._grey = self._grey_of(frame)
        motion = similarity(before, self._grey, (points - self._window.corner) / np.float32(self._times))
        return None if motion is None else self._in_frame(motion)

    def keep_around(self, frame: Image, mesh: Mesh, *, width: float) -> None:
        """Cut a new patch out of the frame if the face (of `width` pixels) came close to the border of the old one."""
        if not self._window.holds(Window.around(mesh, frame, margin=4 + CLOSE * width)):
            self._cut(frame, mesh, width)

    def _cut(self, frame: Image, mesh: Mesh, width: float) -> None:
        self._window = Window.around(mesh, frame, margin=4 + WIDE * width)
        self._times = max(1, round(max(self._window.size) / PATCH))
        self._grey = self._grey_of(frame)

    def _grey_of(self, frame: Image) -> Mask:
        """The window of a frame in grey, a whole number of times smaller."""
        part = self._window.of(frame)
        if min(part.shape[:2]) < self._times:
            return np.zeros((0, 0), np.uint8)
        grey: Mask = cv2.cvtColor(part, cv2.COLOR_BGR2GRAY)
        if self._times == 1:
            return grey
        height = grey.shape[0] // self._times
        width = grey.shape[1] // self._times
        grey = grey[: height * self._times, : width * self._times]
        return np.asarray(cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA))

    def _in_frame(self, motion: Affine) -> Affine:
        """The patch's motion in pixels of the frame."""
        corner = self._window.corner
        shift = corner - motion[:, :2] @ corner + motion[:, 2] * self._times
        return np.column_stack([motion[:, :2], shift]).astype(np.float32)


def similarity(before: Mask, after: Mask, points: Points) -> Affine | None:
    """How points moved between two grey pictures: a 2×3 map of shift, turn and scale, None with too few good points.

    Pyramidal Lucas-Kanade flow (Lucas, Kanade 1981; Bouguet 2001, "Pyramidal Implementation of the Lucas Kanade
    Feature Tracker").
    """
    if before.shape != after.shape or min(before.shape) < 16:
        return None
    moved, found, _ = cv2.calcOpticalFlowPyrLK(
        before, after, points.astype(np.float32), None, winSize=(11, 11), maxLevel=2, criteria=(3, 8, 0.03)
    )
    good = found.ravel() == 1
    if good.sum() < LEAST_POINTS:
        return None
    # The last fit to all points that agree is linear, so a second refining step changes nothing.
    motion, agreed = cv2.estimateAffinePartial2D(
        points[good], moved[good], method=cv2.RANSAC, ransacReprojThreshold=STRAY, refineIters=2
    )
    if motion is None or agreed.sum() < LEAST_POINTS:
        return None
    return np.asarray(motion, np.float32)
