"""Pixels of any kind as 8-bit RGB: Pillow's modes, and NumPy arrays."""

from __future__ import annotations

from typing import Any

from PIL import Image

from akool_nb.errors import PhotoError


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
    """A Pillow image of a NumPy array of bytes: grey (H×W), RGB (H×W×3) or RGBA (H×W×4)."""
    import numpy as np  # an array comes from it

    array = np.asarray(values)
    if array.dtype != np.uint8:
        raise PhotoError(
            f"An array of pixels holds uint8 from 0 to 255; this one holds {array.dtype}. "
            "If its values run from 0 to 1, pass (array * 255).astype('uint8')."
        )
    try:
        return Image.fromarray(np.ascontiguousarray(array))
    except (TypeError, ValueError):
        raise PhotoError(
            "An array is (height, width), (height, width, 3) in the order red, green, blue, or (height, width, 4); "
            f"this one is {array.shape}."
        ) from None


def _eight_bit(image: Image.Image) -> Image.Image:
    """Grey values of 8 to 16 bits scaled to 8; Pillow's own conversion would cut off at 255."""
    highest = int(image.getextrema()[1])  # type: ignore[arg-type]
    scale = 255 / (2 ** max(8, highest.bit_length()) - 1)
    return image.point(lambda value: value * scale).convert("L")
