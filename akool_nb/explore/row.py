"""One row of a survey: what one photo gave."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Key = tuple[str, str, bool]
"""A question: photo, endpoint, single_face."""


@dataclass(frozen=True)
class Row:
    """What one photo gave: its faces, or the error instead of them.

    Attributes:
        photo: its path or address, or a name made of its bytes.
        endpoint: the detector that was asked for: "detect", "detect_faces", or "auto" for the client's own choice.
        single_face: whether only the largest face was asked for.
        faces: how many were found; 0 with an error.
        seconds: the whole call as measured here.
        detector_seconds: the service's own figure; None if its answer has none.
        error, code, message, trx_id: the error's name ("" for none), AKOOL's number, and the fields of `AkoolError`.
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
        return self.photo, self.endpoint, self.single_face
