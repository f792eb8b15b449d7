"""Agora's side of a session: the channel to join, and the RTC token ("007…") that opens it.

The token's format is published in AgoraIO/Tools (DynamicKey/AgoraDynamicKey, AccessToken2). It is read here without
any network, so a session knows its app id and its end even when AKOOL's answer leaves them out.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from html import escape
from typing import ClassVar, NoReturn
from urllib.parse import urlencode

from akool_nb.errors import TokenFormatError
from akool_nb.wire.redact import Secret

VERSION = "007"
RTC_SERVICE = 1
PRIVILEGES = {1: "join", 2: "publish audio", 3: "publish video", 4: "publish data"}

DEMO_PAGE = "https://webdemo-global.agora.io/example/basic/basicVideoCall/index.html"
DEMO_NOTES = (
    "Enter the App ID on the page's settings page first. AKOOL's text leaves it out; it is read from the token.",
    "The page uploads its logs to Agora. It also offers a cloud proxy for networks that block UDP.",
    "A session has one place for a viewer, and the page takes it: stop the live view before you join there.",
)
DEMO_SANDBOX_NOTES = (
    "This is a channel of the sandbox. Agora does not know it, so the page cannot join it.",
    "With an AKOOL account the same call shows what to enter: akool_nb.connect(sandbox=False).",
)

_LONGEST_TEXT = 4096
_LONGEST_BODY = 8192


@dataclass(frozen=True)
class RtcToken:
    """What an Agora RTC token says: who may join which channel, and until when.

    Attributes:
        app_id: the app that the channel belongs to, 32 hex digits as text.
        channel: the channel's name.
        uid: who may join, as text.
        issued: when it was made, in seconds since 1970 (UTC).
        expire: for how many seconds from then on it opens the channel; AKOOL's do for 3600.
        salt: a number that makes two tokens differ.
        privileges: what is allowed (1 to 4, see `PRIVILEGES`), each with the seconds it lasts.
        expires_at: the end, a `datetime` in UTC.

    Raises:
        TokenFormatError: the text is not an RTC token of version 007.

    The format is published in https://github.com/AgoraIO/Tools (DynamicKey/AgoraDynamicKey, AccessToken2).
    """

    app_id: str
    channel: str
    uid: str
    issued: int
    expire: int
    salt: int = 1
    privileges: Mapping[int, int] = field(default_factory=dict, hash=False)

    @classmethod
    def decode(cls, text: str) -> RtcToken:
        """Read a token; raises `TokenFormatError` on anything else. The signature cannot be checked without its key."""
        body = _Reader(_inflated(text))
        body.data()  # the signature
        app_id = body.text()
        issued = body.u32()
        expire = body.u32()
        salt = body.u32()
        if body.u16() < 1 or body.u16() != RTC_SERVICE:
            raise TokenFormatError("This Agora token opens no RTC channel. Pass front_rtc_token of a create answer.")
        privileges = {body.u16(): body.u32() for _ in range(body.u16())}
        return cls(app_id, body.text(), body.text(), issued, expire, salt, privileges)

    def encode(self, app_certificate: str) -> str:
        """The token as text, signed with the app's certificate."""
        key = _hmac(struct.pack("<I", self.issued), app_certificate.encode())
        key = _hmac(struct.pack("<I", self.salt), key)
        said = self._packed()
        signed = _string(_hmac(key, said)) + said
        return VERSION + base64.b64encode(zlib.compress(signed)).decode()

    @property
    def expires_at(self) -> datetime:
        return datetime.fromtimestamp(self.issued, timezone.utc) + timedelta(seconds=self.expire)

    def seconds_left(self) -> float:
        """How long the channel stays open, never below 0."""
        return max(0.0, self.issued + self.expire - time.time())

    def _packed(self) -> bytes:
        head = _string(self.app_id.encode()) + struct.pack("<IIIH", self.issued, self.expire, self.salt, 1)
        service = struct.pack("<HH", RTC_SERVICE, len(self.privileges))
        granted = b"".join(struct.pack("<HI", *pair) for pair in sorted(self.privileges.items()))
        return head + service + granted + _string(self.channel.encode()) + _string(self.uid.encode())


@dataclass(frozen=True, init=False)
class AgoraChannel:
    """Where a session's video goes: everything the browser needs to join.

    Attributes:
        app_id: Agora's id of AKOOL's app, 32 hex digits as text; read from the token where the answer has none.
        channel_id: the channel's name.
        uid: our own user id, as text (`front_user_id`).
        token: `front_rtc_token`, as plain text. It lets its owner join the channel, so no `repr`, `vars`, `asdict` or
            pickle holds it.
        claims: what the token says, an `RtcToken`; None if the text is not a token.
        remote_uid: the user that publishes the swapped video, as text (`algorithm_user_id`).
        is_sandbox: whether it is a channel of the sandbox, which Agora does not know.

    Raises:
        TypeError: when it is pickled.

    `data` of `create`: https://docs.akool.com/ai-tools-suite/live-faceswap
    """

    # No __dict__, so that `vars` finds nothing; `asdict` knows only the fields annotated below.
    __slots__ = ("_token", "app_id", "channel_id", "is_sandbox", "remote_uid", "uid")

    app_id: str
    channel_id: str
    uid: str
    remote_uid: str
    is_sandbox: bool

    def __init__(
        self, app_id: str, channel_id: str, uid: str, token: str, remote_uid: str, *, is_sandbox: bool = False
    ) -> None:
        values = {"channel_id": channel_id, "uid": uid, "remote_uid": remote_uid, "is_sandbox": is_sandbox}
        for name, value in {**values, "_token": Secret(token)}.items():
            object.__setattr__(self, name, value)
        claims = self.claims
        object.__setattr__(self, "app_id", app_id or (claims.app_id if claims else ""))

    @property
    def token(self) -> str:
        """`front_rtc_token` as plain text: a secret, so do not print it in a notebook that others may see."""
        found: Secret = self._token  # type: ignore[attr-defined]
        return found.reveal()

    @property
    def claims(self) -> RtcToken | None:
        try:
            return RtcToken.decode(self.token)
        except TokenFormatError:
            return None

    def demo(self) -> AgoraDemo:
        """How to watch this channel on Agora's own demo page; shows as a table without the token."""
        return AgoraDemo(self.app_id, self.channel_id, self.uid, self.is_sandbox)

    def __reduce__(self) -> NoReturn:
        raise TypeError("An AgoraChannel holds a token and cannot be pickled; keep the session's id instead.")


