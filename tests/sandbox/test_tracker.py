"""Following faces: steadily, through loss and return, and several at once."""

import cv2
import numpy as np

from akool_nb.sandbox import clip
from akool_nb.sandbox.mesh import eye_distance, five_points
from akool_nb.sandbox.tracker import FaceTracker, similarity
from tests.sandbox.faces import ADA, BO, detector, drawn, noisy

STILL = clip.moment(0)
WALL = np.full_like(STILL, ADA.wall)


def jitter(meshes):
    """Root mean square of the second differences, in eye distances."""
    points = np.array([five_points(mesh) for mesh in meshes])
    return np.sqrt((np.diff(points, 2, axis=0) ** 2).sum(axis=2).mean()) / eye_distance(meshes[0])


def test_a_still_face_does_not_tremble():
    tracker = FaceTracker()
    meshes = [tracker.update(STILL)[0].mesh for _ in range(30)]
    assert jitter(meshes[5:]) < 0.001


def test_a_still_face_under_camera_noise_trembles_by_a_thousandth():
    tracker = FaceTracker()
    meshes = [tracker.update(noisy(STILL, 4, seed))[0].mesh for seed in range(40)]
    assert jitter(meshes[5:]) < 0.001


def test_a_moving_face_is_followed_closely():
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


def test_several_faces_are_followed_at_once():
    both = np.hstack([cv2.resize(drawn(person), (320, 320)) for person in (ADA, BO)])
    tracker = FaceTracker()
    for _ in range(10):
        faces = tracker.update(both)
    assert sorted(face.mesh[1, 0] > 320 for face in faces) == [False, True]


def test_no_more_faces_are_followed_than_asked():
    both = np.hstack([cv2.resize(drawn(person), (320, 320)) for person in (ADA, BO)])
    assert len(FaceTracker(most=1).update(both)) == 1


def test_a_second_face_is_noticed_within_two_seconds():
    alone = np.hstack([cv2.resize(drawn(), (320, 320)), np.full((320, 320, 3), 90, np.uint8)])
    both = np.hstack([cv2.resize(drawn(person), (320, 320)) for person in (ADA, BO)])
    tracker = FaceTracker()
    tracker.update(alone)
    assert max(len(tracker.update(both)) for _ in range(40)) == 2


def test_flow_measures_a_known_motion():
    grey = cv2.cvtColor(drawn(size=120), cv2.COLOR_BGR2GRAY)
    known = cv2.getRotationMatrix2D((60, 60), 3, 1.02) + np.array([[0, 0, 2], [0, 0, -1]])
    moved = cv2.warpAffine(grey, known, (120, 120), borderMode=cv2.BORDER_REPLICATE)
    points = np.array([(x, y) for x in range(35, 90, 9) for y in range(40, 95, 9)], np.float32)
    found = similarity(grey, moved, points)
    assert np.abs((points @ found[:, :2].T + found[:, 2]) - (points @ known[:, :2].T + known[:, 2])).max() < 0.5


def test_flow_on_a_wall_finds_no_hold():
    wall = np.full((120, 120), 128, np.uint8)
    assert similarity(wall[:8], wall[:8], np.zeros((5, 2), np.float32)) is None
    assert similarity(wall, wall[:90], np.zeros((5, 2), np.float32)) is None
