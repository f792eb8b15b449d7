"""When a video is searched for new faces, and by which detector."""

from __future__ import annotations

import numpy as np

from akool_nb.sandbox.engine.arrays import Image
from akool_nb.sandbox.engine.blazeface import FULL_RANGE, SHORT_RANGE, BlazeFace, Box
from akool_nb.sandbox.engine.opencv import cv2

FURTHER_EVERY = 40
"""Frames between two searches for further faces, while at least one face is tracked."""

SOON_EVERY = 3
SOON = 100
"""Frames between two searches after a face was lost, and for how many frames it is expected back."""

IDLE_EVERY = 6
MOTION_EVERY = 3
"""Frames between two searches while no face is tracked: in a still picture, and while the picture changes."""

GLANCE = (32, 24)
CHANGED = 8.0
"""The picture changed if a cell of a 32×24 grid is brighter or darker by more grey levels than this."""


class FaceSearch:
    """Decides for each frame whether to search it, and returns the boxes found."""

    def __init__(self) -> None:
        self._thorough = BlazeFace(FULL_RANGE)
        self._quick = BlazeFace(SHORT_RANGE)
        self._glance: Image | None = None
        self._is_still = True
        self._is_quick_next = False
        self._frames = 0
        self._last = -IDLE_EVERY
        self._expected_until = 0

    def expect_a_face(self) -> None:
        """Search often in the next seconds, because a tracked face was lost."""
        self._expected_until = self._frames + SOON

    def boxes(self, frame: Image, *, followed: int) -> list[Box]:
        """The boxes in a frame (H×W×3 BGR uint8), the largest first; none if it is not yet time for a search.

        `followed` is the number of faces that are tracked now.
        """
        self._frames += 1
        if not (self._is_due() if followed else self._is_due_without_faces(frame)):
            return []
        self._last = self._frames
        return sorted(self._network(followed).boxes(frame), key=lambda box: -box.area)

    @property
    def _period(self) -> int:
        return SOON_EVERY if self._frames < self._expected_until else FURTHER_EVERY

    def _is_due(self) -> bool:
        return self._frames % self._period == 0

    def _is_due_without_faces(self, frame: Image) -> bool:
        waited = self._frames - self._last
        return waited >= IDLE_EVERY or (waited >= MOTION_EVERY and self._has_changed(frame))

    def _has_changed(self, frame: Image) -> bool:
        # A sixteenth of the pixels is enough to notice a person who enters the picture, and takes little time.
        glance = cv2.resize(frame[::4, ::4], GLANCE, interpolation=cv2.INTER_AREA).astype(np.float32).mean(axis=2)
        before = self._glance
        self._glance = glance
        has_changed = before is None or float(np.abs(glance - before).max()) > CHANGED
        if has_changed and self._is_still:
            self._is_quick_next = False
        self._is_still = not has_changed
        return has_changed

    def _network(self, followed: int) -> BlazeFace:
        """The full range network for rare searches and for the first one after the picture changed, then both in turn.

        The full range network takes three times as long as the quick one.
        """
        is_rare = followed > 0 and self._period == FURTHER_EVERY
        is_quick = self._is_quick_next and not is_rare
        self._is_quick_next = not is_quick
        return self._quick if is_quick else self._thorough
