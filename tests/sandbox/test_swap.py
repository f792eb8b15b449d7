"""The face swap, seen on drawn people whose faces are known exactly."""

import cv2
import numpy as np
import pytest

from akool_nb.sandbox import drawn_face
from akool_nb.sandbox.detector import FaceDetector
from akool_nb.sandbox.swap import FaceSwapper, NoFaceAtOpts, SourceFace

SOURCE = drawn_face.draw(480, person=drawn_face.BO)
TARGET = drawn_face.draw(480)


def four_points(size=480):
    truth = drawn_face.truth(size)
    return [truth[name] for name in ("left_eye", "right_eye", "nose", "mouth_left")]


def hull_of_face(image, grow=3):
    mesh = FaceDetector().detect(image)[0].mesh
    hull = np.zeros(image.shape[:2], np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(mesh[:, :2].astype(np.int32)), 255)
    return cv2.dilate(hull, None, iterations=grow) > 0


def test_the_picture_changes_inside_the_face_and_nowhere_else():
    swapped = FaceSwapper(SourceFace.from_opts(SOURCE, four_points())).swap(TARGET)
    changed = (swapped != TARGET).any(axis=2)
    inside = hull_of_face(TARGET)
    assert not changed[~inside].any()
    assert changed[inside].mean() > 0.4


def test_the_frame_that_was_given_is_left_as_it_is():
    frame = TARGET.copy()
    FaceSwapper(SourceFace.from_opts(SOURCE, four_points())).swap(frame)
    assert np.array_equal(frame, TARGET)


def test_another_source_gives_another_picture_in_mid_stream():
    swapper = FaceSwapper(SourceFace.from_opts(SOURCE, four_points()))
    first = swapper.swap(TARGET)
    swapper.source = SourceFace.from_opts(TARGET, four_points())
    assert np.abs(swapper.swap(TARGET).astype(int) - first).max() > 40


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param([(x, y + 300) for x, y in four_points()], id="beside the face"),
        pytest.param([four_points()[index] for index in (1, 0, 2, 3)], id="eyes exchanged"),
        pytest.param([(5, 5), (45, 5), (25, 30), (10, 45)], id="on the wall"),
        pytest.param(four_points()[:3], id="three points"),
        pytest.param([(100, 100)] * 4, id="four times the same point"),
    ],
)
def test_points_that_fit_no_face_are_refused(wrong):
    with pytest.raises(NoFaceAtOpts, match="opts"):
        SourceFace.from_opts(SOURCE, wrong)
