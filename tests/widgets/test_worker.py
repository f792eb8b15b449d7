"""Worker and Ticker: jobs in order on one thread, which ends when there is nothing to do."""

import threading
import time
from functools import partial

import pytest

from akool_nb.widgets.ticker import Ticker
from akool_nb.widgets.worker import Worker
from tests.widgets.test_live_view import wait


def test_jobs_run_one_at_a_time_and_in_the_order_of_each_thread():
    worker, done, inside = Worker(), [], []

    def job(thread, number):
        inside.append(1)
        assert len(inside) == 1
        time.sleep(0.0005)
        inside.pop()
        done.append((thread, number))

    def add(thread):
        for number in range(30):
            worker.do(partial(job, thread, number))
            worker.result(lambda: None)

    threads = [threading.Thread(target=add, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for thread in range(4):
        assert [number for one, number in done if one == thread] == list(range(30))


def test_a_result_or_an_exception_is_returned_and_a_job_may_use_its_own_worker():
    worker = Worker()
    assert worker.result(lambda: worker.result(lambda: 7)) == 7
    with pytest.raises(ValueError, match="no"):
        worker.result(lambda: int("no"))


def test_the_thread_ends_after_the_last_job_and_a_later_job_starts_a_new_one():
    worker = Worker("short of work")
    for _ in range(50):
        worker.result(lambda: None)
    wait(lambda: "short of work" not in [thread.name for thread in threading.enumerate()])
    assert worker.result(threading.current_thread) is not threading.main_thread()


class Looker:
    """Its `look` returns True, that is to be called again, until it has been called `enough` times."""

    def __init__(self, enough):
        self.looks = 0
        self.enough = enough

    def look(self):
        self.looks += 1
        return self.looks < self.enough


def test_all_tickers_share_one_thread_that_ends_with_the_last_one(monkeypatch):
    monkeypatch.setattr("akool_nb.widgets.ticker.SECONDS", 0.01)
    ticker, lookers = Ticker(), [Looker(3) for _ in range(20)]
    before = threading.active_count()
    for looker in lookers:
        ticker.add(looker.look)
    assert threading.active_count() <= before + 1
    wait(lambda: [looker.looks for looker in lookers] == [3] * 20)
    wait(lambda: threading.active_count() <= before)
