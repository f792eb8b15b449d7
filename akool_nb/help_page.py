"""The first steps and the public names on one screen: `akool_nb.help()`."""

from __future__ import annotations

import inspect
import pydoc
import re
import textwrap
from collections.abc import Iterator, Mapping
from types import ModuleType

import akool_nb
from akool_nb.errors import AkoolError
from akool_nb.terminal import WIDTH, say

_START = """\
akool_nb: live face swap in a notebook. Start here:
  import akool_nb
  akool_nb.studio()                       # everything in one widget
or step by step:
  client = akool_nb.connect()             # AKOOL with a key, else the sandbox
  found = client.detect("me.jpg")         # the faces of a photo
  session = client.create(found[0])       # opens a session; costs credits
  akool_nb.widgets.LiveView(session)      # the swapped video
  session.close()                         # ends the session, and its costs
Lessons: run `akool-nb lab` in a terminal. Something fails: `akool-nb doctor`.
Details of a name: type akool_nb.Photo? in a cell. All errors: akool_nb.errors?"""

_FIRST = ("connect", "studio", "Client", "Sandbox", "Photo", "Detection", "Face", "SourceImage", "LiveSession")
# The names in the order in which a beginner needs them.


def help(topic: object = None) -> None:
    """Print the first steps, then the public names. `help(topic)` is Python's own help."""
    if topic is not None:
        # After `from akool_nb import *` this is the function that `help(something)` calls.
        pydoc.help(topic)
        return
    say("\n".join(lines()))


def lines() -> Iterator[str]:
    """The page, line by line."""
    public = {name: getattr(akool_nb, name) for name in akool_nb.__all__ if not name.startswith("_")}
    modules = {name: thing for name, thing in public.items() if isinstance(thing, ModuleType)}
    yield from _START.splitlines()
    yield from _section("from akool_nb import ...", {name: public[name] for name in _FIRST})
    others = [name for name in public if name not in {*_FIRST, *modules} and not _is_error(public[name])]
    yield "  Also: " + ", ".join(sorted(others))
    yield from _section("from akool_nb.widgets import ...", _widgets())
    yield from _section("Modules: from akool_nb import ...", modules)


def _section(title: str, things: Mapping[str, object]) -> Iterator[str]:
    yield f"\n{title}"
    for name, thing in things.items():
        start = f"  {name:<15} "
        yield start + _fitting(_sentence(thing), WIDTH - len(start))


def _widgets() -> dict[str, object]:
    from akool_nb import widgets

    return {name: _widget(widgets, name) for name in widgets.__all__}


def _widget(widgets: ModuleType, name: str) -> object:
    """The widget, or why it cannot be imported: this page must also work if a package is missing."""
    try:
        return getattr(widgets, name)
    except ImportError as error:
        return f"cannot be imported: {error}"


def _is_error(thing: object) -> bool:
    return inspect.isclass(thing) and issubclass(thing, AkoolError)


def _fitting(sentence: str, width: int) -> str:
    """The sentence; if it is longer than `width`, up to its last comma, colon or semicolon, or its last word."""
    if len(sentence) <= width:
        return sentence
    pauses = [match.start() for match in re.finditer(r"[,:;] ", sentence[:width])]
    if pauses and pauses[-1] >= width // 2:
        return f"{sentence[: pauses[-1]]}."
    return textwrap.shorten(sentence, width, placeholder=" ...")


def _sentence(thing: object) -> str:
    text = thing if isinstance(thing, str) else inspect.getdoc(thing) or ""
    return text.partition("\n")[0]
