"""One exercise: what it asks for, and the function that judges an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Exercise:
    """An exercise of a lesson.

    Attributes:
        wants: what the answer is, in words.
        hint: returns what to look at, or "" for a right answer. It may raise anything for an answer of another type.
        praise: what a right answer shows.
    """

    wants: str
    hint: Callable[[Any], str]
    praise: str


class RaisedByAnswer(Exception):  # noqa: N818 - the learner's function failed, not the check
    """The function that a learner wrote raised an exception."""


def expect(kind: type, value: object) -> None:
    """TypeError for an answer of another type; the check then says what the answer is."""
    if not isinstance(value, kind):
        raise TypeError


def call(function: Any, *arguments: Any, case: str) -> Any:
    """Call a learner's function; an exception of the function becomes `RaisedByAnswer` with the case in words."""
    if not callable(function):
        raise TypeError
    try:
        return function(*arguments)
    except Exception as error:
        raise RaisedByAnswer(f"Your function raised {type(error).__name__} for {case}: {error}.") from error


def compare(function: Any, cases: Iterable[tuple[str, Any, Any]]) -> str:
    """The hint for the first case (its name, the argument, the right result) that a learner's function gets wrong."""
    for case, argument, right in cases:
        said = call(function, argument, case=case)
        if type(said) is not type(right) or said != right:
            return f"For {case} the function should return {right!r}; yours returned {said!r}."
    return ""
