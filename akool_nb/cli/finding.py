"""One line of what `akool-nb doctor` reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from akool_nb.terminal import wrapped

State = Literal["ok", "note", "fail"]
_MARKS = {"ok": "ok  ", "note": "note", "fail": "FAIL"}
_INDENT = " " * 27
_ADVICE_INDENT = " " * 10


@dataclass(frozen=True)
class Finding:
    """One result of the report.

    Attributes:
        name: what was checked.
        state: "fail" stops something from working, "note" does not.
        found: what was found.
        advice: what to do; "" for nothing.
    """

    name: str
    state: State
    found: str
    advice: str = ""

    def __str__(self) -> str:
        line = wrapped(f"{_MARKS[self.state]}  {self.name:<20} {self.found}", _INDENT)
        if not self.advice:
            return line
        advice = wrapped(f"       -> {self.advice}", _ADVICE_INDENT)
        return f"{line}\n{advice}"
