"""The guard: keeps the watchdog and the journal up to date, and closes the open sessions when Python ends.

Four things close a session whose owner does not: a `with` block, the end of Python (`atexit`), the watchdog when the
kernel is killed, and the journal when the whole machine was lost.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from akool_nb.guard.journal import Journal, JournalEntry
from akool_nb.guard.watchdog import detachment

AT_EXIT_SECONDS = 1.0
"""How long closing may take at the end of Python; Jupyter kills a kernel after 2.5 s."""

_SEND_SECONDS = 1.0  # how long the watchdog may leave the pipe full
_SEND_SECONDS_AT_EXIT = 0.1
_PROGRAM = Path(__file__).resolve().with_name("watchdog.py")
# What Python, its file names and its TLS need of the environment. The rest may hold secrets.
_NEEDED = (
    *("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
    *("LANG", "LC_ALL", "LC_CTYPE", "OPENSSL_CONF", "OPENSSL_MODULES"),
)


class WatchdogProcess:
    """A running watchdog, seen from the kernel. Its methods raise `OSError` when it has ended."""

    def __init__(self) -> None:
        # No standard error, so that it holds no pipe of Jupyter's; -I -S, so that nothing of the user's is imported.
        self._starter = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_PROGRAM), "--detach"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd=_PROGRAM.anchor,
            env={name: os.environ[name] for name in _NEEDED if name in os.environ},
            **detachment(),
        )
        assert self._starter.stdin is not None and self._starter.stdout is not None
        self._pipe = self._starter.stdin
        self._output = self._starter.stdout
        self._pid = 0
        if os.name == "posix":
            os.set_blocking(self._pipe.fileno(), False)

    @property
    def pid(self) -> int:
        """The watchdog's process number, which it says when it has started; 0 when it could not start."""
        if not self._pid:
            self._pid = int(self._output.readline() or 0)
        return self._pid

    def send(self, message: dict[str, Any], seconds: float) -> None:
        """Write one message. A stopped watchdog reads nothing, so `TimeoutError` is raised after `seconds`."""
        self._wait_for_starter(seconds)
        line = json.dumps(message).encode() + b"\n"
        end = time.monotonic() + seconds
        while line:
            try:
                line = line[os.write(self._pipe.fileno(), line) :]
            except BlockingIOError:
                if time.monotonic() > end:
                    raise TimeoutError("The watchdog does not read its pipe.") from None
                time.sleep(0.005)

    def takes(self, message: dict[str, Any], seconds: float) -> bool:
        """Whether one message could be written; if not, this watchdog is ended and must be replaced."""
        try:
            self.send(message, seconds)
        except TimeoutError:
            self._kill()
        except (OSError, ValueError):
            pass  # it has ended already
        else:
            return True
        self.release()
        return False

    def _wait_for_starter(self, seconds: float) -> None:
        """The intermediate process ends at once; waiting for it leaves no zombie among the kernel's children."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._starter.wait(seconds)

    def _kill(self) -> None:
        """End a watchdog that does not read: later it would close sessions that it does not know to be closed."""
        import psutil

        with contextlib.suppress(psutil.Error, OSError, ValueError):
            process = psutil.Process(self.pid)
            process.kill()
            process.wait(AT_EXIT_SECONDS)

    def release(self) -> None:
        """Close our ends of the pipes. In a forked child this leaves the parent as the only writer."""
        for pipe in (self._pipe, self._output):
            with contextlib.suppress(OSError):
                pipe.close()
        self._starter.poll()


class _OpenSession(NamedTuple):
    """One open session, as the guard knows it."""

    entry: JournalEntry
    how: dict[str, Any]
    close: Callable[[float], object]
    journal: Journal

    def message(self) -> dict[str, Any]:
        note = str(self.journal.path(self.entry))
        return {"open": self.entry.session_id, "url": self.entry.close_url, "note": note, "how": self.how}


class Guard:
    """Keeps the watchdog and the journal up to date; one for the whole Python process."""

    def __init__(self) -> None:
        self._start_empty()

    def _start_empty(self) -> None:
        # Sessions are opened, renewed and closed in any thread, and Python ends in the main thread: they all change
        # the same list and write to the same pipe. The end of Python also waits on it for a `create` under way.
        self._changed = threading.Condition()
        self._expected = 0  # sessions that are being opened
        self._open: dict[str, _OpenSession] = {}
        self._watchdog: WatchdogProcess | None = None
        self._ending = False

    def prepare(self) -> None:
        """Start the watchdog, so that it is ready when the session has been created."""
        with self._changed, contextlib.suppress(OSError):
            self._watchdog = self._watchdog or WatchdogProcess()

    @contextlib.contextmanager
    def expecting(self) -> Iterator[None]:
        """While a session is being opened. The end of Python waits a moment for it, because its id is unknown yet."""
        with self._changed:
            self._expected += 1
            self._run_first_at_exit()
        try:
            yield
        finally:
            with self._changed:
                self._expected -= 1
                self._changed.notify_all()

    def opened(self, entry: JournalEntry, how: dict[str, Any], close: Callable[[float], object]) -> None:
        """Watch over a session from now on.

        Args:
            entry: the session.
            how: what the watchdog needs to close it: "headers", "proxies" and "ca".
            close: closes it from here within the given seconds; called when Python ends.
        """
        session = _OpenSession(entry, how, close, Journal())
        session.journal.write(entry)
        with self._changed:
            self._run_first_at_exit()
            self._open[entry.session_id] = session
            self._send(session.message())

    def renewed(self, session_id: str, headers: Mapping[str, str]) -> None:
        with self._changed:
            if session_id in self._open:
                self._open[session_id].how["headers"] = headers
                self._send({"renewed": session_id, "headers": headers})

    def closed(self, session_id: str) -> None:
        with self._changed:
            session = self._open.pop(session_id, None)
            if session is not None:
                self._send({"closed": session_id})
                session.journal.strike(session.entry)

    def leave_to_parent(self) -> None:
        """In a forked child: release the pipe, or the watchdog would wait for the child's end as well."""
        if self._watchdog is not None:
            self._watchdog.release()
        self._start_empty()

    def _send(self, message: dict[str, Any]) -> None:
        """Send one message. A watchdog that has ended or does not read is replaced by a new one."""
        with contextlib.suppress(OSError, ValueError):
            if self._watchdog is not None and self._watchdog.takes(message, self._send_seconds):
                return
            self._watchdog = None
            self._start_another()

    def _start_another(self) -> None:
        """Start a watchdog and send it every open session."""
        if self._open:
            self._watchdog = WatchdogProcess()
            for session in self._open.values():
                self._watchdog.send(session.message(), self._send_seconds)

    @property
    def _send_seconds(self) -> float:
        return _SEND_SECONDS_AT_EXIT if self._ending else _SEND_SECONDS

    def _run_first_at_exit(self) -> None:
        if not self._ending:
            atexit.unregister(self._at_exit)
            atexit.register(self._at_exit)  # the function that is registered last runs first

    def _at_exit(self) -> None:
        """Close what is open and what is being opened, while there is time; the watchdog closes the rest."""
        self._ending = True
        end = time.monotonic() + AT_EXIT_SECONDS
        self._close_until(end)
        with self._changed:
            self._changed.wait_for(lambda: not self._expected, max(0.0, end - time.monotonic()))
        self._close_until(end)

    def _close_until(self, end: float) -> None:
        for session in list(self._open.values()):
            left = end - time.monotonic()
            if left <= 0:
                return
            with contextlib.suppress(Exception):
                session.close(left)


GUARD = Guard()
"""The one guard of this process."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=GUARD.leave_to_parent)
