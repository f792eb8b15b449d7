"""The watchdog: a small program that closes the kernel's sessions after the kernel has ended.

The kernel starts it with `--detach` and writes messages to its standard input, one JSON object a line:
`{"open": id, "url": …, "note": path, "how": {"headers", "proxies", "ca"}}`, `{"renewed": id, "headers": …}` and
`{"closed": id}`. Session ids and tokens come through this pipe because other users can read a process's arguments and
environment. The end of the pipe is the end of the kernel; whatever is open then is closed.

It imports the standard library only, so that it starts at once and no package of the user can break it.
"""

from __future__ import annotations

import contextlib
import functools
import http.client
import json
import os
import ssl
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_CLOSE_SECONDS = 5.0
_PAUSES = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
_CLOSED = "1000"
# Codes of `ParameterError` and `ContentError`. About a session of ours they mean that it does not exist any more.
_NO_SUCH_SESSION = ("1003", "1008", "1010", "1011", "1013", "1014", "1222")
_WINDOWS_FLAGS = 0x08000000 | 0x00000200  # subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP


class Watchdog:
    """The sessions that the kernel has open, and their closing when the kernel ends."""

    def __init__(self) -> None:
        self._open: dict[str, dict[str, Any]] = {}

    def follow(self, lines: Iterable[bytes]) -> None:
        """Read messages until the pipe ends. A line that is not a message is ignored."""
        for line in lines:
            with contextlib.suppress(ValueError, KeyError, TypeError, OSError):
                self._take(json.loads(line))

    def close_all(self) -> None:
        """Close all open sessions, several at a time, and retry for 15 seconds."""
        for pause in _PAUSES:
            time.sleep(pause)
            if not self._open:
                return
            threads = [threading.Thread(target=self._close, args=(one,)) for one in list(self._open.values())]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

    def _take(self, message: dict[str, Any]) -> None:
        if "open" in message:
            self._open[message["open"]] = message
            # Reading the certificates takes a moment, so it is done before the kernel ends.
            message["how"]["opener"] = _opener(message["url"], message["how"])
        elif "renewed" in message and message["renewed"] in self._open:
            self._open[message["renewed"]]["how"]["headers"] = message["headers"]
        elif "closed" in message:
            self._open.pop(message["closed"], None)

    def _close(self, message: dict[str, Any]) -> None:
        if close_at(message["url"], message["open"], message["how"]):
            self._open.pop(message["open"], None)
            with contextlib.suppress(OSError):
                Path(message["note"]).unlink(missing_ok=True)


def close_at(url: str, session_id: str, how: dict[str, Any]) -> bool:
    """Close one session over HTTP; True when the service has answered that the session is over.

    After a refusal the session stays in the journal, for a client with other credentials.
    """
    body = json.dumps({"_id": session_id}).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "akool_nb guard", **how.get("headers", {})}
    request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310 - our own address
    try:
        return _is_over(*_answer_to(request, how.get("opener") or _opener(url, how)))
    except (OSError, ValueError, http.client.HTTPException):
        return False


def _answer_to(request: urllib.request.Request, opener: urllib.request.OpenerDirector) -> tuple[int, bytes]:
    """Status and body, for every status: the body of a refusal says what is refused."""
    try:
        response = opener.open(request, timeout=_CLOSE_SECONDS)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        return response.status, response.read(65536)


def _is_over(status: int, body: bytes) -> bool:
    """Whether an answer means that the session is over: closed now, or unknown to the service."""
    try:
        code = str(json.loads(body).get("code"))
    except (ValueError, AttributeError, RecursionError):
        return False
    return (status < 300 and code == _CLOSED) or (not 300 <= status < 400 and code in _NO_SUCH_SESSION)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        """Follow nothing: the header that signs the call must not be sent to another host."""


def _opener(url: str, how: dict[str, Any]) -> urllib.request.OpenerDirector:
    handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler(how.get("proxies") or {}), _NoRedirect()]
    if url.startswith("https:"):
        handlers.append(urllib.request.HTTPSHandler(context=_trusted_certificates(how.get("ca") or "")))
    return urllib.request.build_opener(*handlers)


@functools.lru_cache(maxsize=4)
def _trusted_certificates(ca: str) -> ssl.SSLContext:
    """A context that trusts the certificates in a file or folder; kept, because reading them takes a moment."""
    if ca and Path(ca).is_dir():
        return ssl.create_default_context(capath=ca)
    return ssl.create_default_context(cafile=ca or None)


def detachment() -> dict[str, Any]:
    """Arguments of `Popen` that keep Ctrl-C and a kill of the kernel's process group away from a new process."""
    if sys.platform == "win32":
        return {"creationflags": _WINDOWS_FLAGS}
    return {"start_new_session": True}


def start_detached() -> None:
    """Start the watchdog with this process's pipes, and return at once so that this process ends.

    A kill of the kernel's process tree (`taskkill /T`, as VS Code does on Windows) goes from parent to child. The
    watchdog's parent has ended, so the kill does not reach the watchdog.
    """
    import subprocess  # the watchdog itself starts no process

    subprocess.Popen(
        [sys.executable, "-I", "-S", str(Path(__file__).resolve())],
        stdin=sys.stdin,
        stdout=sys.stdout,
        stderr=subprocess.DEVNULL,
        **detachment(),
    )


def run() -> None:
    """Say our process number, follow the kernel until it ends, then close what is open."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with contextlib.suppress(OSError):
        print(os.getpid(), flush=True)
    watchdog = Watchdog()
    watchdog.follow(iter(sys.stdin.buffer.readline, b""))
    watchdog.close_all()


if __name__ == "__main__":
    if "--detach" in sys.argv:
        start_detached()
    else:
        run()
