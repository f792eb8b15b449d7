"""The exercises of the lessons 00, 01 (its first) and 02: where answers come from, photos, credentials, tokens."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

from PIL import ImageChops, ImageStat

from akool_nb import errors, samples
from akool_nb.api.models import Detection
from akool_nb.api.photo import Photo
from akool_nb.check.exercise import Exercise, compare, expect
from akool_nb.wire.credentials import Credentials

# Mean difference of two small pictures, of 255, below which they show the same.
ALIKE = 6.0
REQUESTS = 8


def on_the_sandbox() -> bool:
    """Whether `connect()` would find no credentials here."""
    return not Credentials.found(None, None, None, None).complete


def shows(photo: Photo, sample: str) -> bool:
    """Whether a photo is one of the samples, in whatever size."""
    one = photo.image.resize((32, 32))
    other = Photo.open(samples.photo(sample)).image.resize((32, 32))
    difference = ImageStat.Stat(ImageChops.difference(one, other))
    return max(difference.mean) < ALIKE


def _who_answers(value: Any) -> str:
    expect(bool, value)
    if value == on_the_sandbox():
        return ""
    return "Read the line that connect() printed: who answers your calls?"


def _size(value: Any) -> str:
    expected = Photo.open(samples.photo("astronaut")).size
    if tuple(value) == expected:
        return ""
    if tuple(value) == expected[::-1]:
        return "That is (height, width). The width comes first."
    return f"Your pair is {tuple(value)}. Look at the attribute size of the Photo."


def _one_face(value: Any) -> str:
    expect(Detection, value)
    if len(value) != 1:
        return f"detect found {len(value)} faces; hand in the detection of a photo with one face."
    if shows(value.photo, "astronaut"):
        return "That is the portrait of the lesson; detect another photo."
    return ""


def _refused(value: Any) -> str:
    expect(BaseException, value)
    if isinstance(value, errors.ApiError) and value.code != 1102 and not on_the_sandbox():
        return ""  # AKOOL's answer to wrong credentials is not documented
    if not isinstance(value, errors.AuthenticationError):
        name = type(value).__name__
        return f"That is a {name}. Sign in with an id and a secret that do not exist, and catch the error."
    return "" if value.code == 1101 else f"That is code {value.code}; wrong credentials have another code."


def _jwt(seconds_left: float) -> str:
    parts = [{"alg": "HS256", "typ": "JWT"}, {"exp": int(time.time() + seconds_left)}]
    texts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*texts, "signature"])


def _has_expired(value: Any) -> str:
    ended = ("a token that ended an hour ago", _jwt(-3600.0), True)
    valid = ("a token that is valid for an hour", _jwt(3600.0), False)
    return compare(value, (ended, valid))


def _requests_sent(value: Any) -> str:
    if isinstance(value, bool) or int(value) != value:
        raise TypeError
    if value == REQUESTS:
        return ""
    return f"{value} is not the number in the log. Count: each request with an expired token needs three lines."


EXERCISES = {
    "00.1": Exercise("True or False", _who_answers, "You know who answers."),
    "00.2": Exercise("a pair of numbers, (width, height)", _size, "Width first, then height, in pixels."),
    "01.1": Exercise("a Detection", _one_face, "One face with its landmarks: this is what a session needs."),
    "02.1": Exercise("the error that you caught", _refused, "The service does not know these credentials."),
    "02.2": Exercise("a function that takes a token", _has_expired, "The end of a token can be read without a key."),
    "02.3": Exercise(
        "a number of requests", _requests_sent, "Two for the start, and three for each request with an expired token."
    ),
}
