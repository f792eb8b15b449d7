"""Piecewise affine warping on meshes with a known result."""

import cv2
import numpy as np
import pytest

from akool_nb.sandbox.engine.warp import Window, position_map, render

SQUARE = np.array([[0, 0], [99, 0], [99, 99], [0, 99]], np.float32)
HALVES = np.array([[0, 1, 2], [0, 2, 3]], np.int32)


@pytest.mark.parametrize("cells", [100, 64, 25])
def test_identical_meshes_give_the_picture_itself(cells):
    positions, inside = position_map(SQUARE, HALVES, SQUARE, (100, 100), cells=cells)
    rows, columns = np.mgrid[0:100, 0:100]
    middle = np.s_[8:92, 8:92]
    assert np.abs(positions[middle] - np.dstack([columns, rows])[middle]).max() < 0.6
    assert inside[middle].min() == 255


def test_a_nearer_triangle_covers_a_farther_one():
    both = np.vstack([SQUARE, SQUARE])
    mesh = np.column_stack([both, np.repeat([5.0, 1.0], 4)]).astype(np.float32)
    places = np.vstack([np.zeros((4, 2)), np.full((4, 2), 7)]).astype(np.float32)
    positions, _ = position_map(mesh, np.vstack([HALVES + 4, HALVES]), places, (100, 100))
    assert np.allclose(positions[20:80, 20:80], 7)


def test_nothing_is_drawn_outside_the_mesh():
    mesh = SQUARE * 0.5 + 25
    texture = np.full((50, 50, 4), 200, np.uint8)
    drawn = render(texture, mesh, HALVES, SQUARE / 99, (100, 100))
    far = cv2.dilate((drawn[..., 3] > 0).astype(np.uint8), None)
    assert far[:22].max() == far[:, :22].max() == far[78:].max() == 0
    assert drawn[40:60, 40:60, 3].min() == 200


def test_a_window_is_clipped_to_the_picture():
    image = np.zeros((50, 60, 3), np.uint8)
    window = Window.around(np.array([[-10.0, 5.0], [100.0, 20.0]]), image)
    assert (window.left, window.top, window.right, window.bottom) == (0, 3, 60, 23)
    assert window.of(image).shape == (20, 60, 3)


def test_a_window_beside_the_picture_is_empty():
    window = Window.around(np.array([[-50.0, 5.0], [-20.0, 20.0]]), np.zeros((50, 60, 3), np.uint8))
    assert min(window.size) <= 0


@pytest.mark.parametrize("degrees", [8, 14, 20])
def test_the_cells_of_the_map_do_not_show_at_the_edge_of_the_mask(degrees):
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    mesh = ((SQUARE - 49.5) * 1.2 @ turn + 100).astype(np.float32)
    alpha = render(np.full((50, 50, 4), 255, np.uint8), mesh, HALVES, SQUARE / 99, (200, 200))[..., 3]
    rows = np.arange(80, 120)
    edge = (alpha[rows, :100] < 128).sum(axis=1)
    line = np.polyval(np.polyfit(rows, edge, 1), rows)
    assert np.abs(edge - line).max() < 1.2
