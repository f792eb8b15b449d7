"""The exercises of lesson 03: regions, `opts`, and faces that are large enough."""

from __future__ import annotations

from typing import Any

from akool_nb import opts, samples
from akool_nb.api.models import Face
from akool_nb.api.photo import Photo
from akool_nb.check.exercise import Exercise, call, expect
from akool_nb.check.start import shows

# The centre of the collage's smallest face, as shares of the picture's width and height, and how far off is accepted.
SMALLEST = (0.749, 0.669)
NEAR = 0.08
LEAST_SIDE = 80


def _smallest(value: Any) -> str:
    expect(Face, value)
    if not shows(value.photo, "collage"):
        return "This face comes from another picture; found = client.detect(crowd) has the six faces."
    left, top, width, height = value.region
    picture_width, picture_height = value.photo.size
    off_x = abs((left + width / 2) / picture_width - SMALLEST[0])
    off_y = abs((top + height / 2) / picture_height - SMALLEST[1])
    if max(off_x, off_y) < NEAR:
        return ""
    return f"This face has {width} × {height} pixels; another one is smaller. min(found, key=…) helps."


def _moved(value: Any) -> str:
    before, after = (opts.parse(text) for text in value)
    steps = {(x2 - x1, y2 - y1) for (x1, y1), (x2, y2) in zip(before, after, strict=True)}
    if steps == {(10, 0)}:
        return ""
    moves = ", ".join(map(str, sorted(steps)))
    return f"Every point should move 10 to the right and 0 down; yours moved {moves}."


def _usable(value: Any) -> str:
    photo = Photo.open(samples.photo("drawn_face"))
    sizes = [(100, 100), (79, 100), (100, 79), (80, 80)]
    faces = [
        Face(number, (0, 0, *size), ((1, 1), (2, 1), (1, 2), (1, 3)), "1,1:2,1:1,2:1,3", photo)
        for number, size in enumerate(sizes, 1)
    ]
    kept = [face.region[2:] for face in call(value, faces, case="four faces")]
    if kept == [(100, 100), (80, 80)]:
        return ""
    return f"Of the sizes {sizes} the function should keep (100, 100) and (80, 80); yours kept {kept}."


EXERCISES = {
    "03.1": Exercise("one Face of the collage", _smallest, "The order of the faces is not their size."),
    "03.2": Exercise(
        "a pair of opts texts, before and after", _moved, "parse, change, build: this is how opts change."
    ),
    "03.3": Exercise(
        "a function that takes a detection and returns a list of faces", _usable, "You check a photo before you pay."
    ),
}
