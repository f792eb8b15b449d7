"""All public names on one screen: `akool_nb.help()`."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator, Mapping
from types import ModuleType

import akool_nb
from akool_nb.errors import AkoolError

_WIDTH = 118
_ROAD = ("connect", "studio", "Client", "Sandbox", "Photo", "Detection", "Face", "SourceImage", "LiveSession")
"""Names in the order in which people meet them; the others follow by the alphabet."""


def help() -> None:
    """Print every public name with one sentence each. `?` behind a name, as in `Photo?`, shows the rest."""
    print("\n".join(lines()))


def lines() -> Iterator[str]:
    """The page, line by line."""
    public = {name: getattr(akool_nb, name) for name in akool_nb.__all__ if not name.startswith("_")}
    modules = {name: thing for name, thing in public.items() if isinstance(thing, ModuleType)}
    errors = [name for name, thing in public.items() if inspect.isclass(thing) and issubclass(thing, AkoolError)]
    others = {name: public[name] for name in sorted(public, key=_place) if name not in {*modules, *errors}}
    yield "akool_nb: live face swap in a notebook. `name?` shows more; the lessons begin with 00_start_here.ipynb."
    yield from _section("On the road, from akool_nb import …", others)
    yield from _section("Widgets, from akool_nb.widgets import …", _widgets())
    yield from _section("Modules, from akool_nb import …", modules)
    yield "\nErrors, each says what to do next; akool_nb.errors? draws the tree"
    yield from textwrap.wrap(", ".join(errors), _WIDTH, initial_indent="  ", subsequent_indent="  ")


def _section(title: str, things: Mapping[str, object]) -> Iterator[str]:
    yield f"\n{title}"
    for name, thing in things.items():
        head = f"  {name:<15} "
        yield head + _fitting(_sentence(thing), _WIDTH - len(head))


def _widgets() -> dict[str, object]:
    from akool_nb import widgets

    return {name: _widget(widgets, name) for name in widgets.__all__}


def _widget(widgets: ModuleType, name: str) -> object:
    """The widget, or why it cannot be had here; the page is most needed where something is missing."""
    try:
        return getattr(widgets, name)
    except ImportError as error:
        return f"cannot be loaded here: {error}"


def _place(name: str) -> tuple[int, str]:
    return (_ROAD.index(name) if name in _ROAD else len(_ROAD), name)


def _fitting(sentence: str, room: int) -> str:
    """The sentence, up to its last pause where all of it is too long."""
    if len(sentence) <= room:
        return sentence
    pauses = [place for place, letter in enumerate(sentence[:room]) if letter in ",:;"]
    return f"{sentence[: pauses[-1]]}." if pauses else textwrap.shorten(sentence, room, placeholder="…")


def _sentence(thing: object) -> str:
    text = thing if isinstance(thing, str) else inspect.getdoc(thing) or ""
    return text.partition("\n")[0]
