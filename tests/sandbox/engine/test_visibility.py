"""The part of a face that its photo shows."""

import numpy as np

from akool_nb.sandbox.engine.visibility import facing, visibility
from tests.sandbox.faces import detector, mesh_of, photo, portrait_source
from tests.sandbox.relight import turned_in_depth


def test_a_face_from_the_front_is_visible_on_both_sides():
    shown = visibility(photo("astronaut"), portrait_source().mesh, 96)
    assert min(shown[30:80, 30:48].mean(), shown[30:80, 48:66].mean()) > 0.9


def test_the_far_side_of_a_turned_face_is_hidden():
    image, mesh = turned_in_depth(photo("astronaut"), portrait_source().mesh, 45)
    halves = sorted(half.mean() for half in np.hsplit(visibility(image, mesh, 96), 2))
    assert halves[1] > 2 * halves[0]


def test_the_background_beside_a_turned_head_is_hidden():
    """The network's mesh is turned less than the head, and covers background there."""
    image, _ = turned_in_depth(photo("astronaut"), portrait_source().mesh, 45)
    halves = sorted(half.mean() for half in np.hsplit(visibility(image, detector().detect(image)[0].mesh, 96), 2))
    assert halves[1] > 3 * halves[0]


def test_the_part_beyond_the_border_is_hidden():
    mesh = mesh_of() - np.array([mesh_of()[1, 0], 0, 0], np.float32)
    shown = visibility(np.zeros((480, 480, 3), np.uint8), mesh, 96)
    assert shown[:, :40].max() == 0 < shown[:, 56:].max()


def test_the_nose_faces_the_camera():
    assert facing(mesh_of())[[4, 50, 280]].min() > 0.5
