"""A live view on a page of its own, for notebook programs that cannot open a camera (VS Code's, for one).

The page runs the widget's own script on 127.0.0.1; instead of Jupyter's channel it has a WebSocket to this process.
Its address holds a secret that opens it once: after that only the browser that came first, by its cookie, gets in.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import secrets
import threading
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler, StaticFileHandler
from tornado.websocket import WebSocketHandler

from akool_nb.widgets.base import STATIC

if TYPE_CHECKING:
    from akool_nb.widgets.live_view import LiveView

TRAITS = (
    *("_key", "state", "error", "error_code", "stats", "camera", "mirror", "mark", "consent", "page"),
    *("transport", "session_id", "view_url", "expires_at"),
)
"""What the page may read; it may set those of the first row."""
WRITABLE = frozenset({"state", "error", "error_code", "stats", "mirror", "consent", "page"})

_HTML = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Live face swap</title>
<meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer">
<style>body{margin:0;padding:16px;display:grid;justify-content:center;grid-template-columns:minmax(0,760px);
background:Canvas;color-scheme:light dark}</style>
<script id="jupyter-config-data" type="application/json">{"fullLabextensionsUrl":"/extensions"}</script></head>
<body><main id="view"></main><script type="module" src="/static/page.js"></script></body></html>
"""


class LivePage:
    """The server of one view's page, on a thread of its own."""

    def __init__(self, view: LiveView) -> None:
        self.view = view
        self.secret: str | None = secrets.token_urlsafe(24)
        self.cookie = secrets.token_urlsafe(24)
        self.sockets: set[PageSocket] = set()
        self._loop = asyncio.new_event_loop()
        # IPv4 by its number: what the browser calls localhost may be another machine's idea of it.
        self._listening = bind_sockets(0, "127.0.0.1")
        self.port: int = self._listening[0].getsockname()[1]
        # A browser does not tell the ports of a host apart: two pages must not take each other's cookie.
        self.cookie_name = f"akool_nb_page_{self.port}"
        threading.Thread(target=self._serve, daemon=True, name="akool_nb live page").start()
        view.observe(self._changed, [name for name in TRAITS if name != "_key"])

    @property
    def url(self) -> str:
        """Where to open it; good for one browser, once."""
        return f"http://127.0.0.1:{self.port}/open/{self.secret}"

    @property
    def is_open(self) -> bool:
        """Whether a browser shows it."""
        return bool(self.sockets)

    def renew(self) -> None:
        """Make a new address; who came by the old one is shut out."""
        self.secret, self.cookie = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self._soon(self._shut_out)

    def send(self, content: Any, buffers: list[bytes] | None = None) -> None:
        """Pass a message of the widget on to the page; from any thread."""
        self._soon(self._tell, {"msg": content}, buffers or [])

    def close(self) -> None:
        """End the server; the page switches its camera off."""
        self.view.unobserve(self._changed, [name for name in TRAITS if name != "_key"])
        self._soon(self._loop.stop)

    def state(self) -> dict[str, Any]:
        """All traits that the page works with."""
        return {name: getattr(self.view, name) for name in TRAITS}

    def _changed(self, change: dict[str, Any]) -> None:
        self._soon(self._tell_trait, change["name"])

    def _soon(self, function: Callable[..., None], *args: Any) -> None:
        # The page may be closed at this very moment, and its loop with it.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, *args)

    def _tell_trait(self, name: str) -> None:
        # As it is now, not as it was when it changed: two threads may have set it, and the page must end with the last.
        self._tell({"state": {name: getattr(self.view, name)}}, [])

    def _tell(self, message: dict[str, Any], buffers: list[bytes]) -> None:
        for socket in list(self.sockets):
            socket.tell(message, buffers)

    def _shut_out(self) -> None:
        """Hang up on every page that is open; each takes it for the end of Python and switches its camera off."""
        for socket in list(self.sockets):
            socket.close()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        settings = {"page": self}
        application = Application(
            [
                (r"/open/(.+)", OpenHandler, settings),
                (r"/socket", PageSocket, settings),
                (r"/static/(page\.js|live_view\.js)", GuardedFile, {"path": str(STATIC), "page": self}),
                (r"/extensions/akool-nb/static/(agora\.js)", GuardedFile, {"path": str(STATIC), "page": self}),
            ],
            log_function=lambda _handler: None,  # the address holds the secret
        )
        server = HTTPServer(application)
        server.add_sockets(self._listening)
        self._loop.run_forever()
        server.stop()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()


