"""The one account the sandbox knows: its credentials, its tokens, its credits."""

from __future__ import annotations

import base64
import hmac
import secrets
import time
from collections.abc import Mapping

from akool_nb.sandbox.service import jwt
from akool_nb.sandbox.service.refusal import Refusal
from akool_nb.sandbox.switches import Switches

FULL = 1000.0
"""The credits an account starts with."""


class Account:
    """Credentials made anew at each start, tokens that expire, credits that run down.

    https://docs.akool.com/authentication/usage
    """

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._key = secrets.token_bytes(32)
        self._generation = 0
        self.client_id = base64.b64encode(secrets.token_bytes(16)).decode()
        self.client_secret = secrets.token_urlsafe(24)
        self.credits = FULL

    def __repr__(self) -> str:
        return f"Account(credits={self.credits:g})"

    def sign_in(self, client_id: str, client_secret: str) -> str:
        """An API token for the right credentials, else 1101."""
        # Both are compared whatever the first says, so that the time taken tells nothing.
        is_id, is_secret = _same(client_id, self.client_id), _same(client_secret, self.client_secret)
        if not (is_id and is_secret):
            raise Refusal(1101, "clientId and clientSecret do not belong together; use those the sandbox printed")
        return self.issue()

    def issue(self) -> str:
        """A new API token: a JWT with `exp`, as AKOOL's."""
        now, life = time.time(), self._switches.token_seconds / self._switches.time_speed
        claims = {"id": self.client_id, "iat": int(now), "exp": int(now + life), "gen": self._generation}
        return jwt.encode(claims, self._key)

    def expire_tokens(self) -> None:
        """Every token issued so far is expired from now on."""
        self._generation += 1

    def check(self, headers: Mapping[str, str]) -> None:
        """Let a call pass that carries a valid token or the API key; else 1101 or 1102.

        `Authorization` wins over `x-api-key`, as AKOOL documents it.
        """
        authorization, api_key = headers.get("Authorization"), headers.get("x-api-key")
        if not (api_key if authorization is None else authorization.strip()):
            raise Refusal(1102, "authorization is empty: send 'Authorization: Bearer <token>' or 'x-api-key'")
        if authorization is not None:
            self._check_bearer(authorization.strip())
        elif api_key is not None:
            self.check_key(api_key.strip())

    def check_key(self, api_key: str) -> None:
        """Let the API key pass, which is the client secret; else 1101."""
        if not _same(api_key, self.client_secret):
            raise Refusal(1101, "the x-api-key is not this sandbox's client secret")

    def _check_bearer(self, authorization: str) -> None:
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise Refusal(1101, "authorization is invalid: send 'Authorization: Bearer <token>'")
        try:
            claims = jwt.decode(token.strip(), self._key)
        except ValueError:
            raise Refusal(1101, "authorization is invalid: get a token from getToken") from None
        if claims["gen"] != self._generation or claims["exp"] <= time.time():
            raise Refusal(1101, "the token has expired: get a new one from getToken")


def _same(given: str, known: str) -> bool:
    # JSON can carry half a surrogate pair, which plain UTF-8 refuses.
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), known.encode())
