"""How steady are the landmarks? The same photo turned, shrunk, darkened, blurred or degraded, and detected again."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image, ImageFilter

from akool_nb import connect
from akool_nb.api.arguments import A_CLIENT, having, number, whole
from akool_nb.api.client import Client
from akool_nb.api.photo import Photo, Source
from akool_nb.errors import AkoolError
from akool_nb.pictures.reader import check_size

Point = tuple[float, float]


@dataclass(frozen=True)
class Variant:
    """A changed copy of a photo, and where each point of the original is in it.

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
    """How far the landmarks of one variant are off.

    Attributes:
        name: the variant's name, for example "size 0.5".
        error: mean distance of the landmarks over the distance between the eyes (0.1 is a tenth); None without a face.
        failure: "" when a face was found; "NoFaceError" when the detector found none; else the name of the error that
            prevented the detection, which says nothing about the variant.
    """

    name: str
    error: float | None
    failure: str = ""


def turned(photo: Source, degrees: float) -> Variant:
    """The photo turned about its middle by an angle in degrees (-360 to 360), anticlockwise."""
    degrees = number("degrees", degrees, -360, 360)
    original = Photo.open(photo)
    middle_x, middle_y = (side / 2 for side in original.size)
    cos = math.cos(math.radians(degrees))
    sin = math.sin(math.radians(degrees))

    def move(point: Point) -> Point:
        x = point[0] - middle_x
        y = point[1] - middle_y
        return middle_x + cos * x + sin * y, middle_y - sin * x + cos * y

    picture = original.image.rotate(degrees, resample=Image.Resampling.BICUBIC)
    return Variant(f"turned {degrees:g}°", Photo.open(picture), move)


def scaled(photo: Source, factor: float) -> Variant:
    """The photo at `factor` (0.001 to 100) of its size; above 1 it is larger than the original."""
    factor = number("factor", factor, 0.001, 100)
    original = Photo.open(photo)
    width, height = (max(1, round(side * factor)) for side in original.size)
    check_size((width, height))
    # The sides are whole pixels, so in a small picture they are not exactly `factor` of what they were.
    across = width / original.size[0]
    down = height / original.size[1]
    small = Photo.open(original.image.resize((width, height)))
    return Variant(f"size {factor:g}", small, lambda point: (point[0] * across, point[1] * down))


def darker(photo: Source, factor: float) -> Variant:
    """The photo with every pixel value multiplied by `factor` (0 to 100)."""
    factor = number("factor", factor, 0, 100)
    picture = Photo.open(photo).image.point(lambda value: value * factor)
    return Variant(f"light {factor:g}", Photo.open(picture), _same_place)


def blurred(photo: Source, radius: float) -> Variant:
    """The photo blurred by a Gaussian filter of `radius` pixels (0 to 500)."""
    radius = number("radius", radius, 0, 500)
    picture = Photo.open(photo).image.filter(ImageFilter.GaussianBlur(radius))
    return Variant(f"blur {radius:g} px", Photo.open(picture), _same_place)


def degrade(photo: Source, quality: int) -> Variant:
    """The photo saved once as JPEG of this quality (1 to 95)."""
    quality = whole("quality", quality, 1, 95)
    file = BytesIO()
    Photo.open(photo).image.save(file, "JPEG", quality=quality)
    return Variant(f"JPEG {quality}", Photo.open(file.getvalue()), _same_place)


worn = degrade
"""The name of `degrade` in earlier versions."""


def _same_place(point: Point) -> Point:
    return point


def landmark_error(found: Sequence[Point], truth: Sequence[Point]) -> float:
    """Mean distance between two sets of landmarks, as a share of the distance between the true eyes."""
    off = [math.dist(one, other) for one, other in zip(found, truth, strict=False)]
    return sum(off) / len(off) / math.dist(truth[0], truth[1])


def sweep(
    photo: Source, variants: Iterable[Variant], client: Client | None = None, *, truth: Sequence[Point] | None = None
) -> list[Drift]:
    """Detect the photo and each variant, and return how far the landmarks of each are off.

    Args:
        photo: the picture that the variants were made of.
        variants: what `turned`, `scaled`, `darker`, `blurred` and `degrade` make, or a `Variant` of your own.
        client: the client to use; by default `connect()`.
        truth: points (x, y) in pixels of the photo that a person set. Without them the landmarks found in the photo
            are the measure: then `error` is steadiness, not accuracy.

    Returns:
        One `Drift` for each variant, in their order. An error is the drift's `failure` and does not end the sweep.

    Raises:
        NoFaceError: the photo itself shows no face, so there is nothing to compare with.
    """
    client = having("client", client or connect(), "detect", A_CLIENT)
    if truth is None:
        truth = client.detect(photo, single_face=True, return_face_url=False)[0].landmarks
    return [_drift(client, variant, truth) for variant in variants]


def _drift(client: Client, variant: Variant, truth: Sequence[Point]) -> Drift:
    moved = [variant.move(point) for point in truth]
    try:
        found = client.detect(variant.photo, return_face_url=False)
    except AkoolError as error:
        return Drift(variant.name, None, type(error).__name__)
    return Drift(variant.name, min(landmark_error(face.landmarks, moved) for face in found))
