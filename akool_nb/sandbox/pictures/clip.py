"""Moving pictures, frame by frame: the drawn face in motion, or a video file."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from akool_nb.sandbox.engine.arrays import Image
from akool_nb.sandbox.engine.opencv import cv2
from akool_nb.sandbox.pictures import drawn_face
from akool_nb.sandbox.pictures.drawn_person import ADA, Person
from akool_nb.sandbox.pictures.picture import PictureError


def drawn(
    seconds: float, fps: int = 20, size: tuple[int, int] = (640, 480), *, person: Person = ADA
) -> Iterator[Image]:
    """Frames (BGR uint8 of `size` = width, height) of a drawn person who sways, smiles, speaks, blinks and turns.

    The motion repeats after eight seconds.
    """
    for number in range(round(seconds * fps)):
        yield moment(number / fps, size, person=person)


def moment(second: float, size: tuple[int, int] = (640, 480), *, person: Person = ADA) -> Image:
    """One frame of `drawn`, `second` after its start."""
    phase = 2 * math.pi * second / 8
    face = drawn_face.draw(
        min(size),
        person=person,
        smile=max(0.0, math.sin(phase)),
        mouth=max(0.0, math.sin(phase + math.pi)) * (0.5 + 0.5 * math.sin(6 * phase)),
        blink=max(0.0, 1 - abs((second % 3) - 2) / 0.15),
        turn=0.35 * math.sin(2 * phase),
    )
    return _swayed(face, size, phase, person)


def read(path: str | Path, fps: int = 20) -> Iterator[Image]:
    """Frames (BGR uint8) of a video or an animated picture at its own pace, `fps` of them for each second of it.

    A file without a frame rate is taken to have this one.

    Raises:
        PictureError: the file is missing or holds no frames that OpenCV can read.
    """
    video = cv2.VideoCapture(str(path))
    try:
        rate = _rate(video) or fps
        number = -1
        for number, frame in enumerate(_frames(video)):
            # A frame lasts until the next one begins, and is repeated for each of our ticks in that time.
            for _ in range(_ticks(number + 1, rate, fps) - _ticks(number, rate, fps)):
                yield frame
        if number < 0:
            raise PictureError(f"No video can be read from {path}. Give an MP4, WebM, AVI or GIF file.")
    finally:
        video.release()


def _frames(video: Any) -> Iterator[Image]:
    done, frame = video.read()
    while done:
        yield frame
        done, frame = video.read()


def _rate(video: Any) -> float:
    """The frames a second that the file names; 0 where it names none or an impossible number."""
    rate = float(video.get(cv2.CAP_PROP_FPS))
    if not 1 <= rate <= 240:
        return 0.0
    return rate


def _ticks(number: int, rate: float, fps: int) -> int:
    """How many of our ticks are before the beginning of a frame."""
    return math.ceil(round(number * fps / rate, 6))


def _swayed(face: Image, size: tuple[int, int], phase: float, person: Person) -> Image:
    """The square picture turned, moved and scaled a little, before a background that fills the frame."""
    side = face.shape[0]
    scale = (0.92 + 0.05 * math.sin(phase)) * min(size) / side
    motion = cv2.getRotationMatrix2D((side / 2, side), 6 * math.sin(2 * phase), scale)
    motion[:, 2] += (size[0] / 2 - side / 2 + 0.05 * size[0] * math.sin(phase), size[1] - side)
    frame: Image = cv2.warpAffine(
        face, motion, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=person.wall
    )
    return frame
