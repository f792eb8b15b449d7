"""The guard: closes the sessions that the kernel cannot close any more.

A small process in a session of its own waits for the kernel's pipe to end, however the kernel ends, and then closes
what is still open. It runs this very file with the standard library alone, and learns ids and the token through the
pipe: arguments and environment can be read by others. Beside it a journal, one file for each open session and no
secret in any, survives even a lost machine; the next client sweeps it.

Nothing but the standard library may be imported here, and little of that: the watchdog must be up at once.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import hashlib
import http.client
import json
import os
import socket
import ssl
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import subprocess

LONGEST_SECONDS = 3600.0
"""How long AKOOL's token, and with it a session, lasts."""
AT_EXIT_SECONDS = 1.0
"""How much of the kernel's end `atexit` may take; Jupyter kills a kernel that needs 2.5 s."""

_CLOSE_SECONDS = 5.0
_TELL_SECONDS = 1.0
"""How long the watchdog may leave a line unread while the pipe is full."""
_BROKEN_SECONDS = 60.0
"""How old a note that says nothing must be to be thrown away."""
_NEEDED = (
    *("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
    *("LANG", "LC_ALL", "LC_CTYPE", "OPENSSL_CONF", "OPENSSL_MODULES"),
)
"""What Python, its file names and its TLS need of the environment; the rest of it may hold anybody's secrets."""
_PAUSES = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
_CLOSED = "1000"
_NO_SUCH_SESSION = ("1003", "1008", "1010", "1011", "1013", "1014", "1222")
"""Codes of `ParameterError` and `ContentError`: about a session of ours they say that there is none any more."""

_Said = tuple[int, bytes]


class Ticket(NamedTuple):
    """What the journal keeps of an open session: enough to find it again, nothing that opens it."""

    session_id: str
    close_url: str
    opened: float
    """Seconds since 1970."""
    owner: str
    """The process that opened it, see `process_mark`."""
    account: str = ""
    """A mark that tells accounts apart; empty when nothing but a secret could make one."""

    @property
    def name(self) -> str:
        """Its file's name: an id from elsewhere must not choose one."""
        return hashlib.sha256(f"{self.close_url}\n{self.session_id}".encode()).hexdigest()[:32] + ".json"

    @property
    def age(self) -> float:
        """Seconds since it was opened."""
        return time.time() - self.opened

    @property
    def is_elsewhere(self) -> bool:
        """Whether its process, if it still runs, runs on another machine or in a container that shares this home."""
        return is_alive(self.owner) is None

    @property
    def is_orphaned(self) -> bool:
        """Whether the process that opened it is gone; elsewhere, whether it has had its time."""
        alive = is_alive(self.owner)
        return self.age > LONGEST_SECONDS if alive is None else not alive


class Journal:
    """The open sessions of this user on this machine, one small file each, readable by the user only."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or _journal_folder()

    def write(self, ticket: Ticket) -> None:
        """Note an open session; a full disk or a read-only home must not stop it."""
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Written aside and moved, so that nobody ever reads half a note.
            aside = self.folder / f"{ticket.name}.{os.getpid()}-{threading.get_ident()}"
            try:
                _write_private(aside, json.dumps(ticket._asdict()))
                aside.replace(self.folder / ticket.name)
            finally:
                aside.unlink(missing_ok=True)

    def strike(self, ticket: Ticket) -> None:
        """Forget a session that is closed."""
        with contextlib.suppress(OSError):
            (self.folder / ticket.name).unlink(missing_ok=True)

    def __iter__(self) -> Iterator[Ticket]:
        for path in self._notes():
            # What cannot be read now may well be read another time.
            with contextlib.suppress(OSError):
                ticket = _ticket(path.read_bytes())
                if ticket is not None:
                    yield ticket
                elif time.time() - path.stat().st_mtime > _BROKEN_SECONDS:
                    path.unlink()

    def _notes(self) -> list[Path]:
        with contextlib.suppress(OSError):
            return sorted(self.folder.glob("*.json"))
        return []

    def orphans(self, *, elsewhere: bool = False) -> list[Ticket]:
        """Sessions whose process is gone: those that a lost machine left open.

        Those of a sandbox that is gone went with it, and are struck. `elsewhere` adds what other machines have open,
        for all that can be known from here.
        """
        lost = [ticket for ticket in self if ticket.is_orphaned or (elsewhere and ticket.is_elsewhere)]
        over = [ticket for ticket in lost if ticket.is_orphaned and _nobody_listens(ticket.close_url)]
        for ticket in over:
            self.strike(ticket)
        return [ticket for ticket in lost if ticket not in over]


class _Watched(NamedTuple):
    """One open session, as the guard knows it."""

    ticket: Ticket
    how: dict[str, Any]
    close: Callable[[float], object]
    journal: Journal

    def message(self) -> dict[str, Any]:
        """What the watchdog is told of it."""
        return {"open": self.ticket._asdict(), "how": self.how, "journal": str(self.journal.folder)}


class Guard:
    """Keeps the watchdog and the journal up to date; one for the whole Python process."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._settled = threading.Condition(self._lock)
        self._expected = 0
        """How many sessions are being opened."""
        self._open: dict[str, _Watched] = {}
        self._watchdog: subprocess.Popen[bytes] | None = None
        self._ending = False

    def prepare(self) -> None:
        """Have the watchdog ready: it starts while the session is being created, not after."""
        with self._lock, contextlib.suppress(OSError):
            self._watchdog = self._watchdog or _start()

    @contextlib.contextmanager
    def expecting(self) -> Iterator[None]:
        """While a session is being opened: the end of Python waits a moment for it, or nobody would know its id."""
        with self._lock:
            self._expected += 1
            self._be_there_at_exit()
        try:
            yield
        finally:
            with self._settled:
                self._expected -= 1
                self._settled.notify_all()

    def opened(self, ticket: Ticket, how: dict[str, Any], close: Callable[[float], object]) -> None:
        """Watch over a session from now on.

        `how` is what the watchdog needs to close it: "headers", "proxies" and "ca". `close(seconds)` closes it from
        here; it is called when Python ends.
        """
        watched = _Watched(ticket, how, close, Journal())
        watched.journal.write(ticket)
        with self._lock:
            self._be_there_at_exit()
            self._open[ticket.session_id] = watched
            self._tell(watched.message())

    def renewed(self, session_id: str, headers: Mapping[str, str]) -> None:
        """Tell the watchdog the new token."""
        with self._lock:
            if session_id in self._open:
                self._open[session_id].how["headers"] = headers
                self._tell({"renewed": session_id, "headers": headers})

    def closed(self, session_id: str) -> None:
        """A session is over; nothing has to be done for it any more."""
        with self._lock:
            watched = self._open.pop(session_id, None)
            if watched is not None:
                self._tell({"closed": session_id})
                watched.journal.strike(watched.ticket)

    def leave_to_parent(self) -> None:
        """In a forked child: let go of the pipe, or the watchdog would wait for the child's end as well."""
        if self._watchdog is not None and self._watchdog.stdin is not None:
            with contextlib.suppress(OSError):
                os.close(self._watchdog.stdin.fileno())
        self.__dict__.update(Guard().__dict__)

    def _tell(self, message: dict[str, Any]) -> None:
        """One line to the watchdog; one that has died is replaced, and told everything that is open."""
        with contextlib.suppress(OSError, ValueError):
            if self._watchdog is not None:
                return self._write(message)
        self._dismiss()
        with contextlib.suppress(OSError, ValueError):
            if self._open:
                self._watchdog = _start()
                for watched in self._open.values():
                    self._write(watched.message())
        return None

    def _write(self, message: dict[str, Any]) -> None:
        """One line into the pipe; a watchdog that was stopped reads nothing, and must not stop the kernel as well."""
        assert self._watchdog is not None and self._watchdog.stdin is not None, "started with a pipe"
        pipe, line, begun = self._watchdog.stdin.fileno(), json.dumps(message).encode() + b"\n", time.monotonic()
        while line:
            try:
                line = line[os.write(pipe, line) :]
            except BlockingIOError:
                if time.monotonic() - begun > (AT_EXIT_SECONDS / 10 if self._ending else _TELL_SECONDS):
                    raise TimeoutError("the watchdog does not listen") from None
                time.sleep(0.005)

    def _dismiss(self) -> None:
        """End a watchdog that does not listen: woken up later, it would close what it once heard of."""
        dog, self._watchdog = self._watchdog, None
        if dog is not None and dog.stdin is not None:
            with contextlib.suppress(OSError):
                dog.kill()
                dog.stdin.close()
            with contextlib.suppress(Exception):
                dog.wait(AT_EXIT_SECONDS)  # a killed one is gone at once

    def _be_there_at_exit(self) -> None:
        if not self._ending:
            atexit.unregister(self._at_exit)
            atexit.register(self._at_exit)  # the last to be registered is the first to run

    def _at_exit(self) -> None:
        """Close what is open, and what is just being opened, while there is time; the watchdog does the rest."""
        self._ending = True
        end = time.monotonic() + AT_EXIT_SECONDS
        self._close_until(end)
        with self._settled:
            self._settled.wait_for(lambda: not self._expected, max(0.0, end - time.monotonic()))
        self._close_until(end)

    def _close_until(self, end: float) -> None:
        for watched in list(self._open.values()):
            left = end - time.monotonic()
            if left <= 0:
                return
            with contextlib.suppress(Exception):
                watched.close(left)


def state_folder() -> Path:
    """Where this user's programs keep their state: AKOOL_NB_STATE, else what the system says."""
    if named := os.environ.get("AKOOL_NB_STATE"):
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "akool_nb"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "akool_nb"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "akool_nb"


def process_mark() -> str:
    """This process, told apart from a later one with the same number and from those of other machines.

    Its number, the moment it began, and its place; a part that the system does not tell is empty.
    """
    return ":".join((str(os.getpid()), _began(os.getpid()), *_place()))


def is_alive(mark: str) -> bool | None:
    """Whether the process with this mark still runs; None when that cannot be known here."""
    number, began, *place = [*mark.split(":", 4), "", "", "", ""][:5]
    (boot, numbers, host), (our_boot, our_numbers, our_host) = place, _place()
    if _differ(host, our_host):
        return None
    if _differ(boot, our_boot):
        return False  # the machine has been started anew
    if _differ(numbers, our_numbers):
        return None
    return number.isdigit() and _runs(int(number)) and not _differ(began, _began(int(number)))


def _place() -> tuple[str, str, str]:
    """Where a process number counts: since this start of the machine, in this namespace, on this host."""
    boot = numbers = ""
    with contextlib.suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8]
    with contextlib.suppress(OSError):
        numbers = os.readlink("/proc/self/ns/pid").removeprefix("pid:").strip("[]")  # noqa: PTH115 - no file
    return boot, numbers, socket.gethostname()


