"""Pixels of any kind as 8-bit RGB: Pillow's modes, and NumPy arrays."""

from __future__ import annotations

import math
from typing import Any

from PIL import Image

from akool_nb.errors import PhotoError

_SHAPES = "An array is (height, width), (height, width, 3) in the order red, green, blue, or (height, width, 4)"


def as_rgb(image: Image.Image) -> Image.Image:
    """An image in 8-bit RGB, on white where it is transparent; the same object if it is that already."""
    if image.mode.startswith("I;16"):
        image = image.convert("I")
    if image.mode in ("I", "F"):
        return _eight_bit(image).convert("RGB")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def from_array(values: Any) -> Image.Image:
    """A Pillow image of a NumPy array (H×W, H×W×1, H×W×3 or H×W×4; bool, whole numbers or floats)."""
    import numpy as np  # an array comes from it

    array = np.asarray(values)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (3, 4)) or not array.size:
        raise PhotoError(f"{_SHAPES}; this one is {array.shape}.")
    if array.dtype.kind not in "buif":
        raise PhotoError(f"An array of pixels holds numbers; this one holds {array.dtype}.")
    if array.ndim == 2 or array.shape[2] == 3:
        return Image.fromarray(_eight_bit_array(array))
    # Transparency has a range of its own: 0 to 65535 beside 12-bit colours.
    colours = Image.fromarray(_eight_bit_array(array[:, :, :3]))
    colours.putalpha(Image.fromarray(_eight_bit_array(array[:, :, 3])))
    return colours


def value_range(low: float, high: float, *, whole: bool) -> tuple[float, float]:
    """The values that mean black and white, guessed from the smallest and the largest value of a picture.

    Floats run from 0 to 1, from -1 to 1 or from 0 to 255; whole numbers have 8 to 16 bits.
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        raise PhotoError("The picture holds values that are not numbers (NaN or infinity). Replace them.")
    if not whole and high <= 1.5 and low >= -1.5:
        return (-1.0, 1.0) if low < -0.25 else (0.0, 1.0)
    top = 2.0 ** max(8, int(high).bit_length()) - 1
    if not whole and high <= 270:
        top = 255.0  # a little more comes from sharpening or resizing
    if low < -0.1 * top:
        return low, top
    return 0.0, top


def _eight_bit(image: Image.Image) -> Image.Image:
    """Wide grey values scaled to 8 bits; Pillow's own conversion would cut off at 255."""
    low, high = image.getextrema()
    black, white = value_range(float(low), float(high), whole=image.mode != "F")  # type: ignore[arg-type]
    scale = 255 / (white - black)
    shift = -black * scale
    return image.point(lambda value: value * scale + shift).convert("L")


def _eight_bit_array(array: Any) -> Any:
    import numpy as np

    if array.dtype == np.uint8:
        return np.ascontiguousarray(array)
    if array.dtype == np.bool_:
        return np.ascontiguousarray(array).astype(np.uint8) * 255
    black, white = value_range(float(array.min()), float(array.max()), whole=array.dtype.kind in "ui")
    scaled = (array.astype(np.float32) - black) * (255 / (white - black))
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
