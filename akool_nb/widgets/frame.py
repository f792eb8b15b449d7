"""One picture of a live view, as Python receives it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from PIL import Image


@dataclass(frozen=True, repr=False, eq=False)
class Frame:
    """A swapped picture with its time and its delay; `numpy.asarray(frame.picture)` has its pixels.

    Attributes:
        jpeg: the swapped picture as a JPEG file, with its mark in the pixels and its origin as XMP.
        own_jpeg: the camera's picture of the same moment as a JPEG file; None if it was not asked for, or is hidden.
        time: when the browser showed the picture, in seconds since 1970, by the browser's clock.
        delay: milliseconds from the camera to the swapped picture, the median of the last second; None if it is not
            known, as with Agora.
    """

    jpeg: bytes
    own_jpeg: bytes | None
    time: float
    delay: float | None

    @cached_property
    def picture(self) -> Image.Image:
        """The swapped picture; its pixels are read when they are needed."""
        return Image.open(io.BytesIO(self.jpeg))

    @cached_property
    def own(self) -> Image.Image | None:
        """The camera's picture; None without `own=True`, or while it is hidden."""
        return Image.open(io.BytesIO(self.own_jpeg)) if self.own_jpeg else None

    def __repr__(self) -> str:
        width, height = self.picture.size
        clock = datetime.fromtimestamp(self.time).strftime("%H:%M:%S.%f")[:-3]
        delay = "unknown" if self.delay is None else f"{self.delay:.0f} ms"
        return f"Frame({width}×{height}, {clock}, delay {delay})"
