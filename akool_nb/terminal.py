"""Text for a terminal: lines of at most 80 characters, broken at blanks, in whatever encoding the terminal has."""

from __future__ import annotations

import contextlib
import re
import sys
import textwrap
from typing import TextIO

WIDTH = 80
_COMMAND = re.compile(r"sudo apt-get [^']+|pip install(?: -\S+)* \S+|akool-nb(?: (?:-{1,2}[a-z]+|[a-z]+|[A-Z]+)\b)+")
_BLANK = "\N{NO-BREAK SPACE}"


def wrapped(text: str, indent: str = "") -> str:
    """The text in lines of at most 80 characters; lines after the first begin with `indent`.

    A command stays on one line, so that it can be copied; so does a word that is longer than a line.
    """
    lines: list[str] = []
    for line in _COMMAND.sub(_joined, text).splitlines() or [""]:
        start = indent if lines else ""
        lines += textwrap.wrap(
            line,
            WIDTH,
            initial_indent=start,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return "\n".join(lines).replace(_BLANK, " ")


def _joined(command: re.Match[str]) -> str:
    return command.group().replace(" ", _BLANK)


def say(text: str, *, indent: str = "", file: TextIO | None = None) -> None:
    """Print a text, wrapped. Characters that the stream cannot encode become question marks."""
    stream = file or sys.stdout
    encoding = getattr(stream, "encoding", None) or "utf-8"
    print(wrapped(text, indent).encode(encoding, "replace").decode(encoding), file=stream, flush=True)


def replace_what_cannot_be_encoded() -> None:
    """From now on no `print` of this process raises UnicodeEncodeError."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
