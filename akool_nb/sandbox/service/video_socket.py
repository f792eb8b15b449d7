"""The live WebSocket: stands in for Agora's channel, at /live/<channel>?uid=…&token=…."""

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
"""What fits into the last message of a WebSocket, RFC 6455."""

MOST_ON_THE_ROAD = 65_536
"""Bytes that the system may keep for a viewer: two frames or three."""

REFUSED, OVER, REPLACED, FAILED = 4401, 4000, 4009, 1011
"""Close codes: wrong channel or token · the session ended · the same user joined elsewhere · a crash."""

_log = logging.getLogger("akool_nb.sandbox")


class LiveSocket(WebSocketHandler):
    """One viewer: binary JPEG in, binary JPEG out, JSON texts about the session in between.

    Texts: {"status": 1…4} · {"credit": 97.5} · {"dropped": 1} · {"streams": 3, "fps": 12.5} · {"end": "closed"}.
    """

    def initialize(self, service: Service) -> None:
        """Take the running service along."""
        self.service = service
        self.session: Session | None = None
        self.stream: Stream | None = None
        self._work: asyncio.Task[None] | None = None

    def check_origin(self, origin: str) -> bool:
        """Pages from loopback and from allowed origins only: any page in the browser can reach this port."""
        return access.origin_allowed(origin, self.service.switches) or self._is_proxied()

    def prepare(self) -> None:
        """Refuse a strange Host, as every path does."""
        if not access.host_allowed(self.request.host, self.service.switches) and not self._is_proxied():
            self.set_status(403)
            self.finish({"code": 1009, "msg": "permission denied: strange Host"})

    def open(self, *args: str, **kwargs: str) -> None:
        """Join, or tell why not; the browser cannot read an HTTP status, so that comes as a message."""
        self.service.tick()
        session = self._admitted(args[0])
        if session is None:
            self._end("this token opens no session here: create a new one", REFUSED)
            return
        self.set_nodelay(True)
        self._keep_little_on_the_road()
        self._join(session)

    def on_message(self, message: str | bytes) -> None:
        """A frame; texts are ignored."""
        if isinstance(message, bytes) and self.stream is not None and self.session is not None:
            if self.session.first_frame is None:
                self.session.first_frame = self.service.clock.now()
            self.stream.take(message)

    def on_close(self) -> None:
        """Leave the session; it goes on, and another viewer may join."""
        self._leave()

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Say nothing: the request's address holds a token."""

    def _is_proxied(self) -> bool:
        """Whether the page's own server passes this on, and the token is right: a rebound name has no token."""
        is_same = access.same_host(self.request.headers.get("Origin"), self.request.host)
        return is_same and self._admitted(self.path_args[0]) is not None

    def _admitted(self, channel: str) -> Session | None:
        session = self.service.sessions.of_channel(channel)
        if session is None or not session.admits(self.get_argument("uid", ""), self.get_argument("token", "")):
            return None
        return session

    def _keep_little_on_the_road(self) -> None:
        # The system would take seconds of video off our hands, and a viewer who reads slowly would see them all.
        if self.ws_connection is not None and self.ws_connection.stream is not None:
            self.ws_connection.stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MOST_ON_THE_ROAD)

    def _leave(self) -> None:
        if self._work is not None:
            self._work.cancel()
        if self.session is not None and self._hear in self.session.listeners:
            self.session.listeners.remove(self._hear)
        if self.stream in self.service.streams:
            self.service.streams.remove(self.stream)

    def _join(self, session: Session) -> None:
        # One token, one user: who joins last has the channel, as in Agora.
        session.tell({"replaced": True})
        session.joined = True
        session.listeners.append(self._hear)
        self.session = session
        self.stream = Stream(session, self.service.workers, self.service.switches, self._tell, self._show)
        self.service.streams.append(self.stream)
        self._work = asyncio.ensure_future(self.stream.run())
        self._work.add_done_callback(self._look_how_it_ended)
        self._tell({"status": session.status})

    def _hear(self, message: dict[str, Any]) -> None:
        if "replaced" in message:
            self._end("joined elsewhere", REPLACED)
            return
        if "end" in message:
            self._end(str(message["end"]), OVER)
            return
        self._tell(message)
        if self.stream is not None:
            self.stream.wake()

    def _end(self, reason: str, code: int) -> None:
        self._tell({"end": reason})
        self._leave()
        self.close(code, reason.encode()[:MOST_REASON_BYTES].decode(errors="ignore"))

    def _look_how_it_ended(self, work: asyncio.Task[None]) -> None:
        if not work.cancelled() and (error := work.exception()):
            _log.error("a stream failed", exc_info=error)
            self._end("the sandbox failed; its terminal says why", FAILED)

    def _tell(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(WebSocketClosedError):
            self.write_message(json.dumps(message)).add_done_callback(_heed)

    async def _show(self, frame: bytes) -> None:
        with contextlib.suppress(WebSocketClosedError):
            await self.write_message(frame, binary=True)


def _heed(sent: asyncio.Future[None]) -> None:
    """Look at how a message went that nobody waits for: a viewer who has gone is no failure."""
    if not sent.cancelled():
        sent.exception()
