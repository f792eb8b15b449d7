"""Pictures as bytes, and the mark that says where they come from."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image as Pillow

from akool_nb.sandbox.arrays import Image
from akool_nb.sandbox.opencv import cv2

MOST_PIXELS = 50_000_000
"""Larger pictures are refused: decoding them would take the sandbox's memory."""

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF")

MARK = "sandbox"


class PictureError(ValueError):
    """Bytes that are not a picture the sandbox can read."""


def decode(data: bytes) -> Image:
    """The picture (H×W×3 BGR uint8) in JPEG, PNG, WebP, BMP or GIF bytes, not turned by EXIF.

    Raises:
        PictureError: empty, damaged, no picture, or more than 50 million pixels.
    """
    if not data:
        raise PictureError("This picture is empty. Send the bytes of a JPEG or PNG.")
    _refuse_bomb(data)
    try:
        image: Image | None = cv2.imdecode(
            np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
        )
    except cv2.error as error:
        raise PictureError("This picture can't be read. Send a JPEG or PNG of at most 50 megapixels.") from error
    if image is None:
        raise PictureError("These bytes are no picture the sandbox can read. Send a JPEG or PNG.")
    return image


def encode(image: Image, quality: int = 80) -> bytes:
    """The picture as JPEG bytes; `quality` runs from 0 to 100."""
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise PictureError(f"A picture of shape {image.shape} can't be written as JPEG.")
    return bytes(data)


def draw_mark(image: Image) -> None:
    """Write "sandbox" small into the lower left corner, in place: nobody shall take the picture for a real one."""
    scale = max(0.35, min(image.shape[:2]) / 900)
    (width, height), below = cv2.getTextSize(MARK, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
    pad = round(6 * scale) + 2
    base = image.shape[0] - pad - below
    corner = image[max(0, base - height - pad) :, : width + 2 * pad]
    corner[:] = corner // 2
    cv2.putText(image, MARK, (pad, base), cv2.FONT_HERSHEY_SIMPLEX, scale, (235, 235, 235), 1, cv2.LINE_AA)


def _refuse_bomb(data: bytes) -> None:
    """Read the size off the picture's header: a few kilobytes can decode to gigabytes."""
    try:
        with Pillow.open(io.BytesIO(data), formats=FORMATS) as header:
            pixels = header.width * header.height
    except Pillow.DecompressionBombError:
        pixels = MOST_PIXELS + 1
    except (OSError, ValueError, SyntaxError) as error:
        raise PictureError("These bytes are no picture the sandbox can read. Send a JPEG or PNG.") from error
    if pixels > MOST_PIXELS:
        raise PictureError("This picture has more than 50 million pixels. Send a smaller one.")
