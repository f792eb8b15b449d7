"""The one account of the sandbox: its credentials, its tokens, its credits."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any

from akool_nb.sandbox.service.refusal import Refusal
from akool_nb.sandbox.switches import Switches

FULL = 1000.0
"""The credits that an account starts with."""

_JWT_HEADER = {"alg": "HS256", "typ": "JWT"}


class Account:
    """Credentials that are new at each start, tokens that expire, credits that are used up.

    https://docs.akool.com/authentication/usage
    """

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._key = secrets.token_bytes(32)
        # The tokens that have not expired, each with its end in seconds since 1970.
        self._ends: dict[str, float] = {}
        self.client_id = base64.b64encode(secrets.token_bytes(16)).decode()
        self.client_secret = secrets.token_urlsafe(24)
        self.credits = FULL

    def sign_in(self, client_id: str, client_secret: str) -> str:
        """An API token for the right credentials, else 1101."""
        # Both are compared in any case, so that the time of the answer does not show which one was right.
        is_id = _same(client_id, self.client_id)
        is_secret = _same(client_secret, self.client_secret)
        if not (is_id and is_secret):
            raise Refusal(1101, "clientId and clientSecret do not belong together; use those the sandbox printed")
        return self.issue()

    def issue(self) -> str:
        """A new API token: a JWT with `exp`, like AKOOL's."""
        now = time.time()
        end = now + self._switches.token_seconds / self._switches.time_speed
        claims = {"id": self.client_id, "iat": int(now), "exp": int(end), "jti": secrets.token_hex(8)}
        token = encode_jwt(claims, self._key)
        self._ends = {each: its_end for each, its_end in self._ends.items() if its_end > now}
        self._ends[token] = end
        return token

    def expire_tokens(self) -> None:
        self._ends.clear()

    def check(self, headers: Mapping[str, str]) -> None:
        """Accept a call with a valid token or the API key; else 1101 or 1102.

        `Authorization` wins over `x-api-key`, as AKOOL documents it.
        """
        authorization = headers.get("Authorization")
        api_key = headers.get("x-api-key")
        if not (api_key if authorization is None else authorization.strip()):
            raise Refusal(1102, "authorization is empty: send 'Authorization: Bearer <token>' or 'x-api-key'")
        if authorization is not None:
            self._check_bearer(authorization.strip())
        elif api_key is not None:
            self.check_key(api_key.strip())

    def check_key(self, api_key: str) -> None:
        """Accept the API key, which is the client secret; else 1101."""
        if not _same(api_key, self.client_secret):
            raise Refusal(1101, "the x-api-key is not this sandbox's client secret")

    def _check_bearer(self, authorization: str) -> None:
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise Refusal(1101, "authorization is invalid: send 'Authorization: Bearer <token>'")
        token = token.strip()
        if not _is_signed(token, self._key):
            raise Refusal(1101, "authorization is invalid: get a token from getToken")
        if self._ends.get(token, 0.0) <= time.time():
            raise Refusal(1101, "the token has expired: get a new one from getToken")


def encode_jwt(claims: dict[str, Any], key: bytes) -> str:
    """The JSON Web Token (RFC 7519, HS256) with these claims, signed with `key`."""
    body = f"{_pack(_JWT_HEADER)}.{_pack(claims)}"
    return f"{body}.{_signature(body, key)}"


def _is_signed(token: str, key: bytes) -> bool:
    body, _, signature = token.rpartition(".")
    return _same(signature, _signature(body, key))


def _signature(body: str, key: bytes) -> str:
    return _base64(hmac.new(key, body.encode(), hashlib.sha256).digest())


def _pack(value: dict[str, Any]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _same(given: str, known: str) -> bool:
    # JSON can hold half of a surrogate pair, which plain UTF-8 refuses.
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), known.encode())
