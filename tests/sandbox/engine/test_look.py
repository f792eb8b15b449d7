"""The look of the swap in numbers, and on a contact sheet: tests/artefacts/engine_swaps_….png."""

import cv2
import numpy as np
import pytest

from akool_nb.sandbox.engine import texture, topology
from akool_nb.sandbox.engine.swap import FaceSwapper
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
    noisy,
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

EYES = np.s_[212:232, 176:207]
"""Ada's left eye in her picture."""


def swapped(face, picture):
    return FaceSwapper(face).swap(picture)


def flat(picture, mesh):
    """The flattened face without the slow changes of its colours: its texture."""
    grey = cv2.cvtColor(texture.flatten(picture, mesh, 128), cv2.COLOR_BGR2GRAY).astype(np.float32)
    return (grey - cv2.GaussianBlur(grey, (0, 0), 8))[texture.mask(128) > 200]


def likeness(first, second):
    return float(np.corrcoef(first, second)[0, 1])


@pytest.mark.parametrize(("giver", "taker"), [("portrait", ADA), (BO, ADA), (ADA, BO)], ids=["photo", "Bo", "Ada"])
def test_the_texture_is_that_of_the_source(giver, taker):
    face = portrait_source() if giver == "portrait" else source(giver)
    origin = photo("astronaut") if giver == "portrait" else drawn(giver)
    result = flat(swapped(face, drawn(taker)), mesh_of(taker))
    assert likeness(result, flat(origin, face.mesh)) > likeness(result, flat(drawn(taker), mesh_of(taker))) + 0.1


@pytest.mark.parametrize("taker", [ADA, BO], ids=["Ada", "Bo"])
def test_the_mean_colour_is_that_of_the_target(taker):
    inside = hull(mesh_of(taker), (480, 480), grow=0)
    result = swapped(portrait_source(), drawn(taker))
    assert np.abs(result[inside].mean(axis=0) - drawn(taker)[inside].mean(axis=0)).max() < 8


@pytest.mark.parametrize("pose", POSES)
def test_the_swapped_face_has_the_pose_and_the_expression_of_the_target(pose):
    result = swapped(source(BO), drawn(ADA, **POSES[pose]))
    before, after = (five(detector().detect(picture)[0]) for picture in (drawn(ADA, **POSES[pose]), result))
    assert miss(after, before) < 0.05


def forehead(mesh, shape):
    """True from a little above the brows up to the hair, where a bare forehead has no edges."""
    brows = mesh[topology.BROWS, :2] - (0, 0.03 * np.ptp(mesh[:, 1]))
    upper = mesh[[251, 284, 332, 297, 338, 10, 109, 67, 103, 54, 21], :2]
    inside = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(inside, [np.round(np.vstack([upper, brows])).astype(np.int32)], 255)
    return cv2.erode(inside, np.ones((8, 8))) > 0


def hardest_step(picture, mesh):
    """The largest change of brightness over eight pixels of the forehead, up or across."""
    grey = cv2.blur(picture, (5, 5)).mean(axis=2)
    steps = [np.abs(np.roll(grey, -4, axis) - np.roll(grey, 4, axis)) for axis in (0, 1)]
    return np.max(steps, axis=0)[forehead(mesh, picture.shape)].max()


@pytest.mark.parametrize("taker", [ADA, BO], ids=["Ada", "Bo"])
@pytest.mark.parametrize("giver", ["portrait", "drawn"])
def test_no_band_and_no_hair_shows_on_the_forehead(giver, taker):
    face = portrait_source() if giver == "portrait" else source(ADA if taker is BO else BO)
    assert hardest_step(swapped(face, drawn(taker)), mesh_of(taker)) < 16


def test_a_band_of_twenty_levels_would_be_detected():
    banded, mesh = drawn(ADA).astype(int), mesh_of(ADA)
    height = round(mesh[151, 1])
    banded[height - 4 : height + 4, 180:300] -= 20
    assert hardest_step(drawn(ADA), mesh) < 5
    assert hardest_step(banded.astype(np.uint8), mesh) > 19


def test_a_smiling_source_does_not_tear_a_closed_mouth():
    """The line between closed lips stays that of the target: no strip of the source's teeth shows."""
    mesh = mesh_of(ADA)
    middle = np.s_[int(mesh[13, 1]) - 3 : int(mesh[14, 1]) + 4, int(mesh[81, 0]) : int(mesh[311, 0])]
    darkest = [
        picture[middle].min(axis=(0, 2)).mean() for picture in (drawn(ADA), swapped(portrait_source(), drawn(ADA)))
    ]
    assert darkest[1] < darkest[0] + 35


