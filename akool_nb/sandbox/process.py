"""The sandbox as a process: started from Python, isolated from the user's folder, ended with its parent."""

from __future__ import annotations

import atexit
import contextlib
import importlib.metadata
import json
import os
import site
import subprocess
import sys
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traitlets import Int

from akool_nb.errors import SandboxError
from akool_nb.sandbox import switches
from akool_nb.sandbox.control import Control, checked
from akool_nb.sandbox.profile import Profile

if TYPE_CHECKING:
    from akool_nb.api.client import Client
    from akool_nb.sandbox.panel import Panel

START_SECONDS = 20.0
END_SECONDS = 3.0
KILLED = 9

NEEDED = (
    "numpy",
    "opencv-python-headless",
    "opencv-python",
    "opencv-contrib-python-headless",
    "opencv-contrib-python",
    "tornado",
    "pillow",
    "traitlets",
    "requests",
    "urllib3",
    "certifi",
    "idna",
    "charset-normalizer",
    "psutil",
    "platformdirs",
)
"""The distributions that the sandbox's process may import."""

_ISOLATED_START = Path(__file__).parent / "service" / "isolated_start.py"
_PORT = Int(min=0, max=65_535)


class Sandbox(Control):
    """A local server that answers like AKOOL: same paths, same answers, real detection, real swap.

    It ends with the `with` block, with `close()`, and with the Python process that started it, however that ends.
    Every switch of `akool_nb.sandbox.switches.SwitchTable` is a keyword here and an attribute that can be set while
    it runs: `Sandbox(queue_seconds=0)`, `sandbox.latency = 0.5`.

    Args:
        port: the port on 127.0.0.1; 0 takes a free one.
        credits: what the account has to begin with; None for the usual 1000.
        profile: a `Profile` of a real service, or the path of its file: sets the switches to what was found there.
        values: switches to start with; these win over the profile.

    Attributes:
        url: where it listens, "http://127.0.0.1:…".
        client_id, client_secret: the credentials to sign in with; the secret is also the API key.
        sessions: the open ones, a list of dicts: id, status (1 queuing, 2 processing), age in seconds, credits used.
        credits: the account's balance; set it to show what happens when it runs out.
        is_running: whether its process runs.

    Raises:
        SandboxError: it cannot start here; the message says what to install or change.
        TypeError: a keyword is not a switch.
        ValueError: a value outside its range; the message names the range.
    """

    __slots__ = ("__weakref__", "_child", "_owner", "client_id")

    _shared: Sandbox | None = None
    # Two cells in two threads may both call connect(): only one of them may start the process.
    _shared_lock = threading.Lock()

    def __init__(
        self,
        *,
        port: int = 0,
        credits: float | None = None,
        profile: Profile | str | os.PathLike[str] | None = None,
        **values: Any,
    ) -> None:
        if profile is not None:
            values = {**Profile.of(profile).switches, **values}
        values = checked(credits, values)
        self._owner = os.getpid()
        self._child = _start(switches.check_value("port", _PORT, port))
        _STARTED.add(self)
        atexit.register(self.close)
        try:
            self._read_greeting()
            self.set(**values)
        except BaseException:
            self.close()
            raise

    @classmethod
    def shared(cls) -> Sandbox:
        """The one sandbox of this Python process: started by the first call, ended with the process."""
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

        if self._owner == os.getpid() and not self.is_running:
            raise SandboxError(self._why_ended())
        credentials = {"client_id": self.client_id, "client_secret": self.client_secret}
        client = Client(**{**credentials, "base_url": self.url, "detect_url": self.url, **options})
        client.sandbox = self  # its sessions end with this process, so the guard need not watch over them
        return client

    def panel(self) -> Panel:
        """A control panel with buttons for failures, the open sessions and the credits."""
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

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Sandbox(url={self.url!r}, {'running' if self.is_running else 'ended'})"

    def __reduce__(self) -> str:
        raise TypeError("A Sandbox is a running process and cannot be pickled; pass its url and start a client there.")

    def _read_greeting(self) -> None:
        greeting = _first_line(self._child)
        if "error" in greeting:
            raise SandboxError(greeting["error"])
        super().__init__(str(greeting["url"]), str(greeting["client_secret"]))
        self.client_id = str(greeting["client_id"])

    def _why_ended(self) -> str:
        code = self._child.poll() if self._owner == os.getpid() else None
        if code is not None and code < 0:
            reason = ", perhaps because the machine ran out of memory" if code == -KILLED else ""
            return f"The sandbox was ended by signal {-code}{reason}. Start a new one with akool_nb.Sandbox()."
        return super()._why_ended()


_STARTED: weakref.WeakSet[Sandbox] = weakref.WeakSet()


def _leave_to_parent() -> None:
    """In a forked child: close the pipes, because otherwise a sandbox would outlive the parent that started it."""
    for sandbox in _STARTED:
        for pipe in (sandbox._child.stdin, sandbox._child.stdout):
            with contextlib.suppress(OSError, ValueError):
                _pipe(pipe).close()
    _STARTED.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)


def _start(port: int) -> subprocess.Popen[bytes]:
    # -I and -S: neither the current folder, nor PYTHON* variables, nor files of site-packages can add or hide a module.
    python = [sys.executable, "-I", "-S"]
    if sys.pycache_prefix:
        python += ["-X", f"pycache_prefix={sys.pycache_prefix}"]
    options = ["--json", "--parent-pipe", "--port", str(port)]
    # A session of its own: an interrupt of the cell or a kill of the kernel's group does not reach it. The end of its
    # stdin does, whatever ends this process.
    return subprocess.Popen(
        [*python, str(_ISOLATED_START), os.pathsep.join(_package_folders()), *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=_environment(),
        cwd=_ISOLATED_START.parent,
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    """This process's variables without those of Python and without the credentials of the real service."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AKOOL_", "PYTHON"))}


def _package_folders() -> list[str]:
    """The folders with installed packages: those of this Python, and any other in which a needed package is installed.

    A package is found by its metadata, because a file of its name may lie in the user's folder.
    """
    folders = list(site.getsitepackages())
    if site.ENABLE_USER_SITE:
        folders.append(site.getusersitepackages())
    for name in NEEDED:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            folders.append(str(importlib.metadata.distribution(name).locate_file("")))
    return list(dict.fromkeys(str(Path(folder).resolve()) for folder in folders if Path(folder).is_dir()))


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
        return {"error": "The sandbox did not start. Run it in a terminal to see why: akool-nb sandbox"}


def _pipe(pipe: Any) -> Any:
    assert pipe is not None, "Popen was asked for pipes"
    return pipe