@dataclass(frozen=True)
class AgoraDemo:
    """What to enter on Agora's demo page to see a session's video there. It shows as a table, without the token.

    Attributes:
        app_id: for the page's settings page, which must be filled in first.
        channel_id, uid: for the fields Channel and User ID.
        is_sandbox: whether it is a channel of the sandbox, which Agora does not know.
        url: the page, with channel and user id in its address and never a token.
        source_url: the page's source.
        notes: what to know before using it, a tuple of sentences.

    "Push and pull stream Demo References": https://docs.akool.com/ai-tools-suite/live-faceswap
    """

    app_id: str
    channel_id: str
    uid: str
    is_sandbox: bool = False

    source_url: ClassVar[str] = "https://github.com/AgoraIO/API-Examples-Web/tree/main/src/example/basic/basicVideoCall"

    @property
    def url(self) -> str:
        """The page with channel and user id in its address; the token is entered by hand."""
        return f"{DEMO_PAGE}?{urlencode({'channel': self.channel_id, 'uid': self.uid})}"

    @property
    def notes(self) -> tuple[str, ...]:
        return DEMO_SANDBOX_NOTES if self.is_sandbox else DEMO_NOTES

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The page's fields that are no secret, each with what to enter there."""
        return (("App ID (settings page)", self.app_id), ("Channel", self.channel_id), ("User ID", self.uid))

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        return (
            *self.fields,
            ("Token", "session.channel.token (a secret: copy it, and never put it into an address)"),
            ("Page", self.url),
            ("Source", self.source_url),
        )

    def __str__(self) -> str:
        width = max(len(name) for name, _ in self.rows)
        lines = [f"{name:<{width}}  {value}" for name, value in self.rows]
        return "\n".join([*lines, *self.notes])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        cells = "".join(f"<tr><th>{escape(name)}</th><td>{_linked(value)}</td></tr>" for name, value in self.rows)
        notes = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        return f"<table>{cells}</table><ul>{notes}</ul>"


def view_key(rtc_token: str) -> str:
    """What a browser sends to the sandbox's video socket in place of the token, so that no page state holds it."""
    return hmac.new(rtc_token.encode(), b"akool-nb live view", hashlib.sha256).hexdigest()[:32]


class _Reader:
    """Takes one little-endian value after the other and never reads past the end."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def u16(self) -> int:
        return int.from_bytes(self._take(2), "little")

    def u32(self) -> int:
        return int.from_bytes(self._take(4), "little")

    def data(self) -> bytes:
        return self._take(self.u16())

    def text(self) -> str:
        try:
            return self.data().decode()
        except UnicodeDecodeError:
            raise TokenFormatError("A text inside this Agora token cannot be decoded. Pass front_rtc_token.") from None

    def _take(self, length: int) -> bytes:
        taken = self._data[self._at : self._at + length]
        if len(taken) < length:
            raise TokenFormatError("This Agora token is cut short. Copy the whole text of front_rtc_token.")
        self._at += length
        return taken


def _inflated(text: str) -> bytes:
    """The bytes inside a token, refused before they grow: a real one holds about 150."""
    if not isinstance(text, str) or not text.startswith(VERSION) or len(text) > _LONGEST_TEXT:
        raise TokenFormatError("An Agora token is a short text that begins with 007. Pass front_rtc_token.")
    inflate = zlib.decompressobj()
    try:
        body = inflate.decompress(base64.b64decode(text[len(VERSION) :], validate=True), _LONGEST_BODY)
    except (binascii.Error, ValueError, zlib.error):
        raise TokenFormatError(
            "This text begins like an Agora token but cannot be unpacked. Pass front_rtc_token unchanged."
        ) from None
    if inflate.unconsumed_tail:
        raise TokenFormatError(
            "This text unpacks to far more than an Agora token holds. Pass front_rtc_token unchanged."
        )
    return body


def _linked(text: str) -> str:
    if not text.startswith("https://"):
        return f"<code>{escape(text)}</code>"
    return f'<a href="{escape(text)}" rel="noreferrer noopener" target="_blank">{escape(text)}</a>'


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha256).digest()


def _string(data: bytes) -> bytes:
    return struct.pack("<H", len(data)) + data
