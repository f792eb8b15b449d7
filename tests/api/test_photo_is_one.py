"""One picture in every form: its faces are at the same positions, and the caller's object is unchanged."""

import base64
import io
import os
import re
import struct
import zlib
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from akool_nb import errors, samples
from akool_nb.api.photo import Photo
from akool_nb.api.source import address_in
from akool_nb.wire.pasted import cleaned
from tests.faultserver import FaultServer, reply

ORIENTATION = 0x0112
UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="%d"/>'
    b"</rdf:RDF></x:xmpmeta>"
)

ASTRONAUT = Image.open(samples.photo("astronaut")).convert("RGB").crop((60, 0, 460, 512))
GREY = np.asarray(ASTRONAUT.convert("L"))
COLOUR = np.asarray(ASTRONAUT)


def encoded(image, kind="JPEG", **options) -> bytes:
    out = io.BytesIO()
    if kind in ("JPEG", "MPO", "WEBP"):
        options.setdefault("quality", 95)
    image.save(out, kind, **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def expected(shared_sandbox):
    """Region and landmarks in the plain picture."""
    return places(shared_sandbox.client().detect(encoded(ASTRONAUT, "PNG")))


def places(found):
    return np.array([(*face.region[:2], *np.ravel(face.landmarks)) for face in found])


def agrees(sandbox, source, expected, *, within=2):
    found = sandbox.client().detect(source)
    assert found.photo.size == ASTRONAUT.size
    assert np.abs(places(found) - expected).max() <= within
    return found


# File formats


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "MPO", "BMP", "GIF", "AVIF", "HEIF"])
def test_every_file_format_gives_the_same_faces(sandbox, expected, kind):
    if kind == "HEIF":
        pillow_heif = pytest.importorskip("pillow_heif")
        data = io.BytesIO()
        pillow_heif.from_pillow(ASTRONAUT).save(data, quality=95)
        agrees(sandbox, data.getvalue(), expected)
    else:
        agrees(sandbox, encoded(ASTRONAUT, kind), expected)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("place", ["JPEG", "PNG", "WEBP", "TIFF", "MPO", "late eXIf", "XMP in JPEG", "XMP in PNG"])
def test_every_orientation_gives_the_same_faces_upright(sandbox, expected, place, orientation):
    """Chromium 156 turns JPEG, PNG (eXIf before the pixels) and AVIF as this test expects.

    It ignores EXIF in WebP, eXIf after the pixels, and XMP; such a picture is upright here but not in the browser.
    """
    stored = ASTRONAUT.transpose(UNDO[orientation]) if orientation in UNDO else ASTRONAUT
    data = oriented(stored, place, orientation)
    found = agrees(sandbox, data, expected)
    assert found.photo.original_size == stored.size
    for opened in (Image.open(io.BytesIO(data)), loaded(data)):
        assert Photo.open(opened).jpeg == found.photo.jpeg
    ((x, y),) = found.photo.to_original([(0, 0)])
    corner = stored.getpixel((round(x), round(y)))
    assert np.abs(np.array(corner) - np.array(ASTRONAUT.getpixel((0, 0)))).max() <= 3


