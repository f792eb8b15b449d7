"""Process identity: which process opened a session, and whether it still runs."""

import os
import subprocess
import sys

import psutil
import pytest

from akool_nb.guard.process import is_alive, pid_of, process_mark
from tests.wire.test_faults import wait_until


def mark(**parts):
    """The mark of this process with some parts changed."""
    names = ("number", "began", "namespace", "host")
    return ":".join({**dict(zip(names, process_mark().split(":"), strict=True)), **parts}.values())


def refuse(*_):
    raise psutil.AccessDenied(1)


ELSEWHERE = {
    "another machine": mark(host="elsewhere"),
    "a container on this machine": mark(host="0123456789ab", namespace="4026539999"),
    "a container with this machine's name": mark(namespace="4026539999"),
    "a machine that gives less information": mark(host="elsewhere", namespace="", began=""),
}
GONE = {
    "an earlier process with this number": mark(began="1"),
    "a process before the last start of the machine": mark(began=f"{psutil.boot_time() - 60:.2f}"),
    "no process": mark(number="999999999"),
    "a number beyond every limit": mark(number="9" * 30),
    "no process, on a system that gives less information": "999999999:1",
}
UNKNOWN = {"no start time": mark(began=""), "a number only": str(os.getpid()), "nonsense": "nobody", "nothing": ""}


@pytest.mark.parametrize("owner", ELSEWHERE)
def test_whether_a_process_of_another_machine_runs_is_unknown(owner):
    assert is_alive(ELSEWHERE[owner]) is None


@pytest.mark.parametrize("owner", GONE)
def test_an_ended_process_is_recognised(owner):
    assert is_alive(GONE[owner]) is False


@pytest.mark.parametrize("owner", UNKNOWN)
def test_whether_a_process_without_a_start_time_runs_is_unknown(owner):
    assert is_alive(UNKNOWN[owner]) is None


def test_a_running_process_is_alive_and_a_killed_one_is_not():
    assert is_alive(process_mark()) is True
    code = "import sys; from akool_nb.guard.process import process_mark; print(process_mark()); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        other = child.stdout.readline().decode().strip()
        assert pid_of(other) == child.pid
        assert is_alive(other) is True
        child.kill()
        wait_until(lambda: is_alive(other) is False, 3)  # also while it is a zombie


def test_a_small_change_of_the_system_clock_is_tolerated():
    began = psutil.Process().create_time()
    assert is_alive(mark(began=f"{began + 3:.2f}")) is True
    assert is_alive(mark(began=f"{began + 30:.2f}")) is False


def test_without_information_from_the_system_whether_a_process_runs_is_unknown(monkeypatch):
    own = process_mark()
    monkeypatch.setattr(psutil.Process, "create_time", refuse)
    assert is_alive(own) is None


def test_a_reused_process_number_is_another_process_even_without_proc(monkeypatch):
    monkeypatch.setattr(os, "readlink", lambda path: (_ for _ in ()).throw(OSError()))
    own = process_mark()
    number, began, namespace, host = own.split(":")
    assert namespace == ""
    assert is_alive(own) is True
    assert is_alive(f"{number}:{float(began) - 60}::{host}") is False
