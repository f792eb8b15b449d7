"""Connections for one call: with the call's time limit, and with one plain reason when there is no connection.

requests and urllib3 give each socket operation its own time limit, so a server that sends a byte now and then is never
late for them. Here each operation gets what is left of the call's time.
"""

from __future__ import annotations

import http.client
import io
import re
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import SSLError as TlsError
from urllib3.util.connection import create_connection

from akool_nb.errors import AkoolError, CertificateError, ConnectionFailed, ConnectionRefused
from akool_nb.wire.addresses import LOOPBACK
from akool_nb.wire.deadline import Deadline, resolve

CONNECT_SECONDS = 10.0
"""How much of a call's time finding and connecting to a host may take, so that a second try still fits in."""

_PART = 1 << 16
_SANDBOX_ENDED = "If this was a sandbox, it has ended, and its sessions with it. Call akool_nb.connect() again."
_TUNNEL_STATUS = re.compile(r"failed: (\d{3})")
_BAD_CERTIFICATES = ("NO_CERTIFICATE_OR_CRL_FOUND", "NO_START_LINE", "PEM_LIB", "X509_LIB", "NOT_ENOUGH_DATA")


@dataclass
class Watch:
    """After `begin`, the connections of this thread serve one call and keep its deadline."""

    deadline: Deadline
    may_connect: Callable[[str], bool] | None = None
    has_sent: bool = False
    """Whether there was a connection, so that the request may have arrived."""

    def begin(self) -> None:
        _THREAD.watch = self

    def limit(self, sock: socket.socket) -> None:
        """Give the next operation of a socket what is left of the call's time."""
        left = self.deadline.left()
        if left <= 0:
            raise TimeoutError("the call's time is over")
        sock.settimeout(left)


class _TimedReader(io.RawIOBase):
    """The bytes that a socket receives, each read within the call's time."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw = raw
        self._sock = sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        _THREAD.watch.limit(self._sock)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    """A response whose head and body keep the call's deadline, however slowly they come."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_TimedReader(self.fp.detach(), sock))


class WatchedConnection(HTTPConnection):
    """A connection that keeps the time limit of the call that it serves."""

    response_class = _TimedResponse

    def _new_conn(self) -> socket.socket:
        watch = _THREAD.watch
        sock = self._first_that_answers(Deadline(min(CONNECT_SECONDS, watch.deadline.left())))
        if watch.may_connect and not watch.may_connect(sock.getpeername()[0]):
            sock.close()
            raise ConnectionFailed("The address leads into a private network.")
        return sock

    def _first_that_answers(self, limit: Deadline) -> socket.socket:
        """A connection to one of the host's addresses; all of them together have the limit's time."""
        port = self.port or self.default_port
        fault: OSError = TimeoutError("no address")
        try:
            addresses = resolve(self.host, port, limit)
        except OSError as problem:
            raise self._not_found(problem) from None
        for number, address in enumerate(addresses):
            share = max(0.001, limit.left() / (len(addresses) - number))
            try:
                return create_connection((address, port), share, self.source_address, self.socket_options)
            except OSError as refused:
                fault = refused
        raise self._not_connected(fault)

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Send a request, and note that it may have arrived from here on."""
        # Connected here and not while sending, where the headers would already be in frames of a traceback.
        if self.sock is None:
            self.connect()
        _THREAD.watch.has_sent = True
        super().request(*args, **kwargs)

    def send(self, data: Any) -> None:
        """Send some bytes, in parts: a TLS socket has a time limit for each part and none for the whole."""
        for begin in range(0, len(data), _PART):
            _THREAD.watch.limit(self.sock)
            super().send(data[begin : begin + _PART])

    @property
    def _place(self) -> str:
        """The other end, as a message names it."""
        place = self.host
        if self.port != self.default_port:
            place = f"{self.host}:{self.port}"
        if self.proxy:
            return f"The proxy {place}"
        return place

    def _not_found(self, fault: OSError) -> ConnectionFailed:
        if isinstance(fault, TimeoutError):
            return ConnectionFailed(f"{self._place} was not found in time: the name server (DNS) did not answer.")
        return ConnectionFailed(f"{self._place} was not found: the name server (DNS) does not know the name.")

    def _not_connected(self, fault: OSError) -> ConnectionFailed:
        if isinstance(fault, ConnectionRefusedError):
            refused = ConnectionRefused(f"{self._place} refused the connection: nothing listens there.")
            if self.host in LOOPBACK and not self.proxy:
                refused.advice = _SANDBOX_ENDED
            return refused
        if isinstance(fault, TimeoutError):
            return ConnectionFailed(f"{self._place} did not accept a connection in time.")
        return ConnectionFailed(f"{self._place} could not be reached: {fault.strerror or type(fault).__name__}.")


class WatchedTlsConnection(WatchedConnection, HTTPSConnection):
    """The same over TLS, also through a proxy."""

    def connect(self) -> None:
        """Connect; a certificate that is not trusted says why."""
        try:
            super().connect()
        except (OSError, TlsError) as fault:
            raise self._not_trusted(fault) from None

    def _tunnel(self) -> None:
        # Read now, because a failed tunnel is closed, and then the name of the host is deleted.
        host = self._tunnel_host
        try:
            super()._tunnel()
        except OSError as fault:
            raise self._no_tunnel(fault, host) from None

    def _no_tunnel(self, fault: OSError, host: str | None) -> ConnectionFailed:
        found = _TUNNEL_STATUS.search(str(fault))
        status = found[1] if found else ""
        if status == "407":
            return ConnectionFailed(f"{self._place} asks for a name and a password: http://NAME:PASSWORD@HOST:PORT.")
        if status:
            return ConnectionFailed(f"{self._place} does not connect to {host} (HTTP {status}).")
        return ConnectionFailed(f"{self._place} did not answer when it was asked for {host}.")

    def _not_trusted(self, fault: Exception) -> AkoolError:
        cause = next((one for one in (fault, *fault.args) if isinstance(one, ssl.SSLError)), None)
        host = self._tunnel_host or self.host
        if isinstance(cause, ssl.SSLCertVerificationError):
            return CertificateError(f"The certificate of {host} could not be checked: {cause.verify_message}.")
        if cause is not None and cause.reason in _BAD_CERTIFICATES:
            return CertificateError("The certificate file holds no certificates that can be read.")
        return ConnectionFailed(f"There is no encrypted connection (TLS) to {host}.")


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = WatchedConnection


class _TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = WatchedTlsConnection


class _Adapter(HTTPAdapter):
    """requests' adapter with our connections in its pools, also behind a proxy."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> urllib3.ProxyManager:
        manager: urllib3.ProxyManager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
        return manager


class _Session(requests.Session):
    """requests' session, which would read the whole body of a redirect, however large, even if it follows none."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: the caller of the transport judges a redirect."""


def new_session() -> requests.Session:
    """A session without cookies, `.netrc` and the environment's settings; proxies and certificates are arguments."""
    session = _Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Adapter(pool_maxsize=32))
    return session


class _Thread(threading.local):
    watch: Watch


_THREAD = _Thread()
