"""The face swap on drawn people, whose faces are known exactly."""

import cv2
import numpy as np
import pytest

from akool_nb.sandbox.engine.detector import FaceDetector
from akool_nb.sandbox.engine.expression import turn
from akool_nb.sandbox.engine.mesh import FaceMesh, MeshFit, five_points
from akool_nb.sandbox.engine.pyramid import Pyramid
from akool_nb.sandbox.engine.swap import FRONT, PROFILE, FaceSwapper, NoFaceAtOpts, SourceFace, find_face, paint
from akool_nb.sandbox.pictures import drawn_face
from akool_nb.sandbox.pictures.drawn_person import BO
from tests.sandbox import relight
from tests.sandbox.faces import eye_distance, mesh_of, photo, portrait_source, source

SOURCE = drawn_face.draw(480, person=BO)
TARGET = drawn_face.draw(480)


def four_points(size=480):
    truth = drawn_face.truth(size)
    return [truth[name] for name in ("left_eye", "right_eye", "nose", "mouth_left")]


def hull_of_face(image, grow=3):
    mesh = FaceDetector().detect(image)[0].mesh
    hull = np.zeros(image.shape[:2], np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(mesh[:, :2].astype(np.int32)), 255)
    return cv2.dilate(hull, None, iterations=grow) > 0


def test_the_picture_changes_only_inside_the_face():
    swapped = FaceSwapper(SourceFace.from_opts(SOURCE, four_points())).swap(TARGET)
    changed = (swapped != TARGET).any(axis=2)
    inside = hull_of_face(TARGET)
    assert not changed[~inside].any()
    assert changed[inside].mean() > 0.4


def test_the_given_frame_is_not_modified():
    frame = TARGET.copy()
    FaceSwapper(SourceFace.from_opts(SOURCE, four_points())).swap(frame)
    assert np.array_equal(frame, TARGET)


def test_another_source_changes_the_picture_during_the_stream():
    swapper = FaceSwapper(SourceFace.from_opts(SOURCE, four_points()))
    first = swapper.swap(TARGET)
    swapper.source = SourceFace.from_opts(TARGET, four_points())
    assert np.abs(swapper.swap(TARGET).astype(int) - first).max() > 40


def turned_aside(degrees):
    """The drawn face's mesh, rotated around its vertical middle until `turn` is about these degrees."""
    mesh = mesh_of().copy()
    middle = mesh.mean(axis=0)
    angle = np.radians(degrees - turn(mesh))
    across, deep = (mesh - middle)[:, 0], (mesh - middle)[:, 2]
    mesh[:, 0] = middle[0] + across * np.cos(angle) - deep * np.sin(angle)
    mesh[:, 2] = middle[2] + across * np.sin(angle) + deep * np.cos(angle)
    return mesh


def change_at(degrees):
    """The mean change of the pixels of a face that is turned that far."""
    frame, mesh = TARGET.copy(), turned_aside(degrees)
    paint(frame, source(), mesh)
    covered = cv2.contourArea(cv2.convexHull(mesh[:, :2].astype(np.float32)))
    return np.abs(frame.astype(int) - TARGET).sum() / covered


@pytest.mark.parametrize("side", [-1, 1], ids=["left", "right"])
def test_the_swap_fades_out_as_the_head_turns_to_a_profile(side):
    angles = [FRONT - 2, FRONT + 4, FRONT + 8, FRONT + 12, PROFILE - 4]
    changes = [change_at(side * angle) for angle in angles]
    assert changes == sorted(changes, reverse=True)
    assert changes[-1] < 0.3 * changes[0]


@pytest.mark.parametrize("degrees", [PROFILE + 1, 75, 89, -PROFILE - 1, -75])
def test_a_profile_is_not_changed(degrees):
    assert turn(turned_aside(degrees)) == pytest.approx(degrees, abs=0.5)
    assert change_at(degrees) == 0


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


def test_fitting_the_mesh_of_a_rotated_photo_again_does_not_move_it():
    image, mesh = relight.turned_in_depth(photo("astronaut"), portrait_source().mesh, 40)
    found = find_face(image, five_points(FaceDetector().detect(image)[0].mesh)[:4].tolist())
    again = FaceMesh().refine(Pyramid(image), MeshFit(found, 1.0)).mesh
    assert np.linalg.norm(again[:, :2] - found[:, :2], axis=1).mean() < 0.04 * eye_distance(mesh)
