"""The mesh's triangles and loops."""

import cv2
import numpy as np
import pytest

from akool_nb.sandbox.engine import topology
from tests.sandbox.make_layout import layout


def area(corners):
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return np.abs(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]) / 2


@pytest.mark.parametrize("count", [130, 468])
def test_the_reduced_mesh_fills_the_outline_without_holes_or_overlaps(count):
    kept, triangles = topology.reduced(count)
    outline = cv2.convexHull(topology.LAYOUT[topology.OUTLINE].astype(np.float32))
    assert len(kept) == len(set(kept.tolist())) == count
    assert area(topology.LAYOUT[kept][triangles]).sum() == pytest.approx(cv2.contourArea(outline), rel=0.01)


def test_the_layout_is_computed_from_the_drawn_face():
    assert np.abs(layout() - topology.LAYOUT).max() < 0.01


def test_the_layout_is_symmetric():
    left, right = topology.LAYOUT[topology.LEFT_EYE].mean(axis=0), topology.LAYOUT[topology.RIGHT_EYE].mean(axis=0)
    assert left[0] + right[0] == pytest.approx(1, abs=0.005)
    assert left[1] == pytest.approx(right[1], abs=0.005)
