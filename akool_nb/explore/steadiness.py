"""How steady are the landmarks? The same photo turned, shrunk, darkened, blurred, worn, and detected again."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image, ImageFilter

from akool_nb import connect
from akool_nb.api.client import Client
from akool_nb.api.photo import Photo
from akool_nb.errors import AkoolError

Point = tuple[float, float]


@dataclass(frozen=True)
class Variant:
    """A changed copy of a photo, and where a point of the original went in it.

    Attributes:
        name: what was changed, in words.
        photo: the changed copy, as it is sent.
        move: takes a point (x, y) in pixels of the original and returns it in pixels of the copy.
    """

    name: str
    photo: Photo
    move: Callable[[Point], Point] = field(repr=False, compare=False)


@dataclass(frozen=True)
class Drift:
    """How far the landmarks of one variant were off.

    Attributes:
        name: the variant's name, for example "size 0.5".
        error: mean distance of the landmarks over the distance between the eyes (0.1 is a tenth); None without a face.
        failure: why there is none: "NoFaceError" when the detector saw no face, else the name of the error that kept
            it from looking, which says nothing about the variant; "" when a face was found.
    """

    name: str
    error: float | None
    failure: str = ""


def turned(photo: Photo, degrees: float) -> Variant:
    """The photo turned about its middle, anticlockwise as seen."""
    middle_x, middle_y = (side / 2 for side in photo.size)
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))

    def move(point: Point) -> Point:
        x, y = point[0] - middle_x, point[1] - middle_y
        return middle_x + cos * x + sin * y, middle_y - sin * x + cos * y

    picture = photo.image.rotate(degrees, resample=Image.Resampling.BICUBIC)
    return Variant(f"turned {degrees:g}°", _photo(picture), move)


def scaled(photo: Photo, factor: float) -> Variant:
    """The photo at `factor` of its size; beyond 1 it is sent larger than it came."""
    width, height = (max(1, round(side * factor)) for side in photo.size)
    # Whole pixels: a small picture's sides are not exactly `factor` of what they were.
    across, down = width / photo.size[0], height / photo.size[1]
    small = _photo(photo.image.resize((width, height)))
    return Variant(f"size {factor:g}", small, lambda point: (point[0] * across, point[1] * down))


def darker(photo: Photo, factor: float) -> Variant:
    """The photo with `factor` of its light."""
    picture = photo.image.point(lambda value: value * factor)
    return Variant(f"light {factor:g}", _photo(picture), lambda point: point)


def blurred(photo: Photo, radius: float) -> Variant:
    """The photo out of focus by `radius` pixels."""
    picture = photo.image.filter(ImageFilter.GaussianBlur(radius))
    return Variant(f"blur {radius:g} px", _photo(picture), lambda point: point)


def worn(photo: Photo, quality: int) -> Variant:
    """The photo saved once as JPEG of this quality (1 to 95)."""
    file = BytesIO()
    photo.image.save(file, "JPEG", quality=quality)
    return Variant(f"JPEG {quality}", Photo.open(file.getvalue(), max_side=max(photo.size)), lambda point: point)


def _photo(picture: Image.Image) -> Photo:
    """The picture as it is: `Photo.open` alone would shrink a large one, and the points would lie beside it."""
    return Photo.open(picture, max_side=max(picture.size))


def landmark_error(found: Sequence[Point], truth: Sequence[Point]) -> float:
    """Mean distance between two sets of landmarks, as a share of the distance between the true eyes."""
    off = [math.dist(one, other) for one, other in zip(found, truth, strict=False)]
    return sum(off) / len(off) / math.dist(truth[0], truth[1])


def sweep(
    photo: Photo, variants: Iterable[Variant], client: Client | None = None, *, truth: Sequence[Point] | None = None
) -> list[Drift]:
    """Detect the photo and each variant, and tell how far the landmarks wandered.

    Args:
        photo: the picture that the variants were made of.
        variants: what `turned`, `scaled`, `darker`, `blurred` and `worn` make, or a `Variant` of your own.
        client: whom to ask; by default `connect()`.
        truth: points (x, y) in pixels of the photo that a person set. Without them the landmarks found in the photo
            itself are the measure: steadiness, not accuracy.

    Returns:
        One `Drift` a variant, in their order. An error ends no sweep: it is the drift's `failure`.

    Raises:
        NoFaceError: the photo itself shows no face, so there is nothing to compare with.
    """
    client = connect() if client is None else client
    truth = client.detect(photo, single_face=True)[0].landmarks if truth is None else truth
    return [_drift(client, variant, truth) for variant in variants]


def _drift(client: Client, variant: Variant, truth: Sequence[Point]) -> Drift:
    moved = [variant.move(point) for point in truth]
    try:
        found = client.detect(variant.photo)
    except AkoolError as error:
        return Drift(variant.name, None, type(error).__name__)
    return Drift(variant.name, min(landmark_error(face.landmarks, moved) for face in found))
