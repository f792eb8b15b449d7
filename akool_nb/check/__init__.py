"""Checks of the exercises in the lessons: a text that says whether an answer is right, and what to look at if not.

check.answer("03.1", face)      # ✔ 03.1: right. …       or       ✘ 03.1: not yet. …
check.summary()                 # the state of all exercises in this kernel
check.export("answers.json")    # the same for a teacher, without the answers themselves
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from akool_nb.check import apps, faces, faults, sessions, start, surveys, swaps
from akool_nb.check.exercise import Exercise, RaisedByAnswer
from akool_nb.terminal import wrapped

__all__ = ["Result", "Summary", "Verdict", "answer", "exercises", "export", "summary"]

_EXERCISES: dict[str, Exercise] = {
    **start.EXERCISES,
    **faces.EXERCISES,
    **sessions.EXERCISES,
    **faults.EXERCISES,
    **surveys.EXERCISES,
    **swaps.EXERCISES,
    **apps.EXERCISES,
}


@dataclass(frozen=True, repr=False)
class Verdict:
    """What a check found; a cell shows it in lines of at most 80 characters.

    Attributes:
        exercise: the number, such as "03.1".
        right: whether the answer is right.
        text: what is right, or what to look at.
    """

    exercise: str
    right: bool
    text: str

    def __repr__(self) -> str:
        if self.right:
            return wrapped(f"✔ {self.exercise}: right. {self.text}")
        return wrapped(f"✘ {self.exercise}: not yet. {self.text} Run this cell again after a change.")


@dataclass
class Result:
    """The state of one exercise in this kernel.

    Attributes:
        exercise: the number, such as "03.1".
        state: "right", "not yet" or "not tried".
        attempts: how often the answer was checked.
    """

    exercise: str
    state: str = "not tried"
    attempts: int = 0


class Summary(list[Result]):
    """The state of all exercises; a cell shows one line for each and a total."""

    def __repr__(self) -> str:
        marks = {"right": "✔", "not yet": "✘", "not tried": "·"}
        lines = [f"{marks[result.state]} {result.exercise}  {result.state}" for result in self]
        right = sum(result.state == "right" for result in self)
        return "\n".join([*lines, f"{right} of {len(self)} exercises are right."])


_RESULTS = {number: Result(number) for number in sorted(_EXERCISES)}


def answer(exercise: str, value: object) -> Verdict:
    """Check the answer to an exercise, such as "03.1".

    Raises:
        ValueError: there is no exercise with this number; the message lists the numbers.
    """
    if exercise not in _EXERCISES:
        raise ValueError(f"There is no exercise {exercise!r}. Choose one of: {', '.join(exercises())}.")
    verdict = _judge(exercise, value)
    result = _RESULTS[exercise]
    result.attempts += 1
    result.state = "right" if verdict.right else "not yet"
    return verdict


def exercises() -> list[str]:
    """The numbers of all exercises."""
    return sorted(_EXERCISES)


def summary() -> Summary:
    """The state of all exercises in this kernel."""
    return Summary(_RESULTS.values())


def export(path: str | os.PathLike[str]) -> Path:
    """Write the summary as JSON: a list of objects with `exercise`, `state` and `attempts`.

    The file holds no answers, no names and no pictures.
    """
    target = Path(path).expanduser()
    target.parent.mkdir(parents=True, exist_ok=True)
    rows = [asdict(result) for result in summary()]
    target.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return target


def _judge(number: str, value: object) -> Verdict:
    exercise = _EXERCISES[number]
    if value is ... or value is None:
        return Verdict(number, False, f"Put your answer in place of the dots: {exercise.wants}.")
    try:
        hint = exercise.hint(value)
    except RaisedByAnswer as error:
        hint = str(error)
    except Exception:  # an answer can be any object, and the check must not end in a traceback
        hint = f"The answer is {exercise.wants}; yours is of the type {type(value).__name__}."
    return Verdict(number, not hint, hint or exercise.praise)
