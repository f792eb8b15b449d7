"""A photo made ready to be sent: the JPEG, a small preview, and the map from its pixels to those of the stored file."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from PIL import Image

from akool_nb.errors import PhotoError
from akool_nb.pictures import reader
from akool_nb.pictures.reader import SIDEWAYS, Upright
from akool_nb.wire.fetch import LARGEST_PICTURE as LARGEST_FILE

PREVIEW_SIDE = 320
CUT_OUT_SIDE = 160

_LONGEST_SIDE = 65_500
# Pixels: libjpeg writes no longer ones.

_QUALITIES = (85, 70, 55)
# The lower ones are tried before a photo is shrunk, because coarse JPEG costs a detector less than fewer pixels do.

Box = tuple[int, int, int, int]
"""A part of a photo: x, y, width, height in its pixels."""


@dataclass(frozen=True)
class Prepared:
    """The JPEG that is sent, and how it was made of the stored file."""

    jpeg: bytes = field(repr=False)
    preview: bytes = field(repr=False)
    size: tuple[int, int]
    stored: tuple[int, int]
    orientation: int

    def to_stored(self, point: Sequence[float]) -> tuple[float, float]:
        """One point of the sent picture in the stored file. The centre of a pixel has whole coordinates."""
        width, height = self.stored
        upright = self.stored
        if self.orientation in SIDEWAYS:
            upright = (height, width)
        x = (point[0] + 0.5) * upright[0] / self.size[0] - 0.5
        y = (point[1] + 0.5) * upright[1] / self.size[1] - 0.5
        if self.orientation in (2, 3, 6, 7):
            x = upright[0] - 1 - x
        if self.orientation in (3, 4, 7, 8):
            y = upright[1] - 1 - y
        if self.orientation in SIDEWAYS:
            return y, x
        return x, y


def prepare(source: bytes | Image.Image, max_side: int | None, most_bytes: float) -> Prepared:
    """The JPEG (of at most `most_bytes`) and the preview of a file's bytes, or of an image, which stays as it was."""
    max_side = min(max_side or _LONGEST_SIDE, _LONGEST_SIDE)
    if isinstance(source, Image.Image):
        upright = _of_image(source, max_side)
    elif len(source) > LARGEST_FILE:
        raise PhotoError(f"The file is too large: {LARGEST_FILE / 1e6:.0f} MB are the most. Make the picture smaller.")
    else:
        upright = reader.read(source, max_side)
    jpeg, size = _fitting_jpeg(upright.image, most_bytes)
    return Prepared(jpeg, preview(upright.image, PREVIEW_SIDE), size, upright.stored, upright.orientation)


def _of_image(image: Image.Image, max_side: int | None) -> Upright:
    """A caller's image, which stays as it was."""
    reader.check_size(image.size)
    try:
        # Converting a palette image changes its palette.
        return reader.upright(image.copy() if image.mode == "P" else image, max_side)
    except PhotoError:
        raise
    except Exception as error:  # as for files: Pillow raises nearly everything
        raise PhotoError(_why_unreadable(str(error))) from None


def _why_unreadable(error: str) -> str:
    if "closed" in error or "NoneType" in error:
        return "The PIL image is closed. Open it again, or call its load() before its file is closed."
    if "truncated" in error or "too early" in error:
        return "The PIL image is incomplete: its file ends too early. Copy or download the file again."
    return "The PIL image is damaged: its pixels cannot be read. Open its file with another program, and save it anew."


def _fitting_jpeg(image: Image.Image, most_bytes: float) -> tuple[bytes, tuple[int, int]]:
    """The image as a JPEG of at most `most_bytes` bytes, and its size: coarser first, then smaller."""
    for quality in _QUALITIES:
        jpeg = _encoded(image, quality)
        if len(jpeg) <= most_bytes:
            return jpeg, image.size
    while len(jpeg) > most_bytes:
        scale = 0.95 * math.sqrt(most_bytes / len(jpeg))
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(size, Image.Resampling.BILINEAR)
        jpeg = _encoded(image, quality)
    return jpeg, image.size


def preview(image: Image.Image, max_side: int) -> bytes:
    """A small JPEG of an image of ours, which is shrunk by this."""
    image.thumbnail((max_side, max_side))
    return _encoded(image, 80)


def cut(jpeg: bytes, boxes: Sequence[Box], max_side: int) -> list[bytes]:
    """Parts of a JPEG as small JPEGs. It is decoded once, and no finer than the smallest part needs."""
    if not boxes:
        return []
    image = Image.open(io.BytesIO(jpeg))
    width, height = image.size
    parts = [_clipped(box, image.size) for box in boxes]
    times = max(1, min(max(part[2:]) for part in parts) // max_side)
    image.draft("RGB", (width // times, height // times))
    image.load()
    across = image.width / width
    down = image.height / height
    corners = ((x * across, y * down, (x + w) * across, (y + h) * down) for x, y, w, h in parts)
    return [preview(image.crop(_whole(each)), max_side) for each in corners]


def _whole(box: tuple[float, float, float, float]) -> Box:
    left, top, right, bottom = map(round, box)
    return left, top, max(right, left + 1), max(bottom, top + 1)


def smaller(jpeg: bytes, max_side: int) -> bytes:
    """A cut-out, made smaller where that is asked for."""
    return jpeg if max_side >= CUT_OUT_SIDE else preview(Image.open(io.BytesIO(jpeg)), max_side)


def _clipped(box: Box, size: tuple[int, int]) -> Box:
    """The part of a box that is inside a picture of that size; a detector's region may extend beyond it."""
    x, y, width, height = (int(value) for value in box)
    left = max(0, x)
    top = max(0, y)
    right = min(size[0], x + width)
    bottom = min(size[1], y + height)
    if right <= left or bottom <= top:
        photo = f"photo of {size[0]}×{size[1]} pixels"
        raise PhotoError(f"The part {tuple(box)} is outside the {photo}. Choose another part, or detect again.")
    return left, top, right - left, bottom - top


def _encoded(image: Image.Image, quality: int) -> bytes:
    # Pillow would write comments and profiles that it found in the file.
    image.info = {}
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()
