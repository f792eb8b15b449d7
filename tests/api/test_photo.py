"""Photos of any origin: turned upright, without metadata, shrunk, mapped back, or refused before they are decoded."""

import base64
import io
import itertools
import struct
import tracemalloc
import zlib

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from akool_nb import errors, samples
from akool_nb.api.photo import LARGEST_FILE, LARGEST_SENT, Photo
from tests.faultserver import FaultServer, by_path, redirect, reply

GPS = b"GPS here 48.8584N"
MARKS = [GPS, b"MakerNote secret", b"http://ns.adobe.com/xap", b"Photoshop 3.0", b"a comment", b"Exif", b"ICC_PROFILE"]


def quadrants(size=(64, 48), mode="RGB") -> Image.Image:
    """Four colours, so that every rotation and reflection is visible."""
    image = Image.new("RGB", size)
    width, height = size
    for (column, row), colour in {(0, 0): "red", (1, 0): "green", (0, 1): "blue", (1, 1): "white"}.items():
        box = (column * width // 2, row * height // 2, (column + 1) * width // 2, (row + 1) * height // 2)
        image.paste(colour, box)
    return image.convert(mode)


def encoded(image, kind="JPEG", **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def with_everything(orientation: int) -> bytes:
    """A JPEG with EXIF, GPS, XMP, IPTC, a profile, a comment and a thumbnail."""
    image = quadrants((640, 480))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "MakerNote secret"
    exif[0x8825] = {1: "N", 2: (48.0, 51.0, 30.0), 29: GPS.decode()}
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encoded(image, exif=exif, quality=95, icc_profile=profile, comment=b"a comment")
    xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>")
    iptc = segment(0xED, b"Photoshop 3.0\0" + b"8BIM" + b"\x04\x04" + b"\0" * 8)
    return data[:2] + xmp + iptc + data[2:]


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def png(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG whose header has this size, whatever its data are."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path,
        str,
        lambda path: path.read_bytes(),
        lambda path: bytearray(path.read_bytes()),
        lambda path: memoryview(path.read_bytes()),
        lambda path: path.open("rb"),
        lambda path: io.BytesIO(path.read_bytes()),
        lambda path: Image.open(path),
        lambda path: Photo.open(path),
        lambda path: "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode(),
    ],
)
def test_a_photo_is_made_from_a_path_bytes_a_file_an_image_or_a_data_uri(make):
    photo = Photo.open(make(samples.photo("astronaut")))
    assert (photo.size, photo.original_size, photo.url) == ((512, 512), (512, 512), None)
    assert photo.jpeg.startswith(b"\xff\xd8\xff")
    assert photo.image.size == (512, 512)


def test_a_large_photo_keeps_its_size_unless_max_side_is_smaller():
    data = encoded(quadrants((4000, 3000)))
    whole = Photo.open(data)
    small = Photo.open(data, max_side=1600)
    assert (whole.size, whole.original_size, whole.scale) == ((4000, 3000), (4000, 3000), 1.0)
    assert (small.size, small.original_size, small.scale) == ((1600, 1200), (4000, 3000), 0.4)
    assert repr(small) == "Photo(1600×1200, shrunk to 40%)"


def test_a_photo_is_compressed_to_the_limit_of_the_service():
    noise = Image.effect_noise((5000, 3000), 120).convert("RGB")
    photo = Photo.open(noise)
    assert 0.8 * LARGEST_SENT < len(photo.jpeg) <= LARGEST_SENT
    assert photo.image.size == photo.size
    ((x, y),) = photo.to_original([(photo.size[0] - 0.5, photo.size[1] - 0.5)])
    assert (round(x, 6), round(y, 6)) == (4999.5, 2999.5)


@pytest.mark.parametrize("value", [0, -1, 1.5, "a", 10**6])
def test_a_refused_number_is_named_with_its_range(value):
    with pytest.raises(errors.PhotoError, match=r"max_side is a whole number from 1 to 100000, not "):
        Photo.open(quadrants(), max_side=value)


def test_a_small_photo_is_not_enlarged():
    assert Photo.open(encoded(quadrants((64, 48)))).size == (64, 48)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_turned_upright(orientation):
    upright = quadrants()
    stored = upright.transpose(UNDO[orientation]) if orientation in UNDO else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = Photo.open(encoded(stored, exif=exif, quality=95))
    assert photo.size == upright.size
    for x, y in itertools.product((8, 56), (8, 40)):
        assert near(photo.image.getpixel((x, y)), upright.getpixel((x, y)))


UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def near(one, other):
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) < 60


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [(64, 48), (3000, 2001)])
def test_points_are_mapped_to_the_stored_file_within_a_pixel(orientation, size):
    stored = Image.new("RGB", size, "black")
    mark = (size[0] // 4, size[1] // 3)
    radius = max(2, size[0] // 200)
    stored.paste("white", (mark[0] - radius, mark[1] - radius, mark[0] + radius + 1, mark[1] + radius + 1))
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = Photo.open(encoded(stored, exif=exif, quality=95))
    ((x, y),) = photo.to_original([middle(photo.image)])
    assert abs(x - mark[0]) <= 1 and abs(y - mark[1]) <= 1


def middle(image):
    box = image.convert("L").point(lambda value: 255 if value > 127 else 0).getbbox()
    return (box[0] + box[2] - 1) / 2, (box[1] + box[3] - 1) / 2


@pytest.mark.parametrize("orientation", range(1, 9))
def test_no_metadata_is_sent(orientation):
    data = with_everything(orientation)
    assert all(mark in data for mark in MARKS)
    sent = Photo.open(data).jpeg
    assert [mark for mark in MARKS if mark in sent] == []
    assert not set(segments(sent)) & {0xE1, 0xE2, 0xED, 0xFE}


def segments(jpeg: bytes):
    at = 2
    while jpeg[at] == 0xFF and jpeg[at + 1] != 0xDA:
        yield jpeg[at + 1]
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")


def test_metadata_of_a_png_or_a_pil_image_is_not_sent():
    info = PngImagePlugin.PngInfo()
    info.add_text("comment", GPS.decode())
    data = encoded(quadrants(), "PNG", pnginfo=info)
    image = Image.open(io.BytesIO(with_everything(1)))
    assert GPS not in Photo.open(data).jpeg
    assert [mark for mark in MARKS if mark in Photo.open(image).jpeg] == []


def test_a_pil_image_is_not_changed():
    image = Image.open(io.BytesIO(with_everything(6)))
    before = (image.size, dict(image.info))
    assert Photo.open(image).size == (480, 640)
    assert (image.size, dict(image.info)) == before


def test_a_large_pil_jpeg_is_not_changed():
    image = Image.open(io.BytesIO(encoded(quadrants((4000, 3000)))))
    first, second = Photo.open(image), Photo.open(image)
    assert image.size == first.original_size == second.original_size == (4000, 3000)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "RGBA", "CMYK", "YCbCr", "I", "F", "I;16", "HSV", "LAB"])
