"""The values that the calls take and return: faces, detections, sources, states.

They are made of the API's answers, and `to_wire` writes what a request needs.
Source: https://docs.akool.com/ai-tools-suite/live-faceswap
"""

from __future__ import annotations

import contextlib
import operator
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import IntEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from akool_nb import opts
from akool_nb.api import html
from akool_nb.api.face_warnings import warnings_of
from akool_nb.api.photo import Photo
from akool_nb.errors import OptsError, PhotoError
from akool_nb.wire import fetch
from akool_nb.wire.answers import Answer, FaceAnswer, faces, seconds

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from PIL import Image

__all__ = ["Detection", "Face", "FaceswapStatus", "Photo", "SourceImage"]

KEPT_FOR = timedelta(days=7)
"""How long AKOOL keeps the files that it makes: crops, pictures, videos."""


class FaceswapStatus(IntEnum):
    """`faceswap_status`: the state of a session. The numbers are the API's; `str()` gives the name.

    Attributes:
        QUEUING: 1, the session waits for a machine.
        PROCESSING: 2, the video can be joined now.
        SUCCESS: 3, it has ended normally.
        FAILED: 4, it has ended in a failure.

    Raises:
        ValueError: for a number that is none of the four.

    The numbers are documented; what 3 and 4 mean for a live session is not, beyond their names.
    https://docs.akool.com/ai-tools-suite/live-faceswap
    """

    QUEUING = 1
    PROCESSING = 2
    SUCCESS = 3
    FAILED = 4

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class SourceImage:
    """The source of a swap: the public address of a face's picture, and the `opts` of its landmarks there.

    Attributes:
        path: an http(s) address (text) that AKOOL can fetch.
        opts: four landmarks as text, "x,y:x,y:x,y:x,y", in whole pixels of that picture; best the detector's own text.
        expires_at: when the address expires, a `datetime` in UTC; None where no time is known.
        trusted: origins from which `save` may fetch the picture although they are private, as a set of texts.

    Raises:
        PhotoError: `path` is no http(s) address; `save` raises it too when there is no picture any more.
        OptsError: `opts` is empty.

    One entry of `sourceImage`: https://docs.akool.com/ai-tools-suite/live-faceswap
    """

    path: str
    opts: str
    expires_at: datetime | None = field(default=None, repr=False, compare=False)
    trusted: frozenset[str] = field(default=frozenset(), repr=False, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.path, str) or not self.path.startswith(("https://", "http://")):
            raise PhotoError(
                "A source needs the public http(s) address of its picture. detect() gives one: face.source."
            )
        if not isinstance(self.opts, str) or not self.opts.strip():
            raise OptsError("A source needs the opts of its face. detect() gives them: face.source.")

    @classmethod
    def from_any(cls, value: Any) -> SourceImage:
        """The source of a source, a face, or a mapping as the documentation writes it."""
        if isinstance(value, SourceImage):
            return value
        if isinstance(value, Face):
            return value.source
        if isinstance(value, Mapping) and {"path", "opts"} <= value.keys():
            return cls(value["path"], value["opts"])
        raise PhotoError(f"A source is a face of a detection or a SourceImage(path, opts), not {type(value).__name__}.")

    @classmethod
    def several(cls, value: Any) -> tuple[SourceImage, ...]:
        """One source or several, as `create` and `update` take them; a slice of a detection is several."""
        if isinstance(value, Detection) and len(value) > 1 and not value.is_slice:
            raise PhotoError(f"There are {len(value)} faces. Choose one, as found[0], or several, as found[:2].")
        single = isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Sequence)
        sources = tuple(map(cls.from_any, [value] if single else value))
        if not sources:
            raise PhotoError("There is no face. Pass a face of a detection.")
        return sources

    def to_wire(self) -> dict[str, str]:
        return {"path": self.path, "opts": self.opts}

    def save(self, folder: str | os.PathLike[str] = ".", *, name: str | None = None) -> Path:
        """Keep the picture beyond its expiry as a new file in `folder`; an existing file is never overwritten."""
        data = fetch.picture(self.path, trusted=self.trusted)
        return fetch.save(data, name or self.path, folder)

    def _repr_html_(self) -> str:
        address = html.text(self.path)
        name = html.text(fetch.safe_name(self.path))
        link = f'<a href="{address}" rel="noreferrer noopener" target="_blank">{name}</a>'
        return f"<p>{link}<br>opts {html.code(self.opts)}<br><small>{html.text(_ends(self.expires_at))}</small></p>"


