"""Pictures as bytes, and the mark that says where they come from."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image as Pillow

from akool_nb.sandbox.engine.arrays import Image
from akool_nb.sandbox.engine.opencv import cv2
from akool_nb.sandbox.pictures.media import FORMATS, MOST_PIXELS

MARK = "sandbox"

_ORIENTATION = 0x0112
_UPRIGHT: dict[int, Callable[[Image], Image]] = {
    2: lambda image: cv2.flip(image, 1),
    3: lambda image: cv2.rotate(image, cv2.ROTATE_180),
    4: lambda image: cv2.flip(image, 0),
    5: lambda image: cv2.transpose(image),
    6: lambda image: cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE),
    7: lambda image: cv2.rotate(cv2.transpose(image), cv2.ROTATE_180),
    8: lambda image: cv2.rotate(image, cv2.ROTATE_90_COUNTERCLOCKWISE),
}
"""What turns a stored picture upright, for each EXIF orientation but 1."""


class PictureError(ValueError):
    """Bytes that are not a picture the sandbox can read."""


def decode(data: bytes) -> Image:
    """The picture (H×W×3 BGR uint8) in JPEG, PNG, WebP, BMP or GIF bytes, turned upright as its EXIF says.

    Raises:
        PictureError: empty, damaged, no picture, or more than 50 million pixels.
    """
    if not data:
        raise PictureError("This picture is empty. Send the bytes of a JPEG or PNG.")
    orientation = _orientation(data)
    try:
        image: Image | None = cv2.imdecode(
            np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
        )
    except cv2.error as error:
        raise PictureError("This picture can't be read. Send a JPEG or PNG of at most 50 megapixels.") from error
    if image is None:
        raise PictureError("These bytes are no picture the sandbox can read. Send a JPEG or PNG.")
    # By hand, because which formats OpenCV turns by itself differs between its releases.
    return _UPRIGHT[orientation](image) if orientation in _UPRIGHT else image


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


def _orientation(data: bytes) -> int:
    """The EXIF orientation in the picture's header, after its size was judged: a few kilobytes can hold gigabytes."""
    try:
        with Pillow.open(io.BytesIO(data), formats=FORMATS) as header:
            pixels = header.width * header.height
            orientation = _exif_orientation(header)
    except Pillow.DecompressionBombError:
        pixels = MOST_PIXELS + 1
    except (OSError, ValueError, SyntaxError) as error:
        raise PictureError("These bytes are no picture the sandbox can read. Send a JPEG or PNG.") from error
    if pixels > MOST_PIXELS:
        raise PictureError("This picture has more than 50 million pixels. Send a smaller one.")
    return orientation


def _exif_orientation(header: Pillow.Image) -> int:
    if "exif" not in header.info:
        return 1
    try:
        return int(header.getexif().get(_ORIENTATION, 1))
    except Exception:  # EXIF is a stranger's TIFF inside the file, and a broken one is no reason to refuse the picture
        return 1
