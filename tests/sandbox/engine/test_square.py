"""Rotated squares: their positions, and the crops from them."""

import cv2
import numpy as np
import pytest

from akool_nb.sandbox.engine.pyramid import Pyramid
from akool_nb.sandbox.engine.square import Square, rotation
from tests.sandbox.faces import drawn, mesh_of, truth


def test_the_square_around_the_eyes_contains_the_face():
    square = Square.around_eyes(*truth()[:2])
    local = mesh_of()[:, :2] @ square.to_pixels(100)[:, :2].T + square.to_pixels(100)[:, 2]
    assert local.min() > 0
    assert local.max() < 100


def test_a_square_around_tilted_eyes_is_tilted():
    square = Square.around_eyes(np.array([0.0, 0.0]), np.array([10.0, 10.0]))
    assert square.angle == pytest.approx(np.pi / 4)


@pytest.mark.parametrize("size", [400, 150, 60], ids=["as large", "smaller", "much smaller"])
def test_crops_of_any_size_show_the_same_region(size):
    square, picture = Square(240, 250, 400, 0.3), Pyramid(drawn())
    large = cv2.resize(square.cut(picture, 400), (size, size), interpolation=cv2.INTER_AREA)
    cut = square.cut(picture, size).astype(int)
    assert np.abs(cut - large).mean() < 0.5 * np.abs(np.roll(cut, 1, axis=1) - large).mean() + 0.01


def test_a_square_beyond_the_picture_is_black():
    assert Square(-2000, -2000, 900).cut(Pyramid(drawn()), 64).max() == 0


def test_rotation_is_clockwise_on_the_screen():
    assert np.allclose(rotation(np.pi / 2) @ (1, 0), (0, 1), atol=1e-6)
