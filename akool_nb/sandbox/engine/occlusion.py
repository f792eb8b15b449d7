"""Finding what covers a part of a face: a hand, a cup, a strand of hair."""

from __future__ import annotations

from functools import cache

import numpy as np

from akool_nb.sandbox.engine import topology, warp
from akool_nb.sandbox.engine.arrays import Image, Mask, Mesh, Points
from akool_nb.sandbox.engine.opencv import cv2
from akool_nb.sandbox.engine.texture import mask

CELLS = 32
"""Side of the grid over the flat face on which colours are remembered."""

LEARNING = 0.06
RELEARNING = 0.01
"""Share of a frame's colours that memory takes over: where the face is visible, and where it looks strange."""

STAYING = 0.25
"""Share of the old mask that is kept at each look, so that the edge of a hand moves softly."""

STRANGE = 0.1
FOREIGN = 0.18
"""Differences (logarithms of colour) from which a cell begins to count as hidden, and is hidden."""

MOST_HIDDEN = 0.85
"""If a larger part of the face looks strange, the light has changed: the remembered colours are replaced."""

WATCH_EVERY = 2
"""Frames between two looks for something that covers the face."""

LIGHT = 0.35
HUE = 2.2
"""Weights of differences in brightness and in hue, because shadows move over a face and its hue stays."""


class FaceMemory:
    """The colours of one face of a video when nothing covers it, stored on the flat layout.

    Eyes, brows and lips change by themselves, so what covers them is inferred from the skin around them. A hand of
    exactly the face's colour is not found.
    """

    def __init__(self) -> None:
        self._colours: Points | None = None
        self._hidden: Mask = np.zeros((CELLS, CELLS), np.float32)
        self._seen: Mask | None = None
        self._frames = 0

    def seen(self, frame: Image, mesh: Mesh) -> Mask | None:
        """Where the face under the mesh is visible: 32×32 uint8 on the flat layout (0 hidden); None if everywhere."""
        if self._colours is None or self._frames % WATCH_EVERY == 1:
            self._watch(frame, mesh)
        self._frames += 1
        return self._seen

    def _watch(self, frame: Image, mesh: Mesh) -> None:
        cells, quiet = _quiet_cells()
        colours = _spread(_colours_at(frame, mesh, cells), near=3)[quiet]
        if self._colours is None:
            self._colours = colours
        strange = _strangeness(colours - self._colours, self._hidden[quiet] < STRANGE)
        if (strange > FOREIGN).mean() > MOST_HIDDEN:
            self._colours = colours
            strange = np.zeros_like(strange)
        share = np.where(strange > STRANGE, RELEARNING, LEARNING)[:, None]
        self._colours = self._colours + share * (colours - self._colours)
        self._hidden = STAYING * self._hidden + (1 - STAYING) * _spread(strange, near=7)
        self._seen = _visible(self._hidden) if self._hidden.max() > STRANGE else None


def _visible(hidden: Mask) -> Mask:
    strength = np.clip((hidden - STRANGE) / (FOREIGN - STRANGE), 0, 1)
    return np.asarray(255 - 255 * strength, np.uint8)


def _strangeness(change: Points, sure: Mask) -> Points:
    """How strange each cell's change (n×3 logarithms) is, without the change of light that all sure cells share."""
    change = change - np.median(change[sure] if sure.mean() > 0.1 else change, axis=0)
    light = change.mean(axis=1, keepdims=True)
    hue = np.linalg.norm(change - light, axis=1)
    return np.asarray(np.hypot(LIGHT * light[:, 0], HUE * hue))


def _spread(values: Points, *, near: int) -> Mask:
    """The watched cells' values as a picture: each cell the mean of the watched ones among its `near`×`near` cells."""
    picture = np.zeros((CELLS, CELLS, *values.shape[1:]), np.float32)
    picture[_quiet_cells()[1]] = values
    amount = _amount(near).reshape(CELLS, CELLS, *[1] * (values.ndim - 1))
    return np.asarray(cv2.blur(picture, (near, near)) / amount)


@cache
def _amount(near: int) -> Mask:
    """The watched part of the `near`×`near` cells around each cell."""
    amount: Mask = cv2.blur(_quiet_cells()[1].astype(np.float32), (near, near))
    return np.maximum(amount, np.float32(1e-3))


def _colours_at(frame: Image, mesh: Mesh, cells: tuple[Points, Points]) -> Points:
    """Logarithms of the frame's colours at the watched cells of the mesh: n×3."""
    corners, shares = cells
    places = np.einsum("nct,nc->nt", mesh[corners, :2], shares).astype(np.float32)
    found = cv2.remap(frame, places[:, None], None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(np.log(found[:, 0].astype(np.float32) + 12))


@cache
def _quiet_cells() -> tuple[tuple[Points, Points], Mask]:
    """The watched cells: three mesh points around each (n×3), their weights (n×3), and a 32×32 mask of the cells."""
    numbers, triangles = topology.reduced(len(topology.LAYOUT))
    corners = topology.LAYOUT[numbers][triangles] * CELLS - 0.5
    labels = warp.triangle_labels(corners, np.arange(len(triangles)), (CELLS, CELLS))
    quiet = (labels >= 0) & (mask(CELLS * 4)[2::4, 2::4] > 100) & ~_moving()
    rows, columns = np.nonzero(quiet)
    own = labels[quiet]
    shares = _barycentric(corners[own], np.stack([columns, rows], axis=1))
    return (numbers[triangles[own]], shares), quiet


def _moving() -> Mask:
    """Cells of eyes, brows and lips, true or false."""
    layout = np.round(topology.LAYOUT * CELLS).astype(np.int32)
    place = np.zeros((CELLS, CELLS), np.uint8)
    eyes = np.concatenate([topology.LEFT_EYE, topology.RIGHT_EYE, topology.BROWS])
    for feature in (eyes, topology.OUTER_LIPS):
        cv2.fillConvexPoly(place, cv2.convexHull(layout[feature]), 1)
    return np.asarray(cv2.dilate(place, None) > 0)


def _barycentric(corners: Points, places: Points) -> Points:
    """Barycentric weights (n×3) of places (n×2) in triangles (n×3×2)."""
    edges = np.stack([corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]], axis=2)
    shares = np.linalg.solve(edges, (places - corners[:, 0])[..., None])[..., 0]
    return np.column_stack([1 - shares.sum(axis=1), shares]).astype(np.float32)