def _began(pid: int) -> str:
    with contextlib.suppress(OSError, IndexError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    return ""


def _differ(one: str, other: str) -> bool:
    """Whether two marks are known to differ."""
    return bool(one and other and one != other)


def close_at(url: str, session_id: str, how: dict[str, Any], seconds: float = _CLOSE_SECONDS) -> bool:
    """Close one session over plain HTTP; True when the service has said that it is over.

    A refusal leaves it in the journal, for a client with other credentials or another day.
    """
    body = json.dumps({"_id": session_id}).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "akool_nb guard", **how.get("headers", {})}
    request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310 - our own address
    try:
        return _says_over(*_answer_to(request, how.get("opener") or _opener(url, how), seconds))
    except (OSError, ValueError, http.client.HTTPException):
        return False


def _answer_to(request: urllib.request.Request, opener: urllib.request.OpenerDirector, seconds: float) -> _Said:
    """Status and body, whatever the status is: a refusal says in its body what is refused."""
    try:
        response = opener.open(request, timeout=seconds)
    except urllib.error.HTTPError as error:
        response = error
    with response:
        return response.status, response.read(65536)


def _says_over(status: int, body: bytes) -> bool:
    """Whether an answer means that the session is over: closed now, or not known any more."""
    try:
        code = str(json.loads(body).get("code"))
    except (ValueError, AttributeError, RecursionError):
        return False
    return (status < 300 and code == _CLOSED) or (not 300 <= status < 400 and code in _NO_SUCH_SESSION)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        """Follow nothing: the header that signs the call must not go to another host."""


