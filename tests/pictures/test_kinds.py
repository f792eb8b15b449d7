"""Files are recognised by their first bytes."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from akool_nb import samples
from akool_nb.pictures import kinds

VIDEOS = [b"\x00\x00\x00\x18ftypmp42", b"RIFF\x00\x00\x00\x00AVI LIST", b"\x1a\x45\xdf\xa3webm", b"OggS\x00"]
HEIC_BRANDS = ["heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "mif2", "msf1", "miaf"]


@pytest.mark.parametrize("kind", ["JPEG", "MPO", "PNG", "WEBP", "BMP", "GIF", "TIFF", "AVIF"])
def test_files_of_pillow_are_recognised_by_their_first_bytes(kind: str):
    file = io.BytesIO()
    Image.new("RGB", (9, 9)).save(file, kind)
    found = kinds.kind_of(file.getvalue())
    assert found is not None and found.name == kind.replace("MPO", "JPEG")
    assert not kinds.is_video(file.getvalue())


@pytest.mark.parametrize("brand", HEIC_BRANDS)
def test_every_brand_of_heic_is_recognised(brand: str):
    start = b"\0\0\0\x18ftyp" + brand.encode() + b"\0\0\0\0" + b"mif1heic"
    assert kinds.kind_of(start) is kinds.HEIF and not kinds.is_video(start)


def test_a_container_with_an_avif_brand_is_recognised_as_avif():
    assert kinds.kind_of(b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf") is kinds.AVIF


@pytest.mark.parametrize("content", VIDEOS)
def test_a_video_is_not_a_picture(content: bytes):
    assert kinds.is_video(content) and kinds.kind_of(content) is None


@pytest.mark.parametrize("content", [b"", b"hello", b"%PDF-1.7", b"RIFF", b"<svg/>", b"BMW is a car, no bitmap"])
def test_other_files_are_neither_pictures_nor_videos(content: bytes):
    assert kinds.kind_of(content) is None and not kinds.is_video(content)


def test_the_sample_photos_are_pictures_that_the_detectors_accept():
    assert all(kinds.kind_of(photo.read_bytes()).by_detector for photo in samples.photos())
