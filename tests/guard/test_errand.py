"""Work that is seen through."""

import threading

import pytest

from akool_nb.guard.errand import Errand
from tests.wire.test_faults import wait_until


def test_it_returns_what_the_work_returns():
    assert Errand(lambda: 7, undo=print).result() == 7


def test_it_raises_what_the_work_raises():
    with pytest.raises(ZeroDivisionError):
        Errand(lambda: 1 / 0, undo=print).result()


class Interrupted(threading.Event):
    """An event on which waiting is interrupted."""

    def wait(self, timeout=None):
        raise KeyboardInterrupt


def test_the_result_of_an_interrupted_wait_is_undone_when_it_comes():
    go, undone = threading.Event(), []
    errand = Errand(lambda: go.wait() and "result", undo=undone.append)
    errand._done = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        errand.result()
    assert undone == []
    go.set()
    wait_until(lambda: undone == ["result"])


def test_an_interrupt_while_the_work_begins_undoes_it_too(monkeypatch):
    undone = []
    start = threading.Thread.start

    def interrupted(thread):
        start(thread)
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Errand(lambda: "result", undo=undone.append).result()
    wait_until(lambda: undone == ["result"])


def test_a_result_that_came_just_before_the_interrupt_is_undone_once():
    undone = []
    errand = Errand(lambda: "result", undo=undone.append)
    errand._run()
    errand._abandon()
    assert undone == ["result"]


def test_what_cannot_be_undone_is_left_to_the_guard():
    errand = Errand(lambda: "result", undo=lambda result: 1 / 0)
    errand._run()
    errand._abandon()
