"""A survey: one row for each photo, and what a table of them can do."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from akool_nb.api import html

if TYPE_CHECKING:
    import pandas as pd
    from PIL import Image

Key = tuple[str, str, bool]
"""A question: photo, endpoint, single_face."""

_ANSWERS = {"", "NoFaceError", "PhotoError"}
"""What a second try would not change: faces, no face, no picture. Every other error is tried again."""


@dataclass(frozen=True)
class Row:
    """What one photo gave: its faces, or the error in their place.

    Attributes:
        photo: its path or address, or a name made of its bytes.
        endpoint: the detector that was asked for: "detect", "detect_faces", or "auto" for the client's own choice.
        single_face: whether only the largest face was asked for.
        faces: how many were found; 0 with an error.
        seconds: the whole call as seen from here.
        detector_seconds: what the service says of itself; None where it says nothing.
        error, code, message, trx_id: the error's name ("" for none), AKOOL's number, and what `AkoolError` tells.
        regions: (x, y, width, height) of each face, in pixels of the picture that was sent.
        opts: the server's own text of each face, in the same pixels.
        source: the photo as it was given, for the contact sheet.
        key: (photo, endpoint, single_face), the question this row answers; a survey holds one row for each.
    """

    photo: str
    endpoint: str
    single_face: bool
    faces: int = 0
    seconds: float = 0.0
    detector_seconds: float | None = None
    error: str = ""
    code: int | None = None
    message: str = ""
    trx_id: str = ""
    regions: tuple[tuple[int, int, int, int], ...] = ()
    opts: tuple[str, ...] = ()
    source: Any = field(default=None, repr=False, compare=False)

    @property
    def key(self) -> Key:
        """The question this row answers."""
        return self.photo, self.endpoint, self.single_face


class Survey(list[Row]):
    """Rows of `detect_many`: a list that shows itself as a table and becomes a DataFrame or a contact sheet.

    Attributes:
        failures: the rows that hold an error, those without a face among them.
        settled: the keys of the rows that asking again would not change.
    """

    def put(self, row: Row) -> None:
        """Take a row in; it replaces the one that answered the same question before."""
        for place, old in enumerate(self):
            if old.key == row.key:
                self[place] = row
                return
        self.append(row)

    @property
    def failures(self) -> list[Row]:
        """The rows that hold an error, those without a face among them."""
        return [row for row in self if row.error]

    @property
    def settled(self) -> set[Key]:
        """The questions that have an answer which asking again would not change."""
        return {row.key for row in self if row.error in _ANSWERS}

    def to_pandas(self) -> pd.DataFrame:
        """One row a photo. Needs pandas: `pip install pandas`."""
        import pandas as pd

        return pd.DataFrame([{name: getattr(row, name) for name in _COLUMNS} for row in self])

    def contact_sheet(self, *, columns: int = 6, side: int = 160, limit: int = 60) -> Image.Image:
        """The first `limit` photos side by side, each with its faces boxed or its error in words."""
        from akool_nb.explore.contact_sheet import contact_sheet

        return contact_sheet(self, columns=columns, side=side, limit=limit)

    def _repr_html_(self) -> str:
        return html.table(([_cell(row, name) for name in _SHOWN] for row in self), _SHOWN)


_COLUMNS = [item.name for item in fields(Row) if item.name != "source"]
_SHOWN = ("photo", "endpoint", "single_face", "faces", "seconds", "error", "message")


def _cell(row: Row, name: str) -> str:
    value = getattr(row, name)
    text = f"{value:.3f}" if isinstance(value, float) else str(value)
    return PurePath(text).name if name == "photo" else text
