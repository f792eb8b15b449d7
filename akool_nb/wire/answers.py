"""The API's answers, read and made uniform: the one place that knows how they may vary.

Pure functions from bytes to plain values. Whatever comes ends as an `Answer` or as one `AkoolError`.
Source: https://docs.akool.com/ai-tools-suite/live-faceswap; the variants are those that other clients met.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit

from akool_nb import opts
from akool_nb.errors import AkoolError, BadResponse, NoFaceError, OptsError, RateLimitError, from_code
from akool_nb.wire.redact import Secret, plain, shown, veil

SUCCESS = {"code": 1000, "error_code": 0}
"""The two fields that may hold a code, and what each of them holds when the call has worked."""

_NO_FACE = "no face"
_LONGEST_MESSAGE = 600
"""More than any message keeps in the end, so that the last cut meets no secret that this one has halved."""
_ID = re.compile(r"[\w.-]{1,80}", re.ASCII)

Box = tuple[int, int, int, int]
T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    """A readable answer: a JSON object whose tokens are already veiled."""

    fields: dict[str, Any] = field(repr=False)
    """Not shown: a server may echo what it was sent."""
    http_status: int

    @property
    def code(self) -> int | None:
        """`code` of the live calls or `error_code` of the detectors; None where there is neither."""
        if self._code_field is None:
            return None
        return _integer(self.fields[self._code_field])

    @property
    def _code_field(self) -> str | None:
        """The field that holds the code: 0 means success to the detectors only, 1000 to the live calls only."""
        return next((name for name in SUCCESS if self.fields.get(name) is not None), None)

    @property
    def message(self) -> str:
        """The service's message as one printable line; it is cut later, because a cut could leave half of a secret."""
        said = self.fields.get("msg") or self.fields.get("error_msg") or self.fields.get("message") or ""
        if not isinstance(said, str):
            said = json.dumps(shown(said, longest=_LONGEST_MESSAGE))
        return plain(said, longest=_LONGEST_MESSAGE)

    @property
    def trx_id(self) -> str | None:
        found = self.fields.get("trx_id")
        return found if isinstance(found, str) and _ID.fullmatch(found) else None

    @property
    def data(self) -> dict[str, Any]:
        """`data` as an object; empty where there is none."""
        found = self.fields.get("data")
        return found if isinstance(found, dict) else {}

    def error(self) -> AkoolError | None:
        """The error that this answer means, or None if it is a success."""
        facts: dict[str, Any] = {"trx_id": self.trx_id, "http_status": self.http_status}
        if self._code_field is None or self.code is None:
            return _without_code(self, facts)
        if "code" not in self.fields and self.code != 0 and _NO_FACE in self.message.lower().replace("_", " "):
            return NoFaceError("The detector found no face in the picture.", **facts)
        if self.code != SUCCESS[self._code_field]:
            return from_code(self.code, self.message, **facts)
        if self.http_status >= 400:
            return from_code(self.http_status, self.message, **facts)
        return None

    def bad(self, what: str) -> BadResponse:
        """The error for a success that lacks what it should hold."""
        return BadResponse(f"The answer {what}.", trx_id=self.trx_id, http_status=self.http_status)


@dataclass(frozen=True)
class FaceAnswer:
    """One face as either detector gives it, made uniform."""

    region: Box
    landmarks: tuple[opts.Point, ...]
    opts: str
    crop_url: str | None = None
    crop_opts: str | None = None


@dataclass(frozen=True)
class SessionAnswer:
    """`data` of a `create` answer."""

    id: str
    status: int
    channel_id: str
    uid: str
    remote_uid: str
    token: Secret
    app_id: str


def read(http_status: int, body: bytes) -> Answer:
    """The JSON object of an answer; raises `BadResponse` for anything else."""
    fields: Any = None
    try:
        fields = json.loads(body.decode("utf-8"), object_hook=veil, parse_constant=_refuse_constant)
        reason = f"is {_name(fields)}, not an object"
    except UnicodeDecodeError:
        reason = "is not UTF-8"
    except (ValueError, RecursionError):
        reason = _looks_like(body)
    # Raised here and not in the handlers, so that the body is in no error's context.
    if not isinstance(fields, dict) and http_status == 429:
        raise RateLimitError(429, "too many calls", http_status=429)
    if not isinstance(fields, dict):
        raise BadResponse(f"The answer (HTTP {http_status}) {reason}.", http_status=http_status)
    return Answer(fields, http_status)


def token(answer: Answer) -> Secret:
    """The API token: at top level as documented, or in `data` as some clients got it."""
    found = answer.fields.get("token") or answer.data.get("token")
    if isinstance(found, Secret) and found.strip() and fits_a_header(found.strip()):
        return Secret(found.strip())
    raise answer.bad("to getToken holds no token")


def fits_a_header(text: str) -> bool:
    """Whether a credential can be sent in a header of HTTP."""
    return text.isascii() and text.isprintable() and " " not in text


def credit(answer: Answer) -> float:
    """The balance of `quota/info`."""
    found = _number(answer.data.get("credit"))
    if found is None:
        raise answer.bad("to quota/info holds no credit")
    return found