def oriented(stored, place, orientation):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    if place == "late eXIf":
        png = encoded(stored, "PNG")
        return png[:-12] + chunk(b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0")) + png[-12:]
    if place == "XMP in JPEG":
        return encoded(stored, "JPEG", xmp=XMP % orientation)
    if place == "XMP in PNG":
        info = PngImagePlugin.PngInfo()
        info.add_itxt("XML:com.adobe.xmp", (XMP % orientation).decode())
        return encoded(stored, "PNG", pnginfo=info)
    if place == "TIFF":
        return encoded(stored, "TIFF", tiffinfo={ORIENTATION: orientation})
    return encoded(stored, place, exif=exif)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def loaded(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


# Pixels


ARRAYS = {
    "uint8": COLOUR,
    "uint8 grey": GREY,
    "uint8 grey with an axis": GREY[:, :, None],
    "uint8 with alpha": np.dstack([COLOUR, np.full_like(GREY, 255)]),
    "int64": COLOUR.astype(np.int64),
    **{f"uint16, {bits} bits": (COLOUR.astype(np.uint16) << (bits - 8)) for bits in (10, 12, 14, 16)},
    "big-endian uint16": (GREY.astype(">u2") << 8),
    "uint16 with alpha": np.dstack([COLOUR.astype(np.uint16) << 4, np.full(GREY.shape, 65535, np.uint16)]),
    **{f"{kind} 0 to 1": (COLOUR / 255).astype(kind) for kind in ("float16", "float32", "float64")},
    "float32 0 to 255": COLOUR.astype(np.float32),
    "float32 -1 to 1": (COLOUR / 127.5 - 1).astype(np.float32),
    "float32 0 to 65535": COLOUR.astype(np.float32) * 257,
    "a little beyond 0 to 1": (COLOUR / 255 * 1.04 - 0.02).astype(np.float32),
    "mirrored view": np.ascontiguousarray(COLOUR[:, ::-1])[:, ::-1],
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_of_every_range_give_the_same_faces(sandbox, expected, name):
    before = ARRAYS[name].copy()
    agrees(sandbox, ARRAYS[name], expected, within=3 if "grey" in name or "endian" in name else 2)
    assert np.array_equal(before, ARRAYS[name])


def test_a_boolean_array_is_black_and_white():
    photo = Photo.open(np.array([[True, False]] * 2).repeat(16, axis=0).repeat(16, axis=1))
    assert photo.image.getpixel((2, 2))[0] > 250 and photo.image.getpixel((30, 2))[0] < 5


@pytest.mark.parametrize("mode", ["F 0 to 1", "F -1 to 1", "F 0 to 255", "I;16", "I;16 of 12 bits", "I"])
@pytest.mark.parametrize("kind", [None, "TIFF"])
def test_images_with_wide_pixels_give_the_same_faces(sandbox, expected, mode, kind):
    values = {
        "F 0 to 1": (GREY / 255).astype(np.float32),
        "F -1 to 1": (GREY / 127.5 - 1).astype(np.float32),
        "F 0 to 255": GREY.astype(np.float32),
        "I;16": GREY.astype(np.uint16) << 8,
        "I;16 of 12 bits": GREY.astype(np.uint16) << 4,
        "I": GREY.astype(np.int32) << 8,
    }[mode]
    image = Image.fromarray(values)
    agrees(sandbox, encoded(image, kind) if kind else image, expected, within=3)


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.zeros((3, 40, 40), np.uint8), r"\(3, 40, 40\)"),
        (np.zeros((1, 40, 40, 3), np.uint8), r"\(1, 40, 40, 3\)"),
        (np.zeros((0, 40, 3), np.uint8), r"\(0, 40, 3\)"),
        (np.full((40, 40), np.nan), "NaN"),
        (np.full((40, 40), np.inf), "infinity"),
        (np.full((40, 40), "x"), "holds numbers"),
        (np.full((40, 40), 1j), "holds numbers"),
    ],
)
def test_an_array_that_is_not_a_picture_is_refused_with_the_reason(array, reason):
    with pytest.raises(errors.PhotoError, match=reason):
        Photo.open(array)


# Types of the argument


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("my photos") / "Käthe 1.png"
    path.write_bytes(encoded(ASTRONAUT, "PNG"))
    return path


@contextmanager
def given_as(form, path):
    data = path.read_bytes()
    if form == "open file":
        with path.open("rb") as file:
            yield file
    elif form == "unbuffered file":
        with path.open("rb", buffering=0) as file:
            yield file
    else:
        yield {
            "path": lambda: path,
            "text": lambda: str(path),
            "file address": path.as_uri,
            "file address with blanks": lambda: f"file://{path}",
            "quoted": lambda: f'"{path}"',
            "padded": lambda: f"\n  {path}\t\u200b",
            "in angle brackets": lambda: f" <{path.as_uri()}> ",
            "bytes": lambda: data,
            "bytearray": lambda: bytearray(data),
            "memoryview": lambda: memoryview(data),
            "strided memoryview": lambda: memoryview(b"".join(bytes([byte, 0]) for byte in data))[::2],
            "data URI": lambda: "data:image/png;base64," + base64.b64encode(data).decode(),
            "padded data URI": lambda: " 'data:image/png;base64," + base64.b64encode(data).decode() + "'\n",
            "photo": lambda: Photo.open(data),
        }[form]()


