"""The last road to the sandbox: frames come as widget messages and go on over a WebSocket of the kernel's own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tornado.httpclient import HTTPError
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

Tell = Callable[..., None]
"""`tell(event, text, *frames)`: pass it on to the page."""


class Relay:
    """One connection to the sandbox, on a thread of its own so that a busy kernel does not hold it up."""

    def __init__(self, url: str, tell: Tell) -> None:
        self._url = url
        self._tell = tell
        self._loop = asyncio.new_event_loop()
        self._socket: WebSocketClientConnection | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._run, daemon=True, name="akool_nb live relay")
        self._thread.start()

    def send(self, frame: bytes) -> None:
        """Pass a frame on to the sandbox; one that comes too early or too late is dropped."""
        if self._socket is not None:
            self._soon(self._write, frame)

    def close(self) -> None:
        """Hang up; one that is still dialling does so when it gets through. Nothing is told any more."""
        self._closed = True
        self._soon(self._hang_up)

    def _soon(self, function: Callable[..., None], *args: Any) -> None:
        # The connection may end of itself at this very moment, and its loop with it.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, *args)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._converse())
        finally:
            self._loop.close()

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
            self._tell(event, text, *frames)

    def _write(self, frame: bytes) -> None:
        # The page learns of a broken connection by "closed"; the frame's own failure adds nothing.
        with suppress(WebSocketClosedError):
            if self._socket is not None:
                future: Any = self._socket.write_message(frame, binary=True)
                future.add_done_callback(lambda done: done.exception())

    def _hang_up(self) -> None:
        if self._socket is not None:
            self._socket.close()
