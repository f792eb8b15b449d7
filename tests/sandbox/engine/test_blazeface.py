"""BlazeFace's boxes, and the merging of boxes that overlap."""

import numpy as np
import pytest

from akool_nb.sandbox.engine.blazeface import FULL_RANGE, SHORT_RANGE, BlazeFace, Box, letterbox, merge
from tests.sandbox.faces import drawn, truth


def box(score, left, top, right, bottom):
    return Box(score, left, top, right, bottom, np.zeros((6, 2), np.float32))


@pytest.mark.parametrize("variant", [FULL_RANGE, SHORT_RANGE], ids=["full range", "short range"])
def test_both_variants_find_the_drawn_eyes(variant):
    boxes = BlazeFace(variant).boxes(drawn())
    assert len(boxes) == 1
    assert np.abs(boxes[0].points[:2] - truth()[:2]).max() < 15


def test_the_overlap_is_the_intersection_divided_by_the_union():
    assert box(1, 0, 0, 10, 10).overlap(box(1, 5, 0, 15, 10)) == pytest.approx(50 / 150)
    assert box(1, 0, 0, 10, 10).overlap(box(1, 20, 0, 30, 10)) == 0


def test_overlapping_boxes_become_their_average_weighted_by_score():
    merged = merge([box(0.9, 0, 0, 10, 10), box(0.3, 4, 0, 14, 10), box(0.5, 100, 0, 110, 10)])
    assert [(round(face.left, 2), face.score) for face in merged] == [(1.0, 0.9), (100, 0.5)]


def test_a_wide_picture_is_letterboxed_with_black_bars():
    square, scale, offset = letterbox(np.full((100, 200, 3), 255, np.uint8), 128)
    assert (scale, offset.tolist()) == (0.64, [0, 32])
    assert square[:32].max() == 0
    assert square[32:96].min() == 255
