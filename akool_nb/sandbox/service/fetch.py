"""Fetching a picture from an address somebody else chose, without becoming their way into this network.

https only, every hop's address resolved and refused unless it is public, the connection made to the very address that
was checked, bytes and time capped, pictures only.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from akool_nb.pictures.kinds import is_video
from akool_nb.sandbox.service.refusal import NO_VIDEOS
from akool_nb.wire.addresses import is_public, unwrapped

HOPS = 3
SECONDS = 10.0
_CHUNK, _HEAD = 65_536, 16
_REDIRECTS = (301, 302, 303, 307, 308)


class FetchError(ValueError):
    """An address that is refused, or that gave no picture; the message says which and why."""


def picture(url: str, *, most_bytes: int, allow_local: bool = False) -> bytes:
    """The bytes at `url`; blocking, at most `SECONDS` long.

    Args:
        url: https, or http too when `allow_local`.
        most_bytes: more than that is refused.
        allow_local: loopback addresses and plain http are fetched as well.

    Raises:
        FetchError: a refused address, no answer, too big, or no picture.
    """
    deadline = time.monotonic() + SECONDS
    for _ in range(HOPS + 1):
        answer = _get(_Target.of(url, allow_local, deadline), deadline, most_bytes)
        if isinstance(answer, bytes):
            return answer
        url = _joined(url, answer.location)
    raise FetchError(f"Failed to download media from URL: it redirects more than {HOPS} times")


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise FetchError("Invalid URL format") from None


@dataclass(frozen=True)
class _Redirect:
    location: str


@dataclass(frozen=True)
class _Target:
    """One hop: the address asked for, and the checked IP address that answers for it."""

    parts: SplitResult
    host: str
    port: int
    ip: str

    @classmethod
    def of(cls, url: str, allow_local: bool, deadline: float) -> _Target:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise FetchError("Invalid URL format") from None
        schemes = ("https", "http") if allow_local else ("https",)
        if parts.scheme not in schemes or not host or not _is_plain(url):
            raise FetchError("Invalid URL format: a picture's address starts with https://")
        port = port or (443 if parts.scheme == "https" else 80)
        return cls(parts, host, port, _checked_ip(host, port, allow_local, deadline))

    @property
    def path(self) -> str:
        return (self.parts.path or "/") + (f"?{self.parts.query}" if self.parts.query else "")


def _is_plain(url: str) -> bool:
    return url.isascii() and url.isprintable() and " " not in url


def _checked_ip(host: str, port: int, allow_local: bool, deadline: float) -> str:
    found = _looked_up(host, port, deadline)
    if not found:
        raise FetchError(f"Failed to download media from URL: {host} is not known")
    for ip in found:
        if not is_allowed(ip, allow_local=allow_local):
            raise FetchError(f"Failed to download media from URL: {host} is not a public address")
    return found[0]


def _looked_up(host: str, port: int, deadline: float) -> list[str]:
    """The addresses of a host. The system's resolver takes no time limit, so it is left behind when it takes longer."""
    found: list[str] = []

    def look_up() -> None:
        with contextlib.suppress(OSError, UnicodeError):
            found.extend(str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(_left(deadline))
    if thread.is_alive():
        _left(deadline)
    return list(found)


def is_allowed(ip: str, *, allow_local: bool = False) -> bool:
    """Whether an IP address may be fetched from: public ones, and loopback when that is allowed."""
    if unwrapped(ip).is_loopback:
        return allow_local
    return is_public(ip)


def _get(target: _Target, deadline: float, most_bytes: int) -> bytes | _Redirect:
    connection = http.client.HTTPConnection(target.host, target.port)
    with contextlib.closing(connection), _connected(target, deadline) as road, _shut_at(deadline, road):
        connection.sock = road
        try:
            if isinstance(road, ssl.SSLSocket):
                road.do_handshake()
            headers = {"Host": target.parts.netloc.rpartition("@")[2], "Accept": "image/*"}
            connection.request("GET", target.path, headers=headers)
            return _read(connection.getresponse(), deadline, most_bytes)
        except (OSError, http.client.HTTPException):
            _left(deadline)
            raise FetchError(f"Failed to download media from URL: no answer from {target.host}") from None


def _connected(target: _Target, deadline: float) -> socket.socket:
    try:
        plain = socket.create_connection((target.ip, target.port), timeout=_left(deadline))
    except OSError:
        raise FetchError(f"Failed to download media from URL: {target.host} cannot be reached") from None
    if target.parts.scheme != "https":
        return plain
    # Without the handshake, which the server can stretch as well as the answer.
    context = ssl.create_default_context()
    return context.wrap_socket(plain, server_hostname=target.host, do_handshake_on_connect=False)


@contextlib.contextmanager
def _shut_at(deadline: float, road: socket.socket) -> Iterator[None]:
    """Shut a connection down at the deadline: its own time limit begins anew with each byte that drips in."""
    watchdog = threading.Timer(_left(deadline), _shut, (road,))
    watchdog.daemon = True
    watchdog.start()
    try:
        yield
    finally:
        watchdog.cancel()


def _shut(road: socket.socket) -> None:
    with contextlib.suppress(OSError):
        # The plain method: that of an SSLSocket would first take the encryption away from whoever is reading.
        socket.socket.shutdown(road, socket.SHUT_RDWR)


def _read(answer: http.client.HTTPResponse, deadline: float, most_bytes: int) -> bytes | _Redirect:
    if answer.status in _REDIRECTS and answer.headers.get("Location"):
        return _Redirect(answer.headers["Location"])
    if answer.status != 200:
        raise FetchError(f"Failed to download media from URL: the answer was HTTP {answer.status}")
    content = bytearray()
    while chunk := answer.read1(_CHUNK):
        content += chunk
        if is_video(bytes(content[:_HEAD])):
            raise FetchError(NO_VIDEOS)
        if len(content) > most_bytes:
            raise FetchError(f"Failed to process media: the picture is larger than {most_bytes:,} bytes")
    _left(deadline)
    if answer.length:
        raise FetchError("Failed to download media from URL: the answer ended early")
    return bytes(content)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise FetchError(f"Failed to download media from URL: no answer in {SECONDS:g} s")
    return left
