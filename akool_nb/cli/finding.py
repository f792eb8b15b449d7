"""One line of what `akool-nb doctor` reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "note", "fail"]
_MARKS = {"ok": "ok  ", "note": "note", "fail": "FAIL"}


@dataclass(frozen=True)
class Finding:
    """One line of the report: `fail` stops something from working, `note` is worth knowing."""

    name: str
    state: State
    found: str
    advice: str = ""

    def __str__(self) -> str:
        advice = f"\n       → {self.advice}" if self.advice else ""
        return f"{_MARKS[self.state]}  {self.name:<20} {self.found}{advice}"
