"""Process identity: a text that differs between two processes even if they have the same process id."""

from __future__ import annotations

import contextlib
import os
import socket

_CLOCK_SECONDS = 5.0
"""Two start times that differ by less than this many seconds are the same, because the system corrects its clock."""


def process_mark() -> str:
    """This process as "number:start time:pid namespace:host"; the namespace is empty outside Linux."""
    import psutil  # imported here because it takes 40 ms

    process = psutil.Process()
    return f"{process.pid}:{process.create_time():.2f}:{_namespace()}:{socket.gethostname()}"


def is_alive(mark: str) -> bool | None:
    """Whether the process with this mark runs.

    None when that cannot be judged: the process belongs to another machine or container, its start time is missing,
    or the system refuses the information. A missing namespace or host counts as ours.
    """
    import psutil

    started = _start_time(mark)
    if started is None or not _is_here(mark):
        return None
    try:
        process = psutil.Process(pid_of(mark))
        is_same = abs(process.create_time() - started) < _CLOCK_SECONDS
        return bool(is_same and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return None


def pid_of(mark: str) -> int:
    """The process number of a mark; 0 when it has none."""
    number = mark.partition(":")[0]
    return int(number) if number.isascii() and number.isdigit() else 0


def _start_time(mark: str) -> float | None:
    """Seconds since 1970; None when the mark does not hold a start time."""
    with contextlib.suppress(IndexError, ValueError):
        return float(mark.split(":")[1])
    return None


def _is_here(mark: str) -> bool:
    """Whether the mark's process number counts on this machine and in this pid namespace."""
    _, _, namespace, host = [*mark.split(":", 3), "", "", ""][:4]
    return namespace in ("", _namespace()) and host in ("", socket.gethostname())


def _namespace() -> str:
    """The pid namespace, which differs between the containers of one machine."""
    with contextlib.suppress(OSError):
        return os.readlink("/proc/self/ns/pid").removeprefix("pid:").strip("[]")  # noqa: PTH115 - no file
    return ""
