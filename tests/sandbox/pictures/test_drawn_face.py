"""The drawn people match their parameters."""

import numpy as np
import pytest

from akool_nb.sandbox.pictures import drawn_face
from tests.sandbox.faces import ADA, BO, detector, drawn, five, miss, truth

POSES = [{}, {"smile": 1.0}, {"mouth": 1.0}, {"blink": 1.0}, {"turn": 0.6}, {"turn": -0.6}]


@pytest.mark.parametrize("person", [ADA, BO], ids=["Ada", "Bo"])
@pytest.mark.parametrize("pose", POSES, ids=str)
def test_a_face_in_any_pose_is_found_where_it_is_drawn(person, pose):
    known = truth(**{name: value for name, value in pose.items() if name in {"smile", "turn"}})
    assert miss(five(detector().detect(drawn(person, **pose))[0]), known) < 0.05


def test_the_two_people_look_different():
    assert np.abs(drawn(ADA).astype(int) - drawn(BO)).mean() > 30


def test_the_drawing_is_the_same_every_time():
    assert np.array_equal(drawn_face.draw(200), drawn_face.draw(200))


@pytest.mark.parametrize("size", [48, 200, 700])
def test_any_size_can_be_drawn(size):
    assert drawn_face.draw(size).shape == (size, size, 3)
