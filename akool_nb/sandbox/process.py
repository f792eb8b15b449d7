"""Starting, steering and ending a sandbox from Python."""

from __future__ import annotations

import atexit
import contextlib
import http.client
import json
import os
import subprocess
import sys
import threading
import weakref
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import akool_nb
from akool_nb.errors import SandboxError
from akool_nb.sandbox import switches
from akool_nb.sandbox.faults import FOREVER

if TYPE_CHECKING:
    from akool_nb.api.client import Client

START_SECONDS = 20.0
END_SECONDS = 3.0
_CONTROL_SECONDS = 10.0


class Sandbox:
    """A local AKOOL in a process of its own: same paths, same answers, real detection, real swap.

    It ends with the `with` block, with `close()`, and with the Python process that started it, however that ends.
    Every switch of `akool_nb.sandbox.switches.Switches` is a keyword here and an attribute that can be set while
    it runs: `Sandbox(queue_seconds=0)`, `sandbox.latency = 0.5`.

    Args:
        port: the port on 127.0.0.1; 0 takes a free one.
        credits: what the account has to begin with; None for the usual 1000.
        values: switches to start with.

    Attributes:
        url: where it listens, "http://127.0.0.1:…".
        client_id, client_secret: what signs in here; the secret serves as API key too.
        sessions: the open ones, a list of dicts: id, status (1 queuing, 2 processing), age in seconds, credits used.
        credits: the account's balance; set it to show what happens when it runs out.
        is_running: whether its process lives.

    Raises:
        SandboxError: it cannot start here; the message says what to install or change.
        TypeError: a keyword that is no switch.
    """

    __slots__ = ("__weakref__", "_child", "_owner", "client_id", "client_secret", "url")

    _shared: Sandbox | None = None
    _shared_lock = threading.Lock()

    def __init__(self, *, port: int = 0, credits: float | None = None, **values: Any) -> None:
        _refuse_unknown(values)
        self._owner = os.getpid()
        self._child = _start(port)
        _STARTED.add(self)
        atexit.register(self.close)
        try:
            self._read_greeting()
            self.set(credits=credits, **values)
        except BaseException:
            self.close()
            raise

    @classmethod
    def shared(cls) -> Sandbox:
        """The one sandbox of this Python process, started when first asked for, ended with the process."""
        with cls._shared_lock:
            if cls._shared is None or not cls._shared.is_running:
                cls._shared = cls()
            return cls._shared

    @property
    def is_running(self) -> bool:
        """Whether the process runs, and was started by this very process (a fork has none of its own)."""
        return self._owner == os.getpid() and self._child.poll() is None

    def client(self, **options: Any) -> Client:
        """A client that is signed in here; options are those of `akool_nb.Client`."""
        from akool_nb.api.client import Client

        credentials = {"client_id": self.client_id, "client_secret": self.client_secret}
        return Client(**{**credentials, "base_url": self.url, "detect_url": self.url, **options})

    @property
    def sessions(self) -> list[dict[str, Any]]:
        """The open sessions: id, status (1 queuing, 2 processing), age in seconds, credits used, joined or not."""
        return list(self.state()["sessions"])

    @property
    def credits(self) -> float:
        """The account's credits; set them to show what happens when they run out."""
        return float(self.state()["credits"])

    @credits.setter
    def credits(self, value: float) -> None:
        self.set(credits=value)

    def fail_next(self, call: str, code: int = 1003, *, times: int = 1, **how: Any) -> None:
        """Make the next call (or the next `times`) go wrong.

        Args:
            call: "get_token", "detect", "detect_faces", "create", "update", "close", "info", "credits" or "any".
            code: AKOOL's code to answer with.
            times: how many calls.
            how: further fields of `akool_nb.sandbox.faults.Fault`: `kind`, `message`, `status`, `retry_after`, `after`.

        Raises:
            ValueError: there is no such call or way to fail.
        """
        self._order("fail", {"call": call, "code": code, "times": times, **how})

    def fail_always(self, call: str, code: int = 1003, **how: Any) -> None:
        """Make every such call go wrong until `heal()`; arguments as for `fail_next`."""
        self.fail_next(call, code, times=FOREVER, **how)

    def heal(self) -> None:
        """Forget the failures that were ordered."""
        self._order("heal")

    def expire_tokens(self) -> None:
        """Let every API token issued so far be expired."""
        self._order("expire_tokens")

    def end(self, session_id: str, reason: str = "ended", *, failed: bool = False) -> None:
        """End a session from the service's side; with `failed` its status becomes 4."""
        self._order("end", {"id": session_id, "reason": reason, "failed": failed})

    def set(self, *, credits: float | None = None, **values: Any) -> None:
        """Set several switches and the credits at once, all or none; ValueError for a value that one cannot take."""
        _refuse_unknown(values)
        if credits is not None:
            values["credits"] = credits
        if values:
            self._order("switches", values)

    def reset(self) -> None:
        """As after the start: switches, credits, no sessions, no failures; credentials and tokens stay valid."""
        self._order("reset")

    def state(self) -> dict[str, Any]:
        """Credits, open sessions, streams, switches and waiting failures."""
        return self._order("state")

    def panel(self) -> Any:
        """Buttons that break things in front of a class, with the open sessions and the credits."""
        from akool_nb.sandbox.panel import Panel

        return Panel(self)

    def close(self) -> None:
        """End the process and all its sessions; harmless when it has ended already."""
        atexit.unregister(self.close)
        if self._owner != os.getpid():
            return
        with contextlib.suppress(OSError):
            _pipe(self._child.stdin).close()
        try:
            self._child.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        _pipe(self._child.stdout).close()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Sandbox(url={self.url!r}, {'running' if self.is_running else 'ended'})"

    def __reduce__(self) -> str:
        raise TypeError("A Sandbox is a running process and cannot be pickled; pass its url and start a client there.")

    def _read_greeting(self) -> None:
        greeting = _first_line(self._child)
        if "error" in greeting:
            raise SandboxError(greeting["error"])
        self.url = str(greeting["url"])
        self.client_id = str(greeting["client_id"])
        self.client_secret = str(greeting["client_secret"])

    def _order(self, name: str, values: dict[str, Any] | None = None) -> dict[str, Any]:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=_CONTROL_SECONDS)
        try:
            connection.request("POST", f"/_sandbox/{name}", json.dumps(values or {}), {"x-api-key": self.client_secret})
            answer = connection.getresponse()
            state: dict[str, Any] = json.loads(answer.read())
        except TimeoutError:
            raise SandboxError("The sandbox does not answer. Try again, or start a new one.") from None
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            raise SandboxError("The sandbox has ended. Start a new one with akool_nb.Sandbox().") from None
        finally:
            connection.close()
        if answer.status != 200:
            raise ValueError(state["msg"])
        return state


