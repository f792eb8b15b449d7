"""Clips: the drawn face in motion, and files."""

import cv2
import numpy as np
import pytest

from akool_nb.sandbox import clip
from akool_nb.sandbox.picture import PictureError
from tests.sandbox.faces import detector


def test_a_clip_has_the_asked_length_and_size():
    frames = list(clip.drawn(0.5, fps=10, size=(320, 240)))
    assert [frame.shape for frame in frames] == [(240, 320, 3)] * 5


def test_the_motion_repeats_and_holds_a_face_all_the_time():
    assert np.abs(clip.moment(0.4, (160, 120)).astype(int) - clip.moment(24.4, (160, 120))).mean() < 1
    assert all(len(detector().detect(clip.moment(second))) == 1 for second in range(8))


def test_a_video_file_is_read_frame_by_frame(tmp_path):
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 10, (64, 48))
    for shade in (0, 100, 200):
        writer.write(np.full((48, 64, 3), shade, np.uint8))
    writer.release()
    assert [round(frame.mean() / 10) for frame in clip.read(path)] == [0, 10, 20]


@pytest.mark.parametrize("content", [None, b"", b"no video"])
def test_a_file_that_is_no_video_is_refused_with_advice(tmp_path, content):
    path = tmp_path / "clip.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PictureError, match="Give an MP4"):
        next(clip.read(path))
