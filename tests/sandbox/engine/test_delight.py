"""Removing the light of a photo from its face."""

import cv2
import numpy as np
import pytest

from akool_nb.sandbox.engine import topology
from akool_nb.sandbox.engine.detector import FaceDetector
from akool_nb.sandbox.engine.swap import FaceSwapper, SourceFace
from tests.bench.look import blown
from tests.sandbox import relight
from tests.sandbox.faces import ADA, drawn, hull, mesh_of, photo, portrait_source

HARD = {
    "side light": lambda image, mesh: relight.side_light(image, mesh),
    "flash": lambda image, mesh: relight.flash(image, mesh),
    "underexposed": lambda image, mesh: relight.exposed(image, 0.08, noise=3),
    "overexposed": lambda image, mesh: relight.exposed(image, 3.0),
    "blue light": lambda image, mesh: relight.exposed(image, (2.2, 1.0, 0.4)),
    "yellow light": lambda image, mesh: relight.exposed(image, (0.05, 0.6, 1.4)),
}


def swapped(image, target):
    return FaceSwapper(SourceFace.from_mesh(image, FaceDetector().detect(image)[0].mesh)).swap(target)


@pytest.mark.parametrize("light", HARD)
def test_no_light_on_the_source_overexposes_or_stains_the_target(light):
    image = HARD[light](photo("astronaut"), portrait_source().mesh)
    inside = hull(mesh_of(), (480, 480), grow=0)
    result = swapped(image, drawn(ADA))
    assert blown(result, inside) - blown(drawn(ADA), inside) <= 1
    gaps = [cv2.cvtColor(picture, cv2.COLOR_BGR2LAB)[inside].mean(axis=0) for picture in (result, drawn(ADA))]
    assert np.abs(np.subtract(*gaps)).max() < 12


def test_light_from_one_side_of_the_source_does_not_show_on_the_target():
    image = relight.side_light(photo("astronaut"), portrait_source().mesh)
    result = swapped(image, drawn(ADA)).astype(float)
    left, right = (result[265:300, x : x + 30].mean() for x in (185, 270))
    assert abs(left - right) < 12


def test_two_lamps_of_different_colours_leave_no_coloured_patches():
    portrait, mesh = photo("astronaut"), portrait_source().mesh
    warm = relight.side_light(portrait, mesh, colour=(0.2, 0.4, 0.6))
    cold = relight.side_light(portrait, mesh, colour=(0.6, 0.4, 0.3), direction=(0.8, -0.3, -0.6))
    result = swapped(np.maximum(warm, cold), drawn(ADA))
    hues = cv2.cvtColor(cv2.GaussianBlur(result, (0, 0), 3), cv2.COLOR_BGR2LAB)[255:300, 185:300, 1:].astype(float)
    assert np.abs(hues - np.median(hues, axis=(0, 1))).max() < 12


def test_dark_corners_of_a_smiling_mouth_are_not_copied():
    picture, mesh = photo("astronaut").copy(), portrait_source().mesh
    for x, y in mesh[[61, 291], :2].round().astype(int).tolist():
        cv2.circle(picture, (x, y), 3, (30, 40, 60), -1)
    flat = SourceFace.from_mesh(picture, mesh).texture.levels[0][..., :3].astype(float)
    cheek = flat[230:250, 120:140].mean()
    for x, y in np.round(topology.LAYOUT[[61, 291]] * len(flat)).astype(int):
        assert flat[y - 8 : y + 9, x - 8 : x + 9].mean(axis=2).min() > 0.7 * cheek


def test_brown_hair_on_the_forehead_does_not_make_the_brows_blue():
    flat = portrait_source().texture.levels[0][..., :3].astype(float)
    blue = flat[..., 0] / flat.mean(axis=2)
    places = np.round(topology.LAYOUT * len(flat)).astype(int)
    brows, cheeks = (places[loops.ravel()] for loops in (topology.WHOLE_BROWS, topology.CHEEKS))
    assert blue[brows[:, 1], brows[:, 0]].mean() < blue[cheeks[:, 1], cheeks[:, 0]].mean() + 0.03
