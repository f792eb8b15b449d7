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
PICTURE = "$(base64 -w0 photo.jpg)"
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
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")

_LONGEST = 240
_MOST = 24
_DEEPEST = 8


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


def shown(value: Any, secrets: Iterable[str] = (), depth: int = _DEEPEST) -> Any:
    """A JSON value as it may be shown: secrets and pictures replaced, long texts and lists shortened."""
    if isinstance(value, Mapping):
        return {} if depth == 0 else {plain(str(key)): _entry(key, item, secrets, depth) for key, item in _first(value)}
    if isinstance(value, (list, tuple)):
        few = [] if depth == 0 else [shown(item, secrets, depth - 1) for item in value[:_MOST]]
        return few if len(few) == len(value) else [*few, f"… {len(value)} in all"]
    return plain(value, secrets) if isinstance(value, str) else value


def plain(text: str, secrets: Iterable[str] = (), *, longest: int = _LONGEST) -> str:
    """A text from elsewhere as a message may hold it: one printable line, short, with no secret in it."""
    text = text.reveal() if isinstance(text, Secret) else text
    for secret in secrets:
        # The shortest credentials seen are 20 characters; an empty or tiny one must not eat every text.
        text = text.replace(secret, DOTS) if len(secret) >= 6 else text
    text = _LOOKS_SECRET.sub(DOTS, text)
    text = _UNPRINTABLE.sub(" ", text)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def veil(answer: dict[str, Any]) -> dict[str, Any]:
    """Turn the tokens of an answer into `Secret`s, in place; given to the JSON reader for each of its objects."""
    for key in ("token", "front_rtc_token"):
        if isinstance(answer.get(key), str):
            answer[key] = Secret(answer[key])
    return answer


def _first(value: Mapping[Any, Any]) -> list[tuple[Any, Any]]:
    return list(value.items())[:_MOST]


def _entry(key: Any, item: Any, secrets: Iterable[str], depth: int) -> Any:
    hidden = _BY_KEY.get(str(key).lower())
    return hidden if hidden and item else shown(item, secrets, depth - 1)