FORMS = ["path", "text", "file address", "file address with blanks", "quoted", "padded", "in angle brackets", "bytes"]
FORMS += ["bytearray", "memoryview", "strided memoryview", "data URI", "padded data URI", "photo"]
FORMS += ["open file", "unbuffered file"]


@pytest.mark.parametrize("form", FORMS)
def test_every_type_of_argument_gives_the_same_faces(sandbox, expected, file, form):
    with given_as(form, file) as source:
        agrees(sandbox, source, expected)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 300_000))
def test_an_open_file_is_read_from_its_start_and_keeps_its_position(position):
    buffer = io.BytesIO(encoded(ASTRONAUT))
    buffer.seek(position)
    assert Photo.open(buffer).size == Photo.open(buffer).size == ASTRONAUT.size
    assert buffer.tell() == position and not buffer.closed


def test_a_pipe_is_read_from_its_current_position():
    class Pipe(io.RawIOBase):
        def __init__(self, data):
            self.rest = data

        def readable(self):
            return True

        def readinto(self, buffer):
            piece, self.rest = self.rest[:100], self.rest[100:]
            buffer[: len(piece)] = piece
            return len(piece)

    pipe = Pipe(encoded(ASTRONAUT))
    assert Photo.open(pipe).size == ASTRONAUT.size
    with pytest.raises(errors.PhotoError, match="empty"):
        Photo.open(pipe)


def test_a_file_with_quotes_in_its_name_is_found(tmp_path):
    path = tmp_path / "'me'.jpg"
    path.write_bytes(encoded(ASTRONAUT))
    assert Photo.open(str(path)).size == ASTRONAUT.size


@pytest.mark.parametrize(
    ("pasted", "address"),
    [
        (" https://host/x.jpg ", "https://host/x.jpg"),
        ("\n<https://host/x.jpg>", "https://host/x.jpg"),
        ('"HTTPS://host/x.jpg"', "HTTPS://host/x.jpg"),
        ("\ufeffhttps://host/x.jpg\u200b", "https://host/x.jpg"),
        ("www.host.example/x.jpg", "https://www.host.example/x.jpg"),
        ("https://host/my photo (1).jpg?a=b c", "https://host/my%20photo%20(1).jpg?a=b%20c"),
        ("https://host/a%20b.jpg", "https://host/a%20b.jpg"),
        ("https://bücher.example/käthe.jpg", "https://xn--bcher-kva.example/k%C3%A4the.jpg"),
        ("https://host/a\nb.jpg", "https://host/ab.jpg"),
    ],
)
def test_a_pasted_address_is_cleaned(pasted, address):
    assert Photo.open(pasted).url == address


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40), st.sampled_from(["", "  ", "\n", "\ufeff", "\u200b"]), st.sampled_from(['""', "''", "<>"]))
def test_blanks_and_quotes_around_a_text_are_ignored(text, blank, quotes):
    assert cleaned(f"{blank}{quotes[0]}{text}{quotes[1]}{blank}") == cleaned(text)
    assert cleaned(cleaned(text)) == cleaned(text)
    assert address_in(text) is None or Photo.open(text).url


def test_an_address_with_blanks_and_umlauts_gives_the_same_faces(sandbox, expected):
    sandbox.allow_local_urls = True
    try:
        with FaultServer(reply(200, encoded(ASTRONAUT, "PNG"), kind="image/png")) as server:
            address = f" {server.url}/my photo/käthe.png"
            found = agrees_by_address(sandbox, address, expected, trusted={server.url})
            assert found[0].source.path == f"{server.url}/my%20photo/k%C3%A4the.png"
    finally:
        sandbox.allow_local_urls = False


def agrees_by_address(sandbox, address, expected, trusted):
    found = sandbox.client().detect(Photo.open(address, trusted=trusted), endpoint="detect_faces")
    assert np.abs(places(found) - expected).max() <= 2
    assert found.photo.size == ASTRONAUT.size
    return found


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "PNG", "GIF"])
def test_the_image_of_the_caller_is_not_changed(kind):
    image = Image.open(io.BytesIO(oriented(ASTRONAUT, kind, 6) if kind != "GIF" else encoded(ASTRONAUT, kind)))
    first = Photo.open(image)
    image.load()
    pixels, mode, info = image.tobytes(), image.mode, dict(image.info)
    palette = image.getpalette()
    assert Photo.open(image).size == first.size
    assert (image.tobytes(), image.mode, dict(image.info), image.getpalette()) == (pixels, mode, info, palette)


