"""Decoding and encoding pictures, and the mark that says that they come from the sandbox."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from akool_nb.errors import PhotoError
from akool_nb.pictures import reader
from akool_nb.sandbox.engine.arrays import Image
from akool_nb.sandbox.engine.opencv import cv2

MARK = "AI-swapped, sandbox"

# The same turns as the reader's, for OpenCV's arrays.
_TURNS: dict[int, Callable[[Image], Image]] = {
    2: lambda image: cv2.flip(image, 1),
    3: lambda image: cv2.rotate(image, cv2.ROTATE_180),
    4: lambda image: cv2.flip(image, 0),
    5: lambda image: cv2.transpose(image),
    6: lambda image: cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE),
    7: lambda image: cv2.rotate(cv2.transpose(image), cv2.ROTATE_180),
    8: lambda image: cv2.rotate(image, cv2.ROTATE_90_COUNTERCLOCKWISE),
}


class PictureError(ValueError):
    """Bytes that are not a picture the sandbox can read."""


def decode(data: bytes, *, most_pixels: int = reader.MOST_PIXELS) -> Image:
    """The picture (H×W×3 BGR uint8) in the bytes of a file, turned upright as its EXIF says.

    Raises:
        PictureError: empty, damaged, incomplete, no picture, or more than `most_pixels`.
    """
    try:
        header = reader.header(data, most_pixels)
        if header.format in ("JPEG", "MPO") and header.mode in ("RGB", "L"):
            return _jpeg(data, reader.orientation_of(header))
        return np.asarray(cv2.cvtColor(np.asarray(reader.read(data).image), cv2.COLOR_RGB2BGR))
    except PhotoError as error:
        raise PictureError(f"{error.text} Send a JPEG or PNG.") from None


def _jpeg(data: bytes, orientation: int) -> Image:
    """The same through OpenCV, which takes half the time; frames are decoded here."""
    # The end of the picture is missing, or comes before the start of its last scan.
    if data.rfind(b"\xff\xd9") < max(2, data.rfind(b"\xff\xda")):
        raise PictureError("This JPEG is incomplete. Send all of its bytes.")
    try:
        image: Image | None = cv2.imdecode(
            np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
        )
    except cv2.error:
        image = None
    if image is None:
        raise PictureError("This JPEG is damaged. Send it anew.")
    # Not by OpenCV, because which files it turns differs between its releases.
    return _TURNS[orientation](image) if orientation in _TURNS else image


def encode(image: Image, quality: int = 80) -> bytes:
    """The picture as JPEG bytes; `quality` runs from 0 to 100."""
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise PictureError(f"A picture of shape {image.shape} can't be written as JPEG.")
    return bytes(data)


def encode_png(image: Image) -> bytes:
    """The picture as PNG bytes, without loss."""
    return bytes(cv2.imencode(".png", image)[1])


def draw_mark(image: Image) -> None:
    """Write the mark into the lower left corner, in place. It is readable where the picture is 320 pixels wide."""
    scale = max(0.35, min(image.shape[:2]) / 640)
    (width, height), below = cv2.getTextSize(MARK, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
    pad = round(6 * scale) + 2
    base = image.shape[0] - pad - below
    corner = image[max(0, base - height - pad) :, : width + 2 * pad]
    corner[:] = corner // 2
    cv2.putText(image, MARK, (pad, base), cv2.FONT_HERSHEY_SIMPLEX, scale, (235, 235, 235), 1, cv2.LINE_AA)
