"""Blending a drawn face into a frame. The target keeps what is between its lips, and its closing lids."""

from __future__ import annotations

import numpy as np

from akool_nb.sandbox.engine import topology
from akool_nb.sandbox.engine.arrays import Image, Mask, Points
from akool_nb.sandbox.engine.expression import USUAL_OPENING, eye_opening, ramp
from akool_nb.sandbox.engine.opencv import cv2

EYES_START = 0.87
EYES_STAY = 0.8
"""Parts of their usual opening below which the target's own lids begin to show, and show fully.

On the mesh, eyes narrow to 0.87 in a smile, half closed ones have about 0.8, and shut ones 0.6.
"""


def lay_over(frame: Image, face: Image, weight: Mask) -> None:
    """Blend the face into the frame in place; where the weight (uint8) is 0 the frame keeps every bit."""
    share = weight.astype(np.float32)
    share *= 1 / 255
    frame[:] = cv2.blendLinear(face, frame, share, 1 - share)


def spare_mouth(weight: Mask, points: Points) -> None:
    """Take what is between the target's lips out of the weight, in place; points are 468×2 in the weight's pixels.

    In a closed mouth this is the line between the lips. All of it is removed, because it would be visible twice.
    """
    _spare(weight, points[topology.BETWEEN_LIPS, :2], 1.0, soft=0.02)


def spare_eyes(weight: Mask, points: Points, *, usual: float = USUAL_OPENING) -> None:
    """Take closing eyes out of the weight, in place: both together, so that they never differ.

    `usual` is how far this face's eyes are open most of the time, as `expression.eye_opening` measures it.
    """
    share = ramp(eye_opening(points) / usual, EYES_START, EYES_STAY)
    if share > 0:
        for loop in (topology.LEFT_EYE, topology.RIGHT_EYE):
            _spare(weight, _around_eye(points[loop, :2]), share, soft=0.05)


def _around_eye(loop: Points) -> Points:
    """An oval over the eye and its lids, as wide as the eye needs even when it is shut."""
    middle = loop.mean(axis=0)
    corners = loop[[np.argmin(loop[:, 0]), np.argmax(loop[:, 0])]]
    across = 0.62 * (corners[1] - corners[0])
    down = 0.6 * np.array([-across[1], across[0]])
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)[:, None]
    return np.asarray(middle + np.cos(angles) * across + np.sin(angles) * down)


def _spare(weight: Mask, outline: Points, share: float, *, soft: float) -> None:
    """Subtract a soft filled outline; `soft` is the width of its edge as a part of the weight's width."""
    height, width = weight.shape
    edge = int(max(3, width * soft)) | 1
    x, y, across, down = cv2.boundingRect(outline.astype(np.float32))
    left = max(0, x - edge)
    top = max(0, y - edge)
    right = min(width, x + across + edge)
    bottom = min(height, y + down + edge)
    if right <= left or bottom <= top:
        return
    window = weight[top:bottom, left:right]
    hole = np.zeros(window.shape, np.uint8)
    fixed = np.round((outline - (left, top)) * 16).astype(np.int32)
    cv2.fillPoly(hole, [fixed], round(255 * share), cv2.LINE_8, 4)
    window[:] = cv2.subtract(window, cv2.blur(hole, (edge, edge)))
