"""Warnings about faces that give a poor swap."""

import math

import pytest
from PIL import Image, ImageDraw, ImageFilter

from akool_nb import samples
from akool_nb.api.face_warnings import warnings_of

PORTRAIT = ((203, 102), (247, 104), (223, 131), (201, 139))
COVERS = {
    "mouth": ([(185, 115), (224, 110), (263, 117), (258, 140), (225, 165), (190, 138)], (90, 140, 190)),
    "eyes": ([(185, 92), (265, 94), (263, 113), (187, 111)], (25, 25, 30)),
}
FRONT = ((100, 100), (160, 100), (130, 135), (110, 170))


def picture(level):
    """Fine detail around the grey level `level`."""
    return Image.effect_noise((120, 120), 20).point(lambda value: value - 128 + level).convert("RGB")


def test_a_large_frontal_well_lit_face_has_no_warning():
    assert warnings_of((70, 60, 120, 140), FRONT, picture(130)) == ()


@pytest.mark.parametrize(
    ("region", "points", "level", "word"),
    [
        ((70, 60, 41, 50), FRONT, 130, "41×50"),
        ((70, 60, 120, 140), (*FRONT[:2], (155, 135), FRONT[3]), 130, "turned"),
        ((70, 60, 120, 140), FRONT, 20, "too dark"),
        ((70, 60, 120, 140), FRONT, 250, "too bright"),
    ],
)
def test_each_problem_is_one_sentence_with_its_number(region, points, level, word):
    (sentence,) = warnings_of(region, points, picture(level))
    assert word in sentence


def test_a_blurred_face_has_a_warning():
    blurred = (
        Image.linear_gradient("L").resize((120, 120)).rotate(180).filter(ImageFilter.GaussianBlur(5)).convert("RGB")
    )
    (sentence,) = warnings_of((70, 60, 120, 140), FRONT, blurred)
    assert "blurred" in sentence


def test_light_from_one_side_has_a_warning_with_the_ratio_of_the_cheeks():
    lit = picture(180)
    lit.paste(picture(80).crop((0, 0, 60, 120)), (0, 0))
    (sentence,) = warnings_of((70, 60, 120, 140), FRONT, lit)
    assert "one cheek is 2." in sentence


@pytest.mark.parametrize("part", COVERS)
@pytest.mark.parametrize("degrees", [0, 25])
def test_a_mask_and_sunglasses_have_a_warning(part, degrees):
    portrait = Image.open(samples.photo("astronaut")).convert("RGB")
    region = (165, 60, 120, 120)
    left, top, width, height = region
    turned, points = turn(portrait, degrees)
    assert warnings_of(region, points, turned.crop((left, top, left + width, top + height))) == ()
    outline, colour = COVERS[part]
    ImageDraw.Draw(portrait).polygon(outline, fill=colour)
    turned, points = turn(portrait, degrees)
    (sentence,) = warnings_of(region, points, turned.crop((left, top, left + width, top + height)))
    assert f"cover the {part}" in sentence


def turn(picture, degrees):
    """The picture and the portrait's points, rotated around the nose."""
    x, y = PORTRAIT[2]
    cosine = math.cos(math.radians(degrees))
    sine = math.sin(math.radians(degrees))
    moved = [(x + cosine * (px - x) + sine * (py - y), y - sine * (px - x) + cosine * (py - y)) for px, py in PORTRAIT]
    return picture.rotate(degrees, Image.Resampling.BILINEAR, center=(x, y)), moved
