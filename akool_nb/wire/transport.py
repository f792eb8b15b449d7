"""The one door to the network.

Every call has one total deadline that covers connecting, sending, reading, waiting and trying again; an answer has a
largest size before and after it is unpacked; no redirect is followed; certificates are always checked; what fails
ends as one `AkoolError` that carries no request, response or credential.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import socket
import threading
import time
import weakref
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from functools import cached_property
from http.cookiejar import DefaultCookiePolicy
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import certifi
import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies, select_proxy
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.connection import create_connection

from akool_nb.errors import (
    CODES,
    AkoolError,
    ApiError,
    BadResponse,
    CertificateError,
    ConnectionFailed,
    DeadlineExceeded,
    OutcomeUnknown,
    TransportError,
)
from akool_nb.wire import answers
from akool_nb.wire.answers import Answer
from akool_nb.wire.redact import Secret, SecretBytes, plain

MIB = 1 << 20
LARGEST_ANSWER = MIB
CONNECT_SECONDS = 10.0
"""How much of a call's time finding and connecting to a host may take, so that a second try still fits in."""

_PAUSE, _LONGEST_PAUSE = 0.25, 4.0
_LONGEST_RETRY_AFTER = 60.0
_LONGEST_CALL = 1e6
"""Seconds; sockets and locks refuse much longer ones."""
_BUSY = (429, 503)
_GATEWAY = (502, 504)
_FAULTS = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError)
"""All that requests, urllib3 and the standard library raise about a request; each becomes one of our errors."""


class Deadline:
    """One moment until which a call, with everything it needs, must be done."""

    def __init__(self, seconds: float) -> None:
        self.seconds = min(seconds, _LONGEST_CALL)
        self.at = time.monotonic() + self.seconds

    def left(self) -> float:
        """Seconds left, below 0 when it is over."""
        return self.at - time.monotonic()

    def exceeded(self, what: str) -> DeadlineExceeded:
        """The error that says so."""
        return DeadlineExceeded(f"{what} took longer than the {self.seconds:g} s it was given.")


@dataclass(frozen=True)
class Request:
    """One call as the client means it."""

    method: str
    url: str
    fields: Mapping[str, Any] | None = field(default=None, repr=False)
    """The JSON object to send; None for a GET."""
    headers: Mapping[str, Secret] = field(default_factory=dict)
    repeatable: bool = True
    """Whether the same call may be executed twice. `create` may not: each one opens a session that is billed."""
    may_connect: Callable[[str], bool] | None = None
    """Asked with the IP address of the other end before anything is sent to it; None allows all."""
    largest: int = LARGEST_ANSWER
    """The largest body in bytes, packed or unpacked."""

    @cached_property
    def body(self) -> SecretBytes | None:
        """The fields as they go over the wire."""
        return None if self.fields is None else SecretBytes(json.dumps(self.fields).encode())

    @property
    def name(self) -> str:
        """How messages call it."""
        return f"{self.method} {urlsplit(self.url).path}"


@dataclass(frozen=True)
class Page:
    """What a server sent back, whatever it is."""

    http_status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Exchange:
    """What one try came to; handed to whoever keeps the log."""

    request: Request
    attempt: int
    at: datetime
    seconds: float
    http_status: int | None
    answer: Answer | None
    error: AkoolError | None


@dataclass
class _Try:
    """One try while it goes on, and what is known of it afterwards."""

    deadline: Deadline
    may_connect: Callable[[str], bool] | None = None
    connection: HTTPConnection | None = None
    reached: bool = False
    """Whether a connection stood, so that the request may have arrived."""
    expired: bool = False
    page: Page | None = None
    answer: Answer | None = None
    error: AkoolError | None = None

    @property
    def http_status(self) -> int | None:
        return self.page.http_status if self.page else None


