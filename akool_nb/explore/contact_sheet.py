"""A contact sheet: every photo of a survey as a small picture with its faces boxed, or its error in words."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import PurePath
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont, ImageOps

from akool_nb.api.photo import Photo
from akool_nb.errors import AkoolError

if TYPE_CHECKING:
    from akool_nb.explore.survey import Row

_PAPER, _INK, _WRONG, _BOX = "#ffffff", "#1f2430", "#b3261e", "#00a37a"
_CAPTION = 34
"""Pixels below each picture for two lines of words."""


def contact_sheet(rows: Sequence[Row], *, columns: int = 6, side: int = 160, limit: int = 60) -> Image.Image:
    """The first `limit` rows as one RGB picture, `columns` wide, each photo fitted into a square of `side` pixels."""
    shown = list(rows[:limit])
    columns = max(1, min(columns, len(shown)))
    lines = max(1, -(-len(shown) // columns))
    sheet = Image.new("RGB", (columns * side, lines * (side + _CAPTION)), _PAPER)
    for place, row in enumerate(shown):
        corner = place % columns * side, place // columns * (side + _CAPTION)
        sheet.paste(_small(row, side), corner)
        _caption(sheet, row, (corner[0] + 4, corner[1] + side + 2), side)
    return sheet


def _small(row: Row, side: int) -> Image.Image:
    """The photo with its boxes, in a square; an empty square where there is no photo to open."""
    try:
        picture = Image.open(BytesIO(Photo.open(row.source).jpeg)).convert("RGB")
    except (AkoolError, OSError, ValueError):
        return Image.new("RGB", (side, side), "#eceff3")
    pen = ImageDraw.Draw(picture)
    width = max(2, round(2 * max(picture.size) / side))
    for x, y, w, h in row.regions:
        pen.rectangle((x, y, x + w, y + h), outline=_BOX, width=width)
    return ImageOps.pad(picture, (side, side), color=_PAPER)


def _caption(sheet: Image.Image, row: Row, corner: tuple[int, int], side: int) -> None:
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=12)
    said = row.error or f"{row.faces} face{'' if row.faces == 1 else 's'}"
    for line, (text, colour) in enumerate(((PurePath(row.photo).name, _INK), (said, _WRONG if row.error else _INK))):
        while text and pen.textlength(text, font=font) > side - 8:
            text = text[:-2].rstrip("…") + "…" if len(text) > 2 else ""
        pen.text((corner[0], corner[1] + 15 * line), text, fill=colour, font=font)
