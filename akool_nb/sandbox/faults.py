"""Failures a teacher or a test orders: the next call, or every call, goes wrong in the way that was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

CALLS = ("get_token", "detect", "detect_faces", "create", "update", "close", "info", "credits")
"""The calls that can be made to fail; "any" stands for whichever comes first."""

KINDS = ("code", "html", "reset", "hang", "truncate", "empty", "garbage")
"""A JSON answer with a code · a proxy's HTML page · the connection is reset · no answer at all · half an answer ·
an empty answer · bytes that are not JSON."""

FOREVER = -1
SUCCESS, MOST_CODE, MOST_WAIT = 1000, 999_999, 86_400.0
DETECTORS_OWN = 1
"""`error_code` of the detectors, which have an answer of their own for what goes wrong."""

BODILESS = (204, 205, 304)
"""Statuses whose answer holds nothing, so it cannot say what went wrong."""


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
        _one_of("call", self.call, (*CALLS, "any"))
        _one_of("kind", self.kind, KINDS)
        if not (self.times == FOREVER or 1 <= self.times <= 1_000_000):
            raise ValueError(f"times takes a count from 1, or {FOREVER} for always, not {self.times!r}.")
        if self.code == SUCCESS or not 1 <= self.code <= MOST_CODE:
            raise ValueError(f"code takes a number from 1 to {MOST_CODE} but {SUCCESS}, which is success.")
        if self.status in BODILESS or not (self.status == 0 or 200 <= self.status <= 599):
            raise ValueError(f"status takes an HTTP status from 200 to 599 that has a body, not {self.status!r}.")
        if not 0 <= self.retry_after <= MOST_WAIT:
            raise ValueError(f"retry_after takes seconds from 0 to {MOST_WAIT:g}, not {self.retry_after!r}.")

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Fault:
        """A fault as it is ordered over the control road; ValueError when it makes no sense."""
        if "call" not in values:
            raise ValueError(f"A failure takes a call: one of {', '.join(CALLS)}, or any.")
        for name, value in values.items():
            _check_type(name, value)
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """The fault as it is told over the control road."""
        return asdict(self)


class Faults:
    """The ordered failures, first ordered first served."""

    MOST = 1000

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Order a failure."""
        if len(self._waiting) >= self.MOST:
            raise ValueError(f"{self.MOST} failures are waiting already; clear them first.")
        self._waiting.append(fault)

    def take(self, call: str) -> Fault | None:
        """The failure due for this call, used up by one."""
        fault = next((each for each in self._waiting if each.call in (call, "any")), None)
        if fault is not None and fault.times != FOREVER:
            fault.times -= 1
            if fault.times == 0:
                self._waiting.remove(fault)
        return fault

    def clear(self) -> None:
        """Forget all that was ordered."""
        self._waiting.clear()

    def to_json(self) -> list[dict[str, Any]]:
        """What is still waiting."""
        return [fault.to_json() for fault in self._waiting]


def _check_type(name: str, value: Any) -> None:
    wanted = {each.name: str(each.type) for each in fields(Fault)}
    if name not in wanted:
        raise ValueError(f"{name!r} says nothing about a failure. There are: {', '.join(wanted)}.")
    # A bool is an int to Python, but no count and no code.
    given = type(value).__name__
    if given != wanted[name] and (given, wanted[name]) != ("int", "float"):
        raise ValueError(f"{name} takes a value of type {wanted[name]}, not {value!r}.")


def _one_of(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f"{name} takes one of {', '.join(choices)}, not {value!r}.")
