"""Warnings about faces that will not look good."""

import pytest
from PIL import Image, ImageFilter

from akool_nb.api.face_warnings import warnings_of

FRONT = ((100, 100), (160, 100), (130, 135), (110, 170))


def picture(level):
    """Fine detail around a mean grey level."""
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


def test_a_blurred_face_is_named():
    blurred = Image.linear_gradient("L").resize((120, 120)).filter(ImageFilter.GaussianBlur(5)).convert("RGB")
    (sentence,) = warnings_of((70, 60, 120, 140), FRONT, blurred)
    assert "blurred" in sentence


def test_light_from_one_side_is_named_with_the_ratio_of_the_cheeks():
    lit = picture(180)
    lit.paste(picture(80).crop((0, 0, 60, 120)), (0, 0))
    (sentence,) = warnings_of((70, 60, 120, 140), FRONT, lit)
    assert "one cheek is 2." in sentence
