"""A survey: one row for each photo, shown as a table, a DataFrame or a contact sheet."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from akool_nb.api import html
from akool_nb.api.photo import Photo
from akool_nb.explore.contact_sheet import contact_sheet
from akool_nb.explore.row import Key, Row

if TYPE_CHECKING:
    import pandas as pd
    from PIL import Image

# Faces, no face, no picture: a second try gives the same. Every other error is tried again.
_ANSWERS = {"", "NoFaceError", "PhotoError"}


class Survey(list[Row]):
    """The rows of `detect_many`: a list that a cell shows as a table.

    Attributes:
        failures: the rows with an error, `NoFaceError` included.
        settled: the keys of the rows that a second try would not change.
    """

    def put(self, row: Row) -> None:
        """Add a row; it replaces the row that answered the same question before."""
        for place, old in enumerate(self):
            if old.key == row.key:
                self[place] = row
                return
        self.append(row)

    @property
    def failures(self) -> list[Row]:
        return [row for row in self if row.error]

    @property
    def settled(self) -> set[Key]:
        return {row.key for row in self if row.error in _ANSWERS}

    def to_pandas(self) -> pd.DataFrame:
        """One row for each photo. Needs pandas: `pip install pandas`."""
        import pandas as pd

        return pd.DataFrame([[getattr(row, name) for name in _COLUMNS] for row in self], columns=_COLUMNS)

    def contact_sheet(self, *, columns: int = 6, side: int = 160, limit: int = 60) -> Image.Image:
        """The first `limit` photos side by side, each with its faces boxed or its error in words."""
        return contact_sheet(self, columns=columns, side=side, limit=limit)

    def save(self, folder: str | os.PathLike[str], *, side: int = 256) -> Path:
        """Write the table as `survey.csv`, and the cut-out of each face as a JPEG of at most `side` pixels.

        Returns:
            The folder, which is made if it does not exist. A cut-out is named like the row and the face: `2_0.jpg`.
        """
        target = Path(folder).expanduser()
        target.mkdir(parents=True, exist_ok=True)
        for number, row in enumerate(self):
            _save_faces(row, target, str(number), side)
        self.to_pandas().to_csv(target / "survey.csv", index_label="row")
        return target

    def _repr_html_(self) -> str:
        return html.table(([_cell(row, name) for name in _SHOWN] for row in self), _SHOWN)


_COLUMNS = [item.name for item in fields(Row) if item.name != "source"]
_SHOWN = ("photo", "endpoint", "single_face", "faces", "seconds", "error", "message")


def _save_faces(row: Row, folder: Path, name: str, side: int) -> None:
    if not row.regions:
        return
    cut_outs = Photo.open(row.source).cut_outs(row.regions, side)
    for number, jpeg in enumerate(cut_outs):
        (folder / f"{name}_{number}.jpg").write_bytes(jpeg)


def _cell(row: Row, name: str) -> str:
    value = getattr(row, name)
    if name == "photo":
        return PurePath(value).name
    if isinstance(value, float):
        return f"{value:.3f}"
    return str(value)
