"""One reader for all pictures: limits first, then decoded, upright and in 8-bit RGB, or refused with the reason.

The file may come from a stranger: its kind, bytes and pixels are judged before anything is decoded, and every failure
of Pillow ends as a `PhotoError`.
"""

from __future__ import annotations

import importlib
import io
from dataclasses import dataclass, field

from PIL import Image

from akool_nb.errors import PhotoError
from akool_nb.pictures import pixels
from akool_nb.pictures.kinds import HEIF, TIFF, Kind, kind_of, what_else

MOST_PIXELS = 50_000_000
"""Larger pictures are refused: decoding one takes at least three bytes of memory for each pixel."""

SIDEWAYS = (5, 6, 7, 8)
"""The orientations that exchange width and height."""

_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


@dataclass(frozen=True)
class Upright:
    """A decoded picture.

    Attributes:
        image: the pixels in 8-bit RGB, upright, shrunk where that was asked for.
        stored: (width, height) of the file as stored, before it was turned.
        orientation: the EXIF number, 1 to 8, that says how it was turned.
    """

    image: Image.Image = field(repr=False)
    stored: tuple[int, int]
    orientation: int


def header(data: bytes, most_pixels: int = MOST_PIXELS) -> Image.Image:
    """The picture in the bytes of a file, of which only the header was read."""
    kind = kind_of(data)
    if kind is None:
        raise PhotoError(what_else(data))
    if kind.name not in Image.OPEN:
        _load_readers(kind)
    try:
        image = Image.open(io.BytesIO(data), formats=[kind.name])
    except _BOMBS:
        raise PhotoError(_too_many(most_pixels)) from None
    except Exception:  # Pillow's readers raise nearly everything on broken files: struct.error, IndexError, KeyError …
        raise PhotoError(_why_broken(data)) from None
    check_size(image.size, most_pixels)
    return image


def read(data: bytes, max_side: int | None = None) -> Upright:
    """The picture in the bytes of a file, its longer side at most `max_side` pixels."""
    image = header(data)
    try:
        return upright(image, max_side, is_ours=True)
    except PhotoError:
        raise
    except Exception:  # as in `header`
        raise PhotoError(_why_broken(data)) from None


def upright(image: Image.Image, max_side: int | None = None, *, is_ours: bool = False) -> Upright:
    """A Pillow image in 8-bit RGB and upright. One that is not ours keeps its size, its pixels and its metadata.

    Orientation comes from EXIF, the TIFF tag, PNG's eXIf, or else XMP. Raises what Pillow raises for broken files.
    """
    stored, orientation, left = _load(image, max_side if is_ours else None)
    size = _fitted(stored if left == orientation else image.size, max_side)
    rgb = pixels.as_rgb(image)
    if rgb is image and not is_ours:
        rgb = image.copy()
    if rgb.size != size:
        rgb = rgb.resize(size, Image.Resampling.BILINEAR)
    if left in _TURNS:
        rgb = rgb.transpose(_TURNS[left])
    return Upright(rgb, stored, orientation)


def _load(image: Image.Image, max_side: int | None) -> tuple[tuple[int, int], int, int]:
    """Decode an image; returns its stored size, its orientation, and the orientation that is left to be undone."""
    if image.format == "PNG":
        image.load()  # its EXIF may follow its pixels
    orientation = orientation_of(image)
    stored = image.size
    if max_side:
        # A JPEG can be decoded at a half, a quarter or an eighth of its size for much less than the whole.
        image.draft("RGB", _fitted(stored, max_side))
    image.load()
    # Pillow turns a TIFF while it loads the pixels, and then removes the tag.
    left = orientation_of(image)
    if left != orientation:
        stored = image.size
        if orientation in SIDEWAYS:
            stored = stored[::-1]
    return stored, orientation, left


def _fitted(size: tuple[int, int], max_side: int | None) -> tuple[int, int]:
    if not max_side or max(size) <= max_side:
        return size
    scale = max_side / max(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def orientation_of(image: Image.Image) -> int:
    """The EXIF orientation, 1 where it is missing or broken."""
    try:
        found = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # a broken EXIF part does not make the photo unusable
        return 1
    return found if found in _TURNS else 1


def check_size(size: tuple[int, int], most_pixels: int = MOST_PIXELS) -> None:
    """Refuse a picture of no pixels, or of more than `most_pixels`."""
    width, height = size
    if width < 1 or height < 1:
        raise PhotoError(f"The picture is empty: it has {width}×{height} pixels.")
    if width * height > most_pixels:
        raise PhotoError(f"The picture has {width}×{height} pixels; {_too_many(most_pixels)}")


def _too_many(most_pixels: int) -> str:
    return f"{most_pixels / 1e6:.0f} megapixels are the most. Make the picture smaller."


def _load_readers(kind: Kind) -> None:
    """Load the readers of Pillow that are not loaded at first, or that of another package."""
    if kind is not HEIF:
        Image.init()
        return
    try:
        importlib.import_module("pillow_heif").register_heif_opener()
    except ImportError:
        raise PhotoError("HEIC needs another package: pip install pillow-heif. Or save the photo as JPEG.") from None


def _why_broken(data: bytes) -> str:
    kind = kind_of(data)
    if kind is None:
        return what_else(data)
    advice = "Copy or download it again, or save it anew with another program."
    if kind is TIFF:
        advice = f"Or its kind of pixels is not read, such as floats in three colours. {advice}"
    return f"The {kind.name} file is incomplete or damaged. {advice}"
