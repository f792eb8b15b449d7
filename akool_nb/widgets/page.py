"""A live view on a page of its own, for notebook programs that cannot open a camera (VS Code's, for one).

The page runs the widget's own script on 127.0.0.1; instead of Jupyter's channel it has a WebSocket to this process.
Its address holds a secret that opens it once: after that, only the browser that came first is let in, by its cookie.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler, StaticFileHandler
from tornado.websocket import WebSocketHandler

from akool_nb.widgets.base import STATIC
from akool_nb.widgets.live_call import LiveCall
from akool_nb.widgets.loop_thread import LoopThread

# The traits that the page may set, and all that it may read.
WRITABLE = ("page", "state", "error", "error_code", "stats", "_report", "mirror", "consent")
READABLE = (*WRITABLE, "_key", "camera", "mark", "creates", "transport", "session_id", "view_url", "expires_at")
FOLLOWED = [name for name in READABLE if name != "_key"]

_HTML = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Live face swap</title>
<meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer">
<style>:root{background:Canvas;color-scheme:light dark}
body{margin:0;padding:16px;display:grid;justify-content:center;grid-template-columns:minmax(0,760px);
font-family:system-ui,sans-serif}h1{font-size:1.3em;margin:0 0 .3em}
p.about{margin:0 0 1em}</style>
<script id="jupyter-config-data" type="application/json">{"fullLabextensionsUrl":"/extensions"}</script></head>
<body><h1>Live face swap</h1>
<p class="about">This page belongs to your notebook: start the picture here, and keep the notebook open.</p>
<main id="view"></main><script type="module" src="/static/page.js"></script></body></html>
"""


class LivePage:
    """The server of one view's page, on a thread of its own.

    Args:
        view: the live view.
        on_end: called on the server's thread when the last browser has left.

    Attributes:
        reporter: the id under which this page reports; see PageReports.
    """

    def __init__(self, view: LiveCall, on_end: Callable[[], None]) -> None:
        self.view = view
        self.on_end = on_end
        self.reporter = ""
        self.sockets: set[PageSocket] = set()
        self.secret: str | None = None
        self.cookie = ""
        self._renew_secrets()
        self._end = asyncio.Event()
        # IPv4 by its number, because the browser may resolve "localhost" to another machine.
        self._listening = bind_sockets(0, "127.0.0.1")
        self.port: int = self._listening[0].getsockname()[1]
        # A browser does not separate the cookies of a host's ports: two pages must not overwrite each other's cookie.
        self.cookie_name = f"akool_nb_page_{self.port}"
        self._thread = LoopThread(self._serve, name="akool_nb live page")
        self._thread.start()
        view.observe(self._trait_changed, FOLLOWED)

    @property
    def url(self) -> str:
        """Where to open it; good for one browser, once."""
        return f"http://127.0.0.1:{self.port}/open/{self.secret}"

    @property
    def is_open(self) -> bool:
        return bool(self.sockets)

    def renew(self) -> None:
        """Make a new address; the browser that used the old one is disconnected."""
        self._renew_secrets()
        self._thread.soon(self._disconnect)

    def send(self, content: Any, buffers: list[bytes] | None = None) -> None:
        """Pass a message of the widget on to the page; from any thread."""
        self._thread.soon(self._send, {"msg": content}, buffers or [])

    def close(self) -> None:
        self.view.unobserve(self._trait_changed, FOLLOWED)
        self._thread.soon(self._end.set)

    def state(self) -> dict[str, Any]:
        return {name: getattr(self.view, name) for name in READABLE}

    def _renew_secrets(self) -> None:
        self.secret = secrets.token_urlsafe(24)
        self.cookie = secrets.token_urlsafe(24)

    def _trait_changed(self, change: dict[str, Any]) -> None:
        self._thread.soon(self.send_trait, change["name"])

    def send_trait(self, name: str) -> None:
        """Send the page a trait; on the server's thread."""
        # Its value now, not the one of the change: two threads may have set it, and the page must end with the last.
        self._send({"state": {name: getattr(self.view, name)}}, [])

    def _send(self, message: dict[str, Any], buffers: list[bytes]) -> None:
        for socket in list(self.sockets):
            socket.send(message, buffers)

    def _disconnect(self) -> None:
        """Close every page that is open; each takes it for the end of Python and switches its camera off."""
        for socket in list(self.sockets):
            socket.close()

    async def _serve(self) -> None:
        settings = {"page": self}
        files = {"path": str(STATIC), "page": self}
        application = Application(
            [
                (r"/open/(.+)", OpenHandler, settings),
                (r"/socket", PageSocket, settings),
                (r"/static/(page\.js|live_view\.js)", GuardedFile, files),
                (r"/extensions/akool-nb/static/(agora\.js)", GuardedFile, files),
            ],
            log_function=lambda _handler: None,  # the address holds the secret
        )
        server = HTTPServer(application)
        server.add_sockets(self._listening)
        await self._end.wait()
        server.stop()
        self._disconnect()


