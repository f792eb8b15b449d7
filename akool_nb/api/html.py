"""HTML for the values that a notebook shows: escaped text, tables, pictures inside the page."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape

_BREAKS = "white-space: normal; overflow-wrap: anywhere"
"""A long value, such as an address, is broken instead of cut in a narrow window."""


class Markup(str):
    """HTML that is ready; any other text in a table is escaped."""

    __slots__ = ()


def text(value: object) -> Markup:
    """A value as escaped text."""
    if isinstance(value, Markup):
        return value
    return Markup(escape(str(value)))


def code(value: object) -> Markup:
    """A value in the font of code."""
    return Markup(f'<code style="{_BREAKS}">{text(value)}</code>')


def table(
    rows: Iterable[Sequence[object]], head: Sequence[object] = (), *, caption: str = "", css_class: str = ""
) -> Markup:
    """A table: one sequence of cells a row; `head` names the columns."""
    names = "".join(f"<th>{text(name)}</th>" for name in head)
    top = f"<caption>{text(caption)}</caption>" if caption else ""
    first = f"<tr>{names}</tr>" if head else ""
    body = "".join(row(cells) for cells in rows)
    return Markup(f"{_opening('table', css_class)}{top}{first}{body}</table>")


def row(cells: Sequence[object], css_class: str = "") -> Markup:
    """One row of a table; a row that is ready stays as it is."""
    if isinstance(cells, Markup):
        return cells
    filled = "".join(f"<td>{text(cell)}</td>" for cell in cells)
    return Markup(f"{_opening('tr', css_class)}{filled}</tr>")


def facts(pairs: Iterable[tuple[str, object]]) -> Markup:
    """A table of names and values."""
    lines = (Markup(f'<tr><th>{text(name)}</th><td style="{_BREAKS}">{text(value)}</td></tr>') for name, value in pairs)
    return table(lines)


def jpeg(data: bytes, alt: str) -> Markup:
    """A JPEG as part of the page."""
    return Markup(f'<img alt="{escape(alt)}" src="data:image/jpeg;base64,{base64.b64encode(data).decode("ascii")}">')


def _opening(tag: str, css_class: str) -> str:
    if css_class:
        return f'<{tag} class="{css_class}">'
    return f"<{tag}>"
