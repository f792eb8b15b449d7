"""Time limits: of a whole call, and of looking up a name."""

from __future__ import annotations

import socket
import time
from concurrent.futures import TimeoutError as FutureTimeout

from akool_nb.errors import DeadlineExceeded
from akool_nb.wire import daemon

_LONGEST_CALL = 1e6
# Seconds; sockets and locks refuse much longer time limits.

LOOK_UP = "akool_nb name look-up"


class Deadline:
    """One moment at which a call, with everything it needs, must be done."""

    def __init__(self, seconds: float) -> None:
        self.seconds = min(seconds, _LONGEST_CALL)
        self.at = time.monotonic() + self.seconds

    def left(self) -> float:
        """Seconds left; below 0 after the deadline."""
        return self.at - time.monotonic()

    def exceeded(self, what: str) -> DeadlineExceeded:
        return DeadlineExceeded(f"{what} took longer than the {self.seconds:g} s it was given.")


def resolve(host: str, port: int, limit: Deadline) -> list[str]:
    """The IP addresses of a host, each once, in the system's order; OSError when there are none in time.

    The system's look-up has no time limit, so it runs in a daemon thread that is not waited for when it is late.
    """
    found = daemon.start(lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM), LOOK_UP)
    try:
        entries = found.result(max(0.0, limit.left()))
    except FutureTimeout:
        raise TimeoutError(f"the name {host} was not found in time") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))
