"""The body of a request: a JSON object with the documented fields, else 1003 and a message."""

from __future__ import annotations

import json
from typing import Any

from akool_nb.sandbox.service.refusal import WrongField


class Body:
    """The JSON object of one call; each reader names the field when something is wrong with it."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values

    @classmethod
    def parse(cls, raw: bytes) -> Body:
        """The body, or 1003 if it is not a JSON object."""
        try:
            values = json.loads(raw, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise WrongField("the body", "is not JSON") from None
        if not isinstance(values, dict):
            raise WrongField("the body", "is not a JSON object")
        return cls(values)

    def text(self, name: str) -> str:
        """A text that is required."""
        value = self.maybe_text(name)
        if not value:
            raise WrongField(name, "is empty")
        return value

    def maybe_text(self, name: str) -> str:
        """A text that may be missing; then it is empty."""
        value = self.values.get(name)
        if not isinstance(value, str | None):
            raise WrongField(name, "is not a text")
        return value or ""

    def flag(self, name: str) -> bool:
        """True or false; false when it is missing."""
        value = self.values.get(name)
        if not isinstance(value, bool | None):
            raise WrongField(name, "is neither true nor false")
        return bool(value)

    def count(self, name: str, default: int) -> int:
        """A whole number from 1; the default when it is missing."""
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise WrongField(name, "is not a whole number from 1")
        return value

    def objects(self, name: str) -> list[Body]:
        """A list of objects with at least one in it."""
        value = self.values.get(name)
        if not isinstance(value, list) or not value:
            raise WrongField(name, "is not a list with something in it")
        if not all(isinstance(item, dict) for item in value):
            raise WrongField(name, "holds something that is not an object")
        return [Body(item) for item in value]


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON.")
