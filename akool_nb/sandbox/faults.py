"""Failures on demand: a teacher or a test makes the next call, or every call, fail in a chosen way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from traitlets import Bool, Enum, Float, Int, Unicode

from akool_nb.sandbox.switches import check_value

CALLS = ("get_token", "detect", "detect_faces", "create", "update", "close", "info", "credits")
"""The calls that can be made to fail; "any" means the next call, whichever it is."""

KINDS = ("code", "html", "reset", "hang", "truncate", "empty", "garbage")
"""A JSON answer with a code · a proxy's HTML page · the connection is reset · no answer at all · half an answer ·
an empty answer · bytes that are not JSON."""

FOREVER = -1
SUCCESS = 1000
DETECTOR_ERROR = 1
"""`error_code` of the detectors, which report errors in a form of their own."""

BODILESS = (204, 205, 304)
"""Statuses whose answer has no body, so it cannot say what went wrong."""

_TRAITS = {
    "call": Enum((*CALLS, "any")),
    "kind": Enum(KINDS),
    "code": Int(min=1, max=999_999),
    "message": Unicode(),
    "status": Int(min=0, max=599),
    "retry_after": Float(min=0, max=86_400),
    "after": Bool(),
    "times": Int(min=FOREVER, max=1_000_000),
}


@dataclass
class Fault:
    """One ordered failure.

    Attributes:
        call: which call fails, one of `CALLS` or "any".
        kind: how, one of `KINDS`.
        code: AKOOL's code for kind "code"; 1 is the detectors' own `error_code`, with `status` 500 the server's fault.
        message: its text; empty for the usual one.
        status: HTTP status; 0 for the usual one.
        retry_after: seconds for a Retry-After header; 0 for none.
        after: the call is carried out and only its answer goes wrong.
        times: how often, `FOREVER` for always.

    Raises:
        ValueError: a value that the field cannot take.
    """

    call: str
    kind: str = "code"
    code: int = 1003
    message: str = ""
    status: int = 0
    retry_after: float = 0.0
    after: bool = False
    times: int = 1

    def __post_init__(self) -> None:
        for name, trait in _TRAITS.items():
            setattr(self, name, check_value(name, trait, getattr(self, name)))
        if self.times == 0:
            raise ValueError(f"times takes a count from 1, or {FOREVER} for always, not 0.")
        if self.code == SUCCESS:
            raise ValueError(f"code takes the code of an error, not {SUCCESS}, which is success.")
        if self.status in BODILESS or 0 < self.status < 200:
            raise ValueError(f"status takes an HTTP status from 200 to 599 that has a body, not {self.status!r}.")

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Fault:
        """A fault from the JSON of the control API; ValueError when a field is missing, unknown or impossible."""
        if "call" not in values:
            raise ValueError(f"A failure takes a call: one of {', '.join(CALLS)}, or any.")
        if unknown := values.keys() - _TRAITS:
            raise ValueError(f"{min(unknown)!r} is not a field of a failure. There are: {', '.join(_TRAITS)}.")
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class Faults:
    """The ordered failures, first in, first out."""

    MOST = 1000

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        if len(self._waiting) >= self.MOST:
            raise ValueError(f"{self.MOST} failures are waiting already; clear them first.")
        self._waiting.append(fault)

    def take(self, call: str) -> Fault | None:
        """The failure that is due for this call; each use counts down its `times`."""
        fault = next((each for each in self._waiting if each.call in (call, "any")), None)
        if fault is not None and fault.times != FOREVER:
            fault.times -= 1
            if fault.times == 0:
                self._waiting.remove(fault)
        return fault

    def clear(self) -> None:
        self._waiting.clear()

    def to_json(self) -> list[dict[str, Any]]:
        return [fault.to_json() for fault in self._waiting]