class OpenHandler(RequestHandler):
    """Exchanges the secret, which is good once, for a cookie."""

    def initialize(self, page: LivePage) -> None:
        self.page = page

    def get(self, secret: str) -> None:
        """Let in the first browser that knows the secret, and the same browser again when it reloads."""
        _check_host(self)
        is_first = self.page.secret is not None and hmac.compare_digest(secret, self.page.secret)
        if not is_first and not _has_cookie(self, self.page):
            raise HTTPError(403)
        if is_first:
            self.page.secret = None
        # Lax: a reload of a page that the notebook opened counts as coming from there.
        self.set_cookie(self.page.cookie_name, self.page.cookie, httponly=True, samesite="Lax")
        self.set_header("Cache-Control", "no-store")
        self.write(_HTML)


class GuardedFile(StaticFileHandler):
    """The scripts, only with the cookie."""

    def initialize(self, path: str, page: LivePage) -> None:  # type: ignore[override]
        super().initialize(path)
        self.page = page

    def prepare(self) -> Awaitable[None] | None:
        _check_cookie(self, self.page)
        return None


class PageSocket(WebSocketHandler):
    """The channel: one text for each message, then as many binary messages as the text counts."""

    def initialize(self, page: LivePage) -> None:
        self.page = page
        self._message: dict[str, Any] = {}
        self._buffers: list[memoryview] = []

    def prepare(self) -> Awaitable[None] | None:
        """Refuse a caller without the cookie. Only browsers send an origin, so the origin is not enough."""
        _check_cookie(self, self.page)
        return None

    def check_origin(self, origin: str) -> bool:
        """Only the page itself: any page in the browser can reach this port, and its request carries the cookie."""
        return urlsplit(origin).netloc == f"127.0.0.1:{self.page.port}"

    def open(self, *_args: str, **_kwargs: str) -> None:
        self.page.sockets.add(self)
        self.send({"state": self.page.state()}, [])

    def on_close(self) -> None:
        self.page.sockets.discard(self)
        if not self.page.sockets:
            self.page.on_end()

    def on_message(self, message: str | bytes) -> None:
        """Collect a message and its buffers, then hand it to the widget."""
        if isinstance(message, str):
            self._message = json.loads(message)
            self._buffers = []
        else:
            self._buffers.append(memoryview(message))
        if len(self._buffers) == self._message.get("buffers", 0):
            self._pass_on(self._message)

    def send(self, message: dict[str, Any], buffers: list[bytes]) -> None:
        self.write_message(json.dumps({**message, "buffers": len(buffers)}))
        for buffer in buffers:
            self.write_message(bytes(buffer), binary=True)

    def _pass_on(self, message: dict[str, Any]) -> None:
        if "state" in message:
            self._set({name: value for name, value in message["state"].items() if name in WRITABLE})
        if "msg" in message:
            self.page.view.receive(message["msg"], self._buffers)

    def _set(self, traits: dict[str, Any]) -> None:
        page = self.page
        if "_report" in traits:
            page.reporter = traits["_report"][0]
        for name in page.view.take(traits):
            page.send_trait(name)


def _check_cookie(handler: RequestHandler, page: LivePage) -> None:
    _check_host(handler)
    if not _has_cookie(handler, page):
        raise HTTPError(403)


def _has_cookie(handler: RequestHandler, page: LivePage) -> bool:
    return hmac.compare_digest(handler.get_cookie(page.cookie_name) or "", page.cookie)


def _check_host(handler: RequestHandler) -> None:
    """Refuse a name that merely resolves to this machine: it could belong to another site's page (DNS rebinding)."""
    if handler.request.host.partition(":")[0] != "127.0.0.1":
        raise HTTPError(403)
