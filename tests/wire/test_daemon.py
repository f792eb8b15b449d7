"""Work in daemon threads, and undoing its result after an interrupt."""

import threading

import pytest

from akool_nb.wire import daemon
from tests.wire.test_faults import wait_until


def nothing(result):
    raise AssertionError(f"{result} is undone")


def test_the_future_holds_the_result_or_the_exception_of_the_work():
    assert daemon.start(lambda: 7, "seven").result(10) == 7
    with pytest.raises(ZeroDivisionError):
        daemon.start(lambda: 1 / 0, "failing").result(10)


def test_the_work_runs_in_a_daemon_thread_of_the_given_name():
    thread = daemon.start(threading.current_thread, "some name").result(10)
    assert (thread.name, thread.daemon) == ("some name", True)


def test_the_result_is_returned_and_an_error_is_raised():
    assert daemon.result_or_undo(lambda: 7, "work", nothing) == 7
    with pytest.raises(ZeroDivisionError):
        daemon.result_or_undo(lambda: 1 / 0, "work", nothing)


def test_the_traceback_of_an_error_has_no_frames_of_the_work():
    secret = "local to the work"

    def work():
        text = secret
        raise RuntimeError(len(text))

    with pytest.raises(RuntimeError) as caught:
        daemon.result_or_undo(work, "work", nothing)
    names = [entry.frame.code.name for entry in caught.traceback]
    assert "work" not in names


def test_after_an_interrupted_wait_the_result_is_undone_when_it_arrives(monkeypatch):
    go = threading.Event()
    undone = []

    def interrupted(futures, timeout):
        raise KeyboardInterrupt

    monkeypatch.setattr("concurrent.futures.wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        daemon.result_or_undo(lambda: go.wait() and "result", "work", undone.append)
    assert undone == []
    go.set()
    wait_until(lambda: undone == ["result"])


def test_an_interrupt_while_the_thread_starts_undoes_the_result_too(monkeypatch):
    undone = []
    start = threading.Thread.start

    def interrupted(thread):
        start(thread)
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        daemon.result_or_undo(lambda: "result", "work", undone.append)
    wait_until(lambda: undone == ["result"])


def test_a_failing_undo_does_not_hide_the_interrupt(monkeypatch):
    go = threading.Event()
    undone = []

    def interrupted(futures, timeout):
        go.set()
        futures[0].exception(10)
        raise KeyboardInterrupt

    def undo(result):
        undone.append(result)
        raise ZeroDivisionError

    monkeypatch.setattr("concurrent.futures.wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        daemon.result_or_undo(lambda: go.wait() and "result", "work", undo)
    assert undone == ["result"]
