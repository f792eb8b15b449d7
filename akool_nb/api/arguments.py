"""The arguments of a client, checked: each error names the argument and its range."""

from __future__ import annotations

import os
from numbers import Real
from typing import Any

from akool_nb.wire.addresses import base_address

BASE_URL = "https://openapi.akool.com"
DETECT_URL = "https://sg3.akool.com"

_MOST_RETRIES = 100


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


def retries(value: Any) -> int:
    """`retries`, a whole number from 0 to 100; TypeError or ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"retries is a whole number such as 3, not {type(value).__name__}.")
    if not 0 <= value <= _MOST_RETRIES:
        raise ValueError(f"retries is a number from 0 to {_MOST_RETRIES}, not {value}.")
    return value