class Transport:
    """Sends requests, tries again where that is safe, and tells `on_exchange` about each try."""

    def __init__(
        self,
        *,
        retries: int = 3,
        secrets: Callable[[], Iterable[str]] = tuple,
        on_exchange: Callable[[Exchange], None] = lambda exchange: None,
    ) -> None:
        self._retries = retries
        self._secrets = secrets
        self._on_exchange = on_exchange
        self._session = _session()
        self._proxies: dict[str, dict[str, str]] = {}
        _TRANSPORTS.add(self)

    def __repr__(self) -> str:
        return f"Transport(retries={self._retries})"

    def send(self, request: Request, deadline: Deadline) -> Answer:
        """The answer to a request; any failure is raised as one `AkoolError`."""
        attempt = 1
        while True:
            tried = self._try(request, deadline, attempt)
            if tried.error is None and tried.answer is not None:
                return tried.answer
            pause = self._pause(request, tried, attempt)
            if pause is None or pause >= deadline.left():
                raise self._bare(_final(request, tried))
            time.sleep(pause)
            attempt += 1

    def fetch(self, request: Request, deadline: Deadline) -> Page:
        """Whatever stands at an address, once, without trying again; redirects are the caller's to judge."""
        tried = _Try(deadline, request.may_connect)
        try:
            self._exchange(request, tried)
        except AkoolError as error:
            tried.error = error
        if tried.page is None or tried.error is not None:
            raise self._bare(tried.error or deadline.exceeded(request.name))
        return tried.page

    def proxies_for(self, url: str) -> dict[str, str]:
        """The proxy that the environment names for an address, if any, by its scheme; never one for this machine."""
        origin = origin_of(url)
        if origin not in self._proxies:
            proxy = None if is_loopback(url) else select_proxy(url, get_environ_proxies(url))
            # The address of a proxy may hold a password.
            self._proxies[origin] = {urlsplit(url).scheme: Secret(proxy)} if proxy else {}
        return self._proxies[origin]

    def begin_anew(self) -> None:
        """In a forked child: the kept connections are the parent's, and both would read each other's answers."""
        self._session = _session()

    def _bare(self, error: AkoolError) -> AkoolError:
        """The error without the frames and faults it comes from, which hold what was sent and what was read."""
        error.message = plain(error.message, self._secrets())
        error.trx_id = plain(error.trx_id, self._secrets()) if error.trx_id else None
        error.__cause__ = error.__context__ = None
        return error.with_traceback(None)

    def _try(self, request: Request, deadline: Deadline, attempt: int) -> _Try:
        tried = _Try(deadline, request.may_connect)
        at, begun = datetime.now(timezone.utc), time.perf_counter()
        try:
            self._exchange(request, tried)
            tried.answer = _answer(tried)
            tried.error = tried.answer.error()
        except AkoolError as error:
            tried.error = error
        spent = time.perf_counter() - begun
        self._on_exchange(Exchange(request, attempt, at, spent, tried.http_status, tried.answer, tried.error))
        return tried

    def _exchange(self, request: Request, tried: _Try) -> None:
        """One request and its whole answer, left in `tried.page`."""
        try:
            with (
                _REAPER.watching(tried),
                self._session_for(request) as session,
                self._open(session, request, tried) as response,
            ):
                # Known before the body is: a body that fails still had a status.
                tried.page = Page(response.status_code, response.headers, b"")
                tried.page = Page(response.status_code, response.headers, read_body(response, request.largest))
                if tried.expired:
                    # To http.client a connection that ends among the headers looks like an answer without a body.
                    raise tried.deadline.exceeded(request.name)
        except _FAULTS as fault:
            # Ours are ValueErrors, too, some of them.
            raise fault if isinstance(fault, AkoolError) else _translated(fault, request, tried) from None

    @contextlib.contextmanager
    def _session_for(self, request: Request) -> Iterator[requests.Session]:
        """The session that keeps connections; a new one for what must not be sent twice.

        A kept connection may be dead without our knowing, and then nobody can tell whether a request arrived.
        """
        if request.repeatable:
            yield self._session
            return
        with _session() as session:
            yield session

    def _open(self, session: requests.Session, request: Request, tried: _Try) -> requests.Response:
        """Send the request and wait for the head of the answer."""
        if tried.deadline.left() <= 0:
            raise tried.deadline.exceeded(request.name)
        return session.request(
            request.method,
            request.url,
            data=request.body,
            headers=_headers(request),
            timeout=tried.deadline.left(),
            stream=True,
            allow_redirects=False,
            proxies=self.proxies_for(request.url),
            verify=ca_bundle(),
        )

    def _pause(self, request: Request, tried: _Try, attempt: int) -> float | None:
        """How long to wait before the next try; None when there must be none."""
        if attempt > self._retries or not _worth_retrying(request, tried):
            return None
        told = retry_after(tried.page.headers.get("Retry-After")) if tried.page else None
        if told is not None:
            return min(told, _LONGEST_RETRY_AFTER)
        # Full jitter: clients that failed together must not come back together.
        return random.uniform(0, min(_LONGEST_PAUSE, _PAUSE * 2**attempt))  # noqa: S311 - not for secrets