@dataclass(frozen=True)
class Face:
    """One face of a photo, with the points that the swap needs.

    Pixels are whole numbers and count from the top left of the photo as it was sent.

    Attributes:
        number: 1 for the first, as `plot()` writes it.
        region: (x, y, width, height) in pixels.
        landmarks: four to six points (x, y) in pixels: left eye, right eye, nose, mouth, and from the newer detector
            left and right mouth corner; "left" is left in the picture. The fourth is the left mouth corner from
            "detect" and the middle of the mouth from "detect_faces".
        opts: the detector's own text for the first four landmarks, "x,y:x,y:x,y:x,y".
        photo: the `Photo` it was found in; `photo.to_original` maps points to the pixels of the stored file.
        crop: the hosted cut-out as a `SourceImage`, where the detector made one, else None.
        source: the `SourceImage` that `create` and `update` take: the photo's address with `opts`, as documented; the
            hosted cut-out for a photo that has no address.
        warnings: why the swap may look bad, as a tuple of sentences; reading it decodes the photo.
        expires_at: when the hosted cut-out expires, a `datetime` in UTC, 7 days after it was made; None without one.

    Raises:
        PhotoError: `source` and `save`, when nothing of the face has an address that AKOOL can fetch.

    https://docs.akool.com/ai-tools-suite/live-faceswap
    """

    number: int
    region: tuple[int, int, int, int]
    landmarks: tuple[opts.Point, ...]
    opts: str
    photo: Photo = field(repr=False, compare=False)
    crop: SourceImage | None = field(default=None, repr=False, compare=False)

    @property
    def source(self) -> SourceImage:
        """What `create` and `update` need of this face; raises `PhotoError` if nothing of it has an address."""
        if self.photo.url is not None:
            return SourceImage(self.photo.url, self.opts, trusted=self.photo.trusted)
        if self.crop is None:
            raise PhotoError('This face has no address that AKOOL can fetch. Detect with endpoint="detect_faces".')
        return self.crop

    @property
    def expires_at(self) -> datetime | None:
        return self.crop.expires_at if self.crop else None

    @property
    def warnings(self) -> tuple[str, ...]:
        """Why the swap may look bad: a small, turned, covered, blurred or badly lit face. Decodes the photo."""
        return _warnings(self, self.photo.image)

    def save(self, folder: str | os.PathLike[str] = ".", *, name: str | None = None) -> Path:
        """Keep the face's picture as a new file in `folder`: the hosted cut-out, or the photo at its address."""
        return (self.crop or self.source).save(folder, name=name)

    def picture(self, max_side: int = 160) -> bytes:
        """The face cut out of the photo, as a small JPEG without metadata."""
        try:
            return self.photo.cut_outs([self.region], max_side)[0]
        except PhotoError as error:
            raise PhotoError(f"Face {self.number}: {error.message}") from None

    def _repr_html_(self) -> str:
        rows = [("region", str(self.region)), ("opts", self.opts)]
        if self.crop:
            rows.append(("hosted", _ends(self.expires_at)))
        return f"<p><b>Face {self.number}</b></p>{_cut_out(self)}{html.facts(rows)}"


