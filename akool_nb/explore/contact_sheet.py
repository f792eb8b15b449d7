"""A contact sheet: every photo of a survey as a small picture with its faces boxed, or with its error as text."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import PurePath

from PIL import Image, ImageDraw, ImageFont, ImageOps

from akool_nb.api.arguments import whole
from akool_nb.api.photo import Photo
from akool_nb.errors import AkoolError
from akool_nb.explore.row import Row

_PAPER = "#ffffff"
_EMPTY = "#eceff3"
_INK = "#1f2430"
_WRONG = "#b3261e"
_BOX = "#00a37a"
_CAPTION = 34  # pixels below each picture for two lines of text
_LINE = 15  # pixels from one line of text to the next


def contact_sheet(rows: Sequence[Row], *, columns: int = 6, side: int = 160, limit: int = 60) -> Image.Image:
    """The first `limit` rows as one RGB picture, `columns` wide, each photo fitted into a square of `side` pixels."""
    side = whole("side", side, 16, 4096)
    shown = list(rows[: whole("limit", limit, 1, 10_000)])
    columns = max(1, min(whole("columns", columns, 1, 100), len(shown)))
    lines = max(1, -(-len(shown) // columns))
    sheet = Image.new("RGB", (columns * side, lines * (side + _CAPTION)), _PAPER)
    for index, row in enumerate(shown):
        line, column = divmod(index, columns)
        sheet.paste(_cell(row, side), (column * side, line * (side + _CAPTION)))
    return sheet


def _cell(row: Row, side: int) -> Image.Image:
    """The photo, below it its name, and below that the number of faces or the error; a longer text is cut."""
    cell = Image.new("RGB", (side, side + _CAPTION), _PAPER)
    cell.paste(_small(row, side))
    pen = ImageDraw.Draw(cell)
    font = ImageFont.load_default(size=12)
    result = row.error or ("1 face" if row.faces == 1 else f"{row.faces} faces")
    pen.text((4, side + 2), PurePath(row.photo).name, fill=_INK, font=font)
    pen.text((4, side + 2 + _LINE), result, fill=_WRONG if row.error else _INK, font=font)
    return cell


def _small(row: Row, side: int) -> Image.Image:
    """The photo with its boxes, in a square; an empty square if the photo cannot be opened."""
    try:
        picture = Image.open(BytesIO(Photo.open(row.source).jpeg)).convert("RGB")
    except (AkoolError, OSError, ValueError):
        return Image.new("RGB", (side, side), _EMPTY)
    pen = ImageDraw.Draw(picture)
    width = max(2, round(2 * max(picture.size) / side))
    for x, y, w, h in row.regions:
        pen.rectangle((x, y, x + w, y + h), outline=_BOX, width=width)
    return ImageOps.pad(picture, (side, side), color=_PAPER)
