"""Clips: the drawn face in motion, and files."""

import cv2
import numpy as np
import pytest

from akool_nb.sandbox.pictures import clip
from akool_nb.sandbox.pictures.picture import PictureError
from tests.sandbox.faces import detector


def test_a_clip_has_the_requested_length_and_size():
    frames = list(clip.drawn(0.5, fps=10, size=(320, 240)))
    assert [frame.shape for frame in frames] == [(240, 320, 3)] * 5


def test_the_motion_repeats_and_a_face_is_always_visible():
    assert np.abs(clip.moment(0.4, (160, 120)).astype(int) - clip.moment(24.4, (160, 120))).mean() < 1
    assert all(len(detector().detect(clip.moment(second))) == 1 for second in range(8))


def film(path, rate, frames):
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), rate, frames[0].shape[1::-1])
    for frame in frames:
        writer.write(frame)
    writer.release()
    return path


def test_a_video_file_is_read_frame_by_frame(tmp_path):
    path = film(tmp_path / "clip.avi", 10, [np.full((48, 64, 3), shade, np.uint8) for shade in (0, 100, 200)])
    assert [round(frame.mean() / 10) for frame in clip.read(path, fps=10)] == [0, 10, 20]


@pytest.mark.parametrize("rate", [10, 15, 24, 25, 30, 50, 60])
def test_a_video_plays_at_its_own_speed_at_any_frame_rate(tmp_path, rate):
    path = film(tmp_path / "clip.avi", rate, [numbered(number) for number in range(2 * rate)])
    numbers = [int(frame.mean(axis=(0, 2)).argmax()) // 8 for frame in clip.read(path, fps=20)]
    assert numbers == [tick * rate // 20 for tick in range(40)]


def numbered(number):
    """A frame with a bright bar whose position is the frame's number."""
    frame = np.zeros((48, 960, 3), np.uint8)
    frame[:, 8 * number : 8 * number + 8] = 255
    return frame


@pytest.mark.parametrize("content", [None, b"", b"no video"])
def test_a_file_that_is_not_a_video_is_refused_with_advice(tmp_path, content):
    path = tmp_path / "clip.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PictureError, match="Give an MP4"):
        next(clip.read(path))
