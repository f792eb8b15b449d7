"""Detection by colour of things in front of a face."""

import cv2
import numpy as np

from akool_nb.sandbox.engine.occlusion import CELLS, FaceMemory
from akool_nb.sandbox.pictures import clip
from tests.sandbox.faces import detector, drawn, mesh_of, noisy


def seen_after(frames, mesh):
    memory = FaceMemory()
    return [memory.seen(frame, mesh) for frame in frames]


def covered():
    """The drawn face with a brown disc as large as a hand over the right cheek and half of the mouth."""
    image = drawn().copy()
    cv2.circle(image, (285, 310), 48, (110, 140, 200), -1)
    return image


def test_an_uncovered_face_is_fully_visible():
    assert seen_after([drawn()] * 5, mesh_of()) == [None] * 5


def test_a_moving_face_is_fully_visible():
    memory = FaceMemory()
    frames = list(clip.drawn(4, fps=2))
    assert all(memory.seen(frame, detector().detect(frame)[0].mesh) is None for frame in frames)


def test_noise_hides_almost_nothing():
    answers = seen_after([noisy(drawn(), 6, seed) for seed in range(12)], mesh_of())
    assert np.mean([0 if seen is None else (255 - seen).mean() / 255 for seen in answers]) < 0.01


def test_a_disc_over_one_cheek_hides_only_that_cheek():
    seen = seen_after([*[drawn()] * 3, *[covered()] * 4], mesh_of())[-1]
    assert seen.shape == (CELLS, CELLS)
    assert seen[18:22, 19:22].mean() < 60
    assert seen[:, :12].min() > 220


def test_the_face_is_fully_visible_again_after_the_disc_is_removed():
    assert seen_after([drawn(), *[covered()] * 5, *[drawn()] * 8], mesh_of())[-1] is None


def test_a_change_of_light_hides_nothing():
    bright, dim = drawn(), (drawn() * 0.6).astype(np.uint8)
    assert seen_after([bright, bright, dim, dim, bright], mesh_of()) == [None] * 5