def test_every_pixel_mode_becomes_rgb(mode):
    image = Image.new("I;16", (64, 48), 40000) if mode == "I;16" else quadrants(mode="L").convert(mode) if mode in (
        "I", "F") else quadrants(mode="RGB").convert(mode) if mode != "LAB" else lab()  # fmt: skip
    photo = Photo.open(image)
    assert photo.image.mode == "RGB"


def lab():
    transform = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
    return ImageCms.applyTransform(quadrants(), transform)


def test_sixteen_bits_are_scaled_to_eight():
    image = Image.new("I;16", (32, 32), 32768)
    grey = Photo.open(encoded(image, "PNG")).image.getpixel((5, 5))
    assert 120 <= grey[0] <= 136


def test_transparency_becomes_white():
    image = Image.new("RGBA", (32, 32), (255, 0, 0, 0))
    assert Photo.open(encoded(image, "PNG")).image.getpixel((5, 5))[1] > 240


def test_cmyk_keeps_its_colours():
    photo = Photo.open(encoded(quadrants(mode="CMYK"), quality=95))
    assert near(photo.image.getpixel((8, 8)), (255, 0, 0))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_the_first_frame_of_an_animation_is_used(kind):
    frames = [quadrants(), Image.new("RGB", (64, 48), "black")]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
    assert near(Photo.open(data).image.getpixel((56, 40)), (255, 255, 255))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF"])