class _Switch:
    """One switch as an attribute: read from the running process, set in it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, sandbox: Sandbox | None, kind: type[Sandbox]) -> Any:
        return self if sandbox is None else sandbox.state()["switches"][self._name]

    def __set__(self, sandbox: Sandbox, value: Any) -> None:
        sandbox.set(**{self._name: value})


_STARTED: weakref.WeakSet[Sandbox] = weakref.WeakSet()


def _leave_to_parent() -> None:
    """In a forked child: let go of the pipes, or a sandbox would outlive the parent it belongs to."""
    for sandbox in _STARTED:
        for pipe in (sandbox._child.stdin, sandbox._child.stdout):
            with contextlib.suppress(OSError, ValueError):
                _pipe(pipe).close()
    _STARTED.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)

for _name in switches.NAMES:
    setattr(Sandbox, _name, _Switch(_name))


def _refuse_unknown(values: dict[str, Any]) -> None:
    for name in values:
        if name not in switches.NAMES:
            raise TypeError(f"{name!r} is no switch of the sandbox. There are: {', '.join(switches.NAMES)}.")


def _start(port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "akool_nb.sandbox", "--json", "--parent-pipe", "--port", str(port)]
    # A session of its own, so that interrupting a cell or killing the kernel's group does not reach it; the end of
    # its stdin does, whatever ends this process.
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment(), start_new_session=True
    )


def _environment() -> dict[str, str]:
    # The child needs none of the credentials of the real service, and the very package this process runs.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AKOOL_")}
    places = [str(Path(akool_nb.__file__).parents[1]), *filter(None, [kept.get("PYTHONPATH")])]
    return {**kept, "PYTHONPATH": os.pathsep.join(places)}


def _first_line(child: subprocess.Popen[bytes]) -> dict[str, str]:
    slow = threading.Timer(START_SECONDS, child.kill)
    slow.start()
    try:
        line = _pipe(child.stdout).readline()
    finally:
        slow.cancel()
    try:
        return dict(json.loads(line))
    except ValueError:
        return {"error": "The sandbox did not start. Run it by hand to see why: python -m akool_nb.sandbox"}


def _pipe(pipe: Any) -> Any:
    assert pipe is not None, "Popen was asked for pipes"
    return pipe