# Reasons of a refusal


REASONS = {
    "empty": "is empty",
    "incomplete": "is incomplete",
    "kind": "of a known kind|is not read|needs another package|a drawing|is an archive|not a photo|a video",
    "large": "are the most",
    "pointer": "is a pointer",
    "page": "is a web page",
    "text": "is a picture as base64 text",
}
FILES = {
    kind: encoded(ASTRONAUT.resize((90, 120)), kind)
    for kind in ("JPEG", "PNG", "WEBP", "TIFF", "MPO", "BMP", "GIF", "AVIF")
}


def reason(source) -> str | None:
    """Which of the reasons the error gives; None if the picture was read."""
    try:
        Photo.open(source)
    except errors.PhotoError as error:
        given = [name for name, pattern in REASONS.items() if re.search(pattern, str(error))]
        assert given, f"no reason in: {error}"
        return given[0]
    return None


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(FILES)), st.floats(0, 1))
def test_a_truncated_file_is_called_incomplete(kind, share):
    data = FILES[kind][: int(share * len(FILES[kind]))]
    given_reason = reason(data)
    assert given_reason in (("empty",) if not data else ("incomplete", None, "kind") if len(data) < 40 else
                            ("incomplete", None))  # fmt: skip


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(FILES)), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 7)), min_size=1, max_size=8))
def test_flipped_bits_give_a_picture_or_one_of_the_reasons(kind, flips):
    data = bytearray(FILES[kind])
    for share, bit in flips:
        data[min(len(data) - 1, int(share * share * len(data)))] ^= 1 << bit
    reason(bytes(data))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", b"\xff\xd8\xff", b"BM", b"GIF89a", b"RIFF1234WEBP", b"II*\0"]))
def test_any_bytes_give_one_of_the_reasons(data, start):
    reason(start + data)


@pytest.mark.parametrize("extension", [".jpg", ".png", ".txt", ".heic", ""])
@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_a_wrong_file_extension_is_ignored(tmp_path, kind, extension):
    path = tmp_path / f"photo{extension}"
    path.write_bytes(FILES[kind])
    assert Photo.open(path).size == (90, 120)


def test_heic_without_its_package_names_the_package(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    monkeypatch.delitem(Image.OPEN, "HEIF", raising=False)
    for brand in (b"heic", b"hevc", b"msf1", b"mif2", b"miaf"):
        with pytest.raises(errors.PhotoError, match="pip install pillow-heif"):
            Photo.open(b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1heic" + bytes(100))


def test_a_closed_image_and_a_closed_file_are_refused_with_the_reason(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(FILES["JPEG"])
    image = Image.open(path)
    image.close()
    with path.open("rb") as file:
        pass
    for source in (image, file):
        with pytest.raises(errors.PhotoError, match="is closed"):
            Photo.open(source)


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda folder: folder, "is a folder"),
        (lambda folder: folder / "none.jpg", "is not there"),
        (lambda folder: annexed(folder), r"git\s+annex\s+get"),
        (lambda folder: (folder / "t.txt").open("w+"), r"^The file is open as text\. Open it with mode 'rb'\.$"),
        (lambda folder: (folder / "t.jpg").open("wb"), "open for writing only"),
        (lambda folder: "s3://bucket/photo.jpg", "s3 addresses are not fetched"),
        (
            lambda folder: base64.b64encode(FILES["JPEG"]).decode(),
            "^This text is too long .* 'data:image/jpeg;base64,'",
        ),
        (lambda folder: {"name": "a.jpg", "content": FILES["JPEG"]}, r"FileUpload: value\[0\]"),
    ],
)
def test_a_path_that_is_not_a_picture_is_refused_with_the_reason(tmp_path, make, match):
    with pytest.raises(errors.PhotoError, match=match):
        Photo.open(make(tmp_path))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes in folders")
def test_a_named_pipe_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(errors.PhotoError, match="is a pipe"):
        Photo.open(tmp_path / "pipe")


def annexed(folder: Path) -> Path:
    link = folder / "photo.jpg"
    link.symlink_to("../.git/annex/objects/Xx/Yy/SHA256E-s1--ab.jpg/SHA256E-s1--ab.jpg")
    return link
