"""Files are told by how they begin."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from akool_nb import samples
from akool_nb.sandbox.pictures import media

VIDEOS = [b"\x00\x00\x00\x18ftypmp42", b"RIFF\x00\x00\x00\x00AVI LIST", b"\x1a\x45\xdf\xa3webm", b"OggS\x00"]


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".webp"])
def test_every_documented_kind_of_picture_is_one(suffix: str):
    _, data = cv2.imencode(suffix, np.zeros((9, 9, 3), np.uint8))
    assert media.is_picture(data.tobytes()) and not media.is_video(data.tobytes())


@pytest.mark.parametrize("content", VIDEOS)
def test_a_video_is_no_picture(content: bytes):
    assert media.is_video(content) and not media.is_picture(content)


@pytest.mark.parametrize("content", [b"", b"hello", b"%PDF-1.7", b"RIFF", b"<svg/>"])
def test_other_files_are_neither(content: bytes):
    assert not media.is_picture(content) and not media.is_video(content)


def test_the_header_tells_the_size_and_what_has_none_has_no_pixels():
    _, data = cv2.imencode(".jpg", np.zeros((30, 40, 3), np.uint8))
    assert media.pixels(data.tobytes()) == media.pixels(data.tobytes()[:-9]) == 1200
    assert media.pixels(b"") == media.pixels(b"hello") == 0


def test_the_sample_photos_are_pictures():
    assert all(media.is_picture(photo.read_bytes()) for photo in samples.photos())
