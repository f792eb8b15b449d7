"""The mesh network: reference values, and stability when the picture is rotated."""

import numpy as np
import pytest

from akool_nb.sandbox.engine.mesh import FaceMesh, five_points
from akool_nb.sandbox.engine.pyramid import Pyramid
from akool_nb.sandbox.engine.square import Square
from tests.sandbox.faces import detector, drawn, eye_distance, five, known_faces, mesh_of, miss, photo, turned

GOLDEN = {
    "drawn_face": [(192.2, 222.1), (290.1, 222.6), (238.0, 285.3), (201.5, 325.6), (279.8, 325.8)],
    "astronaut": [(203.2, 101.6), (247.2, 104.0), (223.0, 131.3), (201.1, 139.1), (245.5, 141.7)],
}
"""The values of OpenCV 4.10, 4.12 and 5.0, which differ by less than a pixel."""


@pytest.mark.parametrize("name", GOLDEN)
def test_the_five_points_match_the_reference_on_every_opencv(name):
    found = five(detector().detect(photo(name))[0])
    assert np.abs(found - GOLDEN[name]).max() < 1


@pytest.mark.parametrize("change", [-30, -15, 15, 30])
def test_points_on_the_portrait_rotate_with_it(change):
    straight = five(detector().detect(photo("astronaut"))[0])
    picture, expected = turned(photo("astronaut"), straight, change)
    assert miss(five(detector().detect(picture)[0]), expected) < 0.03


def test_a_wall_is_not_a_face():
    wall = np.full((200, 200, 3), 128, np.uint8)
    assert FaceMesh().fit(Pyramid(wall), Square(100, 100, 150)).certainty < 0.1


def test_a_face_is_recognised_as_one():
    square = Square.around_mesh(mesh_of())
    fit = FaceMesh().fit(Pyramid(drawn()), square)
    assert fit.certainty > 0.95
    assert np.abs(five_points(fit.mesh) - five_points(mesh_of())).max() < 0.05 * eye_distance(mesh_of())


def test_the_points_of_the_portrait_are_within_five_percent_of_the_known_ones():
    assert miss(five(detector().detect(photo("astronaut"))[0]), known_faces("astronaut")[0]) < 0.05
