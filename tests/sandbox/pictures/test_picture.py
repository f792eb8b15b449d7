"""Bytes to pictures and back, and the mark."""

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from akool_nb.api.photo import Photo
from akool_nb.sandbox.pictures import picture
from akool_nb.sandbox.pictures.picture import PictureError
from tests.sandbox.faces import drawn


def test_a_picture_is_almost_the_same_after_jpeg():
    again = picture.decode(picture.encode(drawn(), 95))
    assert again.shape == drawn().shape
    assert np.abs(again.astype(int) - drawn()).mean() < 2


@pytest.mark.parametrize("ending", [".png", ".jpg", ".webp", ".bmp"])
def test_common_formats_are_read(ending):
    assert picture.decode(cv2.imencode(ending, drawn())[1].tobytes()).shape == (480, 480, 3)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_turned_upright_as_the_client_turns_it(kind, orientation):
    """Faces are found in these pixels and drawn on the client's, so both must be upright."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(drawn()[100:, :, ::-1])
    file = io.BytesIO()
    stored.save(file, kind, exif=exif)
    ours = picture.decode(file.getvalue())
    clients = np.asarray(Photo.open(file.getvalue()).image)[:, :, ::-1]
    assert ours.shape == clients.shape
    assert np.abs(ours.astype(int) - clients).mean() < 3


def test_a_picture_with_broken_exif_is_accepted():
    file = io.BytesIO()
    Image.new("RGB", (8, 9)).save(file, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff")
    assert picture.decode(file.getvalue()).shape == (9, 8, 3)


def test_grey_and_transparent_pictures_become_colour():
    grey = cv2.imencode(".png", np.zeros((4, 5), np.uint8))[1].tobytes()
    clear = cv2.imencode(".png", np.zeros((4, 5, 4), np.uint8))[1].tobytes()
    assert picture.decode(grey).shape == picture.decode(clear).shape == (4, 5, 3)


@pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff\xe0 cut off", b"\x89PNG\r\n\x1a\n" + bytes(40)])
def test_bytes_that_are_not_a_picture_are_refused_with_advice(data):
    with pytest.raises(PictureError, match="Send"):
        picture.decode(data)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [8_000, 12_000, 60_000], ids=["64 MP", "144 MP", "3600 MP"])
@pytest.mark.parametrize("ending", [".png", ".jpg", ".bmp"])
def test_a_picture_that_needs_too_much_memory_is_refused_by_its_header(ending, side):
    """After the header comes a picture of 8×8, so decoding it at this size would raise another error."""
    with pytest.raises(PictureError, match="50 megapixels"):
        picture.decode(with_wrong_size(ending, side))


def with_wrong_size(ending, side):
    """A small picture whose header says that it is `side` pixels wide and high."""
    data = bytearray(cv2.imencode(ending, np.zeros((8, 8, 3), np.uint8))[1].tobytes())
    if ending == ".png":
        struct.pack_into(">II", data, 16, side, side)
        struct.pack_into(">I", data, 29, zlib.crc32(data[12:29]))
    elif ending == ".jpg":
        struct.pack_into(">HH", data, data.index(b"\xff\xc0") + 5, side, side)
    else:
        struct.pack_into("<ii", data, 18, side, side)
    return bytes(data)


def test_the_mark_is_small_readable_and_in_the_lower_left_corner():
    marked = np.full((480, 640, 3), 120, np.uint8)
    picture.draw_mark(marked)
    rows, columns = np.nonzero((marked != 120).any(axis=2))
    assert rows.min() > 440
    assert columns.max() < 320
    assert int(marked.max()) - int(marked.min()) > 120


def test_the_mark_fits_a_tiny_picture():
    tiny = np.zeros((10, 12, 3), np.uint8)
    picture.draw_mark(tiny)
    assert tiny.shape == (10, 12, 3)
