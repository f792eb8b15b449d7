"""A raw-socket HTTP server on loopback that misbehaves on purpose: a list of replies, one for each request.

A `Reply` is a function of the connection and the request; the last one is used for all further requests. The
`FaultServer` records the requests, so that a test can count them.
"""

from __future__ import annotations

import contextlib
import functools
import json
import socket
import ssl
import struct
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

MIB = 1 << 20


@dataclass
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Reply = Callable[[socket.socket, Seen], bool]
"""Answers one request; returns True if the connection may be used again."""


class FaultServer:
    def __init__(self, *replies: Reply, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.replies = list(replies)
        self.seen: list[Seen] = []
        self.connections = 0
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> FaultServer:
        return self

    def __exit__(self, *_: object) -> None:
        # close() alone would leave the accepting thread blocked, and the port open.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def count(self, path: str) -> int:
        """How many requests were received for this path."""
        return sum(seen.path.endswith(path) for seen in self.seen)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        self._open.add(connection)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.ExitStack() as stack:
            stack.enter_context(contextlib.suppress(OSError, ValueError))
            stack.enter_context(connection)
            secured = stack.enter_context(self._secured(connection))
            stream = stack.enter_context(secured.makefile("rb"))
            while (seen := _read(stream)) is not None and self._next(seen)(secured, seen):
                pass
        self._open.discard(connection)

    def _secured(self, connection: socket.socket) -> socket.socket:
        return self._tls.wrap_socket(connection, server_side=True) if self._tls else connection

    def _next(self, seen: Seen) -> Reply:
        with self._lock:
            self.seen.append(seen)
            return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


def _read(stream: Any) -> Seen | None:
    first = stream.readline().decode("latin-1").split()
    if len(first) < 2:
        return None
    headers = {}
    while (line := stream.readline().strip()) != b"":
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    return Seen(first[0], first[1], headers, stream.read(int(headers.get("content-length", 0))))


def response(
    status: int, body: bytes, *headers: str, kind: str = "application/json", length: int | None = None
) -> bytes:
    """A whole response; `length` is the announced size of the body and may be wrong."""
    size = len(body) if length is None else length
    # The header by which a client recognises the sandbox.
    lines = [f"HTTP/1.1 {status} X", "Server: akool-nb-sandbox", f"Content-Type: {kind}", f"Content-Length: {size}"]
    lines += [*headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def reply(status: int, body: bytes | dict[str, Any], *headers: str, kind: str = "application/json") -> Reply:
    """A correct response."""
    data = json.dumps(body).encode() if isinstance(body, dict) else body

    def answer(connection: socket.socket, seen: Seen) -> bool:
        connection.sendall(response(status, data, *headers, kind=kind))
        return True

    return answer


def by_path(**replies: Reply) -> Reply:
    """A reply for each last part of the path; an unknown path is answered with 404."""
    missing = reply(404, {"code": 404, "msg": "no such path"})

    def answer(connection: socket.socket, seen: Seen) -> bool:
        return replies.get(seen.path.rpartition("/")[2], missing)(connection, seen)

    return answer


def reset(connection: socket.socket, seen: Seen) -> bool:
    """Reset the connection (RST) instead of answering."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def close_connection(connection: socket.socket, seen: Seen) -> bool:
    """Close the connection (FIN) instead of answering."""
    return False


def hang(connection: socket.socket, seen: Seen) -> bool:
    """Send nothing until the client closes the connection."""
    connection.settimeout(30)
    connection.recv(1)
    return False


def after(seconds: float, then: Reply) -> Reply:
    """Wait, then reply."""

    def answer(connection: socket.socket, seen: Seen) -> bool:
        time.sleep(seconds)
        return then(connection, seen)

    return answer


def truncated(body: bytes) -> Reply:
    """Half of the announced body, then the end."""

    def answer(connection: socket.socket, seen: Seen) -> bool:
        connection.sendall(response(200, body[: len(body) // 2], length=len(body)))
        return False

    return answer


def half_closed(connection: socket.socket, seen: Seen) -> bool:
    """The headers only; the sending side is closed, the receiving side stays open."""
    connection.sendall(response(200, b"", length=500))
    connection.shutdown(socket.SHUT_WR)
    connection.settimeout(30)
    connection.recv(1)
    return False


def drip(data: bytes, *, from_byte: int = 0, every: float = 0.1) -> Reply:
    """One byte each `every` seconds."""

    def answer(connection: socket.socket, seen: Seen) -> bool:
        connection.sendall(data[:from_byte])
        for index in range(from_byte, len(data)):
            time.sleep(every)
            connection.sendall(data[index : index + 1])
        return True

    return answer


def huge(size: int, *, chunked: bool = False) -> Reply:
    """A body of `size` bytes, announced or in chunks."""

    def answer(connection: socket.socket, seen: Seen) -> bool:
        head = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}"
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{head}\r\n\r\n".encode())
        block = b" " * MIB
        for _ in range(size // MIB):
            connection.sendall(b"100000\r\n" + block + b"\r\n" if chunked else block)
        return False

    return answer


@functools.cache
def bomb(size: int) -> Reply:
    """A gzip body that unpacks to `size` bytes."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = b"".join(squeeze.compress(b" " * MIB) for _ in range(size // MIB)) + squeeze.flush()
    return reply(200, packed, "Content-Encoding: gzip")


def tunnel(to: str) -> Reply:
    """A proxy that connects to `to`, whatever host is asked for, and passes bytes in both directions."""
    port = int(to.rpartition(":")[2])

    def answer(connection: socket.socket, seen: Seen) -> bool:
        with socket.create_connection(("127.0.0.1", port)) as other:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            threading.Thread(target=_pass_on, args=(other, connection), daemon=True).start()
            _pass_on(connection, other)
        return False

    return answer


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(MIB):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def redirect(status: int, to: str, then: Reply | None = None) -> Reply:
    """A redirect; `then` makes a body, which a client must not read."""
    return relabelled(status, f"Location: {to}", then) if then else reply(status, b"", f"Location: {to}")


def relabelled(status: int, header: str, original: Reply) -> Reply:
    """The reply `original` with another status and one more header."""

    class Relabelling:
        def __init__(self, connection: socket.socket) -> None:
            self._connection, self._done = connection, False

        def sendall(self, data: bytes) -> None:
            if not self._done:
                _, _, rest = data.partition(b"\r\n")
                data = f"HTTP/1.1 {status} X\r\n{header}\r\n".encode() + rest
                self._done = True
            self._connection.sendall(data)

    return lambda connection, seen: original(Relabelling(connection), seen)  # type: ignore[arg-type]
