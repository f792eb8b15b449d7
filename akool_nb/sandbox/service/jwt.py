"""JSON Web Tokens with HS256, the form of AKOOL's API token (RFC 7519)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

_HEADER = {"alg": "HS256", "typ": "JWT"}


def encode(claims: dict[str, Any], key: bytes) -> str:
    """The token that carries `claims`, signed with `key`."""
    body = f"{_pack(_HEADER)}.{_pack(claims)}"
    return f"{body}.{_signature(body, key)}"


def decode(token: str, key: bytes) -> dict[str, Any]:
    """The claims of a token that was signed with `key`; ValueError for any other text.

    The algorithm is ours whatever the header says, so a token cannot choose "none" for itself.
    """
    body, _, signature = token.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signature(body, key).encode()):
        raise ValueError("The signature does not fit.")
    return dict(json.loads(_unpack(body.partition(".")[2])))


def _signature(body: str, key: bytes) -> str:
    return _base64(hmac.new(key, body.encode(), hashlib.sha256).digest())


def _pack(value: dict[str, Any]) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unpack(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError("The token is not base64.") from error