def line_between_lips(picture, mesh):
    """For each column of the mouth, the y of the dark line's middle."""
    left, right = round(float(mesh[78, 0])) + 4, round(float(mesh[308, 0])) - 4
    grey = picture[round(float(mesh[13, 1])) - 7 : round(float(mesh[14, 1])) + 7, left:right].mean(axis=2)
    dark = np.clip(np.median(grey) - grey, 0, None)
    return (dark * np.arange(len(dark))[:, None]).sum(axis=0) / dark.sum(axis=0)


def test_the_line_between_closed_lips_is_smooth():
    lines = [line_between_lips(picture, mesh_of(ADA)) for picture in (drawn(ADA), swapped(source(BO), drawn(ADA)))]
    assert np.abs(np.diff(lines[1])).max() < 0.25
    assert np.abs(lines[1] - lines[0]).max() < 1


@pytest.mark.parametrize("giver", ["portrait", "Bo"])
@pytest.mark.parametrize("blink", [0.5, 0.7, 1.0])
def test_half_closed_and_closed_eyes_of_a_video_are_those_of_the_target(giver, blink):
    swapper = FaceSwapper(portrait_source() if giver == "portrait" else source(BO))
    changes = []
    # The usual opening of the eyes is known after 20 frames.
    for picture in (drawn(ADA), drawn(ADA, blink=blink)):
        result = [swapper.swap(picture) for _ in range(21)][-1]
        changes.append(np.abs(result.astype(int) - picture)[EYES].mean())
    assert changes[1] < 7 < 20 < changes[0]


@pytest.mark.parametrize("blink", [0.2, 0.35])
def test_eyes_that_narrow_in_a_smile_are_those_of_the_source(blink):
    swapper = FaceSwapper(source(BO))
    for picture in (drawn(ADA), drawn(ADA, blink=blink)):
        result = [swapper.swap(picture) for _ in range(8)][-1]
    assert np.abs(result.astype(int) - picture)[EYES].mean() > 15


def test_light_from_one_side_stays_on_that_side():
    light = np.linspace(1.2, 0.5, 480)[None, :, None]
    lit = np.clip(drawn(ADA) * light, 0, 255).astype(np.uint8)
    result = swapped(source(BO), lit)
    left, right = (np.s_[265:300, x : x + 30] for x in (185, 270))
    shine = [float(picture[left].mean() - picture[right].mean()) for picture in (result, lit, drawn(BO))]
    assert shine[0] == pytest.approx(shine[1], rel=0.3)
    assert shine[0] > shine[2] + 10
    hers, his = flat(lit, mesh_of(ADA)), flat(drawn(BO), mesh_of(BO))
    assert likeness(flat(result, mesh_of(ADA)), his) > likeness(flat(result, mesh_of(ADA)), hers) + 0.05


def test_the_contact_sheet_shows_before_and_after():
    portrait = cv2.resize(photo("astronaut")[0:260, 95:355], (480, 480), interpolation=cv2.INTER_CUBIC)
    tilted, _ = turned(portrait, np.zeros((1, 2)), 20)
    rows = [[drawn(ADA, **pose) for pose in POSES.values()], [drawn(BO, **pose) for pose in POSES.values()]]
    pairs = [(portrait_source(), row) for row in rows] + [(source(BO), rows[0]), (source(ADA), [portrait, tilted])]
    stories = [both(*pair) for pair in pairs] + [story(face) for face in (portrait_source(), source(BO))]
    sheet = [np.hstack([*pictures, *[rows[0][0] * 0] * (5 - len(pictures))]) for story in stories for pictures in story]
    ARTEFACTS.mkdir(exist_ok=True)
    small = cv2.resize(np.vstack(sheet), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    # One file per OpenCV version, because several versions may be tested at the same time.
    assert cv2.imwrite(str(ARTEFACTS / f"engine_swaps_{cv2.__version__}.png"), small)


def both(face, pictures):
    """The pictures before and after."""
    return pictures, [swapped(face, picture) for picture in pictures]


def story(face):
    """One video before and after: a closed mouth with noise, a hand, no person, the face again, a profile."""
    hand = drawn(ADA).copy()
    cv2.circle(hand, (285, 310), 48, (110, 140, 200), -1)
    scenes = [noisy(drawn(ADA), 6, 1), hand, np.full_like(drawn(ADA), ADA.wall), drawn(ADA), drawn(ADA, turn=1.25)]
    swapper = FaceSwapper(face)
    return scenes, [[swapper.swap(scene) for _ in range(12)][-1] for scene in scenes]
