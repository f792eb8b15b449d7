"""Warnings about faces that will not look good."""

import pytest
from PIL import Image

from akool_nb.api.face_warnings import warnings_of

FRONT = ((100, 100), (160, 100), (130, 135), (110, 170))
GREY = Image.new("RGB", (120, 120), (130, 130, 130))


def test_a_large_frontal_well_lit_face_has_no_warning():
    assert warnings_of((70, 60, 120, 140), FRONT, GREY) == ()


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
    (sentence,) = warnings_of(region, points, Image.new("RGB", (120, 120), (level,) * 3))
    assert word in sentence
