"""Blending a face into a frame, and the parts of the frame that are kept."""

import numpy as np
import pytest

from akool_nb.sandbox.engine import blend, topology
from tests.sandbox.faces import drawn, mesh_of, noisy


def weight():
    return np.full((480, 480), 255, np.uint8)


def inside(mask, points):
    middle = np.round(points.mean(axis=0)).astype(int)
    return int(mask[middle[1], middle[0]])


def test_without_weight_the_frame_is_unchanged():
    frame = noisy(drawn(), 9, seed=1)
    expected = frame.copy()
    blend.lay_over(frame, np.zeros_like(frame), np.zeros((480, 480), np.uint8))
    assert np.array_equal(frame, expected)


def test_with_full_weight_the_face_is_copied():
    frame, face = drawn().copy(), noisy(drawn(), 30, seed=2)
    blend.lay_over(frame, face, weight())
    assert np.abs(frame.astype(int) - face).max() <= 1


def test_an_open_mouth_stays_that_of_the_target():
    mask, mesh = weight(), mesh_of(mouth=1.0)
    blend.spare_mouth(mask, mesh)
    assert inside(mask, mesh[topology.INNER_LIPS, :2]) == pytest.approx(0, abs=20)


def test_of_a_closed_mouth_the_line_is_kept_and_the_lips_are_replaced():
    mask, mesh = weight(), mesh_of()
    blend.spare_mouth(mask, mesh)
    assert inside(mask, mesh[topology.INNER_LIPS, :2]) < 150
    assert inside(mask, mesh[[0, 11], :2]) == inside(mask, mesh[[16, 17], :2]) == 255


@pytest.mark.parametrize(("blink", "kept"), [(0.0, 255), (1.0, 0)])
def test_both_closed_eyes_stay_those_of_the_target_to_the_same_share(blink, kept):
    mask, mesh = weight(), mesh_of(blink=blink)
    blend.spare_eyes(mask, mesh)
    left, right = (inside(mask, mesh[loop, :2]) for loop in (topology.LEFT_EYE, topology.RIGHT_EYE))
    assert left == right == pytest.approx(kept, abs=30)


def test_one_closed_eye_uncovers_both_eyes_by_the_same_share():
    mask, mesh = weight(), mesh_of().copy()
    for upper, lower in ((159, 145), (158, 153), (160, 144), (157, 154), (161, 163)):
        mesh[upper] = mesh[lower]
    blend.spare_eyes(mask, mesh)
    left, right = (inside(mask, mesh[loop, :2]) for loop in (topology.LEFT_EYE, topology.RIGHT_EYE))
    assert left == right < 255
