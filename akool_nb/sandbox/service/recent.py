"""Results that are kept, because the same photo is searched again and the same face is put on again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class Recent(Generic[Result]):
    """The newest `most` results of a calculation on a picture, for one thread; the pictures themselves are not kept."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._results: dict[Hashable, Result] = {}

    def of(self, content: bytes, options: Hashable, calculate: Callable[[], Result]) -> Result:
        """The result for the bytes of a picture file with these options, calculated if it is not kept."""
        key = (hashlib.sha256(content).digest(), options)
        # A dict keeps the order of insertion, so the oldest result is the first one.
        result = self._results.pop(key) if key in self._results else calculate()
        self._results[key] = result
        if len(self._results) > self._most:
            del self._results[next(iter(self._results))]
        return result
