"""The last route to the sandbox: frames come as widget messages and go on over a WebSocket of this process."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Protocol

from tornado.httpclient import HTTPError
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

from akool_nb.widgets.loop_thread import LoopThread


class Report(Protocol):
    """Takes what happens: "open", "refused", "text", "frame" or "closed", a text, and the frames."""

    def __call__(self, event: str, text: str, *frames: bytes) -> None:
        """Take one event; called on the relay's thread."""


class Relay:
    """One connection to the sandbox, on a thread of its own."""

    def __init__(self, url: str, report: Report) -> None:
        self._url = url
        self._report = report
        self._socket: WebSocketClientConnection | None = None
        self._closed = False
        self._thread = LoopThread(self._converse, name="akool_nb live relay")
        self._thread.start()

    def send(self, frame: bytes) -> None:
        """Pass a frame on to the sandbox; one that comes before the connection or after it is dropped."""
        if self._socket is not None:
            self._thread.soon(self._write, frame)

    def close(self) -> None:
        """Close the connection, or close it as soon as it is made. Nothing is reported any more."""
        self._closed = True
        self._thread.soon(self._close_socket)

    def join(self, timeout: float) -> bool:
        """Wait until the connection has ended; returns whether it has."""
        return self._thread.join(timeout)

    async def _converse(self) -> None:
        try:
            self._socket = await websocket_connect(self._url)
        except (HTTPError, OSError) as problem:
            self._say("refused", type(problem).__name__)
            return
        if self._closed:
            self._socket.close()
        self._say("open", "")
        while (message := await self._socket.read_message()) is not None:
            self._pass_on(message)
        self._say("closed", "")

    def _pass_on(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            self._say("frame", "", message)
        else:
            self._say("text", message)

    def _say(self, event: str, text: str, *frames: bytes) -> None:
        if not self._closed:
            self._report(event, text, *frames)

    def _write(self, frame: bytes) -> None:
        # The page learns of a broken connection by "closed"; the frame's own failure adds nothing.
        with suppress(WebSocketClosedError):
            if self._socket is not None:
                future: Any = self._socket.write_message(frame, binary=True)
                future.add_done_callback(lambda done: done.exception())

    def _close_socket(self) -> None:
        if self._socket is not None:
            self._socket.close()
