"""What must not be seen: credentials, tokens and people's faces, and the ways they are kept out of sight.

`Secret` and `SecretBytes` are text and bytes that go over the wire as they are, but print as dots: in a `repr`, a
verbose traceback, a log line. `shown` is JSON as the call log may keep it, `plain` a message as an error may say it.
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
"""What stands in place of a value; as shell text, so that a logged call can be sent again from a terminal."""

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
"""The address of a hosted picture may be signed with long texts of its own, without which it opens nothing."""
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")

_LONGEST = 240
_LONGEST_ADDRESS = 2048
_MOST = 24
_DEEPEST = 8
_ENTRIES = 500
"""How many values of one request or answer are kept in all."""


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
        """The text itself."""
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
    """A JSON value as it may be shown: secrets and pictures replaced, long texts and lists shortened."""
    return _Shown(tuple(secrets), longest).value(value, _DEEPEST)


def plain(text: str, secrets: Iterable[str] = (), *, longest: int = _LONGEST) -> str:
    """A text from elsewhere as a message may hold it: one printable line, short, with no secret in it."""
    return _cleaned(text, secrets, _LOOKS_SECRET, longest)


def veil(answer: dict[str, Any]) -> dict[str, Any]:
    """Turn the tokens of an answer into `Secret`s, in place; given to the JSON reader for each of its objects."""
    for key in ("token", "front_rtc_token"):
        if isinstance(answer.get(key), str):
            answer[key] = Secret(answer[key])
    return answer


def _cleaned(text: str, secrets: Iterable[str], looks_secret: re.Pattern[str], longest: int) -> str:
    text = text.reveal() if isinstance(text, Secret) else text
    for secret in secrets:
        # The shortest credentials seen are 20 characters; an empty or tiny one must not eat every text.
        text = text.replace(secret, DOTS) if len(secret) >= 6 else text
    text = looks_secret.sub(DOTS, text)
    text = _UNPRINTABLE.sub(" ", text)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


class _Shown:
    """One request or answer on its way to being shown; it counts what it keeps, so that nesting cannot blow it up."""

    def __init__(self, secrets: tuple[str, ...], longest: int) -> None:
        self._secrets, self._longest = secrets, longest
        self._left = _ENTRIES

    def value(self, value: Any, depth: int) -> Any:
        if isinstance(value, Mapping):
            few = list(value.items())[: self._most(len(value), depth)]
            return {plain(str(key), self._secrets): self._entry(str(key), item, depth) for key, item in few}
        if isinstance(value, (list, tuple)):
            items = [self.value(item, depth - 1) for item in value[: self._most(len(value), depth)]]
            return items if len(items) == len(value) else [*items, f"… {len(value)} in all"]
        return self._text(value) if isinstance(value, str) else value

    def _most(self, length: int, depth: int) -> int:
        """How many of so many entries one level may show."""
        most = min(length, _MOST, self._left) if depth else 0
        self._left -= most
        return most

    def _entry(self, key: str, item: Any, depth: int) -> Any:
        hidden = _BY_KEY.get(key.lower())
        return hidden if hidden and item else self.value(item, depth - 1)

    def _text(self, text: str) -> str:
        if not text.startswith(("https://", "http://")):
            return plain(text, self._secrets, longest=self._longest)
        return _cleaned(text, self._secrets, _LOOKS_SECRET_IN_ADDRESS, _LONGEST_ADDRESS)
