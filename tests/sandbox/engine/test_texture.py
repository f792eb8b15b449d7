"""Flattening a face, and choosing the part that is copied."""

import numpy as np
import pytest

from akool_nb.sandbox.engine import texture, topology
from tests.sandbox.faces import BO, detector, drawn, known_faces, mesh_of, photo, portrait_source, source, turned
from tests.sandbox.relight import shrunk


def colour_at(flat, points):
    places = np.round(topology.LAYOUT[points] * len(flat)).astype(int)
    return flat[places[:, 1], places[:, 0]].astype(int).mean(axis=0)


def test_a_flat_face_has_its_eyes_and_lips_at_the_positions_of_the_layout():
    flat = texture.flatten(drawn(), mesh_of())
    lips, cheeks = colour_at(flat, [0, 17]), colour_at(flat, topology.CHEEKS.ravel())
    assert lips[1] < cheeks[1] - 40
    assert flat[np.round(topology.LAYOUT[topology.LEFT_EYE].mean(axis=0) * len(flat)).astype(int)[1]].min() < 60


def test_a_rotated_photo_gives_the_same_flat_face():
    picture, _ = turned(photo("astronaut"), known_faces("astronaut")[0], 20)
    straight, tilted = (
        texture.flatten(image, detector().detect(image)[0].mesh) for image in (photo("astronaut"), picture)
    )
    inside = texture.mask() > 200
    assert np.abs(straight.astype(int) - tilted)[inside].mean() < 12


def test_the_mask_is_soft_and_inside_the_outline_and_leaves_out_the_forehead():
    mask = texture.mask(256)
    layout = np.round(topology.LAYOUT * 256).astype(int)
    assert mask[layout[topology.OUTLINE, 1], layout[topology.OUTLINE, 0]].max() < 30
    assert mask[layout[10, 1] : layout[151, 1], :].max() < 60
    assert mask[layout[1, 1], layout[1, 0]] == 255
    assert np.abs(np.diff(mask.astype(int), axis=0)).max() < 40


def test_hair_on_the_forehead_is_not_copied():
    colours = texture.flatten(photo("astronaut"), portrait_source().mesh)
    kept = texture.without_hair(colours)
    assert kept[: len(kept) // 4].min() == 0
    assert kept[len(kept) // 2 :].min() == 255


def test_hair_is_painted_over_with_skin():
    flat = portrait_source().texture.levels[0][..., :3]
    cheeks, temple = colour_at(flat, topology.CHEEKS.ravel()), colour_at(flat, [21, 54, 103, 67, 109, 284, 332, 297])
    assert np.abs(temple - cheeks).max() < 30


def test_a_bare_forehead_is_not_changed():
    colours = texture.flatten(drawn(), mesh_of())
    inside = texture.mask() > 128
    assert np.abs(texture.skin_for_hair(colours).astype(int) - colours)[inside].max() <= 2


def test_the_line_and_the_teeth_between_the_lips_are_removed():
    for face in (portrait_source(), source(BO)):
        flat = face.texture.levels[0][..., :3]
        lips = colour_at(flat, [12, 15, 38, 268, 86, 316])
        assert np.abs(colour_at(flat, [13, 14, 82, 312, 87, 317]) - lips).max() < 25


def test_dark_brows_are_copied():
    kept = texture.without_hair(texture.flatten(drawn(BO), mesh_of(BO)))
    brows = np.round(topology.LAYOUT[topology.BROWS[1:-1]] * len(kept)).astype(int)
    assert kept[brows[:, 1], brows[:, 0]].min() > 200


def test_a_small_face_gets_a_small_texture():
    levels = portrait_source().texture
    assert [levels.for_size(size).shape[0] for size in (40, 97, 300, 2000)] == [96, 192, 384, 384]


@pytest.mark.parametrize(("pixels", "carried"), [(40, False), (100, True)])
def test_eyes_and_brows_of_a_small_source_are_not_carried_over(pixels, carried):
    mesh = portrait_source().mesh
    scale = np.float32(pixels / np.ptp(mesh[:, 0]))
    flat = texture.texture(shrunk(photo("astronaut"), pixels, mesh), mesh * scale).levels[0]
    eye, brow, nose = (colour_at(flat, loop)[3] for loop in (topology.LEFT_EYE, topology.WHOLE_BROWS[0][3:8], [4, 5]))
    assert (eye > 200, brow > 200, nose > 200) == (carried, carried, True)
