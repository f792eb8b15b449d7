"""Checks for learners: one line that says whether an exercise's answer is right, and if not, what to look at.

check.answer("03.1", face)      # ✔ 03.1: right. …       or       ✘ 03.1: not yet. …
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import PurePath
from typing import Any

from PIL import ImageChops, ImageStat

from akool_nb import errors, opts, samples
from akool_nb.api.models import Detection, Face
from akool_nb.api.photo import Photo
from akool_nb.api.session import LiveSession
from akool_nb.wire.credentials import Credentials

_LARGEST = (0.27, 0.5)
# The middle of the collage's largest copy is left of and above this point, as shares of the picture's sides.

_ALIKE = 6.0
# Below this mean difference (of 255) two small pictures show the same photo.

_CLOCKS_DIFFER = timedelta(minutes=5)
# How far this machine's clock may be from the service's.

_A_FACES_WORTH = range(10_000, 100_000)
# Pixels that a swap changes in the drawn face at 480×480: fewer are no face, more are the whole picture.


@dataclass(frozen=True, repr=False)
class Verdict:
    """The result of a check; a cell shows it as one line."""

    exercise: str
    right: bool
    text: str

    def __repr__(self) -> str:
        result = f"✔ {self.exercise}: right." if self.right else f"✘ {self.exercise}: not yet."
        return f"{result} {self.text}"


@dataclass(frozen=True)
class _Exercise:
    # What the answer is, in words: the hint for an answer of another kind.
    wants: str
    # What to look at, "" when the answer is right. For an answer of another kind it may raise any error.
    hint: Callable[[Any], str]
    praise: str
    # Whether the answer has the right kind, so that an error is about what it does.
    is_kind: Callable[[Any], bool] = lambda value: False


def answer(exercise: str, value: object) -> Verdict:
    """Judge the answer to an exercise, such as "03.1". An unknown number is a ValueError that lists the known ones."""
    if exercise not in _EXERCISES:
        raise ValueError(f"There is no exercise {exercise!r}. There are: {', '.join(exercises())}.")
    asked = _EXERCISES[exercise]
    if value is ... or value is None:
        return Verdict(exercise, False, f"Put your answer in place of the dots: {asked.wants}.")
    try:
        hint = asked.hint(value)
    except Exception as error:  # any kind of answer is possible, and a hint helps more than a traceback
        hint = _hint_for(asked, value, error)
    return Verdict(exercise, not hint, hint or asked.praise)


def _hint_for(asked: _Exercise, value: object, error: Exception) -> str:
    if asked.is_kind(value):
        return f"Your answer raised {type(error).__name__}: {error}. Run it by itself to see where."
    return f"The answer is {asked.wants}; yours is of the type {type(value).__name__}."


def exercises() -> list[str]:
    """The numbers of all exercises."""
    return sorted(_EXERCISES)


def _service(value: Any) -> str:
    if not isinstance(value, bool):
        raise TypeError
    return "" if value == _on_the_sandbox() else "Read the line that connect() printed: which service is it?"


def _on_the_sandbox() -> bool:
    """Whether `connect()` would find no credentials here."""
    return not Credentials.found(None, None, None, None).complete


def _one_face(value: Any) -> str:
    if not isinstance(value, Detection):
        raise TypeError
    if len(value) != 1:
        return f"detect found {len(value)} faces; use the detection of a photo with one."
    return "That is the portrait again; detect another photo." if _shows(value.photo, "astronaut") else ""


def _shows(photo: Photo, sample: str) -> bool:
    """Whether a photo is one of ours, whatever its size."""
    one, other = (each.image.resize((32, 32)) for each in (photo, Photo.open(samples.photo(sample))))
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean) < _ALIKE


def _refused(value: Any) -> str:
    if not isinstance(value, BaseException):
        raise TypeError
    if isinstance(value, errors.ApiError) and value.code != 1102 and not _on_the_sandbox():
        return ""  # what AKOOL's getToken answers to wrong credentials is documented nowhere
    if not isinstance(value, errors.AuthenticationError):
        return (
            f"That is a {type(value).__name__}. Sign in with an id and a secret that do not exist, and catch the error."
        )
    return "" if value.code == 1101 else f"That is code {value.code}; wrong credentials are another one."


def _largest(value: Any) -> str:
    if not isinstance(value, Face):
        raise TypeError
    if not _shows(value.photo, "collage"):
        return "This face comes from another picture; found = client.detect(crowd) holds the six."
    left, top, width, height = value.region
    right, bottom = (share * side for share, side in zip(_LARGEST, value.photo.size, strict=True))
    if left + width / 2 < right and top + height / 2 < bottom:
        return ""
    return f"This face is {width} × {height} pixels; another one covers more. max(found, key=…) helps."


def _moved(value: Any) -> str:
    before, after = (opts.parse(text) for text in value)
    steps = {(x2 - x1, y2 - y1) for (x1, y1), (x2, y2) in zip(before, after, strict=True)}
    if steps == {(10, 0)}:
        return ""
    return f"Every point should go 10 to the right and 0 down; yours went {', '.join(map(str, sorted(steps)))}."


def _closed(value: Any) -> str:
    if not isinstance(value, LiveSession):
        raise TypeError
    if not value.closed:
        return "The session is still open, and with a real account it costs. Call close(), or use with."
    return "" if _was_updated(value) else "It is closed, but it never got another face: update() comes before close()."


def _was_updated(session: Any) -> bool:
    """Whether an update of this very session went well; its client may have updated others."""
    updates = session.client.calls.find("/update")
    return any(call.ok and call.request["_id"] == session.id for call in updates)


def _end(value: Any) -> str:
    if not isinstance(value, datetime):
        raise TypeError
    if value.tzinfo is None:
        return "This time has no time zone, so it cannot be compared. RtcToken.decode(…).expires_at has one."
    left = value - datetime.now(timezone.utc)
    if timedelta(0) < left <= timedelta(hours=1) + _CLOCKS_DIFFER:
        return ""
    return "The end of a new session is at most one hour away."


def _advice(value: Any) -> str:
    cases = {1104: "pay", 1101: "sign in", 1102: "sign in", 1003: "fix"}
    for code, wanted in cases.items():
        said = value(errors.from_code(code, "a message"))
        if said != wanted:
            return f"For code {code} the answer should be {wanted!r}; yours is {said!r}. isinstance() tells them apart."
    return ""


def _only_the_largest(value: Any) -> str:
    if not all(row.single_face for row in value):
        return "Some rows were asked for all faces; start with a new survey, and say single_face=True."
    missing = {path.name for path in samples.photos()} - {PurePath(row.photo).name for row in value}
    if missing:
        return f"The folder holds more; missing: {', '.join(sorted(missing))}."
    return _went_well(value)


def _went_well(survey: Any) -> str:
    """Whether no row has an error. A drawing without a face is allowed, because AKOOL may find no face in it."""
    wrong = [row for row in survey if row.error not in ("", "NoFaceError")]
    if wrong:
        return f"{PurePath(wrong[0].photo).name} ended in {wrong[0].error}: {wrong[0].message}"
    return "" if any(row.faces == 1 for row in survey) else "No photo of the folder showed a face; ask again."


def _untouched(value: Any) -> str:
    outside, inside = (int(count) for count in value)
    if outside:
        return f"You counted {outside} outside. Leave the region out, with a small margin for its soft edge."
    return "" if inside in _A_FACES_WORTH else f"{inside} pixels inside are no swapped face. Swap first, then compare."


def _app(value: Any) -> str:
    missing = {"ImageUploader", "FacePicker", "LiveView"} - {type(widget).__name__ for widget in _inside(value)}
    return f"The box still lacks {', '.join(sorted(missing))}." if missing else ""


def _inside(box: Any) -> Iterator[Any]:
    """The widgets in a box, and in the boxes in it."""
    for child in box.children:
        yield child
        if hasattr(child, "children"):
            yield from _inside(child)


_EXERCISES = {
    "00.1": _Exercise("True or False", _service, "You know which service you are connected to."),
    "01.1": _Exercise("a Detection", _one_face, "One face with four points: the swap needs no more."),
    "02.1": _Exercise("the error you caught", _refused, "Refused: the service does not know this id and secret."),
    "03.1": _Exercise("one Face of the collage", _largest, "single_face=True would have picked the same one."),
    "03.2": _Exercise("a pair of opts texts, before and after", _moved, "opts is edited by parse, change and build."),
    "04.1": _Exercise("a LiveSession", _closed, "Created, updated, closed: nothing is left open."),
    "05.1": _Exercise("a datetime with a time zone", _end, "When the token ends, so does the session."),
    "06.1": _Exercise(
        "a function that takes an error and returns a word",
        _advice,
        "One class, one thing to do.",
        callable,
    ),
    "07.1": _Exercise("a Survey", _only_the_largest, "One face a photo, however many there are."),
    "08.1": _Exercise(
        "a pair of numbers, the pixels changed outside and inside",
        _untouched,
        "None: outside the face the frame stays what it was, bit for bit.",
    ),
    "09.1": _Exercise("a VBox of widgets", _app, "Three widgets, one box: that is an app."),
}
