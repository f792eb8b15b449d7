"""Credentials: an API key, or a client id and secret that are exchanged for a token when one is first needed."""

from __future__ import annotations

import base64
import json
import math
import os
import re
import threading
import time
from collections.abc import Callable
from typing import Any, NoReturn

from akool_nb.errors import DeadlineExceeded, MissingCredentials
from akool_nb.wire import pasted
from akool_nb.wire.answers import fits_a_header
from akool_nb.wire.deadline import Deadline
from akool_nb.wire.redact import Secret

RENEW_BEFORE = 60.0
"""Seconds before a token's end at which a new one is fetched, so that no call meets 1101."""

_VARIABLES = {
    "api_key": "AKOOL_API_KEY",
    "client_id": "AKOOL_CLIENT_ID",
    "client_secret": "AKOOL_CLIENT_SECRET",
    "token": "",
}
# What is copied together with a key: `export AKOOL_API_KEY=…`, `"clientId": "…"`, `x-api-key: …`, `Bearer …`.
_LABEL = re.compile(
    r"""^(?:(?:export|set|setx)\s+|\$env:)?["']?
    (?:AKOOL_\w+|x-api-key|authorization|client[_ -]?(?:id|secret)|api[_ -]?key|token)["']?\s*[=:]\s*""",
    re.IGNORECASE | re.VERBOSE,
)
_BEARER = re.compile(r"^bearer(?:\s+|$)", re.IGNORECASE)


class Credentials:
    """Credentials and the token that they are exchanged for; renewed once, however many threads ask.

    Attributes:
        client_id, client_secret, api_key: what was found, cleaned of what pasting added; None for what is missing.
        on_renewal: called with each new token, before another thread may fetch the next one.
    """

    def __init__(
        self, *, client_id: str | None, client_secret: str | None, api_key: str | None, token: str | None
    ) -> None:
        self.client_id = clean(client_id)
        self.client_secret = clean(client_secret)
        self.api_key = clean(api_key)
        self.token = clean(token)
        self._renew_at = (expiry(self.token or "") or math.inf) - RENEW_BEFORE
        # Two threads whose calls meet 1101 at the same time must not both sign in.
        self._lock = threading.Lock()
        self.on_renewal: Callable[[], object] = lambda: None

    @classmethod
    def found(
        cls,
        client_id: str | None = None,
        client_secret: str | None = None,
        api_key: str | None = None,
        token: str | None = None,
    ) -> Credentials:
        """Those that are passed; if none is, those of the environment: the key first, then id and secret."""
        if not any(map(clean, (client_id, client_secret, api_key, token))):
            api_key = os.environ.get("AKOOL_API_KEY")
        if not clean(api_key) and not clean(token):
            client_id = client_id or os.environ.get("AKOOL_CLIENT_ID")
            client_secret = client_secret or os.environ.get("AKOOL_CLIENT_SECRET")
        return cls(client_id=client_id, client_secret=client_secret, api_key=api_key, token=token)

    @property
    def complete(self) -> bool:
        return bool(self.api_key or self.token or self.can_renew)

    @property
    def can_renew(self) -> bool:
        return bool(self.client_id and self.client_secret)

    @property
    def missing_half(self) -> str:
        """Which half of a pair is missing; empty where the pair is whole, or other credentials are enough."""
        if self.complete or not (self.client_id or self.client_secret):
            return ""
        if self.client_id:
            return "client_secret (AKOOL_CLIENT_SECRET)"
        return "client_id (AKOOL_CLIENT_ID)"

    @property
    def problem(self) -> str:
        """Why these credentials cannot be sent, in one sentence; empty when they can."""
        if self.missing_half:
            return f"Half of the credentials is missing: {self.missing_half}."
        if not self.complete:
            return "There are no credentials."
        for name, variable in _VARIABLES.items():
            secret = getattr(self, name)
            if secret and (wrong := pasted.first_wrong(secret.reveal(), fits_a_header)):
                label = f"{name} ({variable})".removesuffix(" ()")
                return f"{label} holds {wrong}, which no credential has. Copy it again."
        return ""

    @property
    def kind(self) -> str:
        """ "token" or "api key": which of the two headers is sent."""
        if self.token or self.can_renew:
            return "token"
        return "api key"

    def secrets(self) -> list[str]:
        found = (self.client_id, self.client_secret, self.api_key, self.token)
        return [secret.reveal() for secret in found if secret]

    def headers(self, sign_in: Callable[[], Secret], deadline: Deadline) -> dict[str, Secret]:
        """The header to send; signs in first where that is needed. MissingCredentials when there is none."""
        if not self.complete or not all(map(fits_a_header, self.secrets())):
            raise MissingCredentials(self.problem)
        stale = self.token
        due = self.can_renew and time.time() >= self._renew_at
        if due or not self.in_hand():
            self.renew(stale, sign_in, deadline)
        return self.in_hand()

    def in_hand(self) -> dict[str, Secret]:
        """The header that can be sent without signing in first; none while there is no token yet."""
        if self.token:
            return {"Authorization": Secret("Bearer " + self.token)}
        if self.kind == "api key" and self.api_key:
            return {"x-api-key": self.api_key}
        return {}

    def renew(self, stale: Secret | None, sign_in: Callable[[], Secret], deadline: Deadline) -> None:
        """Replace the token `stale`; a thread that comes second finds it replaced and fetches nothing."""
        if not self.can_renew:
            raise MissingCredentials(
                "Signing in takes a client id and secret; an API key is sent as it is, without a token."
            )
        if not self._lock.acquire(timeout=max(0.0, deadline.left())):
            raise DeadlineExceeded("Another thread is still signing in.")
        try:
            if self.token == stale:
                self.keep(sign_in())
        finally:
            self._lock.release()

    def keep(self, token: Secret) -> None:
        renew_at = (expiry(token) or math.inf) - RENEW_BEFORE
        # A token that is nearly over when it arrives means a wrong clock here, or a test: then 1101 asks for a new one.
        self._renew_at = renew_at if renew_at > time.time() else math.inf
        # Last: with the end of the one before, another thread would take this one for due and fetch the next.
        self.token = token
        self.on_renewal()

    def __repr__(self) -> str:
        return f"Credentials({self.kind})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Credentials cannot be pickled; call akool_nb.connect() where a client is needed.")


def clean(text: str | None) -> Secret | None:
    """A credential without what pasting added: white space, quotes, zero-width characters, its name, "Bearer"."""
    if text is not None and not isinstance(text, str):
        raise TypeError(f"A credential is a text, not {type(text).__name__}.")
    found = pasted.visible(Secret(text or "").reveal())
    before = ""
    while found != before:
        before = found
        found = pasted.cleaned(found).strip(pasted.QUOTES + ",;")
        found = _BEARER.sub("", _LABEL.sub("", found))
    return Secret(found) if found else None


def expiry(token: str) -> float | None:
    """The end of a JWT in seconds since 1970, read from itself; None if it is no JWT or has no end."""
    end = claims(token).get("exp")
    if isinstance(end, bool) or not isinstance(end, (int, float)) or not 0 < end < 1e11:
        return None
    return float(end)


def claims(token: str) -> dict[str, Any]:
    """What a JWT says, unchecked; empty if it is no JWT."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        return dict(json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))))
    except (ValueError, TypeError, RecursionError):
        return {}
