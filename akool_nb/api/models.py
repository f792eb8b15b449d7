"""What goes in and what comes out: photos, faces, sources, states.

Plain values that know how the wire writes them; `_id`, `sourceImage` and padding appear nowhere above this floor.
Source: https://docs.akool.com/ai-tools-suite/live-faceswap
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import IntEnum
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from akool_nb import opts
from akool_nb.api.photo import Photo
from akool_nb.errors import OptsError, PhotoError
from akool_nb.wire import fetch
from akool_nb.wire.answers import Answer, FaceAnswer, faces, seconds

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Detection", "Face", "FaceswapStatus", "Photo", "SourceImage"]

KEPT_FOR = timedelta(days=7)
"""How long AKOOL keeps what it made: crops, pictures, videos."""


class FaceswapStatus(IntEnum):
    """`faceswap_status`: what a session is doing. The numbers are the API's; `str()` gives the word.

    Attributes:
        QUEUING: 1, the session waits for a machine.
        PROCESSING: 2, the video can be joined now.
        SUCCESS: 3, it has ended well.
        FAILED: 4, it has ended in a failure.
        is_over: whether nothing more will come, which is true of 3 and 4.

    Raises:
        ValueError: for a number that is none of the four.

    The numbers are documented; what 3 and 4 mean for a live session is not, beyond their names.
    https://docs.akool.com/ai-tools-suite/live-faceswap
    """

    QUEUING = 1
    PROCESSING = 2
    SUCCESS = 3
    FAILED = 4

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        return self >= FaceswapStatus.SUCCESS

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class SourceImage:
    """A face to put on: the public address of its picture, and the `opts` of its landmarks there.

    Attributes:
        path: an http(s) address (text) that AKOOL can fetch.
        opts: four landmarks as text, "x,y:x,y:x,y:x,y", in whole pixels of that picture; best the detector's own text.
        expires_at: when the address ends, a `datetime` in UTC; None when it is not known to.
        trusted: origins from which `save` may fetch the picture although they are private, as a set of texts.

    Raises:
        PhotoError: `path` is no http(s) address; `save` raises it too when the picture is gone.
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
        """A source out of a source, a face, or a mapping as the documentation writes it."""
        if isinstance(value, SourceImage):
            return value
        if isinstance(value, Face):
            return value.source
        if isinstance(value, Mapping) and {"path", "opts"} <= value.keys():
            return cls(value["path"], value["opts"])
        raise PhotoError(f"A source is a face of a detection or a SourceImage(path, opts), not {type(value).__name__}.")

    @classmethod
    def several(cls, value: Any) -> tuple[SourceImage, ...]:
        """One source or several, as `create` and `update` take them."""
        if isinstance(value, Detection) and len(value) > 1:
            raise PhotoError(f"There are {len(value)} faces. Choose one of them, for example found[0].")
        single = isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Sequence)
        sources = tuple(map(cls.from_any, [value] if single else value))
        if not sources:
            raise PhotoError("There is no face to put on. Pass a face of a detection.")
        return sources

    def to_wire(self) -> dict[str, str]:
        """As it stands in `sourceImage`."""
        return {"path": self.path, "opts": self.opts}

    def save(self, folder: str | os.PathLike[str] = ".", *, name: str | None = None) -> Path:
        """Keep the picture beyond its end: a new file in `folder`, never over one that is there."""
        data = fetch.picture(self.path, trusted=self.trusted)
        return fetch.save(data, name or self.path, folder)

    def _repr_html_(self) -> str:
        address = escape(self.path, quote=True)
        name, ends = escape(fetch.safe_name(self.path)), escape(_ends(self.expires_at))
        link = f'<a href="{address}" rel="noreferrer noopener" target="_blank">{name}</a>'
        return f"<p>{link}<br>opts <code>{escape(self.opts)}</code><br><small>{ends}</small></p>"


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
        photo: the `Photo` it was found in; `photo.to_original` carries points back to the pixels of the stored file.
        crop: the hosted cut-out as a `SourceImage`, where the detector made one, else None.
        source: the `SourceImage` that `create` and `update` take: the cut-out, or the photo's address with `opts`.
        expires_at: when the hosted cut-out ends, a `datetime` in UTC, 7 days after it was made; None without one.

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
        if self.crop is not None:
            return self.crop
        if self.photo.url is None:
            raise PhotoError('This face has no address that AKOOL can fetch. Detect with endpoint="detect_faces".')
        return SourceImage(self.photo.url, self.opts, trusted=self.photo.trusted)

    @property
    def expires_at(self) -> datetime | None:
        """When the hosted cut-out ends (UTC); None without one."""
        return self.crop.expires_at if self.crop else None

    def save(self, folder: str | os.PathLike[str] = ".", *, name: str | None = None) -> Path:
        """Keep the face's picture, which AKOOL hosts for 7 days only: a new file in `folder`."""
        return self.source.save(folder, name=name)

    def picture(self, max_side: int = 160) -> bytes:
        """The face cut out of the photo, as a small JPEG without metadata."""
        x, y, width, height = self.region
        image = self.photo.image
        # A region may reach beyond the photo, and a broken one far beyond.
        box = (max(0, x), max(0, y), min(image.width, x + width), min(image.height, y + height))
        if box[0] >= box[2] or box[1] >= box[3]:
            raise PhotoError(f"The region of face {self.number} lies outside the photo. Detect again.")
        return Photo.open(image.crop(box), max_side=max_side).jpeg

    def _repr_html_(self) -> str:
        rows = [("region", str(self.region)), ("opts", self.opts)]
        if self.crop:
            rows.append(("hosted", _ends(self.expires_at)))
        cells = "".join(f"<tr><th>{name}</th><td>{escape(value)}</td></tr>" for name, value in rows)
        return f"<p><b>Face {self.number}</b></p>{_cut_out(self)}<table>{cells}</table>"


