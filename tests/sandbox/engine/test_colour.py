"""Colour matching: slow changes of colour are matched, and details are kept."""

import numpy as np

from akool_nb.sandbox.engine import colour
from tests.sandbox.faces import noisy

FULL = np.full((120, 100), 255, np.uint8)


def plain(*bgr):
    return np.full((120, 100, 3), bgr, np.uint8)


def test_a_plain_face_gets_the_colour_of_a_plain_target():
    matched = colour.Light().match(plain(100, 120, 140), plain(80, 150, 200), FULL)
    assert np.abs(matched.astype(int) - (80, 150, 200)).max() <= 5


def test_the_face_gets_the_light_of_the_target():
    light = np.linspace(80, 200, 100)[None, :, None]
    target = np.broadcast_to(light, (120, 100, 3)).astype(np.uint8)
    matched = colour.Light().match(plain(140, 140, 140), target, FULL)
    assert matched[:, 80:].mean() - matched[:, :20].mean() > 60


def test_fine_features_of_the_face_are_kept():
    face = noisy(plain(140, 140, 140), 20, seed=3)
    matched = colour.Light().match(face, plain(140, 140, 140), FULL)
    assert matched.astype(float).std() > 0.9 * face.astype(float).std()


def test_pixels_without_weight_have_no_influence():
    target, weight = plain(140, 140, 140).copy(), FULL.copy()
    target[:40], weight[:40] = 0, 0
    matched = colour.Light().match(plain(140, 140, 140), target, weight)
    assert np.abs(matched[60:].astype(int) - 140).max() <= 6


def test_every_gain_is_limited():
    factors = colour.gain(plain(2, 2, 2), plain(255, 255, 255), FULL)
    assert factors.max() <= colour.BRIGHTEST * colour.MOST_TINT


def test_a_change_of_light_shows_within_two_frames():
    light, face = colour.Light(), plain(140, 140, 140)
    light.match(face, plain(140, 140, 140), FULL)
    after = [light.match(face, plain(80, 80, 80), FULL).mean() for _ in range(2)]
    assert abs(after[-1] - 80) < 6


def test_another_face_is_matched_at_once():
    light, target = colour.Light(), plain(120, 120, 120)
    light.match(plain(200, 200, 200), target, FULL, drawn="one")
    assert abs(light.match(plain(90, 90, 90), target, FULL, drawn="other").mean() - 120) < 6


def test_a_bright_target_does_not_overexpose_the_face():
    matched = colour.Light().match(noisy(plain(150, 150, 150), 25, seed=1), plain(250, 250, 250), FULL)
    assert matched.max() <= colour.TOP
