"""A live session: open until it is closed, and billed as long as it is open."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Any, NoReturn, Protocol

from akool_nb.agora import AgoraChannel, RtcToken
from akool_nb.api import html
from akool_nb.api.models import FaceswapStatus, SourceImage
from akool_nb.errors import ContentError, ParameterError, SessionClosed, TokenFormatError
from akool_nb.guard.journal import LONGEST_SECONDS

log = logging.getLogger("akool_nb")

POLL_SECONDS = 0.5


class Service(Protocol):
    """What a session needs of its client."""

    def send_update(self, session_id: str, sources: tuple[SourceImage, ...]) -> None:
        """Change the face of an open session."""

    def send_close(self, session_id: str, seconds: float | None = None) -> None:
        """End a session; `seconds` is how long that may take, where it is less than other calls may."""

    def info(self, session_or_id: Any) -> FaceswapStatus | None:
        """The state of a session, where the service tells it."""

    def view_url(self, channel: AgoraChannel) -> str | None:
        """Where the sandbox shows the video; None on AKOOL."""

    def forget(self, session: LiveSession) -> None:
        """Take note that the session is over."""


class LiveSession:
    """One live face swap, made by `client.create`. Use it with `with`, which closes it whatever happens inside.

    It is open, and on AKOOL billed, until `close()`. Methods may be called from several threads; `close()` twice is
    fine.

    Attributes:
        id: AKOOL's `_id`, 24 hex digits as text.
        client: the `Client` that opened it.
        channel: the `AgoraChannel` that its video goes through.
        status: the `FaceswapStatus` last heard of; `refresh()` asks anew. A service that tells none leaves it QUEUING.
        sources: what was sent last, a tuple of `SourceImage`.
        source: the first of them.
        closed: whether it was closed from here.
        expires_at: when the video's token ends, a `datetime` in UTC, and the session with it; None if unreadable.
        seconds_left: how long it can go on, in seconds: 0 when it is closed, at most 3600.
        view_url: the sandbox's video socket; None on AKOOL, where the browser joins Agora.

    Raises:
        SessionClosed: `update` and `refresh` after `close`.
        ParameterError: AKOOL's code 1003, for an `update` that it does not take.
        PhotoError: `update` with something that is no face and no source.
        TransportError: no usable answer came; when that happens to `close`, the guard goes on trying.

    https://docs.akool.com/ai-tools-suite/live-faceswap
    """

    def __init__(
        self,
        client: Service,
        session_id: str,
        channel: AgoraChannel,
        *,
        sources: tuple[SourceImage, ...],
        status: FaceswapStatus = FaceswapStatus.QUEUING,
    ) -> None:
        self.id = session_id
        self.client = client
        self.channel = channel
        self.status = status
        self.sources = sources
        self._opened = time.time()
        self._end = _end_of(channel.token)
        self._closed = False
        self._lock = threading.RLock()
        self._updating, self._asking = threading.Lock(), threading.Lock()
        """Held by one update, and by one question, until it is answered: an older answer is never remembered last."""
        self._on_close: list[Callable[[LiveSession], object]] = []

    @property
    def source(self) -> SourceImage:
        """The face that was sent last."""
        return self.sources[0]

    @property
    def closed(self) -> bool:
        """Whether it was closed from here."""
        return self._closed

    @property
    def expires_at(self) -> datetime | None:
        """When the video's token ends (UTC), and the session with it; None if the token cannot be read."""
        return self._end.expires_at if self._end else None

    @property
    def seconds_left(self) -> float:
        """How long it can go on: 0 when it is closed, at most an hour."""
        if self._closed:
            return 0.0
        return self._end.seconds_left() if self._end else max(0.0, self._opened + LONGEST_SECONDS - time.time())

    @property
    def view_url(self) -> str | None:
        """The sandbox's video socket for this session; None on AKOOL, where the browser joins Agora."""
        return self.client.view_url(self.channel)

    def update(self, face: Any) -> None:
        """Put another face on, without joining anew: a face, a `SourceImage`, or several of them."""
        sources = SourceImage.several(face)
        with self._updating:
            self._refuse_if_closed()
            self.client.send_update(self.id, sources)
            self.sources = sources

    def refresh(self) -> FaceswapStatus:
        """Ask for the state; where the service does not tell it, the last one known stays."""
        self._refuse_if_closed()
        self._ask()
        return self.status

    def wait(self, timeout: float = 30.0) -> FaceswapStatus:
        """Wait until the session leaves the queue, and ask no more after `timeout` seconds; returns the state then.

        Where the service does not tell its state, that is QUEUING, at once: go on and join.
        """
        end = time.monotonic() + timeout
        while self.status is FaceswapStatus.QUEUING and time.monotonic() < end:
            if self._ask() is None:
                break
            if self.status is FaceswapStatus.QUEUING:
                time.sleep(POLL_SECONDS)
        return self.status

    def close(self) -> None:
        """End the session, and with it the billing. Harmless when it is over already."""
        self._close(None)

    def close_within(self, seconds: float) -> None:
        """The same for the end of Python, which waits for nobody: what is still open then is left to the guard."""
        self._close(seconds)

    def on_close(self, callback: Callable[[LiveSession], object]) -> Callable[[LiveSession], object]:
        """Call `callback(session)` when it is closed from here; usable as a decorator."""
        self._on_close.append(callback)
        return callback

    def _ask(self) -> FaceswapStatus | None:
        """What the service tells of the state, remembered; None where it tells nothing."""
        with self._asking:
            told = self.client.info(self)
            if told is not None:
                self.status = told
            return told

    def _close(self, seconds: float | None) -> None:
        begun = time.monotonic()
        if not self._lock.acquire(timeout=-1 if seconds is None else seconds):
            return  # another thread is closing it
        try:
            if self._closed:
                return
            self._send_close(None if seconds is None else max(0.0, seconds + begun - time.monotonic()))
            self._closed = True
        finally:
            self._lock.release()
        self.client.forget(self)
        for callback in self._on_close:
            self._tell(callback)

    def _send_close(self, seconds: float | None) -> None:
        try:
            self.client.send_close(self.id, seconds)
        except (ParameterError, ContentError) as error:
            # We opened it, so "no such session" can only mean that it is over: by time, or by a close whose answer
            # was lost and which was sent again.
            log.info("session %s was over already: %s", self.id, error.message)

    def _tell(self, callback: Callable[[LiveSession], object]) -> None:
        try:
            callback(self)
        except Exception:
            log.exception("a callback of on_close failed")

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise SessionClosed(f"Session {self.id} is closed.")

    def __enter__(self) -> LiveSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.close()
        except Exception:
            # What went wrong inside the block is what the reader must see; the guard goes on trying to close.
            if error is None:
                raise
            log.exception("session %s could not be closed", self.id)

    def __repr__(self) -> str:
        state = "closed" if self._closed else self.status.name.lower()
        return f"LiveSession({self.id!r}, {state})"

    def _repr_html_(self) -> str:
        state = "closed" if self._closed else self.status.name.lower()
        left = f", {self.seconds_left / 60:.0f} min left" if not self._closed else ""
        rows = [("state", state + left), ("channel", self.channel.channel_id), ("face", self.source.path)]
        return f"<p><b>Live session</b> {html.code(self.id)}</p>{html.facts(rows)}"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A LiveSession is open on the service and cannot be pickled; keep its id instead.")


def _end_of(token: str) -> RtcToken | None:
    try:
        return RtcToken.decode(token)
    except TokenFormatError:
        return None
