"""A photo on its way to the detector: upright, without metadata, of a sensible size, and able to map points back.

The file may come from a stranger: its kind, bytes and pixels are judged before anything is decoded, and whatever
Pillow meets in it ends as a `PhotoError`.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import io
import os
import threading
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from html import escape
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, Union

from PIL import Image

from akool_nb.errors import PhotoError
from akool_nb.wire import fetch

MAX_SIDE = 1600
QUALITY = 85
LARGEST_FILE = fetch.LARGEST_PICTURE
MOST_PIXELS = 50_000_000
PREVIEW_SIDE = 320

Source = Union[str, "os.PathLike[str]", bytes, bytearray, memoryview, BinaryIO, Image.Image, "Photo"]
"""What a photo can be made of."""

_FORMATS = ("JPEG", "MPO", "PNG", "GIF", "BMP", "WEBP", "TIFF", "AVIF")
_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = (5, 6, 7, 8)
_HINTS = (
    (b"<svg", "An SVG is a drawing, not a photo. Save it as PNG."),
    (b"ftyphei", "HEIC is not read here. Save the photo as JPEG, or: pip install pillow-heif."),
    (b"ftypmif1", "HEIC is not read here. Save the photo as JPEG, or: pip install pillow-heif."),
    (b"%PDF", "A PDF is no photo. Save the page as PNG."),
    (b"<html", "This is a web page, not a photo. Use the address of the picture itself."),
    (b"<!doctype html", "This is a web page, not a photo. Use the address of the picture itself."),
)


@dataclass(frozen=True)
class _Prepared:
    """The JPEG that is sent, and how it came out of the stored file."""

    jpeg: bytes = field(repr=False)
    size: tuple[int, int]
    stored: tuple[int, int]
    orientation: int


class Photo:
    """A photo, ready to be sent. Make one with `Photo.open`.

    A photo known by its address is not fetched until its pixels are asked for; the detector fetches it by itself.

    Attributes:
        url: the address it is known by (text); None for a local one.
        size: (width, height) in the pixels that regions and landmarks are counted in.
        original_size: (width, height) of the file as stored, before it was turned upright and shrunk.
        jpeg: the JPEG (bytes) that is sent: without metadata, at most 1600 pixels on its longer side by default.
        image: the same as a PIL image in RGB.
        base64: the same as text, for the detector's `img`.
        trusted: origins from which it may be fetched although they are private, as a set of texts.

    Raises:
        PhotoError: it is no picture or too large a one, or it cannot be fetched; for an address this shows when its
            pixels are asked for first.
        TypeError: when it is pickled.

    https://docs.akool.com/ai-tools-suite/live-faceswap (`img` and `image_url` of POST /detect)
    """

    def __init__(
        self, prepared: _Prepared | None = None, *, url: str | None = None, trusted: Iterable[str] = ()
    ) -> None:
        self._ready = prepared
        self._trusted = frozenset(trusted)
        self._lock = threading.Lock()
        self.url = url

    @classmethod
    def open(
        cls, source: Source, *, max_side: int = MAX_SIDE, quality: int = QUALITY, trusted: Iterable[str] = ()
    ) -> Photo:
        """A photo from a path, an address, a data URI, bytes, an open file or a PIL image.

        It is turned upright as its EXIF orientation says, stripped of all metadata, and shrunk to `max_side` pixels;
        a `Photo` is returned as it is.
        `trusted` are origins ("http://127.0.0.1:8000") from which pictures may come although they are private.
        Raises `PhotoError` when it is no picture, or none that should be opened.
        """
        if isinstance(source, Photo):
            return source
        if isinstance(source, str) and source.lower().startswith(("http://", "https://")):
            return cls(url=source.strip(), trusted=trusted)
        return cls(_prepare(_opened(source), max_side, quality, ours=not isinstance(source, Image.Image)))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in the pixels that regions and landmarks are counted in."""
        return self._prepared.size

    @property
    def original_size(self) -> tuple[int, int]:
        """Width and height of the file as stored, before it was turned upright and shrunk."""
        return self._prepared.stored

    @property
    def jpeg(self) -> bytes:
        """The photo as a JPEG: what is sent, or for an address, what stands there."""
        return self._prepared.jpeg

    @property
    def image(self) -> Image.Image:
        """The photo as a PIL image in RGB."""
        return Image.open(io.BytesIO(self.jpeg)).convert("RGB")

    @property
    def base64(self) -> str:
        """The JPEG as text, for the detector's `img`."""
        return base64.b64encode(self.jpeg).decode("ascii")

    @property
    def trusted(self) -> frozenset[str]:
        """The origins from which it may be fetched although they are private."""
        return self._trusted

    def to_original(self, points: Iterable[Sequence[float]]) -> tuple[tuple[float, float], ...]:
        """Points of the sent picture as points of the original file as stored, the EXIF orientation undone."""
        return tuple(map(partial(_back, self._prepared), points))

    def preview(self, max_side: int = PREVIEW_SIDE) -> bytes:
        """A small JPEG for the eye."""
        small = self.image
        small.thumbnail((max_side, max_side))
        return _encoded(small, 80)

    def save(self, folder: str | os.PathLike[str] = ".", *, name: str = "photo.jpg") -> Path:
        """Keep the JPEG as a new file; never over one that is there."""
        return fetch.save(self.jpeg, name, folder)

    @property
    def _prepared(self) -> _Prepared:
        with self._lock:
            if self._ready is None:
                data = fetch.picture(self.url or "", trusted=self._trusted)
                # Landmarks count the pixels that stand at the address, so this picture keeps its size.
                self._ready = _prepare(_opened(data), max(Image.MAX_IMAGE_PIXELS or 0, MOST_PIXELS), QUALITY)
            return self._ready

    def __repr__(self) -> str:
        if self._ready is None:
            return f"Photo(url={fetch.safe_name(self.url or '')!r})"
        return f"Photo({self.size[0]}×{self.size[1]})"

    def _repr_html_(self) -> str:
        try:
            picture = base64.b64encode(self.preview()).decode("ascii")
        except PhotoError as error:
            return f"<p>{escape(repr(self))}: {escape(str(error))}</p>"
        caption = escape(f"{self!r}, {len(self.jpeg) / 1000:.0f} kB")
        return f'<img alt="photo" src="data:image/jpeg;base64,{picture}"><br><small>{caption}</small>'

    def __reduce__(self) -> NoReturn:
        raise TypeError("A Photo shows a person and is not pickled; keep the file, or photo.jpeg if you mean it.")


