"""`akool-nb sessions`: the open sessions that this machine knows of, and closing one or all of them."""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from akool_nb.guard.journal import Journal, JournalEntry
from akool_nb.guard.process import pid_of
from akool_nb.terminal import say
from akool_nb.wire.addresses import is_loopback

if TYPE_CHECKING:
    from akool_nb.api.client import Client


def list_sessions() -> int:
    """Print every open session with its state."""
    entries = list(Journal())
    for entry in entries:
        say(f"{entry.session_id}  {_host(entry)}, opened {entry.age / 60:.0f} min ago")
        print(f"    {_state(entry)}")
    if entries:
        say("An open session costs credits. It ends by itself after an hour at the latest.")
        say("Close one now with 'akool-nb sessions --close ID', or all of them with 'akool-nb sessions --close'.")
    else:
        say("No session is open, as far as this machine knows.")
    return 0


def close_sessions(session_id: str) -> int:
    """Close the session with this id; with an empty id all of them. The status is 1 when one stays open."""
    chosen = [entry for entry in Journal() if session_id in ("", entry.session_id)]
    if not chosen:
        return _nothing_to_close(session_id)
    from akool_nb import connect

    client = connect(sandbox=False)
    closed: list[str] = []
    for entry in chosen:
        if not client.upkeep.owns(entry) and _service_has_ended(entry):
            Journal().strike(entry)
        else:
            closed += client.upkeep.sweep(only=entry.session_id)
    return _report(client, chosen, closed)


def _nothing_to_close(session_id: str) -> int:
    if not session_id:
        say("No session is open, as far as this machine knows.")
        return 0
    say(
        f"akool-nb: This machine knows no open session {session_id}. 'akool-nb sessions' lists those that it knows.",
        file=sys.stderr,
    )
    return 1


def _report(client: Client, chosen: list[JournalEntry], closed: list[str]) -> int:
    """Say what became of each session, and why one is still open."""
    noted = {entry.session_id for entry in Journal()}
    failed = [entry for entry in chosen if entry.session_id in noted and client.upkeep.owns(entry)]
    others = [entry for entry in chosen if entry.session_id in noted and not client.upkeep.owns(entry)]
    ended = [entry for entry in chosen if entry.session_id not in {*noted, *closed}]
    if closed or not (failed or others or ended):
        say(f"Closed: {', '.join(closed) or 'none'}.")
    if ended:
        say(f"Ended already: {_ids(ended)}.")
    if others:
        say(
            f"Not closed, because they belong to another account or service: {_ids(others)}. "
            "Run this command again with the credentials of that account."
        )
    if failed:
        reasons = [call.said for call in client.calls if call.error][-1:]
        say(f"akool-nb: Not closed: {_ids(failed)}. {' '.join(reasons)}".rstrip(), file=sys.stderr)
    return int(bool(failed))


def _service_has_ended(entry: JournalEntry) -> bool:
    """Whether the service was one of this machine, such as a sandbox, and nothing listens at its port any more."""
    parts = urlsplit(entry.close_url)
    if not is_loopback(entry.close_url):
        return False
    try:
        socket.create_connection((parts.hostname, parts.port or 80), timeout=0.5).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return False


def _ids(entries: list[JournalEntry]) -> str:
    return ", ".join(entry.session_id for entry in entries)


def _host(entry: JournalEntry) -> str:
    return urlsplit(entry.close_url).netloc


def _state(entry: JournalEntry) -> str:
    texts = {
        "in use": f"in use by process {pid_of(entry.owner)} here",
        "left open": "left open: the process that opened it has ended",
        "elsewhere": "on another machine or in another container, which may be using it",
    }
    return texts[entry.state]