def session(answer: Answer) -> SessionAnswer:
    """The session of a `create` answer."""
    data = answer.data
    texts = {name: _text(data.get(name)) for name in ("_id", "channel_id", "front_user_id", "app_id")}
    found = data.get("front_rtc_token")
    missing = [name for name in ("_id", "channel_id", "front_user_id") if not texts[name]]
    if missing or not isinstance(found, Secret):
        raise answer.bad(f"to create lacks {', '.join(missing) or 'front_rtc_token'}")
    # "3" is the publisher in the documented example; the field itself is only seen there.
    remote = _text(data.get("algorithm_user_id")) or "3"
    return SessionAnswer(
        id=texts["_id"],
        status=status(answer) or 1,
        channel_id=texts["channel_id"],
        uid=texts["front_user_id"],
        remote_uid=remote,
        token=Secret(found),
        app_id=texts["app_id"],
    )


def status(answer: Answer) -> int | None:
    """`faceswap_status`, or `status` as one client reads it; None where neither is a known state."""
    found = _integer(answer.data.get("faceswap_status", answer.data.get("status")))
    if found in (1, 2, 3, 4):
        return found
    return None


def faces(answer: Answer) -> tuple[FaceAnswer, ...]:
    """The faces of either detector's answer; raises `NoFaceError` when there is none that can be used.

    A face without a region or without four landmarks is left out: the others can be swapped all the same.
    """
    lists = _face_lists(answer)
    regions = _rows(lists.get("region"), 1)
    columns = {
        "points": _column(_rows(lists.get("landmarks"), 2), len(regions)),
        "text": _column(lists.get("landmarks_str"), len(regions)),
        "crop_url": _column(lists.get("face_urls"), len(regions)),
        "crop_text": _column(lists.get("crop_landmarks"), len(regions)),
    }
    rows = ({name: column[number] for name, column in columns.items()} for number in range(len(regions)))
    found = [_face(region, **row) for region, row in zip(regions, rows, strict=True)]
    usable = tuple(face for face in found if face is not None)
    if not usable:
        text = "The detector found no face in the picture."
        if found:
            text = "The detector found no usable face in the picture: none has a region and four landmarks."
        raise NoFaceError(text, trx_id=answer.trx_id, http_status=answer.http_status)
    return usable


def seconds(answer: Answer) -> float | None:
    """How long the detector took."""
    return _number(answer.fields.get("seconds"))


def _face_lists(answer: Answer) -> dict[str, Any]:
    """The parallel lists: at top level (`/detect`), or below `faces_obj` and the first frame (`detect_faces`)."""
    frames = answer.fields.get("faces_obj")
    if frames is None and "faces_obj" not in answer.fields:
        return answer.fields
    if not isinstance(frames, dict):
        return {}
    lists = frames.get("0", next(iter(frames.values()), {}))
    if not isinstance(lists, dict):
        raise answer.bad("of the detector holds faces in an unknown form")
    return lists


def _rows(value: Any, depth: int) -> list[Any]:
    """A list with one entry per face, when a single face may have come with one level of nesting less."""
    if not isinstance(value, list) or not value:
        return []
    inner = value
    for _ in range(depth):
        if not isinstance(inner, list) or not inner:
            return [value]
        inner = inner[0]
    return value if isinstance(inner, list) else [value]


def _column(value: Any, length: int) -> list[Any]:
    """A list as long as there are faces; a bare text is a list of one."""
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list):
        value = []
    return [*value, *[None] * length][:length]


def _face(region: Any, *, points: Any, text: Any, crop_url: Any, crop_text: Any) -> FaceAnswer | None:
    """One face, or None for one that no call would accept."""
    box = _box(region)
    landmarks = _readable(opts.landmarks, points or []) or ()
    own = _readable(opts.first_four, text) or _readable(opts.build, landmarks)
    if box is None or own is None:
        return None
    return FaceAnswer(box, landmarks or opts.parse(own), own, _url(crop_url), _readable(opts.first_four, crop_text))


def _readable(read: Callable[[Any], T], value: Any) -> T | None:
    """What a function of `opts` makes of a value; None where it refuses the value."""
    try:
        return read(value)
    except OptsError:
        return None


def _box(value: Any) -> Box | None:
    if not isinstance(value, list) or len(value) != 4:
        return None
    numbers = [number for item in value if (number := _number(item)) is not None and abs(number) <= 100_000]
    if len(numbers) != 4:
        return None
    x, y, width, height = map(round, numbers)
    if width <= 0 or height <= 0:
        return None
    return x, y, width, height


def _url(value: Any) -> str | None:
    if not isinstance(value, str) or len(value) >= 2048 or not value.startswith(("https://", "http://")):
        return None
    with contextlib.suppress(ValueError):
        return value if urlsplit(value).hostname else None
    return None


def _without_code(answer: Answer, facts: dict[str, Any]) -> AkoolError:
    if answer.http_status == 429:
        return RateLimitError(429, answer.message or "too many calls", **facts)
    if answer.http_status >= 400 and answer.message:
        return from_code(answer.http_status, answer.message, **facts)
    text = f"The answer (HTTP {answer.http_status}) has no code that can be read."
    return BadResponse(text, **facts)


def _integer(value: Any) -> int | None:
    """A whole number, also as a text or a float without a fraction; None for anything else."""
    number = _number(value)
    if number is None or number != int(number) or abs(number) >= 2**31:
        return None
    return int(number)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _text(value: Any) -> str:
    """An id as a text: ids came as numbers, too."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return ""
    return plain(str(value), longest=200)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _name(value: Any) -> str:
    return {list: "a list", str: "a text", bool: "true or false", type(None): "null"}.get(type(value), "a number")


def _looks_like(body: bytes) -> str:
    start = body[:200].lstrip().lower()
    if not start:
        return "is empty"
    if start.startswith((b"<!doctype", b"<html")):
        return "is a web page"
    return "is not JSON"
