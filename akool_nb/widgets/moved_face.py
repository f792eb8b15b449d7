"""Faces whose points a person moved: the page sends the new texts, Python checks them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from akool_nb import opts
from akool_nb.api.models import Face


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
    """The face with its points at other places; the page has moved the detector's `opts` alike, inside its picture.

    Raises OptsError for a text that is not `opts`.
    """
    landmarks = tuple((int(x), int(y)) for x, y in points)
    opts.parse(text)
    crop = face.crop
    if crop and crop_text:
        opts.parse(crop_text)
        crop = dataclasses.replace(crop, opts=crop_text)
    return dataclasses.replace(face, landmarks=landmarks, opts=text, crop=crop)
