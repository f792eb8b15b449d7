"""Tracking faces: steadily, after a loss, and several at once."""

import time

import cv2
import numpy as np
import pytest

from akool_nb.sandbox.engine.blazeface import FULL_RANGE, BlazeFace
from akool_nb.sandbox.engine.mesh import five_points
from akool_nb.sandbox.engine.tracker import DOUBLE, FaceTracker
from akool_nb.sandbox.pictures import clip
from tests.sandbox.faces import ADA, BO, detector, drawn, eye_distance, noisy, passing
from tests.sandbox.textures import texture

STILL = clip.moment(0)
WALL = np.full_like(STILL, ADA.wall)
NOBODY = np.full((480, 480, 3), ADA.wall, np.uint8)
SEATS = [(drawn(ADA), drawn(BO), NOBODY), (drawn(ADA), NOBODY, NOBODY), (drawn(ADA), NOBODY, drawn(BO))]
"""The person on each of three places: at first, for a while, and at the end."""


def motion_of_still_points(frames):
    """RMS of the points of a still face around their mean, and from frame to frame, in eye distances."""
    tracker = FaceTracker()
    meshes = [tracker.update(frame)[0].mesh for frame in frames][20:]
    points = np.array([five_points(mesh) for mesh in meshes]) / eye_distance(meshes[0])
    return [
        float(np.sqrt((gaps**2).sum(axis=2).mean())) for gaps in (points - points.mean(axis=0), np.diff(points, axis=0))
    ]


def test_the_points_of_a_still_face_do_not_move():
    assert max(motion_of_still_points([STILL] * 40)) < 0.0005


def test_with_camera_noise_the_points_of_a_still_face_move_by_less_than_a_thousandth():
    wandering, leaping = motion_of_still_points(noisy(STILL, 4, seed) for seed in range(80))
    assert wandering < 0.001
    assert leaping < 0.0002


def test_with_jpeg_noise_the_points_of_a_still_face_move_slowly_and_little():
    wandering, leaping = motion_of_still_points(degraded(noisy(STILL, 6, seed)) for seed in range(80))
    assert wandering < 0.003
    assert leaping < 0.0004


def degraded(image):
    return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 70])[1], cv2.IMREAD_COLOR)


def test_a_moving_face_is_tracked_closely():
    tracker, gaps = FaceTracker(), []
    for number, frame in enumerate(clip.drawn(2)):
        mesh = tracker.update(frame)[0].mesh
        if number % 10 == 5:
            seen = detector().detect(frame)[0].mesh
            gaps.append(np.linalg.norm(five_points(mesh) - five_points(seen), axis=1).mean() / eye_distance(seen))
    assert np.mean(gaps) < 0.035
    assert max(gaps) < 0.08


def test_a_lost_face_fades_out_and_a_found_one_fades_in():
    tracker = FaceTracker()
    tracker.update(STILL)
    leaving = [[face.strength for face in tracker.update(WALL)] for _ in range(8)]
    coming = [[face.strength for face in tracker.update(STILL)] for _ in range(5)]
    strengths = [found[0] if found else 0.0 for found in [*leaving, *coming]]
    assert leaving[-1] == []
    assert coming[-1] == [1.0]
    assert np.abs(np.diff([1.0, *strengths])).max() < 0.3


def test_a_face_that_is_lost_for_two_frames_stays_the_same():
    tracker = FaceTracker()
    before = tracker.update(STILL)[0]
    for frame in (WALL, WALL, STILL, STILL, STILL):
        after = tracker.update(frame)
    assert after == [before]
    assert before.strength > 0.5


def test_several_faces_are_tracked_at_once():
    both = np.hstack([cv2.resize(drawn(person), (320, 320)) for person in (ADA, BO)])
    tracker = FaceTracker()
    for _ in range(10):
        faces = tracker.update(both)
    assert sorted(face.mesh[1, 0] > 320 for face in faces) == [False, True]


def test_at_most_the_given_number_of_faces_is_tracked():
    both = np.hstack([cv2.resize(drawn(person), (320, 320)) for person in (ADA, BO)])
    assert len(FaceTracker(most=1).update(both)) == 1


def test_a_second_face_is_found_within_two_seconds():
    alone = np.hstack([cv2.resize(drawn(), (320, 320)), np.full((320, 320, 3), 90, np.uint8)])
    both = np.hstack([cv2.resize(drawn(person), (320, 320)) for person in (ADA, BO)])
    tracker = FaceTracker()
    tracker.update(alone)
    assert max(len(tracker.update(both)) for _ in range(40)) == 2


def test_two_faces_that_cross_are_never_tracked_twice_and_both_tracked_again_in_half_a_second():
    tracker, gaps, both = FaceTracker(), [], []
    for frame, her, his in passing():
        followed = [face for face in tracker.update(frame) if not face.lost]
        noses = [float(face.mesh[1, 0]) for face in followed]
        assert len(followed) < 2 or followed[0].box.overlap(followed[1].box) <= DOUBLE
        gaps.append(her - his)
        both.append(len(noses) == 2 and all(min(abs(nose - x) for nose in noses) < 25 for x in (her, his)))
    seen_again = next(number for number, gap in enumerate(gaps) if gap > 85)
    assert all(both[:50])
    assert all(both[seen_again + 10 :])


def test_the_face_in_front_is_swapped_all_the_time_while_two_faces_cross():
    tracker = FaceTracker()
    tracker.update(next(passing())[0])
    for frame, her, _ in passing():
        nearest = min(tracker.update(frame), key=lambda face: abs(face.mesh[1, 0] - her) + 100 * face.lost)
        assert nearest.strength > 0.9
        assert abs(nearest.mesh[1, 0] - her) < 15


def test_a_face_that_reappears_elsewhere_is_found_within_half_a_second():
    two, one, moved = (np.hstack([cv2.resize(part, (320, 320)) for part in pair]) for pair in SEATS)
    tracker = FaceTracker()
    for frame in [two] * 5 + [one] * 12:
        tracker.update(frame)
    assert any(len(tracker.update(moved)) == 2 for _ in range(10))


def test_a_small_face_is_found_in_an_empty_view():
    frame = np.full((720, 1280, 3), ADA.wall, np.uint8)
    tracker = FaceTracker()
    tracker.update(frame)
    frame[300:520, 700:920] = cv2.resize(drawn(), (220, 220), interpolation=cv2.INTER_AREA)
    assert any(tracker.update(frame) for _ in range(4))


@pytest.mark.parametrize("number", [56, 100, 217])
def test_a_texture_that_only_the_mesh_network_takes_for_a_face_is_not_tracked(number):
    tracker = FaceTracker()
    assert not any(tracker.update(noisy(texture(number), 3, seed)) for seed in range(12))


def test_an_empty_view_costs_less_than_the_thorough_network():
    tracker, thorough = FaceTracker(), BlazeFace(FULL_RANGE)
    assert cost(lambda: tracker.update(WALL)) < 0.8 * cost(lambda: thorough.boxes(WALL))


def cost(work, times=16):
    """CPU time of this thread."""
    work()
    start = time.thread_time()
    for _ in range(times):
        work()
    return time.thread_time() - start
