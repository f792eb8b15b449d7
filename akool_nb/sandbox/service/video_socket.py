"""The live WebSocket, in place of Agora's channel: /live/<channel>?uid=…&token=…."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
from typing import Any

from tornado.websocket import WebSocketClosedError, WebSocketHandler

from akool_nb.sandbox.service import access
from akool_nb.sandbox.service.service import Service
from akool_nb.sandbox.service.sessions import Session
from akool_nb.sandbox.service.stream import Stream

MOST_FRAME_BYTES = 4_000_000
MOST_REASON_BYTES = 120
"""The length limit of a reason in the close frame of a WebSocket, RFC 6455."""

SEND_BUFFER_BYTES = 65_536
"""Bytes that the system may buffer for a viewer: two or three frames."""

# Close codes.
REFUSED = 4401  # wrong channel or token
OVER = 4000  # the session has ended
REPLACED = 4009  # the same user has joined elsewhere
FAILED = 1011  # a crash

_log = logging.getLogger("akool_nb.sandbox")


class LiveSocket(WebSocketHandler):
    """One viewer: binary JPEG in, binary JPEG out, JSON texts about the session in between.

    Texts: {"status": 1…4} · {"credit": 97.5} · {"dropped": 1} · {"streams": 3, "fps": 12.5} · {"end": "closed"}.
    """

    def initialize(self, service: Service) -> None:
        self.service = service
        self.session: Session | None = None
        self.stream: Stream | None = None
        self._work: asyncio.Task[None] | None = None

    def check_origin(self, origin: str) -> bool:
        """Pages from loopback and from allowed origins only: any page in the browser can reach this port."""
        return access.origin_allowed(origin, self.service.switches) or self._is_proxied()

    def prepare(self) -> None:
        """Refuse an unknown Host, as every path does."""
        host = self.request.headers.get("Host", "")
        if not access.host_allowed(host, self.service.switches) and not self._is_proxied():
            self.set_status(403)
            self.finish({"code": 1009, "msg": "permission denied: unknown Host"})

    def open(self, *args: str, **kwargs: str) -> None:
        """Join, or send the reason as a message, because a browser cannot read the HTTP status."""
        self.service.tick()
        session = self._admitted(args[0])
        if session is None:
            self._end("this token opens no session here: create a new one", REFUSED)
            return
        self.set_nodelay(True)
        self._limit_send_buffer()
        self._join(session)

    def on_message(self, message: str | bytes) -> None:
        if isinstance(message, bytes) and self.stream is not None and self.session is not None:
            if self.session.first_frame is None:
                self.session.first_frame = self.service.clock.now()
            self.stream.take(message)

    def on_close(self) -> None:
        self._leave()

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log nothing, because the request's address contains a token."""

    def _is_proxied(self) -> bool:
        """Whether the page's own server forwards this and the token is right; a rebound DNS name has no token."""
        is_same = access.same_host(self.request.headers.get("Origin"), self.request.host)
        return is_same and self._admitted(self.path_args[0]) is not None

    def _admitted(self, channel: str) -> Session | None:
        session = self.service.sessions.of_channel(channel)
        uid = self.get_argument("uid", "")
        token = self.get_argument("token", "")
        return session if session is not None and session.admits(uid, token) else None

    def _limit_send_buffer(self) -> None:
        # By default the system buffers seconds of video, and a viewer who reads slowly would see all of it, late.
        if self.ws_connection is not None and self.ws_connection.stream is not None:
            self.ws_connection.stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)

    def _leave(self) -> None:
        if self._work is not None:
            self._work.cancel()
        if self.session is not None and self._on_session in self.session.listeners:
            self.session.listeners.remove(self._on_session)
        if self.stream in self.service.streams:
            self.service.streams.remove(self.stream)

    def _join(self, session: Session) -> None:
        # One token, one user: the last to join has the channel, as in Agora.
        session.notify({"replaced": True})
        session.joined = True
        session.listeners.append(self._on_session)
        self.session = session
        self.stream = Stream(session, self.service.workers, self.service.switches, self._notify, self._show)
        self.service.streams.append(self.stream)
        self._work = asyncio.ensure_future(self.stream.run())
        self._work.add_done_callback(self._on_work_done)
        self._notify({"status": session.status})

    def _on_session(self, message: dict[str, Any]) -> None:
        """Pass a session's message to the viewer, or end the connection with it."""
        if "replaced" in message:
            self._end("joined elsewhere", REPLACED)
        elif "end" in message:
            self._end(str(message["end"]), OVER)
        else:
            self._notify(message)
            if self.stream is not None:
                self.stream.wake()

    def _end(self, reason: str, code: int) -> None:
        self._notify({"end": reason})
        self._leave()
        self.close(code, reason.encode()[:MOST_REASON_BYTES].decode(errors="ignore"))

    def _on_work_done(self, work: asyncio.Task[None]) -> None:
        if not work.cancelled() and (error := work.exception()):
            _log.error("a stream failed", exc_info=error)
            self._end("the sandbox failed; see its terminal for the reason", FAILED)

    def _notify(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(WebSocketClosedError):
            self.write_message(json.dumps(message)).add_done_callback(_ignore_failure)

    async def _show(self, frame: bytes) -> None:
        with contextlib.suppress(WebSocketClosedError):
            await self.write_message(frame, binary=True)


def _ignore_failure(sent: asyncio.Future[None]) -> None:
    """Read the exception of a message, so that asyncio does not log that the viewer has left."""
    if not sent.cancelled():
        sent.exception()
