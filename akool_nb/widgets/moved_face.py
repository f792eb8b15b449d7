"""Faces whose points a person moved: the page sends the new texts, Python checks them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from akool_nb import opts
from akool_nb.api.models import Face
from akool_nb.errors import OptsError
from akool_nb.widgets import texts


def describe(face: Face) -> dict[str, Any]:
    """A face as the page needs it; its warnings follow in a message of their own."""
    return {
        "region": face.region,
        "landmarks": face.landmarks,
        "opts": face.opts,
        "path": face.photo.url or (face.crop.path if face.crop else None),
        "crop_opts": face.crop.opts if face.crop and not face.photo.url else None,
    }


def moved(face: Face, points: Sequence[Sequence[float]], text: str, crop_text: str | None) -> Face:
    """The face with its points at other places; the page has moved the detector's `opts` alike.

    Raises OptsError for a text that is not `opts`, and for a point that was moved out of its picture.
    """
    landmarks = tuple((int(x), int(y)) for x, y in points)
    _check(text, face.opts)
    crop = face.crop
    if crop and crop_text:
        _check(crop_text, crop.opts)
        crop = dataclasses.replace(crop, opts=crop_text)
    return dataclasses.replace(face, landmarks=landmarks, opts=text, crop=crop)


def _check(text: str, before: str) -> None:
    # The detector's own points may be outside of the picture; they may stay there.
    if _smallest(opts.parse(text)) < min(0, _smallest(_points(before))):
        raise OptsError(texts.OUTSIDE)


def _points(text: str) -> tuple[opts.Point, ...]:
    try:
        return opts.parse(text)
    except OptsError:
        return ()  # a detector's text is passed on, whatever it is


def _smallest(points: tuple[opts.Point, ...]) -> int:
    return min((value for point in points for value in point), default=0)
