"""Fetching a picture from an address somebody else chose, without becoming their way into this network.

https only, every hop's address resolved and refused unless it is public, the connection made to the very address that
was checked, bytes and time capped, pictures only.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from akool_nb.addresses import is_public, unwrapped

HOPS = 3
SECONDS = 10.0
_CHUNK = 65_536
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
        answer = _get(_Target.of(url, allow_local), deadline, most_bytes)
        if isinstance(answer, bytes):
            return answer
        url = urljoin(url, answer.location)
    raise FetchError(f"The address redirects more than {HOPS} times.")


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
    def of(cls, url: str, allow_local: bool) -> _Target:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise FetchError("Invalid URL format") from None
        schemes = ("https", "http") if allow_local else ("https",)
        if parts.scheme not in schemes or not host or not _is_plain(url):
            raise FetchError("Invalid URL format: a picture's address starts with https://")
        port = port or (443 if parts.scheme == "https" else 80)
        return cls(parts, host, port, _checked_ip(host, port, allow_local))

    @property
    def path(self) -> str:
        return (self.parts.path or "/") + (f"?{self.parts.query}" if self.parts.query else "")


def _is_plain(url: str) -> bool:
    return url.isascii() and url.isprintable() and " " not in url


def _checked_ip(host: str, port: int, allow_local: bool) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise FetchError(f"Failed to download media from URL: {host} is not known") from None
    for *_, address in found:
        if not is_allowed(str(address[0]), allow_local=allow_local):
            raise FetchError(f"Failed to download media from URL: {host} is not a public address")
    return str(found[0][4][0])


def is_allowed(ip: str, *, allow_local: bool = False) -> bool:
    """Whether an IP address may be fetched from: public ones, and loopback when that is allowed."""
    if unwrapped(ip).is_loopback:
        return allow_local
    return is_public(ip)


def _get(target: _Target, deadline: float, most_bytes: int) -> bytes | _Redirect:
    connection = _connect(target, deadline)
    try:
        headers = {"Host": target.parts.netloc.rpartition("@")[2], "Accept": "image/*"}
        connection.request("GET", target.path, headers=headers)
        return _read(connection, connection.getresponse(), deadline, most_bytes)
    except (OSError, http.client.HTTPException):
        raise FetchError(f"Failed to download media from URL: no answer from {target.host}") from None
    finally:
        connection.close()


def _connect(target: _Target, deadline: float) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection(target.host, target.port, timeout=SECONDS)
    try:
        plain = socket.create_connection((target.ip, target.port), timeout=_left(deadline))
        secure = target.parts.scheme == "https"
        connection.sock = (
            ssl.create_default_context().wrap_socket(plain, server_hostname=target.host) if secure else plain
        )
    except OSError:
        raise FetchError(f"Failed to download media from URL: {target.host} cannot be reached") from None
    return connection


def _read(
    connection: http.client.HTTPConnection, answer: http.client.HTTPResponse, deadline: float, most_bytes: int
) -> bytes | _Redirect:
    if answer.status in _REDIRECTS and answer.headers.get("Location"):
        return _Redirect(answer.headers["Location"])
    if answer.status != 200:
        raise FetchError(f"Failed to download media from URL: the answer was HTTP {answer.status}")
    content = bytearray()
    while chunk := _next(connection, answer, deadline):
        content += chunk
        if len(content) > most_bytes:
            raise FetchError(f"The picture is larger than {most_bytes:,} bytes.")
    return bytes(content)


def _next(connection: http.client.HTTPConnection, answer: http.client.HTTPResponse, deadline: float) -> bytes:
    # Each read gets only the time that is left, so a dripping server cannot stretch the whole.
    if connection.sock is not None:
        connection.sock.settimeout(_left(deadline))
    return answer.read1(_CHUNK)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise FetchError(f"Failed to download media from URL: no answer in {SECONDS:g} s")
    return left
