"""How often a video is searched for faces, and how soon a face is found."""

import numpy as np
import pytest

from akool_nb.sandbox.engine.search import IDLE_EVERY, MOTION_EVERY, FaceSearch
from tests.sandbox.faces import drawn, noisy

WALL = np.full((480, 480, 3), 120, np.uint8)


class Counting:
    """A detector that finds nothing and counts its calls."""

    def __init__(self):
        self.asked = 0

    def boxes(self, frame):
        self.asked += 1
        return []


@pytest.fixture
def search():
    counted = FaceSearch()
    counted._thorough = counted._quick = Counting()
    return counted


def looks(search, frames):
    before = search._quick.asked
    for frame in frames:
        search.boxes(frame, followed=0)
    return search._quick.asked - before


def test_a_still_picture_is_searched_seldom_even_with_noise(search):
    assert looks(search, (noisy(WALL, 6, seed) for seed in range(60))) <= 60 / IDLE_EVERY + 2


def test_a_moving_picture_is_searched_often(search):
    assert looks(search, (np.roll(drawn(), 9 * number, axis=1) for number in range(60))) >= 60 / MOTION_EVERY - 2


def test_a_face_that_enters_a_still_picture_is_found_within_four_frames():
    search = FaceSearch()
    for _ in range(20):
        assert search.boxes(WALL, followed=0) == []
    assert any(search.boxes(drawn(), followed=0) for _ in range(4))
