"""One request, the response to it, and the result of one try, as plain values."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from akool_nb.errors import AkoolError
from akool_nb.wire.answers import Answer
from akool_nb.wire.body import MIB
from akool_nb.wire.connections import Watch
from akool_nb.wire.deadline import Deadline
from akool_nb.wire.redact import SecretBytes

LARGEST_ANSWER = MIB


@dataclass(frozen=True)
class Request:
    """One request, as it is sent with each try.

    Attributes:
        fields: the JSON object to send; None for a GET.
        repeatable: whether it may be executed twice. `create` may not: each one opens a session that is billed.
        may_connect: called with the IP address of the other end before anything is sent to it; None allows all.
        largest: the largest body of the response in bytes, packed or unpacked.
        check: called with the part of the body that has arrived; an exception refuses the rest.
    """

    method: str
    url: str
    fields: Mapping[str, Any] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    repeatable: bool = True
    may_connect: Callable[[str], bool] | None = None
    largest: int = LARGEST_ANSWER
    check: Callable[[bytearray], None] | None = None

    @cached_property
    def body(self) -> SecretBytes | None:
        if self.fields is None:
            return None
        return SecretBytes(json.dumps(self.fields).encode())

    @property
    def name(self) -> str:
        return f"{self.method} {urlsplit(self.url).path}"


@dataclass(frozen=True)
class HttpAnswer:
    """The response of a server, also one that is not of the API."""

    http_status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass
class Exchange:
    """One try while it is made, and what is known of it afterwards; `seconds` counts from `at` to the answer."""

    request: Request
    watch: Watch
    attempt: int = 1
    at: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    seconds: float = 0.0
    http: HttpAnswer | None = None
    answer: Answer | None = None
    error: AkoolError | None = None

    @property
    def deadline(self) -> Deadline:
        return self.watch.deadline

    @property
    def http_status(self) -> int | None:
        return self.http.http_status if self.http else None
