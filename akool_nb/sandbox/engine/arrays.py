"""Types of the arrays that the engine's functions take and return."""

from __future__ import annotations

from typing import Any, TypeAlias

from numpy.typing import NDArray

Image: TypeAlias = NDArray[Any]
"""A picture: H×W×3, uint8, blue-green-red, as in OpenCV."""

Mask: TypeAlias = NDArray[Any]
"""One number for each pixel: H×W, uint8 (0-255) or float32 (0-1) as the function says."""

Points: TypeAlias = NDArray[Any]
"""Places in a picture in pixels: n×2 float32, x to the right and y down."""

Mesh: TypeAlias = NDArray[Any]
"""The 468 points of a face mesh: 468×3 float32, x and y in pixels, z the depth on the same scale."""

Affine: TypeAlias = NDArray[Any]
"""A 2×3 matrix that maps (x, y, 1) to (x, y)."""
