"""`opts`: the documented texts, padding, and invalid values."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akool_nb import opts
from akool_nb.errors import OptsError

SAMPLES = Path(__file__).parent / "samples"
PIXEL = st.integers(1, 99_999)


def sample(name):
    return json.loads((SAMPLES / name).read_text())


def test_the_documented_opts_are_four_points():
    text = sample("create.request.json")["sourceImage"][0]["opts"]
    assert opts.parse(text) == ((262, 175), (363, 175), (313, 215), (272, 279))


def test_opts_built_from_landmarks_are_those_of_the_detector():
    answer = sample("detect.response.json")
    assert opts.build(answer["landmarks"][0]) == answer["landmarks_str"][0]


def test_six_points_give_the_first_four():
    answer = sample("detect_faces.response.json")["faces_obj"]["0"]
    assert opts.build(answer["landmarks"][0]) == answer["landmarks_str"][0]


def test_padding_is_not_a_landmark():
    assert opts.parse("1,2:3,4:5,6:7,8:0,0:0,0") == ((1, 2), (3, 4), (5, 6), (7, 8))


@given(st.lists(st.tuples(PIXEL, PIXEL), min_size=4, max_size=4, unique=True))
def test_parsing_reverses_building(points):
    assert list(opts.parse(opts.build(points))) == points


@pytest.mark.parametrize(
    "text",
    ["", "face", "1,2", "1,2:3,4:5,6", "1,2:3,4:5,6:7,8:9,10", "1;2:3,4:5,6:7,8", "1,2,3:4,5:6,7:8,9", "1,2:3,4:5,6:7,",
     "1,1:1,1:2,3:4,5", "-5,-5:-6,-5:-5,-6:-5,-7",
     "1,nan:2,3:4,5:6,7", "1,2:3,4:5,6:7,999999999", "١,2:3,4:5,6:7,8", "1,2:" * 999, None, 7, b"1,2:3,4:5,6:7,8"],
)  # fmt: skip
def test_an_invalid_text_is_refused(text):
    with pytest.raises(OptsError):
        opts.parse(text)


@pytest.mark.parametrize(
    "points",
    [[], [[1, 2]], [[1, 2, 3]] * 4, ["12"] * 4, [[1, None]] * 4, [[float("nan"), 1]] * 4, [[True, 1]] * 4, 7, [7] * 4,
     [[1e300, 1]] * 4, [[0, 0]] * 6, [{"x": 1, "y": 2}] * 4, [[5, 5]] * 4],
)  # fmt: skip
def test_invalid_points_are_refused(points):
    with pytest.raises(OptsError):
        opts.build(points)


@pytest.mark.parametrize("text", ["0,10:0,20:10,0:20,0", "-1,10:-1,20:-1,30:0,5", "0,1:0,2:0,3:0,4"])
def test_points_on_the_edge_of_the_picture_are_valid(text):
    assert len(opts.parse(text)) == 4


@given(st.text())
def test_any_text_is_parsed_or_refused(text):
    try:
        assert len(opts.parse(text)) == 4
    except OptsError as error:
        assert len(str(error)) < 300
