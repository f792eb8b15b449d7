"""The kinds of picture files, recognised by their first bytes, and what other files are."""

from __future__ import annotations

import re
from dataclasses import dataclass

HEAD = 1024
"""How many bytes from the start of a file are looked at."""


@dataclass(frozen=True)
class Kind:
    """One kind of picture file.

    Attributes:
        name: what Pillow calls its reader, also used in messages.
        marks: how such files begin; empty where `_container` decides.
        endings: endings of file names, the usual one first.
        mime: the MIME type.
        by_detector: whether AKOOL's detectors take it by address.
    """

    name: str
    marks: tuple[bytes, ...]
    endings: tuple[str, ...]
    mime: str
    by_detector: bool = False


JPEG = Kind("JPEG", (b"\xff\xd8\xff",), (".jpg", ".jpeg"), "image/jpeg", by_detector=True)
PNG = Kind("PNG", (b"\x89PNG\r\n\x1a\n",), (".png",), "image/png", by_detector=True)
WEBP = Kind("WEBP", (), (".webp",), "image/webp", by_detector=True)
BMP = Kind("BMP", (b"BM",), (".bmp",), "image/bmp", by_detector=True)
GIF = Kind("GIF", (b"GIF87a", b"GIF89a"), (".gif",), "image/gif", by_detector=True)
TIFF_MARKS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
TIFF = Kind("TIFF", TIFF_MARKS, (".tif", ".tiff"), "image/tiff")
AVIF = Kind("AVIF", (), (".avif",), "image/avif")
HEIF = Kind("HEIF", (), (".heic", ".heif"), "image/heic")

KINDS = (JPEG, PNG, WEBP, BMP, GIF, TIFF, AVIF, HEIF)
READ = "JPEG, PNG, WEBP, BMP, GIF, TIFF, AVIF or HEIC"
"""The kinds that are read, in words."""

_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"mif2", b"msf1"}
_HEIF_BRANDS |= {b"miaf"}
_AVIF_BRANDS = {b"avif", b"avis"}
_VIDEO_MARKS = (b"\x1a\x45\xdf\xa3", b"FLV", b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3", b"OggS")
_BMP_HEADERS = (12, 16, 40, 52, 56, 64, 108, 124)

_POINTER = "This is a pointer to the picture, not the picture itself. Run: {command}"
_PAGE = "This is a web page or a server's message, not a photo. Use the address of the picture itself."
_OTHERS = (
    (rb"version https://git-lfs", _POINTER.format(command="git lfs pull")),
    (rb"(\.\./)*(\.git)?/annex/objects/", _POINTER.format(command="git annex get")),
    (rb"(?s).{0,600}<svg", "An SVG is a drawing, not a photo. Save it as PNG."),
    (rb"(?s).{0,600}<(!doctype html|html|head|body|error|title)", _PAGE),
    (rb"<\?xml|[{\[]\s*[\"{]", _PAGE),
    (rb"%pdf", "A PDF is not a photo. Save the page as PNG."),
    (rb"pk\x03\x04|\x1f\x8b|rar!|7z\xbc\xaf", "This is an archive, not a photo. Unpack it, and open one of its files."),
    (rb"8bps", "A Photoshop file is not read. Save it as JPEG."),
    (rb"\xff\x0a|\0\0\0\x0cjxl ", "JPEG XL is not read. Save the photo as JPEG."),
    (rb"\0\0\0\x0cjp  |\xff\x4f\xff\x51", "JPEG 2000 is not read. Save the photo as JPEG."),
    (rb"fujifilm|....ftypcrx|iiu\0|iiro", "A camera's raw file is not read. Save the photo as JPEG."),
    (rb"\x93numpy", "This is a NumPy file. Pass the array: Photo.open(numpy.load(path))."),
    (rb"/9j/|ivborw0kggo|r0lgod|uklgr", "This is a picture as base64 text. Pass base64.b64decode(text)."),
)
"""Patterns of the first bytes in lower case, and what such a file is."""


def kind_of(data: bytes) -> Kind | None:
    """The kind of picture that the bytes begin as; None for everything else."""
    start = data[:HEAD]
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return WEBP
    if start[4:8] == b"ftyp":
        return _container(start)
    if start[:2] == b"BM" and (len(start) < 15 or start[14] not in _BMP_HEADERS):
        return None
    return next((kind for kind in KINDS if start.startswith(kind.marks)), None)


def is_video(data: bytes) -> bool:
    """Whether the bytes begin as an MP4, MOV, AVI, WebM, MPEG, FLV or Ogg file does."""
    is_avi = data[:4] == b"RIFF" and data[8:12] == b"AVI "
    is_mp4 = data[4:8] == b"ftyp" and kind_of(data) is None
    return is_avi or is_mp4 or data.startswith(_VIDEO_MARKS)


def what_else(data: bytes) -> str:
    """A sentence that says why the bytes are not a picture, and what to do."""
    if not data.strip(b"\0"):
        return f"The file is empty, or holds only zeros ({len(data)} bytes). Copy or download it again."
    if any(mark.startswith(data) for kind in KINDS for mark in kind.marks):
        return f"The file is incomplete: it has only {len(data)} bytes. Copy or download it again."
    if is_video(data):
        return "This is a video, not a photo. Save one of its frames as PNG."
    start = data[:HEAD].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    known = (sentence for pattern, sentence in _OTHERS if re.match(pattern, start))
    return next(known, f"This file is not a picture of a known kind. Use {READ}.")


def _container(start: bytes) -> Kind | None:
    """AVIF and HEIC are one container, distinguished by the brands in its first box."""
    end = min(len(start), int.from_bytes(start[:4], "big"))
    brands = {start[8:12]} | {start[at : at + 4] for at in range(16, end, 4)}
    if brands & _AVIF_BRANDS:
        return AVIF
    if start[8:12] in _HEIF_BRANDS:
        return HEIF
    return None
