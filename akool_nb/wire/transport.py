"""The one place that sends HTTP requests.

Every call has one total deadline that covers connecting, sending, reading, waiting and retrying; a response has a
largest size before and after it is unpacked; no redirect is followed; certificates are always checked; every failure
is one `AkoolError` that holds no request, response or credential.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlsplit

import requests
import urllib3
from urllib3.exceptions import InvalidHeader

from akool_nb import __version__
from akool_nb.errors import (
    CODES,
    AkoolError,
    ApiError,
    BadResponse,
    CertificateError,
    ConnectionFailed,
    ConnectionRefused,
    DeadlineExceeded,
    OutcomeUnknown,
    RateLimitError,
    ServerError,
    TransportError,
)
from akool_nb.wire import answers, body
from akool_nb.wire.addresses import Proxies, ca_file, checked_proxies, host_of, is_loopback, proxy_for
from akool_nb.wire.answers import Answer
from akool_nb.wire.connections import Watch, new_session
from akool_nb.wire.deadline import Deadline
from akool_nb.wire.exchange import Exchange, HttpAnswer, Request
from akool_nb.wire.redact import Secret, plain

USER_AGENT = f"akool_nb/{__version__} requests/{requests.__version__}"

_PAUSE = 0.25
_LONGEST_PAUSE = 4.0
_LONGEST_RETRY_AFTER = 60.0
_BUSY = (429, 503)
_GATEWAY = (502, 504)
# Refusals with a documented code after which another try may succeed.
_PASSING = (RateLimitError, ServerError)
# All that requests, urllib3 and the standard library raise about a request; each becomes one of our errors.
_FAULTS = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError)


class Transport:
    """Sends requests, retries where that is safe, and calls `on_exchange` after each try."""

    def __init__(
        self,
        *,
        retries: int = 3,
        proxies: Proxies | None = None,
        ca: str | os.PathLike[str] | None = None,
        secrets: Callable[[], Iterable[str]] = tuple,
        on_exchange: Callable[[Exchange], None] = lambda exchange: None,
    ) -> None:
        self._retries = retries
        self._named_proxies = checked_proxies(proxies)
        self._named_ca: str | None = None
        if ca is not None:
            self._named_ca = ca_file(ca)
        self._secrets = secrets
        self._on_exchange = on_exchange
        self._session = new_session()
        _TRANSPORTS.add(self)

    def send(self, request: Request, deadline: Deadline) -> Answer:
        """The answer to a request; any failure is raised as one `AkoolError`."""
        attempt = 1
        while True:
            tried = self._try(request, deadline, attempt)
            if tried.error is None and tried.answer is not None:
                return tried.answer
            pause = self._pause(tried)
            if pause is None or pause >= deadline.left():
                raise self._bare(_final(tried))
            time.sleep(pause)
            attempt += 1

    def fetch(self, request: Request, deadline: Deadline) -> HttpAnswer:
        """Whatever is at an address, once, without retries; the caller judges redirects."""
        tried = Exchange(request, Watch(deadline, request.may_connect))
        try:
            self._exchange(tried)
        except AkoolError as error:
            tried.error = error
        if tried.http is None or tried.error is not None:
            raise self._bare(tried.error or deadline.exceeded(request.name))
        return tried.http

    def proxy_for(self, url: str) -> Secret | None:
        """The proxy for an address, None without one; looked up for each call, because the environment may change."""
        return proxy_for(url, self._named_proxies)

    def ca_file(self) -> str | None:
        return self._named_ca or ca_file()

    def _bare(self, error: AkoolError) -> AkoolError:
        """The error without the frames and faults that it comes from, which hold what was sent and what was read."""
        error.message = plain(error.message, self._secrets())
        if error.trx_id:
            error.trx_id = plain(error.trx_id, self._secrets())
        error.__cause__ = None
        error.__context__ = None
        return error.with_traceback(None)

    def _try(self, request: Request, deadline: Deadline, attempt: int) -> Exchange:
        tried = Exchange(request, Watch(deadline, request.may_connect), attempt)
        begun = time.perf_counter()
        try:
            self._exchange(tried)
            tried.answer = _answer(tried)
            tried.error = tried.answer.error()
        except AkoolError as error:
            tried.error = error
        tried.seconds = time.perf_counter() - begun
        self._on_exchange(tried)
        return tried

    def _exchange(self, tried: Exchange) -> None:
        """One request and its whole response, left in `tried.http`."""
        request = tried.request
        try:
            tried.watch.begin()
            with self._session_for(request) as session, self._open(session, tried) as response:
                # Known before the body is: a body that fails still had a status.
                tried.http = HttpAnswer(response.status_code, response.headers, b"")
                content = body.read(response, request.largest, request.check)
                tried.http = HttpAnswer(response.status_code, response.headers, content)
        except AkoolError as error:
            if isinstance(error, ConnectionFailed) and not isinstance(error, CertificateError):
                raise _in_time(error, tried) from None
            raise
        except _FAULTS as fault:
            raise _translated(fault, tried) from None

    @contextlib.contextmanager
    def _session_for(self, request: Request) -> Iterator[requests.Session]:
        """The session that keeps connections; a new one for a request that must not be sent twice.

        A kept connection may be closed at the other end, and then it is unknown whether a request arrived.
        """
        if request.repeatable:
            yield self._session
            return
        with new_session() as session:
            yield session

    def _open(self, session: requests.Session, tried: Exchange) -> requests.Response:
        request = tried.request
        if tried.deadline.left() <= 0:
            raise tried.deadline.exceeded(request.name)
        proxy = self.proxy_for(request.url)
        return session.request(
            request.method,
            request.url,
            data=request.body,
            headers=_headers(request),
            timeout=tried.deadline.left(),
            stream=True,
            allow_redirects=False,
            proxies={urlsplit(request.url).scheme: proxy} if proxy else {},
            verify=self.ca_file() or True,
        )

    def _pause(self, tried: Exchange) -> float | None:
        """How long to wait before the next try; None when there must be none."""
        if tried.attempt > self._retries or not _worth_retrying(tried):
            return None
        asked = retry_after(tried.http.headers.get("Retry-After")) if tried.http else None
        if asked is not None:
            return min(asked, _LONGEST_RETRY_AFTER)
        # Full jitter: clients that failed together must not come back together.
        return random.uniform(0, min(_LONGEST_PAUSE, _PAUSE * 2**tried.attempt))  # noqa: S311 - not for secrets


_TRANSPORTS: weakref.WeakSet[Transport] = weakref.WeakSet()


def _after_fork() -> None:
    # The parent uses the kept connections, and both would read each other's answers.
    for transport in _TRANSPORTS:
        transport._session = new_session()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def retry_after(text: str | None) -> float | None:
    """Seconds in a Retry-After header, which holds seconds or a date; None for anything else."""
    if not text:
        return None
    try:
        return float(urllib3.Retry().parse_retry_after(text))
    except (InvalidHeader, ValueError, OverflowError, TypeError):
        return None


def _headers(request: Request) -> dict[str, str]:
    headers: dict[str, str] = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": USER_AGENT}
    if request.body is not None:
        headers["Content-Type"] = "application/json"
    if not request.repeatable:
        headers["Connection"] = "close"
    return headers | dict(request.headers)


def _worth_retrying(tried: Exchange) -> bool:
    """Whether another try may help, and cannot do harm."""
    error = tried.error
    if error is None or isinstance(error, (DeadlineExceeded, CertificateError)):
        return False
    if tried.http_status in _BUSY:
        return True
    if isinstance(error, ConnectionRefused) and is_loopback(tried.request.url):
        return False
    if isinstance(error, ConnectionFailed):
        return tried.request.repeatable or not tried.watch.has_sent
    if not tried.request.repeatable:
        return False
    # A documented code explains a refusal: asking again gives the same, but for these two.
    if isinstance(error, ApiError) and error.code in CODES:
        return isinstance(error, _PASSING)
    return tried.http_status in (500, *_GATEWAY)


def _final(tried: Exchange) -> AkoolError:
    """The error to raise when there is no further try."""
    request = tried.request
    error = tried.error or tried.deadline.exceeded(request.name)
    if tried.http_status is not None:
        error.http_status = tried.http_status
    if request.repeatable or not tried.watch.has_sent or not _may_have_worked(error):
        return error
    text = f"{request.name} was sent, but whether it worked is not known: {error.message}"
    return OutcomeUnknown(text, trx_id=error.trx_id, http_status=error.http_status)


def _answer(tried: Exchange) -> Answer:
    page = tried.http or HttpAnswer(0, {}, b"")
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


def _in_time(error: AkoolError, tried: Exchange) -> AkoolError:
    if tried.deadline.left() <= 0:
        return tried.deadline.exceeded(tried.request.name)
    return error


def _translated(fault: Exception, tried: Exchange) -> AkoolError:
    """Our error for one of theirs. Their texts may quote addresses with credentials, so none is passed on."""
    host = host_of(tried.request.url)
    if tried.watch.has_sent:
        error: AkoolError = ConnectionFailed(f"{host} closed the connection before its answer was complete.")
    elif isinstance(fault, requests.exceptions.ProxyError):
        error = ConnectionFailed(f"The proxy for {host} did not answer.")
    elif isinstance(fault, ValueError):
        error = TransportError("The call could not be sent: its address or one of its headers is malformed.")
    else:
        error = ConnectionFailed(f"{host} could not be reached.")
    return _in_time(error, tried)
