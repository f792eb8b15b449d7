"""What the swap looks like, in numbers, and on a contact sheet for the eye: tests/artefacts/engine_swaps.png."""

import cv2
import numpy as np
import pytest

from akool_nb.sandbox import colour, texture
from akool_nb.sandbox.swap import FaceSwapper
from akool_nb.sandbox.warp import Window
from tests.sandbox.faces import (
    ADA,
    ARTEFACTS,
    BO,
    detector,
    drawn,
    five,
    hull,
    mesh_of,
    miss,
    photo,
    portrait_source,
    source,
    turned,
)

POSES = {
    "at rest": {},
    "smiling": {"smile": 1.0},
    "speaking": {"mouth": 0.8},
    "blinking": {"blink": 1.0},
    "turned": {"turn": 1.0},
}


def swapped(face, picture):
    return FaceSwapper(face).swap(picture)


def flat(picture, mesh):
    """The face pulled flat, without its own colours' slow changes: its texture."""
    grey = cv2.cvtColor(texture.flatten(picture, mesh, 128), cv2.COLOR_BGR2GRAY).astype(np.float32)
    return (grey - cv2.GaussianBlur(grey, (0, 0), 8))[texture.mask(128) > 200]


def likeness(first, second):
    return float(np.corrcoef(first, second)[0, 1])


@pytest.mark.parametrize(("giver", "taker"), [("portrait", ADA), (BO, ADA), (ADA, BO)], ids=["photo", "Bo", "Ada"])
def test_the_texture_is_the_sources_and_not_the_targets(giver, taker):
    face = portrait_source() if giver == "portrait" else source(giver)
    origin = photo("astronaut") if giver == "portrait" else drawn(giver)
    result = flat(swapped(face, drawn(taker)), mesh_of(taker))
    assert likeness(result, flat(origin, face.mesh)) > likeness(result, flat(drawn(taker), mesh_of(taker))) + 0.1


@pytest.mark.parametrize("taker", [ADA, BO], ids=["Ada", "Bo"])
def test_the_mean_colour_is_the_targets(taker):
    inside = hull(mesh_of(taker), (480, 480), grow=0)
    result = swapped(portrait_source(), drawn(taker))
    assert np.abs(result[inside].mean(axis=0) - drawn(taker)[inside].mean(axis=0)).max() < 8


@pytest.mark.parametrize("pose", POSES)
def test_the_swapped_face_keeps_pose_and_expression(pose):
    result = swapped(source(BO), drawn(ADA, **POSES[pose]))
    before, after = (five(detector().detect(picture)[0]) for picture in (drawn(ADA, **POSES[pose]), result))
    assert miss(after, before) < 0.05


def test_no_band_shows_at_the_forehead():
    """Steps of brightness down the forehead grow by a trifle only."""
    before, after = drawn(ADA), swapped(portrait_source(), drawn(ADA))
    mesh = mesh_of(ADA)
    window = Window.around(mesh[[10, 151, 9, 66, 296]], before, margin=0)
    steps = [np.abs(np.diff(cv2.blur(window.of(p), (9, 3)).astype(int), axis=0)).max() for p in (before, after)]
    assert steps[1] <= steps[0] + 8


def test_a_smiling_source_does_not_tear_a_closed_mouth():
    """The line between closed lips stays the target's own dark one: no strip of the source's teeth shows."""
    mesh = mesh_of(ADA)
    middle = np.s_[int(mesh[13, 1]) - 3 : int(mesh[14, 1]) + 4, int(mesh[81, 0]) : int(mesh[311, 0])]
    darkest = [
        picture[middle].min(axis=(0, 2)).mean() for picture in (drawn(ADA), swapped(portrait_source(), drawn(ADA)))
    ]
    assert darkest[1] < darkest[0] + 35


def test_a_light_on_one_side_stays_on_that_side():
    light = np.linspace(1.2, 0.5, 480)[None, :, None]
    lit = np.clip(drawn(ADA) * light, 0, 255).astype(np.uint8)
    factors = colour.Light().match(swapped(source(BO), lit), lit, np.full((480, 480), 255, np.uint8))
    assert factors[250:300, 180:220].mean() > factors[250:300, 270:300].mean() + 15


def test_the_contact_sheet_shows_before_and_after():
    portrait = cv2.resize(photo("astronaut")[0:260, 95:355], (480, 480), interpolation=cv2.INTER_CUBIC)
    tilted, _ = turned(portrait, np.zeros((1, 2)), 20)
    rows = [[drawn(ADA, **pose) for pose in POSES.values()], [drawn(BO, **pose) for pose in POSES.values()]]
    pairs = [(portrait_source(), row) for row in rows] + [(source(BO), rows[0]), (source(ADA), [portrait, tilted])]
    sheet = [
        np.hstack([*pictures, *[rows[0][0] * 0] * (5 - len(pictures))]) for pair in pairs for pictures in both(*pair)
    ]
    ARTEFACTS.mkdir(exist_ok=True)
    small = cv2.resize(np.vstack(sheet), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    assert cv2.imwrite(str(ARTEFACTS / "engine_swaps.png"), small)


def both(face, pictures):
    """The pictures before and after."""
    return pictures, [swapped(face, picture) for picture in pictures]
