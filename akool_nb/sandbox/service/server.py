"""The server process: one port on loopback, all paths, and the timers that make the sandbox's time pass."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.ioloop import PeriodicCallback
from tornado.netutil import bind_sockets
from tornado.web import Application

from akool_nb.errors import SandboxError
from akool_nb.sandbox.service import control, endpoints, page
from akool_nb.sandbox.service.service import Service
from akool_nb.sandbox.service.video_socket import MOST_FRAME_BYTES, LiveSocket

HOST = "127.0.0.1"
MOST_BODY_BYTES = 32_000_000
TICK_MS = 100
REPORT_MS = 1000


class Server:
    """A sandbox that listens. `port` 0 takes a free one.

    Raises:
        SandboxError: the wanted port is taken, or a network that finds faces cannot be loaded.
    """

    def __init__(self, port: int = 0) -> None:
        self._sockets = _bind(port)
        self.url = f"http://{HOST}:{self._sockets[0].getsockname()[1]}"
        self.service = Service(self.url)

    async def run(self, ended: asyncio.Event) -> None:
        """Serve until `ended` is set; then end every session and free the port."""
        http = self._listen()
        timers = [PeriodicCallback(self.service.tick, TICK_MS), PeriodicCallback(self._report, REPORT_MS)]
        for timer in timers:
            timer.start()
        await ended.wait()
        for timer in timers:
            timer.stop()
        self.service.sessions.end_all("the sandbox has ended")
        http.stop()
        await http.close_all_connections()
        self.service.workers.close()

    def _listen(self) -> HTTPServer:
        # Tornado logs addresses, and those of the video contain a token.
        for name in ("tornado.access", "tornado.general", "tornado.application"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        http = HTTPServer(_application(self.service), max_buffer_size=MOST_BODY_BYTES, max_body_size=MOST_BODY_BYTES)
        http.add_sockets(self._sockets)
        return http

    def _report(self) -> None:
        for stream in list(self.service.streams):
            stream.report(len(self.service.streams), self.service.account.credits)


def _application(service: Service) -> Application:
    shared = {"service": service}
    routes: list[Any] = [(path, handler, shared) for path, handler in endpoints.ROUTES]
    routes += [
        (r"/live/([0-9A-Za-z_]+)", LiveSocket, shared),
        (rf"{control.PATH}/([a-z_]+)", control.ControlCall, shared),
        (r"/(?:files|samples)/.*", page.Picture, shared),
        (page.STATE_PATH, page.State, shared),
        ("/", page.Page, shared),
        ("/openapi.json", page.OpenApi, shared),
    ]
    settings: dict[str, Any] = {"websocket_max_message_size": MOST_FRAME_BYTES, "websocket_ping_interval": 10}
    settings |= {"default_handler_class": page.Unknown, "default_handler_args": shared, "log_function": lambda _: None}
    return Application(routes, **settings)


def _bind(port: int) -> list[socket.socket]:
    try:
        return bind_sockets(port, HOST, reuse_port=False)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        reason = "is in use" if error.errno == errno.EADDRINUSE else "may not be used by this account"
        raise SandboxError(
            f"Port {port} {reason}; choose another with --port, or leave it out for a free one."
        ) from None
