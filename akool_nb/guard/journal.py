"""The journal: one small file for each open session, so that a session is found again after its kernel was lost.

An entry holds no secret. Its file can be read by the user only.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from akool_nb.guard.process import is_alive

LONGEST_SECONDS = 3600.0
"""How long AKOOL's token, and with it a session, lasts."""

EntryState = Literal["in use", "left open", "elsewhere"]

_BROKEN_SECONDS = 60.0  # a younger file may still be in the middle of being written
_FORGET_SECONDS = 30 * 24 * 3600.0  # such a session ended long ago, and its service may not exist any more


class JournalEntry(NamedTuple):
    """An open session, as the journal keeps it.

    Attributes:
        session_id: AKOOL's `_id`.
        close_url: the address that closes it.
        opened: seconds since 1970.
        owner: the process that opened it, see `process_mark`.
        account: a mark by which accounts differ; empty when only a secret is known.
    """

    session_id: str
    close_url: str
    opened: float
    owner: str
    account: str = ""

    @property
    def name(self) -> str:
        """The file's name: a hash, because an id from elsewhere must not choose a path."""
        return hashlib.sha256(f"{self.close_url}\n{self.session_id}".encode()).hexdigest()[:32] + ".json"

    @property
    def age(self) -> float:
        return time.time() - self.opened

    @property
    def state(self) -> EntryState:
        """ "in use" by a process of this machine, "left open", or "elsewhere".

        "elsewhere" means that the process may still run, on another machine or in another container that shares this
        home. After an hour such a session counts as left open.
        """
        alive = is_alive(self.owner)
        if alive:
            return "in use"
        is_unknown = alive is None
        return "elsewhere" if is_unknown and self.age <= LONGEST_SECONDS else "left open"


class Journal:
    """The open sessions of this user, one file each. Iterating it yields the entries that can be read."""

    def __init__(self) -> None:
        self.folder = _journal_folder()

    def path(self, entry: JournalEntry) -> Path:
        return self.folder / entry.name

    def write(self, entry: JournalEntry) -> None:
        """Note an open session. A full disk or a read-only home is ignored: it must not stop the session."""
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Written beside its place and then renamed, so that a reader never sees half an entry.
            draft = self.folder / f"{entry.name}.{os.getpid()}-{threading.get_ident()}"
            try:
                _write_private(draft, json.dumps(entry._asdict()))
                draft.replace(self.path(entry))
            finally:
                draft.unlink(missing_ok=True)

    def strike(self, entry: JournalEntry) -> None:
        """Remove the entry of a session that is closed."""
        with contextlib.suppress(OSError):
            self.path(entry).unlink(missing_ok=True)

    def __iter__(self) -> Iterator[JournalEntry]:
        for path in self._files():
            # A file that cannot be read now may be readable later, so it stays.
            with contextlib.suppress(OSError):
                entry = _read(path.read_bytes())
                if _is_useless(entry, path):
                    path.unlink()
                elif entry is not None:
                    yield entry

    def orphans(self) -> list[JournalEntry]:
        """The sessions that were left open: the process that opened them has ended."""
        return [entry for entry in self if entry.state == "left open"]

    def _files(self) -> list[Path]:
        with contextlib.suppress(OSError):
            return sorted(self.folder.glob("*.json"))
        return []


def state_folder() -> Path:
    """Where this package keeps its state: AKOOL_NB_STATE, else the user's state folder of the system."""
    if named := os.environ.get("AKOOL_NB_STATE"):
        return Path(named)
    import platformdirs  # imported here because it is needed only once and takes 15 ms

    return platformdirs.user_state_path("akool_nb", appauthor=False)


def _journal_folder() -> Path:
    """The journal's folder as an absolute path, because the watchdog runs in another folder."""
    try:
        return (state_folder() / "open").absolute()
    except (OSError, RuntimeError):
        # No home directory: use a path that cannot exist, so that nothing is written.
        return Path(os.devnull) / "open"


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def _is_useless(entry: JournalEntry | None, path: Path) -> bool:
    """Whether a file is broken and not in the middle of being written, or its session ended long ago."""
    if entry is None:
        return time.time() - path.stat().st_mtime > _BROKEN_SECONDS
    return entry.age > _FORGET_SECONDS


def _read(content: bytes) -> JournalEntry | None:
    """The entry in a file; None when the file holds none. Fields of a later version are ignored."""
    try:
        fields = json.loads(content)
        entry = JournalEntry(**{name: fields[name] for name in JournalEntry._fields if name in fields})
        _ = urlsplit(entry.close_url).port  # raises ValueError if it is not an address
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    texts = (entry.session_id, entry.close_url, entry.owner, entry.account)
    is_time = isinstance(entry.opened, (int, float)) and 0 <= entry.opened < 1e11
    return entry if is_time and all(isinstance(text, str) for text in texts) else None