class Detection(Sequence[Face]):
    """The faces of one photo: a sequence of `Face`, in the detector's order.

    `found[0]` is the first face, `found[:2]` a detection of the first two, and `len(found)` their number, never 0 when
    it comes from `client.detect`.

    Attributes:
        photo: the `Photo` that was sent.
        trx_id: the transaction id (text) for AKOOL's support; only "detect" gives one, else None.
        seconds: how long the detector took by its own account (float); None where it does not say.
        largest: the `Face` whose region covers most of the photo.
        expires_at: when the first of the hosted cut-outs ends, a `datetime` in UTC; None if there are none.

    Raises:
        IndexError: for a face that is not there; the message says how many there are.

    `client.detect` raises `NoFaceError` rather than return an empty one.
    https://docs.akool.com/ai-tools-suite/live-faceswap (POST /detect)
    """

    def __init__(
        self, photo: Photo, faces: Sequence[Face], *, trx_id: str | None = None, seconds: float | None = None
    ) -> None:
        self.photo = photo
        self.trx_id = trx_id
        self.seconds = seconds
        self._faces = tuple(faces)

    @classmethod
    def from_answer(cls, answer: Answer, photo: Photo, *, trusted: frozenset[str] = frozenset()) -> Detection:
        """The faces of a detector's answer to a photo; raises `NoFaceError` if there is none."""
        made_at = datetime.now(timezone.utc)
        found = [_face(number, face, photo, made_at, trusted) for number, face in enumerate(faces(answer), 1)]
        return cls(photo, found, trx_id=answer.trx_id, seconds=seconds(answer))

    @cached_property
    def expires_at(self) -> datetime | None:
        """When the first of the hosted cut-outs ends (UTC); None if there are none."""
        return min((face.expires_at for face in self if face.expires_at), default=None)

    @property
    def largest(self) -> Face:
        """The face that covers most of the photo."""
        return max(self, key=lambda face: face.region[2] * face.region[3])

    def plot(self, *, ax: Axes | None = None, **options: Any) -> Axes:
        """The photo with its faces numbered; options are those of `akool_nb.plot.plot_faces`."""
        from akool_nb.plot import plot_faces  # reaches up a floor, and only when it is called

        return plot_faces(self, ax=ax, **options)

    @overload
    def __getitem__(self, index: int) -> Face: ...
    @overload
    def __getitem__(self, index: slice) -> Detection: ...
    def __getitem__(self, index: int | slice) -> Face | Detection:
        if isinstance(index, slice):
            return Detection(self.photo, self._faces[index], trx_id=self.trx_id, seconds=self.seconds)
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
        rows = "".join(
            f"<tr><td>{face.number}</td><td>{_cut_out(face, 64)}</td><td>{escape(str(face.region))}</td>"
            f"<td><code>{escape(face.opts)}</code></td></tr>"
            for face in self
        )
        note = f"<p><small>{escape(_ends(self.expires_at))}</small></p>" if self.expires_at else ""
        head = "<tr><th>#</th><th>face</th><th>region</th><th>opts</th></tr>"
        return f"<p><b>{_count(len(self))}</b> in {escape(repr(self.photo))}</p><table>{head}{rows}</table>{note}"


def _face(number: int, found: FaceAnswer, photo: Photo, made_at: datetime, trusted: frozenset[str]) -> Face:
    crop = None
    if found.crop_url and found.crop_opts:
        crop = SourceImage(found.crop_url, found.crop_opts, made_at + KEPT_FOR, trusted)
    return Face(number, found.region, found.landmarks, found.opts, photo, crop)


def _cut_out(face: Face, max_side: int = 160) -> str:
    """The face as an image of the page, or nothing when the photo's pixels are not at hand."""
    try:
        picture = base64.b64encode(face.picture(max_side)).decode("ascii")
    except PhotoError:
        return ""
    return f'<img alt="face {face.number}" src="data:image/jpeg;base64,{picture}">'


def _ends(moment: datetime | None) -> str:
    if moment is None:
        return "keeps as long as its address does"
    return f"hosted until {moment:%Y-%m-%d %H:%M} UTC; save() keeps it"


def _count(number: int, one: str = "", many: str = "") -> str:
    text = "1 face" if number == 1 else f"{number} faces"
    return f"{one if number == 1 else many} {text}".strip()
