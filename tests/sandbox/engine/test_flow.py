"""Optical flow with known motions."""

import cv2
import numpy as np

from akool_nb.sandbox.engine.flow import FlowPatch, similarity
from tests.sandbox.faces import drawn, eye_distance, mesh_of


def test_flow_measures_a_known_motion():
    grey = cv2.cvtColor(drawn(size=120), cv2.COLOR_BGR2GRAY)
    known = cv2.getRotationMatrix2D((60, 60), 3, 1.02) + np.array([[0, 0, 2], [0, 0, -1]])
    moved = cv2.warpAffine(grey, known, (120, 120), borderMode=cv2.BORDER_REPLICATE)
    points = np.array([(x, y) for x in range(35, 90, 9) for y in range(40, 95, 9)], np.float32)
    found = similarity(grey, moved, points)
    assert np.abs((points @ found[:, :2].T + found[:, 2]) - (points @ known[:, :2].T + known[:, 2])).max() < 0.5


def test_flow_on_a_plain_wall_is_unreliable():
    wall = np.full((120, 120), 128, np.uint8)
    assert similarity(wall[:8], wall[:8], np.zeros((5, 2), np.float32)) is None
    assert similarity(wall, wall[:90], np.zeros((5, 2), np.float32)) is None


def test_the_flow_of_a_shrunk_patch_is_in_pixels_of_the_frame():
    frame = cv2.resize(drawn(), (960, 960))
    mesh = mesh_of() * 2
    known = cv2.getRotationMatrix2D((480, 480), 2, 1.01) + np.array([[0, 0, 5], [0, 0, -3]])
    patch = FlowPatch(frame, mesh, width=400)
    found = patch.motion(cv2.warpAffine(frame, known, (960, 960), borderMode=cv2.BORDER_REPLICATE), mesh[::9, :2])
    gaps = (mesh[:, :2] @ found[:, :2].T + found[:, 2]) - (mesh[:, :2] @ known[:, :2].T + known[:, 2])
    assert np.abs(gaps).max() < 0.01 * eye_distance(mesh)
