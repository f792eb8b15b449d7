"""Arguments, checked: each error names the argument and its range."""

from __future__ import annotations

import os
from numbers import Real
from typing import Any, TypeVar

from akool_nb.wire.addresses import base_address

T = TypeVar("T")

BASE_URL = "https://openapi.akool.com"
DETECT_URL = "https://sg3.akool.com"

A_CLIENT = "a client, such as akool_nb.connect()"
A_FUNCTION = "a function, such as print (its name, without brackets)"


def base_url(named: str | None) -> str:
    """The address that is named, else AKOOL_API_HOST, which AKOOL's own command line tool reads, else AKOOL's."""
    if named is not None:
        return base_address(named, "base_url")
    host = os.environ.get("AKOOL_API_HOST", "").strip()
    if host:
        return base_address(host, "AKOOL_API_HOST")
    return BASE_URL


def detect_url(named: str | None, base_url: str) -> str:
    """The older detector's address: the one that is named, else AKOOL's, or `base_url` where that is another one."""
    if named is not None:
        return base_address(named, "detect_url")
    if base_url == BASE_URL:
        return DETECT_URL
    return base_url


def seconds(value: Any) -> float:
    """`timeout` in seconds, above 0; TypeError or ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"timeout is a number of seconds such as 30, not {type(value).__name__}.")
    number = float(value)
    # In this form, because each comparison with "not a number" is false.
    if not number > 0:
        raise ValueError(f"timeout is a number of seconds above 0, not {number:g}.")
    return number


def whole(name: str, value: Any, low: int, high: int) -> int:
    """A whole number from `low` to `high`, NumPy's too; TypeError or ValueError for anything else."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} is a whole number from {low} to {high}, not {type(value).__name__}.")
    if not low <= value <= high:
        raise ValueError(f"{name} is a whole number from {low} to {high}, not {value}.")
    return int(value)


def number(name: str, value: Any, low: float, high: float) -> float:
    """A number from `low` to `high`; TypeError or ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} is a number from {low:g} to {high:g}, not {type(value).__name__}.")
    given = float(value)
    if not low <= given <= high:
        raise ValueError(f"{name} is a number from {low:g} to {high:g}, not {given:g}.")
    return given


def having(name: str, value: T, attribute: str, wanted: str) -> T:
    """The value, if it has the attribute that is needed; TypeError that says what is wanted for anything else."""
    if not hasattr(value, attribute):
        raise TypeError(f"{name} is {wanted}, not {type(value).__name__}.")
    return value
