"""Credentials, tokens and pictures are replaced in everything that is shown.

`Secret` and `SecretBytes` are text and bytes that are sent as they are, but print as dots: in a `repr`, a verbose
traceback, a log line. `shown` returns the JSON that the call log keeps, `plain` the text that an error shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

DOTS = "•••"

CLIENT_ID = "${AKOOL_CLIENT_ID}"
CLIENT_SECRET = "${AKOOL_CLIENT_SECRET}"  # noqa: S105 - the name of a shell variable
API_KEY = "${AKOOL_API_KEY}"
TOKEN = "${AKOOL_TOKEN}"  # noqa: S105 - the name of a shell variable
PICTURE = "$(base64 <photo.jpg | xargs printf %s)"
# A value is replaced by a shell variable, so that a logged call can be sent again from a terminal.

_BY_KEY = {
    "authorization": TOKEN,
    "clientid": CLIENT_ID,
    "clientsecret": CLIENT_SECRET,
    "front_rtc_token": "‹RTC token›",
    "img": PICTURE,
    "token": TOKEN,
    "x-api-key": API_KEY,
}
_JWT = r"\beyJ[\w-]{6,}\.[\w-]{6,}\.?[\w-]*"
_RTC = r"\b007[A-Za-z0-9+/]{60,}={0,2}"
_BEARER = r"(?i:\bbearer)\s+[^\s\"',;]+"
_BASE64 = r"(?:data:[\w/+.-]+;base64,)?[A-Za-z0-9+/_-]{160,}={0,2}"
_LOOKS_SECRET = re.compile("|".join((_JWT, _RTC, _BEARER, _BASE64)))
_LOOKS_SECRET_IN_ADDRESS = re.compile("|".join((_JWT, _RTC, _BEARER)))
# Without base64: the address of a hosted picture may hold a long signature, and does not work without it.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")

_LONGEST = 240
_LONGEST_ADDRESS = 2048
_MOST = 24
_DEEPEST = 8
_ENTRIES = 500
# How many values of one request or answer are shown in all.


class Secret(str):
    """A text that prints as dots. Concatenation and encoding see it; `print`, `repr` and f-strings do not."""

    __slots__ = ()

    def __new__(cls, text: str) -> Secret:
        """A secret of a text, or of a secret: `str()` of that would be the dots."""
        return super().__new__(cls, text.reveal() if isinstance(text, Secret) else text)

    def __repr__(self) -> str:
        return DOTS

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return DOTS

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("A secret is not pickled.")

    def reveal(self) -> str:
        return str.__str__(self)


class SecretBytes(bytes):
    """Bytes that print as dots: the body of a request."""

    __slots__ = ()

    def __repr__(self) -> str:
        return DOTS

    __str__ = __repr__

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("The body of a request is not pickled.")


def shown(value: Any, secrets: Iterable[str] = (), *, longest: int = _LONGEST) -> Any:
    """A JSON value without secrets and pictures, with its long texts and lists shortened."""
    return _Shown(tuple(secrets), longest).value(value, _DEEPEST)


def plain(text: str, secrets: Iterable[str] = (), *, longest: int = _LONGEST) -> str:
    """A text of a server as one printable line without secrets, at most `longest` characters."""
    return _cleaned(text, secrets, _LOOKS_SECRET, longest)


def veil(answer: dict[str, Any]) -> dict[str, Any]:
    """Turn the tokens of a JSON object into `Secret`s, in place; the JSON reader calls it for each object."""
    for key in ("token", "front_rtc_token"):
        if isinstance(answer.get(key), str):
            answer[key] = Secret(answer[key])
    return answer


def _cleaned(text: str, secrets: Iterable[str], looks_secret: re.Pattern[str], longest: int) -> str:
    if isinstance(text, Secret):
        text = text.reveal()
    for secret in secrets:
        # AKOOL's credentials have 20 characters or more; a very short one would be replaced inside of other words.
        if len(secret) >= 6:
            text = text.replace(secret, DOTS)
    text = looks_secret.sub(DOTS, text)
    text = _UNPRINTABLE.sub(" ", text)
    if len(text) > longest:
        return f"{text[: longest - 1]}…"
    return text


class _Shown:
    """Builds the shown form of one request or answer; all its levels together keep at most `_ENTRIES` values."""

    def __init__(self, secrets: tuple[str, ...], longest: int) -> None:
        self._secrets = secrets
        self._longest = longest
        self._left = _ENTRIES

    def value(self, value: Any, depth: int) -> Any:
        if isinstance(value, Mapping):
            few = list(value.items())[: self._most(len(value), depth)]
            return {plain(str(key), self._secrets): self._entry(str(key), item, depth) for key, item in few}
        if isinstance(value, (list, tuple)):
            items = [self.value(item, depth - 1) for item in value[: self._most(len(value), depth)]]
            if len(items) < len(value):
                items.append(f"… {len(value)} in all")
            return items
        if isinstance(value, str):
            return self._text(value)
        return value

    def _most(self, length: int, depth: int) -> int:
        """How many of the `length` entries of one level are shown."""
        if depth == 0:
            return 0
        most = min(length, _MOST, self._left)
        self._left -= most
        return most

    def _entry(self, key: str, item: Any, depth: int) -> Any:
        hidden = _BY_KEY.get(key.lower())
        if hidden and item:
            return hidden
        return self.value(item, depth - 1)

    def _text(self, text: str) -> str:
        if not text.startswith(("https://", "http://")):
            return plain(text, self._secrets, longest=self._longest)
        return _cleaned(text, self._secrets, _LOOKS_SECRET_IN_ADDRESS, _LONGEST_ADDRESS)
