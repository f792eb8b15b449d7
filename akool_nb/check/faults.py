"""The exercises of lesson 06: what a program does about an error."""

from __future__ import annotations

from typing import Any

from akool_nb import errors
from akool_nb.check.exercise import Exercise, call, compare, expect

WORDS = {1104: "pay", 1101: "sign in", 1102: "sign in", 1003: "fix"}


def _advice(value: Any) -> str:
    cases = ((f"the error with code {code}", errors.from_code(code), word) for code, word in WORDS.items())
    hint = compare(value, cases)
    return hint and f"{hint} isinstance() tells them apart."


def _timeout(value: Any) -> str:
    expect(BaseException, value)
    if isinstance(value, errors.DeadlineExceeded):
        return ""
    return f"That is a {type(value).__name__}. A request that takes longer than the client's timeout raises another."


class _Failing:
    """A call that fails some times before it succeeds; it counts how often it was called."""

    def __init__(self, error: Exception, failures: int) -> None:
        self.error = error
        self.failures = failures
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.failures:
            raise self.error
        return "done"


def _retry(value: Any) -> str:
    busy = _Failing(errors.from_code(1005), failures=2)
    if call(value, busy, case="two rate limits, then success") != "done":
        return "After two rate limits the third call succeeds; the function should return its result."
    for error, most in ((errors.from_code(1005), 3), (errors.from_code(1104), 1)):
        hint = _gives_up(value, error, most)
        if hint:
            return hint
    return ""


def _gives_up(function: Any, error: Exception, most: int) -> str:
    failing = _Failing(error, failures=100)
    name = type(error).__name__
    try:
        function(failing)
    except type(error):
        if failing.calls == most:
            return ""
        return f"When {name} does not stop, the function should call {most} times; yours called {failing.calls} times."
    return f"When {name} does not stop, the function should let it through; yours returned."


EXERCISES = {
    "06.1": Exercise("a function that takes an error and returns a word", _advice, "Each class has its own reaction."),
    "06.2": Exercise("the error that you caught", _timeout, "A request has one time limit, and it holds."),
    "06.3": Exercise(
        "a function that takes a function", _retry, "Some errors are worth a second attempt, most are not."
    ),
}
