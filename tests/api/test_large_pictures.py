"""Large pictures: faces are sent, found and hosted at the full resolution of the file."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from akool_nb import samples
from akool_nb.api.photo import LARGEST_SENT, Photo
from akool_nb.wire import fetch

PORTRAIT = Image.open(samples.photo("astronaut")).convert("RGB")
FACE = 97
"""The width in pixels of the face in the portrait."""


def pasted(size: tuple[int, int], face: int, places: list[tuple[float, float]]) -> Image.Image:
    """Portraits on grey; a face is `face` pixels wide, `places` are upper left corners as shares of the size."""
    picture = Image.new("RGB", size, "grey")
    side = round(PORTRAIT.width * face / FACE)
    portrait = PORTRAIT.resize((side, side))
    for across, down in places:
        picture.paste(portrait, (round(across * size[0]), round(down * size[1])))
    return picture


@pytest.mark.parametrize(
    ("size", "face", "places"),
    [
        ((12_000, 2400), 420, [(0.15, 0.03), (0.5, 0.03), (0.8, 0.03)]),
        ((4000, 3000), 150, [(across, down) for down in (0.05, 0.4, 0.75) for across in (0.02, 0.27, 0.52, 0.77)]),
        ((4000, 3000), 84, [(0.02, 0.05), (0.31, 0.42), (0.63, 0.2), (0.85, 0.8)]),
        ((8600, 5800), 84, [(0.02, 0.05), (0.31, 0.42), (0.63, 0.2), (0.9, 0.85)]),
    ],
    ids=["panorama", "group", "small faces", "50 megapixels"],
)
def test_faces_are_sent_found_and_hosted_at_the_resolution_of_the_file(sandbox, size, face, places):
    client = sandbox.client()
    found = client.detect(pasted(size, face, places))
    assert found.photo.size == found.photo.original_size == size
    assert len(found.photo.jpeg) <= LARGEST_SENT
    assert len(found) == len(places)
    for one in found:
        assert 0.8 * face < one.region[2] < 1.2 * face
        assert found.photo.to_original([one.region[:2]]) == (one.region[:2],)
    source = found[0].source
    hosted = Image.open(io.BytesIO(fetch.picture(source.path, trusted=source.trusted)))
    assert min(hosted.size) > 1.3 * face > 80
    assert len(client.detect(hosted)) == 1
    client.create(found[0]).close()


def test_points_in_a_photo_that_was_shrunk_are_mapped_to_the_file(sandbox):
    picture = pasted((4000, 3000), 500, [(0.1, 0.1)])
    whole = sandbox.client().detect(picture)[0]
    small = sandbox.client().detect(Photo.open(picture, max_side=1200))[0]
    mapped = small.photo.to_original(small.landmarks)
    assert all(abs(x - a) <= 12 and abs(y - b) <= 12 for (x, y), (a, b) in zip(mapped, whole.landmarks, strict=True))
