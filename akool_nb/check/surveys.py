"""The exercises of lesson 07: surveys and drifts."""

from __future__ import annotations

from pathlib import PurePath
from types import SimpleNamespace
from typing import Any

from akool_nb import samples
from akool_nb.check.exercise import Exercise, call


def _only_the_largest(value: Any) -> str:
    if not all(row.single_face for row in value):
        return "Some rows have all faces; start with a new survey, and use single_face=True."
    missing = {path.name for path in samples.photos()} - {PurePath(row.photo).name for row in value}
    if missing:
        return f"Some photos of the folder are missing: {', '.join(sorted(missing))}."
    return _went_well(value)


def _went_well(survey: Any) -> str:
    # A drawing without a face is not the learner's mistake: AKOOL may find no faces in drawings.
    wrong = [row for row in survey if row.error not in ("", "NoFaceError")]
    if wrong:
        return f"{PurePath(wrong[0].photo).name} ended in {wrong[0].error}: {wrong[0].message}"
    return "" if any(row.faces == 1 for row in survey) else "No photo of the folder showed a face; try again."


def _not_found(value: Any) -> str:
    survey = [
        SimpleNamespace(photo="a.jpg", error="", faces=1),
        SimpleNamespace(photo="b.jpg", error="NoFaceError", faces=0),
        SimpleNamespace(photo="c.txt", error="PhotoError", faces=0),
    ]
    said = list(call(value, survey, case="a survey of three files"))
    if said == ["b.jpg"]:
        return ""
    return f"Of three files only b.jpg is a photo without a face; yours returned {said}."


def _worst(value: Any) -> str:
    drifts = [
        SimpleNamespace(name="small error", error=0.01, failure=""),
        SimpleNamespace(name="no face", error=None, failure="NoFaceError"),
        SimpleNamespace(name="large error", error=0.2, failure=""),
    ]
    for given, expected in ((drifts, "no face"), (drifts[::2], "large error")):
        names = ", ".join(drift.name for drift in given)
        said = getattr(call(value, given, case=f"the drifts {names}"), "name", None)
        if said != expected:
            return f"Of the drifts {names} the worst is {expected!r}; yours returned {said!r}."
    return ""


EXERCISES = {
    "07.1": Exercise("a Survey", _only_the_largest, "One face for each photo, however many there are."),
    "07.2": Exercise("a function that takes a survey", _not_found, "A table answers questions about a whole folder."),
    "07.3": Exercise(
        "a function that takes a list of drifts", _worst, "A face that is not found is worse than any error."
    ),
}
