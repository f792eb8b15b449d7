"""2,000 rounds of create, update and close; one answer in twenty is faulty; nothing is left over."""

from __future__ import annotations

import gc
import random
import threading
from collections import Counter

import psutil

from akool_nb import Client
from akool_nb.errors import AkoolError, OutcomeUnknown
from akool_nb.guard.guard import GUARD
from akool_nb.guard.journal import Journal
from tests.faultserver import Seen, close_connection, reply, reset, truncated
from tests.replay import CREDENTIALS, Replay, sample
from tests.wire.test_faults import wait_until

ROUNDS = 2000
WARM_UP = 300
LOST = (close_connection, reset, truncated(b'{"code": 1000}'))
"""After these the client cannot know whether the request was executed."""
FAULTS = (*LOST, reply(503, b"busy"), reply(429, b"", "Retry-After: 0"))
SOURCE = sample("create.request")["sourceImage"][0]


class Unreliable(Replay):
    """Fails one request in twenty, before or after it is executed."""

    def __init__(self) -> None:
        self.random = random.Random(20250616)
        self.lost: Counter[str] = Counter()
        """How often each call was executed and its answer lost."""
        self.strays = 0
        super().__init__()

    def answer(self, connection: object, seen: Seen) -> bool:
        if self.random.random() >= 0.05:
            return super().answer(connection, seen)
        if self.random.random() < 0.5:
            return self.random.choice(FAULTS)(connection, seen)
        self._body(seen)
        self.lost[seen.path.rpartition("/")[2]] += 1
        return self.random.choice(LOST)(connection, seen)


def round_trip(client: Client, server: Unreliable) -> None:
    try:
        with client.create(SOURCE) as session:
            session.update(SOURCE)
    except OutcomeUnknown:
        # The error says so: the service has at most one session more.
        assert len(server.open) <= 1
        server.strays += len(server.open)
        server.open.clear()
    except AkoolError as error:
        raise AssertionError(f"the client did not recover from a temporary fault: {error!r}") from error


def left_over() -> tuple[int, int, int]:
    """Open descriptors, threads and child processes."""
    gc.collect()
    process = psutil.Process()
    return process.num_fds(), threading.active_count(), len(process.children(recursive=True))


def test_2000_rounds_with_faults_leave_nothing_open(tmp_path, monkeypatch):
    monkeypatch.setenv("AKOOL_NB_STATE", str(tmp_path))
    # Without the random pauses the same faults take a tenth of the time.
    monkeypatch.setattr("akool_nb.wire.transport._PAUSE", 0.002)
    watched = set(GUARD._open)  # other tests may have left sessions open
    with Unreliable() as server:
        client = Client(**CREDENTIALS, base_url=server.url, timeout=20, retries=6)
        for _ in range(WARM_UP):
            round_trip(client, server)
        server.seen.clear()
        before, memory = left_over(), psutil.Process().memory_info().rss
        for number in range(ROUNDS - WARM_UP):
            round_trip(client, server)
            server.seen.clear()
            if number % 10 == 0:
                server.expire()
        server.closed.clear()
        wait_until(lambda: all(now <= then for now, then in zip(left_over(), before, strict=True)), 5)
        assert psutil.Process().memory_info().rss <= memory * 1.05
        assert (server.open, client.sessions, list(Journal())) == (set(), [], [])
        assert len(client.calls) <= 500
        assert set(GUARD._open) == watched
        assert server.lost.keys() == {"getToken", "create", "update", "close"}
        assert server.strays > 0