def _opener(url: str, how: dict[str, Any]) -> urllib.request.OpenerDirector:
    handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler(how.get("proxies") or {}), _NoRedirect()]
    if url.startswith("https:"):
        handlers.append(urllib.request.HTTPSHandler(context=_trust(how.get("ca") or "")))
    return urllib.request.build_opener(*handlers)


@functools.lru_cache(maxsize=4)
def _trust(ca: str) -> ssl.SSLContext:
    """The certificates to trust: a file of them, or a folder; read once, for that takes a moment."""
    if ca and Path(ca).is_dir():
        return ssl.create_default_context(capath=ca)
    return ssl.create_default_context(cafile=ca or None)


def _nobody_listens(url: str) -> bool:
    """Whether the address is one of this machine's and its port refuses."""
    parts = urlsplit(url)
    if parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        return False
    try:
        socket.create_connection((parts.hostname, parts.port or 80), timeout=0.5).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        return False  # it may be listening all the same
    return False


def _journal_folder() -> Path:
    """Where the journal lies, for whoever stands in another folder too."""
    try:
        return (state_folder() / "open").absolute()
    except (OSError, RuntimeError):
        # Nobody's home: a place that is never there takes no notes and holds none, and stops nothing.
        return Path(os.devnull) / "open"


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _ticket(note: bytes) -> Ticket | None:
    """What a note says; None when it is none, whoever wrote it. Fields of a later version are passed over."""
    try:
        fields = json.loads(note)
        ticket = Ticket(**{name: fields[name] for name in Ticket._fields if name in fields})
        _ = urlsplit(ticket.close_url).port  # raises ValueError for what is no address
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    texts = (ticket.session_id, ticket.close_url, ticket.owner, ticket.account)
    is_moment = isinstance(ticket.opened, (int, float)) and 0 <= ticket.opened < 1e11
    return ticket if is_moment and all(isinstance(text, str) for text in texts) else None