def _opened(source: Any) -> Image.Image:
    """An image whose header was read and found sensible; nothing is decoded yet."""
    if isinstance(source, Image.Image):
        # A copy that shares the pixels: what follows must not change the caller's image.
        return _sensible(source.copy() if source.mode == "P" else source)
    data = _bytes(source)
    if len(data) > LARGEST_FILE:
        raise PhotoError(f"The file has {len(data) / 1e6:.0f} MB; {LARGEST_FILE / 1e6:.0f} MB are the most.")
    return _sensible(_guarded(data, partial(_header, data)))


def _bytes(source: Any) -> bytes:
    """At most one byte more than may be, out of whatever was given."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    if isinstance(source, str) and source.startswith("data:"):
        return _data_uri(source)
    if isinstance(source, (str, os.PathLike)):
        return _file(Path(source))
    if hasattr(source, "read"):
        return _read(source)
    raise PhotoError(f"A photo is a path, an address, bytes, an open file or a PIL image, not {type(source).__name__}.")


def _file(path: Path) -> bytes:
    try:
        with path.expanduser().open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        problem = "is not there. Check the path; akool_nb.samples.photos() lists the pictures that come along"
    except (OSError, ValueError, RuntimeError):
        problem = "cannot be read. Check that it is a file, and that you may read it"
    raise PhotoError(f"{path.name[:80]!r} {problem}.")


def _read(file: Any) -> bytes:
    data = file.read(LARGEST_FILE + 1)
    if not isinstance(data, bytes):
        raise PhotoError("The file is open as text. Open it with mode 'rb'.")
    return data


def _data_uri(text: str) -> bytes:
    head, _, body = text.partition(",")
    if not head.startswith("data:image/") or not head.endswith(";base64"):
        raise PhotoError("Only data URIs of a picture in base64 are read. Pass the picture's bytes instead.")
    try:
        return base64.b64decode(body[: LARGEST_FILE * 4 // 3 + 8], validate=False)
    except (binascii.Error, ValueError):
        raise PhotoError("The data URI is not base64. Pass the picture's bytes instead.") from None


def _header(data: bytes) -> Image.Image:
    Image.preinit()
    if data[:4] in (b"RIFF", b"II*\0", b"MM\0*") or b"ftyp" in data[4:12]:
        Image.init()  # the readers that Pillow loads only when asked
    # Few readers mean few surprises: EPS would start Ghostscript. HEIF counts once a plug-in brought it.
    readers = [name for name in (*_FORMATS, "HEIF") if name in Image.OPEN]
    return Image.open(io.BytesIO(data), formats=readers)


def _sensible(image: Image.Image) -> Image.Image:
    width, height = image.size
    if width < 1 or height < 1 or width * height > MOST_PIXELS:
        most = f"{MOST_PIXELS / 1e6:.0f}"
        raise PhotoError(f"The picture has {width}×{height} pixels; {most} million are the most. Make it smaller.")
    return image


def _prepare(image: Image.Image, max_side: int, quality: int, *, ours: bool = True) -> _Prepared:
    prepared: _Prepared = _guarded(b"", partial(_shrunk, image, max_side, quality, ours=ours))
    return prepared


def _shrunk(image: Image.Image, max_side: int, quality: int, *, ours: bool) -> _Prepared:
    stored = image.size
    orientation = _orientation(image)
    width, height = _fitted(stored, max_side)
    if ours:
        # A JPEG can be decoded at a half, a quarter, an eighth of its size for much less than the whole. It changes
        # the image itself, so not one that is the caller's.
        image.draft("RGB", (width, height))
    image = _as_rgb(image)
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.BILINEAR)
    if orientation in _UPRIGHT:
        image = image.transpose(_UPRIGHT[orientation])
    return _Prepared(_encoded(image, quality), image.size, stored, orientation)


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 where it is missing or broken."""
    try:
        found = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # EXIF is a stranger's TIFF inside the file, and a broken one is no reason to refuse the photo
        return 1
    return found if found in _UPRIGHT else 1


