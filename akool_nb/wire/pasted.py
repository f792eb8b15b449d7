"""Text that a person pasted: keys, addresses and paths, without what copying adds to them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_INVISIBLE = "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060\u00ad\u202a\u202c"
QUOTES = "\"'`´“”„‟‘’‚‛«»‹›"
_SPACE = re.compile(rf"^[\s{_INVISIBLE}]+|[\s{_INVISIBLE}]+$")


def cleaned(text: str) -> str:
    """The text without white space, zero-width characters, a BOM, quotes or <> around it.

    Quotes are removed only in pairs, because a path may begin or end with one.
    """
    while True:
        inner = _SPACE.sub("", text)
        if _is_wrapped(inner):
            inner = inner[1:-1]
        if inner == text:
            return text
        text = inner


def visible(text: str) -> str:
    """The text without zero-width characters anywhere: no key and no host name has one."""
    return text.translate({ord(character): None for character in _INVISIBLE})


def first_wrong(text: str, is_right: Callable[[str], bool]) -> str:
    """The first character that is not right and its place, as a message says it; "" when all are right."""
    for place, character in enumerate(text, 1):
        if not is_right(character):
            return f"{named(character)} at place {place}"
    return ""


def named(character: str) -> str:
    """A character as a message names it: by its Unicode name, and itself where it can be seen."""
    if character == " ":
        return "a blank"
    name = unicodedata.name(character, "a control character")
    seen = f"{character!r} " if character.isprintable() else ""
    return f"{seen}(U+{ord(character):04X} {name})"


def _is_wrapped(text: str) -> bool:
    if len(text) < 2:
        return False
    return (text[0] in QUOTES and text[-1] in QUOTES) or text[0] + text[-1] == "<>"