def _runs(pid: int) -> bool:
    if os.name == "nt":
        # On Windows os.kill would end the process; without /proc nothing cheap tells, so it counts as running.
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def _start() -> subprocess.Popen[bytes]:
    import subprocess  # the watchdog itself starts nothing

    # Its own session, so that neither Ctrl-C nor a kill of the kernel's group reaches it; no output, so that it holds
    # no pipe of Jupyter's; -I -S, so that it is up at once and nothing of the user's is imported.
    dog = subprocess.Popen(
        [sys.executable, "-I", "-S", str(Path(__file__).resolve())],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd=Path(__file__).anchor,
        env={name: os.environ[name] for name in _NEEDED if name in os.environ},
    )
    if dog.stdin is not None and os.name == "posix":
        os.set_blocking(dog.stdin.fileno(), False)
    return dog


class _Watch:
    """The watchdog's side: what it was told, and what it does when the pipe ends."""

    def __init__(self) -> None:
        self._open: dict[str, dict[str, Any]] = {}

    def listen(self, lines: Iterator[bytes]) -> None:
        """Follow the kernel until it is gone."""
        for line in lines:
            with contextlib.suppress(ValueError, KeyError, TypeError, OSError):
                self._take(json.loads(line))

    def close_all(self) -> None:
        """Close everything that is open, all at a time, and try for a while."""
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
            self._open[message["open"]["session_id"]] = message
            # Reading the certificates takes a moment, so it is done while there is time.
            message["how"]["opener"] = _opener(message["open"]["close_url"], message["how"])
        elif "renewed" in message and message["renewed"] in self._open:
            self._open[message["renewed"]]["how"]["headers"] = message["headers"]
        elif "closed" in message:
            self._open.pop(message["closed"], None)

    def _close(self, message: dict[str, Any]) -> None:
        ticket = Ticket(**message["open"])
        if close_at(ticket.close_url, ticket.session_id, message["how"]):
            self._open.pop(ticket.session_id, None)
            Journal(Path(message["journal"])).strike(ticket)


GUARD = Guard()
"""The one guard of this process."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=GUARD.leave_to_parent)


def _main() -> None:
    import signal  # only the watchdog has to do with signals

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    watch = _Watch()
    watch.listen(iter(sys.stdin.buffer.readline, b""))
    watch.close_all()


if __name__ == "__main__":
    _main()