class _Reaper:
    """One thread for the deadlines of all calls: it shuts the connection of each call that is late.

    Time limits on a socket cover one operation each, so a server that sends a byte now and then would never meet
    them. The thread starts with the first call and ends by itself when there is nothing left to watch.
    """

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Start anew, also in a forked child: it has the lock and the list, but neither the thread nor the calls."""
        self._wake = threading.Condition()
        self._late_at: dict[int, _Try] = {}
        self._next = float("inf")
        self._thread: threading.Thread | None = None

    def watching(self, tried: _Try) -> _Watching:
        return _Watching(self, tried)

    def add(self, tried: _Try) -> None:
        with self._wake:
            self._late_at[id(tried)] = tried
            if self._thread is None or not self._thread.is_alive():
                self._start()
            elif tried.deadline.at < self._next:
                self._wake.notify()

    def remove(self, tried: _Try) -> None:
        with self._wake:
            self._late_at.pop(id(tried), None)

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="akool_nb deadlines", daemon=True)
        # While Python ends it starts no more threads; the last close then has the limits of its socket alone.
        with contextlib.suppress(RuntimeError):
            self._thread.start()

    def _run(self) -> None:
        with self._wake:
            while self._late_at:
                self._next = min(tried.deadline.at for tried in self._late_at.values())
                self._wake.wait(max(0.0, self._next - time.monotonic()))
                for tried in [tried for tried in self._late_at.values() if tried.deadline.left() <= 0]:
                    self._expire(tried)
            self._thread, self._next = None, float("inf")

    def _expire(self, tried: _Try) -> None:
        tried.expired = True
        self._late_at.pop(id(tried), None)
        sock = tried.connection.sock if tried.connection else None
        if sock is not None:
            _shut(sock)


class _Watching:
    """While it lasts, the connections made in this thread belong to one try."""

    def __init__(self, reaper: _Reaper, tried: _Try) -> None:
        self._reaper, self._tried = reaper, tried

    def __enter__(self) -> None:
        _HERE.tried = self._tried
        self._reaper.add(self._tried)

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        self._reaper.remove(self._tried)
        _HERE.tried = None
        self._tried.connection = None


class _Watched(HTTPConnection):
    """A connection that tells the try it serves about itself."""

    def _new_conn(self) -> socket.socket:
        tried: _Try | None = getattr(_HERE, "tried", None)
        if tried is None:
            return super()._new_conn()
        sock = self._first_that_answers(Deadline(min(CONNECT_SECONDS, tried.deadline.left())))
        if tried.may_connect and not tried.may_connect(sock.getpeername()[0]):
            sock.close()
            raise ConnectionFailed("The address leads into a private network.")
        return sock

    def _first_that_answers(self, limit: Deadline) -> socket.socket:
        """A connection to one of the host's addresses; all of them together have the limit's time."""
        port = self.port or self.default_port
        addresses = resolve(self.host, port, limit)
        fault: OSError = TimeoutError("no address")
        for number, address in enumerate(addresses):
            share = max(0.001, limit.left() / (len(addresses) - number))
            try:
                return create_connection((address, port), share, self.source_address, self.socket_options)
            except OSError as refused:
                fault = refused
        raise fault

    def connect(self) -> None:
        tried: _Try | None = getattr(_HERE, "tried", None)
        if tried is None:
            return super().connect()
        tried.connection = self
        whole, self.timeout = self.timeout, min(CONNECT_SECONDS, max(0.001, tried.deadline.left()))
        super().connect()
        # Sending has the rest of the call's time, not what was meant for connecting.
        self.timeout = whole
        self.sock.settimeout(max(0.001, tried.deadline.left()))
        return None

    def request(self, *args: Any, **kwargs: Any) -> None:
        tried: _Try | None = getattr(_HERE, "tried", None)
        if tried is not None:
            tried.connection = self
            # Connected here and not half-way through sending, where headers would already lie in frames.
            if self.sock is None:
                self.connect()
            tried.reached = True
        super().request(*args, **kwargs)


class _WatchedTLS(_Watched, HTTPSConnection):
    """The same over TLS."""


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Watched


class _PoolTLS(urllib3.HTTPSConnectionPool):
    ConnectionCls = _WatchedTLS


class _Adapter(HTTPAdapter):
    """requests' adapter with our connections in its pools, also behind a proxy."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _PoolTLS}

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> urllib3.ProxyManager:
        manager: urllib3.ProxyManager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _PoolTLS}
        return manager


