"""How steady are the landmarks? The same photo turned, shrunk, darkened, blurred, worn, and detected again."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image, ImageFilter

from akool_nb.client import Client, connect
from akool_nb.errors import AkoolError
from akool_nb.photo import Photo

Point = tuple[float, float]


@dataclass(frozen=True)
class Variant:
    """A changed copy of a photo, and where a point of the original went in it."""

    name: str
    photo: Photo
    move: Callable[[Point], Point] = field(repr=False, compare=False)


@dataclass(frozen=True)
class Drift:
    """How far the landmarks were off in one variant: mean distance over the distance between the eyes, or None."""

    name: str
    error: float | None


def turned(photo: Photo, degrees: float) -> Variant:
    """The photo turned about its middle, anticlockwise as seen."""
    middle_x, middle_y = (side / 2 for side in photo.size)
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))

    def move(point: Point) -> Point:
        x, y = point[0] - middle_x, point[1] - middle_y
        return middle_x + cos * x + sin * y, middle_y - sin * x + cos * y

    picture = photo.image.rotate(degrees, resample=Image.Resampling.BICUBIC)
    return Variant(f"turned {degrees:g}°", Photo.open(picture), move)


def scaled(photo: Photo, factor: float) -> Variant:
    """The photo at `factor` of its size."""
    size = tuple(max(1, round(side * factor)) for side in photo.size)
    picture = photo.image.resize((size[0], size[1]))
    return Variant(f"size {factor:g}", Photo.open(picture), lambda point: (point[0] * factor, point[1] * factor))


def darker(photo: Photo, factor: float) -> Variant:
    """The photo with `factor` of its light."""
    picture = photo.image.point(lambda value: value * factor)
    return Variant(f"light {factor:g}", Photo.open(picture), lambda point: point)


def blurred(photo: Photo, radius: float) -> Variant:
    """The photo out of focus by `radius` pixels."""
    return Variant(
        f"blur {radius:g} px", Photo.open(photo.image.filter(ImageFilter.GaussianBlur(radius))), lambda point: point
    )


def worn(photo: Photo, quality: int) -> Variant:
    """The photo saved once as JPEG of this quality (1 to 95)."""
    file = BytesIO()
    photo.image.save(file, "JPEG", quality=quality)
    return Variant(f"JPEG {quality}", Photo.open(file.getvalue()), lambda point: point)


def landmark_error(found: Sequence[Point], truth: Sequence[Point]) -> float:
    """Mean distance between two sets of landmarks, as a share of the distance between the true eyes."""
    off = [math.dist(one, other) for one, other in zip(found, truth, strict=False)]
    return sum(off) / len(off) / math.dist(truth[0], truth[1])


def sweep(
    photo: Photo, variants: Iterable[Variant], client: Client | None = None, *, truth: Sequence[Point] | None = None
) -> list[Drift]:
    """Detect the photo and each variant, and tell how far the landmarks wandered.

    Without `truth` the landmarks found in the photo itself are the measure: steadiness, not accuracy.
    A variant in which no face is found has the error None.
    """
    client = connect() if client is None else client
    truth = client.detect(photo, single_face=True)[0].landmarks if truth is None else truth
    return [Drift(variant.name, _drift(client, variant, truth)) for variant in variants]


def _drift(client: Client, variant: Variant, truth: Sequence[Point]) -> float | None:
    moved = [variant.move(point) for point in truth]
    try:
        return min(landmark_error(face.landmarks, moved) for face in client.detect(variant.photo))
    except AkoolError:
        return None
