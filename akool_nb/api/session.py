"""A live session: open until it is closed, and billed as long as it is open."""

from __future__ import annotations

import contextlib
import itertools
import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, NoReturn, Protocol

from akool_nb import errors
from akool_nb.agora import AgoraChannel
from akool_nb.api import arguments, html
from akool_nb.api.models import FaceswapStatus, SourceImage
from akool_nb.guard.journal import LONGEST_SECONDS

log = logging.getLogger("akool_nb")

POLL_SECONDS = 0.5


class SessionService(Protocol):
    """What a session needs of its service."""

    def send_update(self, session_id: str, sources: tuple[SourceImage, ...]) -> None:
        """Change the face of an open session."""

    def send_close(self, session_id: str, seconds: float | None = None) -> None:
        """End a session, within `seconds` if they are less than the client's time limit."""

    def info(self, session_id: str, *, seconds: float | None = None) -> FaceswapStatus | None:
        """The state of a session, asked for within `seconds`; None where the service has no such call."""

    def view_url(self, channel: AgoraChannel) -> str | None:
        """Where the sandbox shows the video; None on AKOOL."""


class LiveSession(AbstractContextManager["LiveSession"]):
    """One live face swap, made by `client.create`: `with` closes it, also after an error in the block.

    It is open, and on AKOOL billed, until `close()`. Methods may be called from several threads; `close()` twice is
    fine.

    Attributes:
        id: AKOOL's `_id`, 24 hex digits as text.
        client: the `Client` that opened it.
        channel: the `AgoraChannel` that its video goes through.
        status: the last known `FaceswapStatus`; `refresh()` asks anew. It stays QUEUING on a service without `info`.
        sources: what was sent last, a tuple of `SourceImage`.
        source: the first of them.
        closed: whether it was closed from here.
        expires_at: when the video's token ends, a `datetime` in UTC, and the session with it; None if unreadable.
        seconds_left: how long it can go on, in seconds: 0 when it is closed, at most 3600.
        view_url: the sandbox's video socket; None on AKOOL, where the browser joins Agora.

    Raises:
        SessionClosed: `update` and `refresh` after `close`.
        ParameterError: AKOOL's code 1003, for an `update` that it does not take.
        PhotoError: the argument of `update` is neither a face nor a source.
        TransportError: no usable answer came; when that happens to `close`, the guard goes on trying.

    https://docs.akool.com/ai-tools-suite/live-faceswap
    """

    def __init__(
        self,
        client: Any,
        session_id: str,
        channel: AgoraChannel,
        *,
        sources: tuple[SourceImage, ...],
        status: FaceswapStatus = FaceswapStatus.QUEUING,
        service: SessionService | None = None,
    ) -> None:
        self.id = session_id
        self.client = client
        self.channel = channel
        self.status = status
        self.sources = sources
        self._service: SessionService = service or client
        self._opened = time.time()
        self._claims = channel.claims
        self.expires_at: datetime | None = self._claims.expires_at if self._claims else None
        self.closed = False
        # The notebook, a widget and the end of Python may close it at the same time: one of them sends the request.
        self._closing = threading.Lock()
        # Two widgets may change the face at the same time: the service must get the last change last.
        self._updating = threading.Lock()
        self._questions = itertools.count(1)
        self._answered = 0
        self._on_close: list[Callable[[LiveSession], object]] = []

    @property
    def source(self) -> SourceImage:
        return self.sources[0]

    @property
    def seconds_left(self) -> float:
        if self.closed:
            return 0.0
        if self._claims:
            return self._claims.seconds_left()
        return max(0.0, self._opened + LONGEST_SECONDS - time.time())

    @property
    def view_url(self) -> str | None:
        return self._service.view_url(self.channel)

    def update(self, face: Any) -> None:
        """Swap in another face, without joining anew: a face, a `SourceImage`, or several of them."""
        sources = SourceImage.several(face)
        with self._updating:
            self._refuse_if_closed()
            self._service.send_update(self.id, sources)
            self.sources = sources

    def refresh(self) -> FaceswapStatus:
        """Ask for the state; the last known one stays where the service has no such call or does not answer."""
        self._refuse_if_closed()
        with contextlib.suppress(errors.TransportError, errors.ServerError, errors.RateLimitError):
            self._ask(None)
        return self.status

    def wait(self, timeout: float = 30.0) -> FaceswapStatus:
        """Wait at most `timeout` seconds until the session leaves the queue; returns the state then.

        On a service that has no call for the state, that is QUEUING, at once: go on and join.
        """
        end = time.monotonic() + arguments.seconds(timeout)
        while self.status is FaceswapStatus.QUEUING and (left := end - time.monotonic()) > 0:
            try:
                if self._ask(left) is None:
                    break
            except (errors.TransportError, errors.ServerError, errors.RateLimitError) as error:
                log.info("the state of session %s is not known: %s", self.id, error.message)
            if self.status is FaceswapStatus.QUEUING:
                time.sleep(max(0.0, min(POLL_SECONDS, end - time.monotonic())))
        return self.status

    def close(self, seconds: float | None = None) -> None:
        """End the session, and with it the billing. Does nothing when it is closed already.

        At the end of Python it has only `seconds`: the guard closes what is still open then.
        """
        begun = time.monotonic()
        if not self._closing.acquire(timeout=-1 if seconds is None else seconds):
            return  # another thread is closing it
        try:
            if self.closed:
                return
            self._send_close(None if seconds is None else max(0.0, seconds + begun - time.monotonic()))
            self.closed = True
        finally:
            self._closing.release()
        for callback in self._on_close:
            self._call_back(callback)

    def on_close(self, callback: Callable[[LiveSession], object]) -> Callable[[LiveSession], object]:
        """Call `callback(session)` when it is closed from here; usable as a decorator."""
        self._on_close.append(callback)
        return callback

    def _ask(self, seconds: float | None) -> FaceswapStatus | None:
        """The state, also kept in `status`; None where the service has no such call."""
        number = next(self._questions)
        status = self._service.info(self.id, seconds=seconds)
        # An answer that comes after one to a later question is out of date.
        if status is not None and number > self._answered:
            self._answered = number
            self.status = status
        return status

    def _send_close(self, seconds: float | None) -> None:
        try:
            self._service.send_close(self.id, seconds)
        except (errors.ParameterError, errors.ContentError) as error:
            # This process opened it, so "no such session" means that it has ended: by time, or by a close whose
            # answer was lost and which was sent again.
            log.info("session %s had ended already: %s", self.id, error.message)
        except errors.ConnectionRefused as error:
            if self.view_url is None:
                raise
            log.info("session %s has ended with its sandbox: %s", self.id, error.message)

    def _call_back(self, callback: Callable[[LiveSession], object]) -> None:
        try:
            callback(self)
        except Exception:
            log.exception("a callback of on_close failed")

    def _refuse_if_closed(self) -> None:
        if self.closed:
            raise errors.SessionClosed(f"Session {self.id} is closed.")

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        try:
            self.close()
        except Exception:
            # The error of the block is the one to show; the guard still tries to close the session.
            if error is None:
                raise
            log.exception("session %s could not be closed", self.id)

    def __repr__(self) -> str:
        return f"LiveSession({self.id!r}, {_state(self)})"

    def _repr_html_(self) -> str:
        state = _state(self)
        if not self.closed:
            state = f"{state}, {self.seconds_left / 60:.0f} min left"
        rows = [("state", state), ("channel", self.channel.channel_id), ("face", self.source.path)]
        return f"<p><b>Live session</b> {html.code(self.id)}</p>{html.facts(rows)}"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A LiveSession is open on the service and cannot be pickled; keep its id instead.")


def _state(session: LiveSession) -> str:
    if session.closed:
        return "closed"
    return session.status.name.lower()
