"""A photo on its way to the detector: upright, without metadata, within the limits, and able to map points back."""

from __future__ import annotations

import io
import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, Union

from PIL import Image

from akool_nb.api import html, prepared
from akool_nb.api.arguments import whole
from akool_nb.api.prepared import CUT_OUT_SIDE, PREVIEW_SIDE, Box, Prepared
from akool_nb.api.source import address_in, opened
from akool_nb.errors import PhotoError
from akool_nb.wire import fetch

LARGEST_FILE = fetch.LARGEST_PICTURE
LARGEST_SENT = 7_500_000
"""Bytes of a JPEG that is sent: 10 MB as base64. AKOOL documents no limit; this is the sandbox's."""

PAGE_SIDE = 2560
"""Pixels of a photo on a page, where a person looks at it closely."""

Source = Union[str, "os.PathLike[str]", bytes, bytearray, memoryview, BinaryIO, Image.Image, "Photo", Any]
"""What a photo can be made of; `Any` is a NumPy array."""


class Photo:
    """A photo, ready to be sent. Make one with `Photo.open`.

    A photo known by its address is not fetched until its pixels are asked for; the detector fetches it by itself.

    Attributes:
        url: the address it is known by (text); None for a local one.
        size: (width, height) in the pixels that regions and landmarks are counted in.
        original_size: (width, height) of the file as stored, before it was turned upright and shrunk.
        jpeg: the JPEG (bytes) that is sent: upright, without metadata, at most 7.5 MB.
        image: the same as a PIL image in RGB.
        scale: `size` over the original size, 1.0 for a photo that was not shrunk.
        is_fetched: whether the pixels are here, so that nothing of the above needs the network.
        trusted: origins from which it may be fetched although they are private, as a set of texts.

    Raises:
        PhotoError: it is no picture or too large a one, or it cannot be fetched; for an address this shows when its
            pixels are asked for first, and again each time: open the address anew to fetch it again.
        TypeError: when it is pickled.

    https://docs.akool.com/ai-tools-suite/live-faceswap (`img` and `image_url` of POST /detect)
    """

    def __init__(self, ready: Prepared | None = None, *, url: str | None = None, trusted: Iterable[str] = ()) -> None:
        self._ready = ready
        self._failure = ""
        self.trusted = frozenset(trusted)
        self._cut_outs: dict[Box, bytes] = {}
        self.url = url

    @classmethod
    def open(cls, source: Source, *, max_side: int | None = None, trusted: Iterable[str] = ()) -> Photo:
        """A photo from a path, an address, a data URI, bytes, an open file, a PIL image or a NumPy array (RGB).

        It is turned upright as its EXIF orientation says, stripped of all metadata, and made a JPEG of at most 7.5 MB.
        By default it keeps its size, so that small faces in it keep theirs; only what has too many bytes is shrunk.
        `max_side` is the largest side in pixels; fewer pixels are sent faster.
        A `Photo` is returned as it is.
        `trusted` are origins ("http://127.0.0.1:8000") from which pictures may come although they are private.
        Raises `PhotoError` if it is not a picture, or not one that should be opened.
        """
        if isinstance(source, Photo):
            return source
        side = None if max_side is None else _side(max_side)
        url = address_in(source)
        if url is not None:
            return cls(url=url, trusted=trusted)
        return cls(prepared.prepare(opened(source), side, LARGEST_SENT))

    @property
    def size(self) -> tuple[int, int]:
        return self._prepared.size

    @property
    def original_size(self) -> tuple[int, int]:
        return self._prepared.stored

    @property
    def scale(self) -> float:
        return max(self._prepared.size) / max(self._prepared.stored)

    @property
    def jpeg(self) -> bytes:
        """The photo as a JPEG: what is sent, or for an address, the picture there."""
        return self._prepared.jpeg

    @property
    def image(self) -> Image.Image:
        return Image.open(io.BytesIO(self.jpeg)).convert("RGB")

    @property
    def is_fetched(self) -> bool:
        return self._ready is not None

    def to_original(self, points: Iterable[Sequence[float]]) -> tuple[tuple[float, float], ...]:
        """Points of the sent picture as points of the original file as stored, the EXIF orientation undone."""
        return tuple(map(self._prepared.to_stored, points))

    def preview(self, max_side: int = PREVIEW_SIDE) -> bytes:
        """A small JPEG to look at; the one of 320 pixels is ready, others are made of `jpeg`."""
        max_side = _side(max_side)
        if max(self.size) <= max_side:
            return self.jpeg
        if max_side == PREVIEW_SIDE:
            return self._prepared.preview
        return prepared.preview(Image.open(io.BytesIO(self.jpeg)), max_side)

    def cut_outs(self, boxes: Iterable[Sequence[int]], max_side: int = CUT_OUT_SIDE) -> list[bytes]:
        """Parts (x, y, width, height) of the photo as small JPEGs; the photo is decoded at most once for all of them.

        Raises `PhotoError` for a part that is outside the photo.
        """
        max_side = _side(max_side)
        wanted = [_box(each) for each in boxes]
        if max_side > CUT_OUT_SIDE:
            return prepared.cut(self.jpeg, wanted, max_side)
        missing = [box for box in wanted if box not in self._cut_outs]
        if missing:
            made = prepared.cut(self.jpeg, missing, CUT_OUT_SIDE)
            self._cut_outs |= zip(missing, made, strict=True)
        return [prepared.smaller(self._cut_outs[box], max_side) for box in wanted]

    def ready_cut_out(self, box: Sequence[int], max_side: int = CUT_OUT_SIDE) -> bytes | None:
        """What `cut_outs` made of a part before; None where it would have to fetch or decode the photo."""
        made = self._cut_outs.get(_box(box))
        return None if made is None else prepared.smaller(made, max_side)

    def save(self, folder: str | os.PathLike[str] = ".", *, name: str = "photo.jpg") -> Path:
        """Keep the JPEG as a new file; an existing file is never overwritten."""
        return fetch.save(self.jpeg, name, folder)

    @property
    def _prepared(self) -> Prepared:
        if self._ready is not None:
            return self._ready
        if self._failure:
            raise PhotoError(f"{self._failure} This was tried before: open the address anew to try again.")
        try:
            data = fetch.picture(self.url or "", trusted=self.trusted)
            # Landmarks count the pixels at the address, so this picture keeps its size.
            self._ready = prepared.prepare(data, None, math.inf)
        except PhotoError as error:
            self._failure = error.message
            raise
        return self._ready

    def __repr__(self) -> str:
        if self._ready is None:
            return f"Photo(url={fetch.safe_name(self.url or '')!r})"
        width, height = self._ready.size
        if self.scale == 1.0:
            return f"Photo({width}×{height})"
        return f"Photo({width}×{height}, shrunk to {self.scale:.0%})"

    def _repr_html_(self) -> str:
        """The small preview: nothing is fetched or decoded to show a photo."""
        if self._ready is None:
            return f"<p>{html.text(self._failure or repr(self))}</p>"
        caption = html.text(f"{self!r}, {len(self._ready.jpeg) / 1000:.0f} kB")
        return f"{html.jpeg(self._ready.preview, 'photo')}<br><small>{caption}</small>"

    def __deepcopy__(self, _memo: object) -> Photo:
        """The same photo, because it never changes: `dataclasses.asdict(face)` copies what a face holds."""
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("A Photo shows a person and is not pickled; keep the file, or photo.jpeg if you mean it.")


def small_face_advice(photo: Photo) -> str:
    """What to do where a face may have become too small by shrinking; "" for a photo that was not shrunk."""
    if not photo.is_fetched or photo.scale == 1.0:
        return ""
    return (
        f"The photo was sent at {photo.scale:.0%} of its size: a face of 80 pixels had only {80 * photo.scale:.0f}. "
        "Open it without max_side, or send the part with the face: Photo.open(image.crop(box))."
    )


def _box(sides: Sequence[int]) -> Box:
    x, y, width, height = sides
    return x, y, width, height


def _side(max_side: Any) -> int:
    try:
        return whole("max_side", max_side, 1, 100_000)
    except (TypeError, ValueError) as error:
        raise PhotoError(str(error)) from None