def test_common_file_formats_are_read(kind):
    assert Photo.open(encoded(quadrants(), kind)).size == (64, 48)


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        (b"", "is empty"),
        (bytes(5000), "is empty"),
        (b"hello", "not a picture of a known kind"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", "video"),
        (b"\xef\xbb\xbf\n <!DOCTYPE html><html>", "web page"),
        (b'{"error": "not found"}', "web page"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "web page"),
        (b"%PDF-1.7", "PDF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a picture of a known kind"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "pointer.*git lfs pull"),
        (b"/annex/objects/SHA256E-s12--ab.jpg\n", "pointer.*git annex get"),
        (b"PK\x03\x04", "archive"),
        (b"\x89PNG\r\n\x1a\n", "incomplete"),
        (b"\xff\xd8\xff\xe0", "incomplete"),
        (b"\xff", "incomplete"),
        (b"II*\0\xff\xff\xff\xff", "incomplete"),
        (png(64, 48, zlib.compress(b"short")), "damaged"),
        (png(64, 48, b"no zlib"), "damaged"),
    ],
)
def test_a_file_that_is_not_a_photo_is_refused_with_a_hint(data, hint):
    with pytest.raises(errors.PhotoError, match=hint):
        Photo.open(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF"])
def test_a_truncated_file_is_refused(kind):
    data = encoded(quadrants((200, 200)).effect_spread(40), kind)
    with pytest.raises(errors.PhotoError):
        Photo.open(data[: len(data) // 2])


@pytest.mark.parametrize("size", [(12_000, 12_000), (8_000, 7_000), (2**31 - 1, 2**31 - 1), (1, 60_000_000)])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(size):
    data = png(*size, zlib.compress(b"\0" * 5_000_000))
    tracemalloc.start()
    with pytest.raises(errors.PhotoError):
        Photo.open(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


def test_an_extremely_wide_picture_keeps_at_least_one_pixel_of_height():
    assert Photo.open(Image.new("RGB", (20_000, 3)), max_side=1600).size == (1600, 1)


def test_a_picture_longer_than_a_jpeg_can_be_is_shrunk():
    photo = Photo.open(Image.new("L", (100_000, 20)))
    assert photo.size == (65_500, 13) and photo.original_size == (100_000, 20)


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    path = tmp_path / "large.jpg"
    with path.open("wb") as file:
        file.truncate(LARGEST_FILE + 10)
    with pytest.raises(errors.PhotoError, match="MB"):
        Photo.open(path)


def test_damaged_bytes_raise_only_photo_error():
    whole = [encoded(quadrants(), kind) for kind in ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP")]
    for data, step in itertools.product(whole, (7, 13)):
        for at in range(8, len(data), max(1, len(data) // 40)):
            broken = data[:at] + bytes((byte * step) & 255 for byte in data[at : at + 9]) + data[at + 9 :]
            try:
                Photo.open(broken)
            except errors.PhotoError as error:
                assert str(error)


@pytest.mark.parametrize("value", [None, 7, [], {}, object(), io.StringIO("text"), "no/such/file.png", "", "data:,x"])
def test_a_value_that_is_not_a_photo_is_refused(value):
    with pytest.raises(errors.PhotoError):
        Photo.open(value)


def test_the_error_about_a_missing_file_names_the_sample_photos():
    with pytest.raises(errors.PhotoError, match=r"samples\.photos"):
        Photo.open("missing.png")


def test_a_photo_has_a_short_repr_and_a_small_preview():
    photo = Photo.open(samples.photo("collage"))
    assert repr(photo) == "Photo(1280×720)"
    assert len(photo._repr_html_()) < 60_000
    assert Image.open(io.BytesIO(photo.preview())).size == (320, 180)


def test_a_box_may_be_a_list():
    photo = Photo.open(quadrants())
    (made,) = photo.cut_outs([[0, 0, 32, 24]])
    assert photo.ready_cut_out([0, 0, 32, 24]) == made


def test_a_photo_cannot_be_pickled():
    import pickle

    with pytest.raises(TypeError, match="person"):
        pickle.dumps(Photo.open(samples.photo("astronaut")))


def test_a_saved_photo_is_not_overwritten(tmp_path):
    photo = Photo.open(samples.photo("astronaut"))
    assert photo.save(tmp_path).read_bytes() == photo.jpeg
    with pytest.raises(errors.PhotoError, match="exists already"):
        photo.save(tmp_path)


def test_a_remote_photo_is_fetched_when_its_size_is_read():
    picture = encoded(quadrants((2000, 1000)))
    with FaultServer(reply(200, picture, kind="image/jpeg")) as server:
        photo = Photo.open(f"{server.url}/photo.jpg", trusted={server.url})
        assert (photo.url, server.seen) == (f"{server.url}/photo.jpg", [])
        assert repr(photo) == "Photo(url='photo.jpg')"
        assert photo.size == (2000, 1000)
        assert photo.size == photo.original_size
        assert len(server.seen) == 1


def test_a_photo_at_a_private_address_is_not_fetched():
    with FaultServer(reply(200, encoded(quadrants()), kind="image/jpeg")) as server:
        photo = Photo.open(f"{server.url}/photo.jpg")
        with pytest.raises(errors.PhotoError):
            _ = photo.jpeg
        assert "Only https" in photo._repr_html_()
        assert server.connections == 0


def test_a_redirect_to_another_trusted_host_is_refused():
    with FaultServer(reply(200, encoded(quadrants()), kind="image/jpeg")) as inside:
        replies = by_path(a=redirect(302, f"{inside.url}/b"))
        with FaultServer(replies) as server, pytest.raises(errors.PhotoError):
            _ = Photo.open(f"{server.url}/a", trusted={server.url, inside.url}).jpeg
        assert inside.connections == 0