class _Session(requests.Session):
    """requests' session, which would read a redirect's whole body, however large, even where it follows none."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: no answer is a redirect to requests; whoever asked judges its status."""


_HERE = threading.local()
_REAPER = _Reaper()
_TRANSPORTS: weakref.WeakSet[Transport] = weakref.WeakSet()


def _after_fork() -> None:
    _REAPER.begin()
    for transport in _TRANSPORTS:
        transport.begin_anew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine."""
    return (urlsplit(url).hostname or "") in ("127.0.0.1", "::1", "localhost")


def origin_of(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def resolve(host: str, port: int, limit: Deadline) -> list[str]:
    """The IP addresses of a host, each once, in the system's order; raises OSError when there are none in time.

    The system's own look-up knows no time limit, so it runs in a thread that is left behind when it is late.
    """
    answer: Future[list[Any]] = Future()

    def look() -> None:
        try:
            answer.set_result(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except Exception as fault:
            answer.set_exception(fault)

    try:
        threading.Thread(target=look, name="akool_nb name look-up", daemon=True).start()
    except RuntimeError:  # while Python ends it starts no more threads
        look()
    try:
        found = answer.result(max(0.0, limit.left()))
    except FutureTimeout:
        raise TimeoutError(f"the name {host} was not found in time") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def ca_bundle() -> str | bool:
    """The certificates to trust: a file named on purpose, else those that requests brings."""
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True


def ca_file() -> str:
    """The same as a file, for those who need one."""
    named = ca_bundle()
    return named if isinstance(named, str) else certifi.where()


def retry_after(text: str | None) -> float | None:
    """Seconds out of a Retry-After header, which holds seconds or a date."""
    if not text:
        return None
    if text.strip().isascii() and text.strip().isdigit():
        return float(text.strip()[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return max(0.0, (moment - datetime.now(timezone.utc)).total_seconds())


def read_body(response: requests.Response, largest: int) -> bytes:
    """The body of an answer, refused as soon as it is larger than `largest`, packed or unpacked."""
    packed = bytearray()
    while chunk := response.raw.read(65536, decode_content=False):
        packed += chunk
        if len(packed) > largest:
            raise _too_large(largest)
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    return bytes(packed) if encoding in ("identity", "") else _unpacked(bytes(packed), encoding, largest)


def _unpacked(packed: bytes, encoding: str, largest: int) -> bytes:
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise BadResponse("The answer is packed in a way that was not asked for.")
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)  # 32: gzip or zlib, whichever the header says
    try:
        body = inflate.decompress(packed, largest + 1)
    except zlib.error:
        raise BadResponse("The answer cannot be unpacked.") from None
    if len(body) > largest:
        raise _too_large(largest)
    if not inflate.eof:
        raise ConnectionFailed("The answer ended early.")
    return body


def _too_large(largest: int) -> BadResponse:
    return BadResponse(f"The answer is larger than {largest / MIB:g} MiB, which no answer of the API is.")


def _session() -> requests.Session:
    session = _Session()
    # Nothing comes from .netrc or the environment by itself; proxies and certificates are passed on purpose.
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Adapter(pool_maxsize=32))
    return session


def _headers(request: Request) -> dict[str, str]:
    headers: dict[str, str] = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "akool_nb"}
    if request.body is not None:
        headers["Content-Type"] = "application/json"
    if not request.repeatable:
        headers["Connection"] = "close"
    return headers | dict(request.headers)


def _worth_retrying(request: Request, tried: _Try) -> bool:
    """Whether another try may help, and cannot do harm."""
    if isinstance(tried.error, DeadlineExceeded) or tried.error is None or isinstance(tried.error, CertificateError):
        return False
    if tried.http_status in _BUSY:
        return True
    if isinstance(tried.error, ConnectionFailed):
        return request.repeatable or not tried.reached
    # A documented code is the service's own word on the matter: asking again gives the same.
    spoken = isinstance(tried.error, ApiError) and tried.error.code in CODES
    return request.repeatable and not spoken and tried.http_status in (500, *_GATEWAY)


def _final(request: Request, tried: _Try) -> AkoolError:
    """The error to raise when there is no further try."""
    error = tried.error or tried.deadline.exceeded(request.name)
    if tried.http_status is not None:
        error.http_status = tried.http_status
    if request.repeatable or not tried.reached or not _may_have_worked(error):
        return error
    text = f"{request.name} was sent, but whether it worked is not known: {error.message}"
    return OutcomeUnknown(text, trx_id=error.trx_id, http_status=error.http_status)


def _answer(tried: _Try) -> Answer:
    page = tried.page or Page(0, {}, b"")
    if 300 <= page.http_status < 400:
        raise BadResponse("The server wants to send the call elsewhere, which is refused.")
    return answers.read(page.http_status, page.body)


def _may_have_worked(error: AkoolError) -> bool:
    if isinstance(error, (ConnectionFailed, DeadlineExceeded)):
        return True
    status = error.http_status or 0
    if isinstance(error, BadResponse):
        return status < 300 or (status >= 500 and status not in _BUSY)
    return isinstance(error, ApiError) and status in _GATEWAY and error.code not in CODES


def _translated(fault: Exception, request: Request, tried: _Try) -> AkoolError:
    """Our error for one of theirs. Their texts may quote addresses with credentials, so none is passed on."""
    host = urlsplit(request.url).netloc.rpartition("@")[2]
    if tried.expired or tried.deadline.left() <= 0:
        return tried.deadline.exceeded(request.name)
    if isinstance(fault, requests.exceptions.SSLError):
        return CertificateError(f"The certificate of {host} could not be checked.")
    if isinstance(fault, requests.exceptions.ProxyError):
        return ConnectionFailed(f"The proxy on the way to {host} did not answer.")
    if isinstance(fault, ValueError) and not tried.reached:
        return TransportError("The call could not be sent: its address or one of its headers is malformed.")
    if not tried.reached:
        return ConnectionFailed(f"{host} could not be reached.")
    return ConnectionFailed(f"{host} hung up before its answer was complete.")


def _shut(sock: socket.socket) -> None:
    # The plain socket's own method: that of a TLS socket would take its state away from the reading thread.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
