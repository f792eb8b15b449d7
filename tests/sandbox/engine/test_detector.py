"""Detection in pictures with known faces: every face is found, and nothing else."""

import cv2
import numpy as np
import pytest

from akool_nb.sandbox.engine.detector import FaceDetector, tiles
from akool_nb.sandbox.pictures.drawn_person import BO_AS_CAT
from tests.sandbox.faces import (
    ADA,
    ROOT,
    detector,
    drawn,
    faceless,
    five,
    known_faces,
    miss,
    noisy,
    photo,
    scattered,
    truth,
    turned,
)
from tests.sandbox.textures import texture

PHOTOS = ("drawn_face", "drawn_face_2", "astronaut", "collage")


def dark(image):
    return noisy(255 * (image / 255.0) ** 2.2 * 0.5, 6, seed=1)


def degraded(image):
    return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 12])[1], cv2.IMREAD_COLOR)


def errors(found, known):
    return [min((miss(five(face), points) for face in found), default=9) for points in known]


@pytest.mark.parametrize("name", PHOTOS)
def test_every_face_is_found_and_nothing_else_and_its_points_are_within_five_percent(name):
    found = detector().detect(photo(name))
    assert len(found) == len(known_faces(name))
    assert np.mean(errors(found, known_faces(name))) < 0.05


@pytest.mark.parametrize("change", [dark, degraded], ids=["dark and noisy", "JPEG of quality 12"])
@pytest.mark.parametrize("name", PHOTOS)
def test_faces_are_found_in_bad_light_and_in_bad_files(name, change):
    found = detector().detect(change(photo(name)))
    assert max(errors(found, known_faces(name))) < 0.2


@pytest.mark.parametrize("degrees", [-30, 30])
@pytest.mark.parametrize("name", PHOTOS[:3])
def test_rotated_faces_are_found(name, degrees):
    picture, points = turned(photo(name), known_faces(name)[0], degrees, 0.8)
    found = detector().detect(picture)
    assert len(found) == 1
    assert errors(found, [points])[0] < 0.06


@pytest.mark.parametrize("degrees", range(-40, 41, 10))
def test_nothing_else_on_a_rotated_portrait_is_taken_for_a_face(degrees):
    picture, points = turned(photo("astronaut"), known_faces("astronaut")[0], degrees)
    found = detector().detect(picture)
    assert len(found) == 1
    assert errors(found, [points])[0] < 0.1


@pytest.mark.parametrize("blur", [0.06, 0.12])
def test_a_blurred_face_is_found_with_coarser_points(blur):
    eyes = np.linalg.norm(np.diff(known_faces("astronaut")[0][:2], axis=0))
    blurred = cv2.GaussianBlur(photo("astronaut"), (0, 0), blur * eyes)
    assert errors(detector().detect(blurred), known_faces("astronaut"))[0] < 0.15


def test_a_face_of_three_percent_of_the_longer_side_is_found():
    picture = np.full((800, 1600, 3), ADA.wall, np.uint8)
    side = round(0.03 * 1600 / 0.44)
    picture[300 : 300 + side, 900 : 900 + side] = cv2.resize(drawn(), (side, side), interpolation=cv2.INTER_AREA)
    expected = truth() * side / 480 + (900, 300)
    assert errors(detector().detect(picture), [expected])[0] < 0.12


@pytest.mark.parametrize("size", [(1280, 720), (1600, 900), (4000, 3000)], ids=str)
@pytest.mark.parametrize("cut", [True, False], ids=["face alone", "whole photo"])
def test_a_photographed_face_of_three_percent_is_found_wherever_it_is(cut, size):
    picture, known = scattered(0.03, size, cut=cut)
    assert max(errors(detector().detect(picture), known)) < 0.25


@pytest.mark.parametrize("size", [(512, 512), (640, 480)], ids=str)
def test_faces_of_16_pixels_are_found_in_small_photos(size):
    picture, known = scattered(16 / max(size), size)
    assert max(errors(detector().detect(picture), known)) < 0.35


@pytest.mark.parametrize("part", [np.s_[:600, :360], np.s_[:]], ids=["large faces", "small faces"])
def test_the_single_face_is_the_largest(part):
    picture = photo("collage")[part]
    everyone, one = detector().detect(picture), detector().detect(picture, single_face=True)
    assert len(everyone) > 1
    assert len(one) == 1
    assert one[0].box.overlap(everyone[0].box) > 0.9
    assert everyone[0].box.area == max(face.box.area for face in everyone)


@pytest.mark.parametrize("seed", range(12))
def test_a_picture_without_faces_has_none(seed):
    assert detector().detect(faceless(seed)) == []


@pytest.mark.parametrize("number", [56, 100, 166, 184, 217, 254])
def test_a_texture_that_only_the_mesh_network_takes_for_a_face_has_none(number):
    assert detector().detect(texture(number)) == []


def test_the_small_faces_of_the_collage_are_found_at_half_its_size():
    small, scale = cv2.resize(photo("collage"), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), 0.5
    picture = np.full((720, 1280, 3), 160, np.uint8)
    picture[180:540, 320:960] = small
    assert max(errors(detector().detect(picture), known_faces("collage") * scale + (320, 180))) < 0.25


def test_the_shipped_drawings_match_the_code_that_draws_them():
    for name, person in (("drawn_face", ADA), ("drawn_face_2", BO_AS_CAT)):
        shipped = cv2.imread(str(ROOT / "notebooks" / "photos" / f"{name}.png"))
        assert np.abs(shipped.astype(int) - drawn(person)).max() <= 2


def test_a_face_has_named_points_and_a_region():
    face = detector().detect(drawn())[0]
    left, top, width, height = face.region
    assert face.left_eye[0] < face.nose[0] < face.right_eye[0]
    assert face.mouth_centre[0] == pytest.approx((face.mouth_left[0] + face.mouth_right[0]) / 2)
    assert all(left <= x <= left + width and top <= y <= top + height for x, y in face.points.values())


@pytest.mark.parametrize("shape", [(1, 1), (7, 300), (300, 7), (2, 30000), (30000, 1)])
def test_unusual_shapes_raise_no_error(shape):
    assert FaceDetector().detect(np.zeros((*shape, 3), np.uint8)) == []


@pytest.mark.parametrize("parts", [1, 2, 4, 5])
def test_tiles_cover_the_whole_picture(parts):
    covered = np.zeros((720, 1280), bool)
    for left, top, right, bottom in tiles(1280, 720, parts):
        covered[top:bottom, left:right] = True
    assert covered.all()