class Detection(Sequence[Face]):
    """The faces of one photo: a sequence of `Face`, in the detector's order.

    `found[0]` is the first face, `found[:2]` a detection of the first two, and `len(found)` their number, never 0 when
    it comes from `client.detect`.

    Attributes:
        photo: the `Photo` that was sent.
        trx_id: the transaction id (text) for AKOOL's support; only "detect" gives one, else None.
        seconds: the detector's own measure of its time (float); None where it gives none.
        largest: the `Face` whose region covers most of the photo.
        warnings: for each face its `Face.warnings`; reading it decodes the photo once.
        expires_at: when the first of the hosted cut-outs expires, a `datetime` in UTC; None if there are none.
        is_slice: whether it is a part of another detection, such as found[:2], which `create` takes as several faces.

    Raises:
        IndexError: for a number without a face; the message says how many faces there are.
        ImportError: `to_pandas` where pandas is not installed.

    `client.detect` raises `NoFaceError` rather than return an empty one.
    https://docs.akool.com/ai-tools-suite/live-faceswap (POST /detect)
    """

    def __init__(
        self, photo: Photo, faces: Sequence[Face], *, trx_id: str | None = None, seconds: float | None = None
    ) -> None:
        self.photo = photo
        self.trx_id = trx_id
        self.seconds = seconds
        self.is_slice = False
        self._faces = tuple(faces)

    @classmethod
    def from_answer(cls, answer: Answer, photo: Photo, *, trusted: frozenset[str] = frozenset()) -> Detection:
        """The faces of a detector's answer to a photo; raises `NoFaceError` if there is none."""
        made_at = datetime.now(timezone.utc)
        found = [_face(number, face, photo, made_at, trusted) for number, face in enumerate(faces(answer), 1)]
        if photo.is_fetched:
            # Now, because showing a detection must not decode the photo.
            with contextlib.suppress(PhotoError):
                photo.cut_outs([face.region for face in found])
        return cls(photo, found, trx_id=answer.trx_id, seconds=seconds(answer))

    @cached_property
    def expires_at(self) -> datetime | None:
        return min((face.expires_at for face in self if face.expires_at), default=None)

    @property
    def largest(self) -> Face:
        return max(self, key=lambda face: face.region[2] * face.region[3])

    @property
    def warnings(self) -> tuple[tuple[str, ...], ...]:
        """For each face why its swap may look bad; decodes the photo once for all faces."""
        image = self.photo.image
        return tuple(_warnings(face, image) for face in self)

    def plot(self, *, ax: Axes | None = None, **options: Any) -> Axes:
        """The photo with its faces numbered; options are those of `akool_nb.plot.plot_faces`."""
        from akool_nb.plot import plot_faces  # of a higher layer, so imported only when it is called

        return plot_faces(self, ax=ax, **options)

    def to_pandas(self) -> pd.DataFrame:
        """One row a face: its number, x, y, width, height, landmarks, opts and expires_at. Needs pandas."""
        try:
            import pandas as pd
        except ImportError:
            raise ImportError("to_pandas() needs pandas: pip install pandas") from None
        names = ("number", "x", "y", "width", "height", "landmarks", "opts", "expires_at")
        rows = [(face.number, *face.region, face.landmarks, face.opts, face.expires_at) for face in self]
        return pd.DataFrame(rows, columns=list(names))

    @overload
    def __getitem__(self, index: int) -> Face: ...
    @overload
    def __getitem__(self, index: slice) -> Detection: ...
    def __getitem__(self, index: int | slice) -> Face | Detection:
        if isinstance(index, slice):
            part = Detection(self.photo, self._faces[index], trx_id=self.trx_id, seconds=self.seconds)
            part.is_slice = True
            return part
        index = operator.index(index)
        if not -len(self) <= index < len(self):
            raise IndexError(f"There {_count(len(self), 'is', 'are')}; there is no number {index}.")
        return self._faces[index]

    def __len__(self) -> int:
        return len(self._faces)

    def __iter__(self) -> Iterator[Face]:
        return iter(self._faces)

    def __repr__(self) -> str:
        return f"Detection({_count(len(self))} in {self.photo!r})"

    def _repr_html_(self) -> str:
        rows = ((face.number, _cut_out(face, 64), face.region, html.code(face.opts)) for face in self)
        note = f"<p><small>{html.text(_ends(self.expires_at))}</small></p>" if self.expires_at else ""
        table = html.table(rows, ("#", "face", "region", "opts"))
        return f"<p><b>{_count(len(self))}</b> in {html.text(repr(self.photo))}</p>{table}{note}"


def _face(number: int, found: FaceAnswer, photo: Photo, made_at: datetime, trusted: frozenset[str]) -> Face:
    crop = None
    if found.crop_url and found.crop_opts:
        crop = SourceImage(found.crop_url, found.crop_opts, made_at + KEPT_FOR, trusted)
    return Face(number, found.region, found.landmarks, found.opts, photo, crop)


def _warnings(face: Face, image: Image.Image) -> tuple[str, ...]:
    x, y, width, height = face.region
    return warnings_of(face.region, face.landmarks, image.crop((x, y, x + width, y + height)))


def _cut_out(face: Face, max_side: int = 160) -> html.Markup:
    """The face as an image of the page; nothing where the photo would have to be fetched or decoded for it."""
    picture = face.photo.ready_cut_out(face.region, max_side)
    return html.text("") if picture is None else html.jpeg(picture, f"face {face.number}")


def _ends(moment: datetime | None) -> str:
    if moment is None:
        return "available as long as its address"
    return f"stored until {moment:%Y-%m-%d %H:%M} UTC; face.save(folder) keeps a copy"


def _count(number: int, one: str = "", many: str = "") -> str:
    if number == 1:
        return f"{one} 1 face".strip()
    return f"{many} {number} faces".strip()