def _fitted(size: tuple[int, int], max_side: int) -> tuple[int, int]:
    scale = min(1.0, max_side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _as_rgb(image: Image.Image) -> Image.Image:
    """8-bit RGB on white, whatever it was."""
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        return _eight_bit(image).convert("RGB")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image.convert("RGB")


def _eight_bit(image: Image.Image) -> Image.Image:
    """16 bits scaled to 8; Pillow's own conversion would cut off at 255 and leave white."""
    wide = image.convert("I") if image.mode != "F" else image
    low, high = wide.getextrema()
    top = 65535 if float(high) > 255 and float(low) >= 0 else max(255.0, float(high))  # type: ignore[arg-type]
    return wide.point(lambda value: value * (255 / top)).convert("L")


def _encoded(image: Image.Image, quality: int) -> bytes:
    # Pillow writes comments and profiles that it still knows of; a bare copy knows of none.
    image.info = {}
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _back(prepared: _Prepared, point: Sequence[float]) -> tuple[float, float]:
    """One point from the sent picture to the stored file. Pixels have their middle at a whole number."""
    width, height = prepared.stored
    sideways = prepared.orientation in _SIDEWAYS
    upright = (height, width) if sideways else (width, height)
    x = (point[0] + 0.5) * upright[0] / prepared.size[0] - 0.5
    y = (point[1] + 0.5) * upright[1] / prepared.size[1] - 0.5
    right, bottom = width - 1 - (y if sideways else x), height - 1 - (x if sideways else y)
    turned = {
        1: (x, y),
        2: (right, y),
        3: (right, bottom),
        4: (x, bottom),
        5: (y, x),
        6: (y, bottom),
        7: (right, bottom),
        8: (right, x),
    }
    return turned[prepared.orientation]


class _Silence:
    """No warnings while any thread is inside; `catch_warnings` of two threads would put back each other's filters."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._filters = contextlib.ExitStack()

    def __enter__(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside == 1:
                self._filters.enter_context(warnings.catch_warnings())
                warnings.simplefilter("ignore")

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._filters.close()


_SILENCE = _Silence()


def _guarded(data: bytes, work: Any) -> Any:
    """Run Pillow on a stranger's file: whatever it stumbles over becomes one `PhotoError`."""
    try:
        # Pillow only warns of bombs, and of broken EXIF; both are judged here.
        with _SILENCE:
            return work()
    except PhotoError:
        raise
    except Image.DecompressionBombError:
        problem = f"The picture has far more than {MOST_PIXELS / 1e6:.0f} million pixels. Make it smaller."
    except Exception:  # Pillow's readers raise nearly everything on broken files: struct.error, IndexError, KeyError …
        problem = _hint(data)
    raise PhotoError(problem)


def _hint(data: bytes) -> str:
    start = data[:512].lower()
    known = (hint for mark, hint in _HINTS if mark.lower() in start)
    return next(known, "This is no picture that can be read: JPEG, PNG, WEBP, BMP, GIF and TIFF can.")
