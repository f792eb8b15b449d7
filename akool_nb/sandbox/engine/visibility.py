"""Which part of a face the photo shows. It hides the far side of a turned head and what its border cuts off."""

from __future__ import annotations

import numpy as np

from akool_nb.sandbox.engine import topology
from akool_nb.sandbox.engine.arrays import Image, Mask, Mesh, Points
from akool_nb.sandbox.engine.opencv import cv2
from akool_nb.sandbox.engine.warp import position_map

HIDDEN = 0.1
SHOWN = 0.3
"""Cosines of the angle between skin and camera: below HIDDEN the silhouette is too near, from SHOWN all is used."""

AVERTED = 0.5
LEVEL = 0.65
"""The same cosine as a part of that in the other half of the face: below AVERTED a place is hidden.

From LEVEL all is used. The mesh of a head at 45 degrees is turned by 25 only, so background is under its far half.
"""


def visibility(image: Image, mesh: Mesh, size: int) -> Mask:
    """How much of each place of the flat face the photo shows: size×size float32, 0 to 1."""
    numbers, triangles = topology.reduced(len(mesh))
    layout = topology.LAYOUT[numbers] * size
    values = np.column_stack([facing(mesh), _inside(image, mesh)]).astype(np.float32)
    found, _ = position_map(layout, triangles, values[numbers], (size, size), cells=size)
    cosine = found[..., 0]
    shown = np.clip((cosine - HIDDEN) / (SHOWN - HIDDEN), 0, 1) * (found[..., 1] > 0.99)
    relative = cosine / np.maximum(cosine[:, ::-1], HIDDEN)
    shown = shown * np.clip((relative - AVERTED) / (LEVEL - AVERTED), 0, 1)
    reach = size // 36 | 1
    # Pulled in a little, because a mesh follows the silhouette only roughly.
    return np.asarray(cv2.blur(cv2.erode(shown.astype(np.float32), np.ones((reach, reach), np.uint8)), (reach, reach)))


def facing(mesh: Mesh) -> Points:
    """For each point the cosine of the angle between the skin and the camera; negative on the far side."""
    numbers, triangles = topology.reduced(len(mesh))
    normals = np.zeros_like(mesh)
    for corner in range(3):
        np.add.at(normals, numbers[triangles[:, corner]], _normals(mesh[numbers], topology.LAYOUT[numbers], triangles))
    return np.asarray(-normals[:, 2] / np.maximum(1e-6, np.linalg.norm(normals, axis=1)))


def _normals(corners: Mesh, layout: Points, triangles: Points) -> Points:
    """The normal of each triangle, towards the camera in a face from the front."""
    first = corners[triangles[:, 1]] - corners[triangles[:, 0]]
    second = corners[triangles[:, 2]] - corners[triangles[:, 0]]
    flat_first = layout[triangles[:, 1]] - layout[triangles[:, 0]]
    flat_second = layout[triangles[:, 2]] - layout[triangles[:, 0]]
    is_clockwise = flat_first[:, 0] * flat_second[:, 1] > flat_first[:, 1] * flat_second[:, 0]
    return np.asarray(np.cross(first, second) * np.where(is_clockwise, -1, 1)[:, None])


def _inside(image: Image, mesh: Mesh) -> Points:
    """1 for each point inside the picture, else 0."""
    height, width = image.shape[:2]
    x, y = mesh[:, :2].T
    return np.asarray(((x >= 0) & (y >= 0) & (x <= width - 1) & (y <= height - 1)).astype(np.float32))