class OpenHandler(RequestHandler):
    """The door: the secret is good once and becomes a cookie."""

    def initialize(self, page: LivePage) -> None:
        """Take the page along."""
        self.page = page

    def get(self, secret: str) -> None:
        """Let the first one in who knows the secret, and the same browser again when it reloads."""
        _check_host(self)
        fresh = self.page.secret is not None and hmac.compare_digest(secret, self.page.secret)
        if not fresh and not _has_cookie(self, self.page):
            raise HTTPError(403)
        if fresh:
            self.page.secret = None
        # Lax: a reload of a page that the notebook opened counts as coming from there.
        self.set_cookie(self.page.cookie_name, self.page.cookie, httponly=True, samesite="Lax")
        self.set_header("Cache-Control", "no-store")
        self.write(_HTML)


class GuardedFile(StaticFileHandler):
    """The scripts, for the one who got in."""

    def initialize(self, path: str, page: LivePage) -> None:  # type: ignore[override]
        """Take the page along."""
        super().initialize(path)
        self.page = page

    def prepare(self) -> Awaitable[None] | None:
        """Only with the cookie."""
        _check_guest(self, self.page)
        return None


class PageSocket(WebSocketHandler):
    """The channel: one text for what was said, then as many binary messages as the text counts."""

    def initialize(self, page: LivePage) -> None:
        """Take the page along."""
        self.page = page
        self._message: dict[str, Any] = {}
        self._buffers: list[memoryview] = []

    def prepare(self) -> Awaitable[None] | None:
        """Only with the cookie: a program that is no browser says no origin, and then `check_origin` is not asked."""
        _check_guest(self, self.page)
        return None

    def check_origin(self, origin: str) -> bool:
        """Only the page itself: any page in the browser can reach this port, and would bring the cookie along."""
        return urlsplit(origin).netloc == f"127.0.0.1:{self.page.port}"

    def open(self, *_args: str, **_kwargs: str) -> None:
        """Tell the page the state it starts with."""
        self.page.sockets.add(self)
        self.tell({"state": self.page.state()}, [])

    def on_close(self) -> None:
        """The page is gone."""
        self.page.sockets.discard(self)
        self.page.view.follow_page()

    def on_message(self, message: str | bytes) -> None:
        """Collect a message and its buffers, then hand it to the widget."""
        if isinstance(message, str):
            self._message, self._buffers = json.loads(message), []
        else:
            self._buffers.append(memoryview(message))
        if len(self._buffers) == self._message.get("buffers", 0):
            self._take(self._message)

    def tell(self, message: dict[str, Any], buffers: list[bytes]) -> None:
        """Send a message and its buffers."""
        self.write_message(json.dumps({**message, "buffers": len(buffers)}))
        for buffer in buffers:
            self.write_message(bytes(buffer), binary=True)

    def _take(self, message: dict[str, Any]) -> None:
        view = self.page.view
        if "stats" in message.get("state", {}):
            view.heard()
        for name, value in message.get("state", {}).items():
            if name in WRITABLE:
                setattr(view, name, value)
        if "state" in message.get("state", {}):
            view.follow_page()
        if "msg" in message:
            view._hear(view, message["msg"], self._buffers)


def _check_guest(handler: RequestHandler, page: LivePage) -> None:
    _check_host(handler)
    if not _has_cookie(handler, page):
        raise HTTPError(403)


def _has_cookie(handler: RequestHandler, page: LivePage) -> bool:
    return hmac.compare_digest(handler.get_cookie(page.cookie_name) or "", page.cookie)


def _check_host(handler: RequestHandler) -> None:
    """Refuse a name that merely leads here: it could belong to somebody else's page (DNS rebinding)."""
    if handler.request.host.partition(":")[0] != "127.0.0.1":
        raise HTTPError(403)
