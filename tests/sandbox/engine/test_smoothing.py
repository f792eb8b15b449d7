"""The One-Euro filter: steady at rest, quick in motion."""

import numpy as np

from akool_nb.sandbox.engine.smoothing import OneEuroFilter


def test_the_first_points_are_not_changed():
    points = np.array([[3.0, 4.0]], np.float32)
    assert np.array_equal(OneEuroFilter()(points, unit=100), points)


def test_noise_at_rest_is_reduced_by_more_than_half():
    smooth, random = OneEuroFilter(), np.random.default_rng(1)
    raw = random.normal(0, 0.3, (200, 20, 2)).astype(np.float32)
    filtered = np.array([smooth(points, unit=166) for points in raw])
    assert filtered[20:].std() < raw.std() / 2


def test_a_fast_move_is_followed_within_a_few_frames():
    smooth = OneEuroFilter()
    for x in np.arange(0, 400, 20):
        last = smooth(np.array([[x, 0]], np.float32), unit=166)
    assert 380 - last[0, 0] < 25
