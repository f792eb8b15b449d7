"""The detectors' answers in AKOOL's form, with every field.

`/detect`: https://docs.akool.com/ai-tools-suite/live-faceswap · `detect_faces`:
https://docs.akool.com/ai-tools-suite/face-detection
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from akool_nb.sandbox.engine.arrays import Image
from akool_nb.sandbox.engine.detector import FoundFace
from akool_nb.sandbox.switches import Switches

PADDING = [0, 0]
SIX = ("left_eye", "right_eye", "nose", "mouth_centre", "mouth_left", "mouth_right")
UNREADABLE = "None,None:None,None"
SUCCESS = {"error_code": 0, "error_msg": "SUCCESS"}
Pixels = list[int]


@dataclass(frozen=True)
class Crop:
    """A face cut out of its picture: its rectangle there, and the address where it is hosted."""

    x: int
    y: int
    width: int
    height: int
    url: str

    def to_json(self) -> Pixels:
        """`crop_region` in AKOOL's form."""
        return [self.x, self.y, self.width, self.height]


def detect_answer(
    image: Image, faces: Sequence[FoundFace], seconds: float, switches: Switches, *, single_face: bool
) -> dict[str, Any]:
    """The answer of `/detect`: four points and two of padding per face."""
    points = [four_pixels(face, _fourth(switches, "corner")) for face in faces]
    lists: dict[str, Any] = {
        "landmarks": [[*four, PADDING, PADDING] for four in points],
        "landmarks_str": [_text(four) for four in points],
        "region": [_region(image, face) for face in faces],
    }
    if single_face and faces:
        lists = _single(lists, switches.single_face_form)
    return {**SUCCESS, **lists, "seconds": seconds, "trx_id": str(uuid.uuid4())}


def detect_failure(message: str, seconds: float) -> dict[str, Any]:
    """The answer of `/detect` to a picture it can do nothing with."""
    empty: dict[str, Any] = {"landmarks": [], "landmarks_str": [], "region": []}
    return {"error_code": 1, "error_msg": message, **empty, "seconds": seconds, "trx_id": str(uuid.uuid4())}


def faces_answer(
    image: Image, faces: Sequence[FoundFace], crops: Sequence[Crop] | None, switches: Switches
) -> dict[str, Any]:
    """The answer of `detect_faces`: six points per face and, where asked for, its hosted crop."""
    points = [_text_points(face, switches) for face in faces]
    frame = {
        "landmarks": [[_pixel(face, name) for name in SIX] for face in faces],
        "landmarks_str": [_text(each) for each in points],
        "region": [_region(image, face) for face in faces],
        "removed": [],
        "frame_time": None,
        "crop_region": None if crops is None else [crop.to_json() for crop in crops],
        "crop_landmarks": None if crops is None else _crop_texts(points, crops, switches),
        "face_urls": None if crops is None else [crop.url for crop in crops],
    }
    return {**SUCCESS, "faces_obj": {"0": frame}}


def no_faces_answer() -> dict[str, Any]:
    """The answer of `detect_faces` that says success and holds nothing."""
    return {**SUCCESS, "faces_obj": {}}


def faces_failure(message: str) -> dict[str, Any]:
    """The answer of `detect_faces` to a picture it can do nothing with."""
    return {"error_code": 1, "error_msg": message, "faces_obj": {}}


def _region(image: Image, face: FoundFace) -> Pixels:
    """The part of the face's rectangle inside the picture, because a face may be cut by its border."""
    x, y, width, height = face.region
    left = max(0, x)
    top = max(0, y)
    right = min(image.shape[1], x + width)
    bottom = min(image.shape[0], y + height)
    return [left, top, max(0, right - left), max(0, bottom - top)]


def _fourth(switches: Switches, documented: str) -> str:
    chosen = documented if switches.fourth_point == "documented" else switches.fourth_point
    return "mouth_left" if chosen == "corner" else "mouth_centre"


def four_pixels(face: FoundFace, fourth: str) -> list[Pixels]:
    """Both eyes, the nose and the named point of the mouth as `opts` writes them."""
    return [_pixel(face, name) for name in ("left_eye", "right_eye", "nose", fourth)]


def _pixel(face: FoundFace, name: str) -> Pixels:
    # A face at the border may have points outside; [0, 0] would read as padding.
    x, y = face.points[name]
    return [max(1, round(x)), max(1, round(y))]


def _text(points: Sequence[Pixels]) -> str:
    return ":".join(f"{x},{y}" for x, y in points)


def _text_points(face: FoundFace, switches: Switches) -> list[Pixels]:
    """The points in the texts of `detect_faces`: as many as the switch says, the switched fourth one in its place."""
    fourth = _fourth(switches, "centre")
    others = [name for name in ("mouth_centre", "mouth_left", "mouth_right") if name != fourth]
    names = ("left_eye", "right_eye", "nose", fourth, *others)
    return [_pixel(face, name) for name in names[: switches.landmark_points]]


def _crop_texts(points: Sequence[Sequence[Pixels]], crops: Sequence[Crop], switches: Switches) -> list[str]:
    if switches.crop_text == "unreadable":
        return [UNREADABLE for _ in crops]
    pairs = zip(points, crops, strict=True)
    return [_text([[x - crop.x, y - crop.y] for x, y in each]) for each, crop in pairs]


def _single(lists: dict[str, Any], form: str) -> dict[str, Any]:
    if form == "flat":
        return {name: values[0] for name, values in lists.items()}
    if form == "string":
        return {**lists, "landmarks_str": lists["landmarks_str"][0]}
    return lists
