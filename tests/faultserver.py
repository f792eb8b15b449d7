"""A raw-socket HTTP server on loopback that misbehaves on purpose: a list of faults, one for each request.

A way is a function of the connection and the request; the last one stays for all further requests. `FaultServer`
counts what it executed, so a test can say "once".
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


Way = Callable[[socket.socket, Seen], bool]
"""Answers one request; True when the connection may be used again."""


class FaultServer:
    def __init__(self, *ways: Way, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.ways = list(ways)
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
        # close() alone would leave the accepting thread in its call, and the port open.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def count(self, path: str) -> int:
        """How often a path was executed."""
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

    def _next(self, seen: Seen) -> Way:
        with self._lock:
            self.seen.append(seen)
            return self.ways.pop(0) if len(self.ways) > 1 else self.ways[0]


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
    """A whole response; `length` may lie about the body's."""
    size = len(body) if length is None else length
    # The header by which a client knows the sandbox.
    lines = [f"HTTP/1.1 {status} X", "Server: akool-nb-sandbox", f"Content-Type: {kind}", f"Content-Length: {size}"]
    lines += [*headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def say(status: int, body: bytes | dict[str, Any], *headers: str, kind: str = "application/json") -> Way:
    """Answer properly."""
    data = json.dumps(body).encode() if isinstance(body, dict) else body

    def way(connection: socket.socket, seen: Seen) -> bool:
        connection.sendall(response(status, data, *headers, kind=kind))
        return True

    return way


def by_path(**ways: Way) -> Way:
    """A way for each last part of the path; an unknown one is answered with 404."""
    missing = say(404, {"code": 404, "msg": "no such path"})

    def way(connection: socket.socket, seen: Seen) -> bool:
        return ways.get(seen.path.rpartition("/")[2], missing)(connection, seen)

    return way


def reset(connection: socket.socket, seen: Seen) -> bool:
    """RST instead of an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def hang_up(connection: socket.socket, seen: Seen) -> bool:
    """FIN instead of an answer."""
    return False


def hang(connection: socket.socket, seen: Seen) -> bool:
    """Nothing at all, until the other side gives up."""
    connection.settimeout(30)
    connection.recv(1)
    return False


def after(seconds: float, then: Way) -> Way:
    """Late."""

    def way(connection: socket.socket, seen: Seen) -> bool:
        time.sleep(seconds)
        return then(connection, seen)

    return way


def truncated(body: bytes) -> Way:
    """Half of the body that was announced, then the end."""

    def way(connection: socket.socket, seen: Seen) -> bool:
        connection.sendall(response(200, body[: len(body) // 2], length=len(body)))
        return False

    return way


def half_closed(connection: socket.socket, seen: Seen) -> bool:
    """The head only; the sending side is closed, the receiving one stays open."""
    connection.sendall(response(200, b"", length=500))
    connection.shutdown(socket.SHUT_WR)
    connection.settimeout(30)
    connection.recv(1)
    return False


def drip(data: bytes, *, from_byte: int = 0, every: float = 0.1) -> Way:
    """One byte now and then."""

    def way(connection: socket.socket, seen: Seen) -> bool:
        connection.sendall(data[:from_byte])
        for index in range(from_byte, len(data)):
            time.sleep(every)
            connection.sendall(data[index : index + 1])
        return True

    return way


def huge(size: int, *, chunked: bool = False) -> Way:
    """A body of `size` bytes, announced or in chunks."""

    def way(connection: socket.socket, seen: Seen) -> bool:
        head = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}"
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{head}\r\n\r\n".encode())
        block = b" " * MIB
        for _ in range(size // MIB):
            connection.sendall(b"100000\r\n" + block + b"\r\n" if chunked else block)
        return False

    return way


@functools.cache
def bomb(size: int) -> Way:
    """A gzip body that unpacks to `size` bytes."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = b"".join(squeeze.compress(b" " * MIB) for _ in range(size // MIB)) + squeeze.flush()
    return say(200, packed, "Content-Encoding: gzip")


def tunnel(to: str) -> Way:
    """A proxy that connects to `to`, whatever host is asked for, and passes bytes in both directions."""
    port = int(to.rpartition(":")[2])

    def way(connection: socket.socket, seen: Seen) -> bool:
        with socket.create_connection(("127.0.0.1", port)) as other:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            threading.Thread(target=_pass_on, args=(other, connection), daemon=True).start()
            _pass_on(connection, other)
        return False

    return way


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(MIB):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def redirect(status: int, to: str, then: Way | None = None) -> Way:
    """Go elsewhere; with a body that `then` makes and that must not be read."""
    return relabelled(status, f"Location: {to}", then) if then else say(status, b"", f"Location: {to}")


def relabelled(status: int, header: str, way: Way) -> Way:
    """What another way answers, under another status and with one header more."""

    class Relabelling:
        def __init__(self, connection: socket.socket) -> None:
            self._connection, self._done = connection, False

        def sendall(self, data: bytes) -> None:
            if not self._done:
                _, _, rest = data.partition(b"\r\n")
                data = f"HTTP/1.1 {status} X\r\n{header}\r\n".encode() + rest
                self._done = True
            self._connection.sendall(data)

    return lambda connection, seen: way(Relabelling(connection), seen)  # type: ignore[arg-type]
