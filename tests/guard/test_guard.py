"""The guard, with real processes: open sessions are closed when Python ends or is killed, and not before."""

import atexit
import json
import multiprocessing
import signal
import threading
import time

import psutil
import pytest

from akool_nb import Client
from akool_nb.guard import guard
from akool_nb.guard.guard import GUARD
from akool_nb.guard.journal import JournalEntry
from akool_nb.guard.process import process_mark
from tests.faultserver import after, hang
from tests.guard.child import SOURCE, Child, is_ended
from tests.guard.test_watchdog import refused
from tests.wire.test_faults import wait_until

LONG_EXIT = "from akool_nb.guard import guard; guard.AT_EXIT_SECONDS = 20.0"
"""For tests of what is done at the end of Python, which on a busy machine takes longer than the second it has."""


def test_a_session_left_open_is_closed_when_python_ends(folder, replay):
    assert Child(replay).end() == 0
    wait_until(lambda: not replay.open, 3)
    wait_until(lambda: list(folder.iterdir()) == [], 3)


def test_many_sessions_are_closed_by_one_small_process_after_a_kill(folder, replay):
    child = Child(replay, number=20)
    assert child.watchdog.memory_info().rss < 40e6
    child.kill()
    wait_until(lambda: not replay.open, 3)
    child.end()
    wait_until(lambda: is_ended(child.watchdog), 3)
    assert list(folder.iterdir()) == []


def test_the_guard_does_not_show_its_tokens(client, replay):
    with client.create(SOURCE) as session:
        assert GUARD._open[session.id].how["headers"]["Authorization"] == f"Bearer {replay.good_token}"
        assert replay.good_token not in repr(vars(GUARD))
        client.get_token()
        assert replay.good_token not in repr(vars(GUARD))


def test_the_password_of_a_proxy_is_passed_on_but_not_shown(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://user:a-password@127.0.0.1:1")
    how = Client(token="t").upkeep._how_to_close()
    assert "a-password" in json.dumps(how)
    assert "a-password" not in repr(how)


def test_a_stopped_watchdog_does_not_block_the_kernel_and_closes_nothing_when_it_continues(replay):
    """Its pipe is full after about sixty sessions."""
    mine = guard.Guard()
    how = {"headers": {"Authorization": "x" * 500}}
    mine.prepare()
    stopped = psutil.Process(mine._watchdog.pid)
    stopped.suspend()
    begun = time.monotonic()
    for number in range(200):
        mine.opened(JournalEntry(str(number), f"{replay.url}/close", time.time(), process_mark()), how, print)
    assert time.monotonic() - begun < 5
    assert is_ended(stopped)
    for number in range(200):
        mine.closed(str(number))
    last = psutil.Process(mine._watchdog.pid)
    mine._watchdog.release()
    wait_until(lambda: is_ended(last), 10)
    atexit.unregister(mine._at_exit)
    assert replay.seen == []


def test_a_thread_that_is_closing_does_not_delay_the_end_of_python(folder, replay):
    then = "import threading; sys.stdin.readline(); client.timeout = 12"
    then += "; threading.Thread(target=sessions[0].close, daemon=True).start(); sys.stdin.readline()"
    child = Child(replay, then)
    replay.replies.insert(0, hang)
    child.go_on()
    wait_until(lambda: replay.count("close") == 1)
    child.ends_within(3)
    wait_until(lambda: not replay.open, 5)


def test_the_end_of_python_waits_shortly_for_a_session_that_is_being_opened(folder, replay):
    then = f"import threading; threading.Thread(target=client.create, args=({SOURCE!r},), daemon=True).start()"
    child = Child(replay, f"sys.stdin.readline(); {then}; sys.stdin.readline()", number=0, before=LONG_EXIT)
    replay.replies.insert(0, replay.answer)  # signing in
    replay.replies.insert(1, after(0.7, replay.answer))
    child.go_on()
    wait_until(lambda: replay.count("create") == 1)
    child.ends_within(3)
    wait_until(lambda: len(replay.closed) == 1, 3)
    assert replay.open == set()


def test_after_an_interrupt_a_session_that_is_being_opened_is_closed_too(folder, replay):
    interrupted = "except KeyboardInterrupt: print('child: interrupted', flush=True)"
    then = f"sys.stdin.readline()\ntry: client.create({SOURCE!r})\n{interrupted}"
    child = Child(replay, then, number=0, before=LONG_EXIT)
    answer_now = threading.Event()
    replay.replies.insert(0, replay.answer)

    def late_create(connection, seen):
        return answer_now.wait(20) and after(0.3, replay.answer)(connection, seen)

    replay.replies.insert(1, late_create)
    child.go_on()
    wait_until(lambda: replay.count("create") == 1)
    child.send_signal(signal.SIGINT)
    assert child.line() == b"interrupted\n"
    answer_now.set()
    child.end()
    wait_until(lambda: len(replay.closed) == 1, 3)
    assert replay.open == set()


def test_the_end_of_python_does_not_wait_long_for_a_create_that_hangs(folder, replay):
    then = f"import threading; threading.Thread(target=client.create, args=({SOURCE!r},), daemon=True).start()"
    child = Child(replay, f"sys.stdin.readline(); {then}; sys.stdin.readline()", number=0)
    replay.replies.insert(0, hang)
    child.go_on()
    wait_until(lambda: replay.count("getToken") == 1)
    child.ends_within(3)


def test_a_server_that_hangs_does_not_delay_the_end_of_python(folder, replay):
    measure = "import atexit, time; atexit.register(lambda: print('child:', time.monotonic() - begun, flush=True))"
    child = Child(replay, "sys.stdin.read(); begun = time.monotonic()", number=5, before=measure)
    replay.replies.insert(0, after(20, replay.answer))
    child.stdin.close()
    assert float(child.line()) < 2.4
    child.wait(10)
    with child:
        pass
    wait_until(lambda: not replay.open, 10)


def test_a_forked_child_closes_no_session_of_its_parent_and_does_not_delay_the_watchdog(folder, replay):
    then = "if os.fork() == 0: import time; time.sleep(4); os._exit(0)\nsys.stdin.read()"
    child = Child(replay, then)
    child.kill()
    wait_until(lambda: not replay.open, 3)
    child.wait()


def test_a_dead_watchdog_is_replaced_and_gets_all_sessions(folder, replay):
    more = f"sessions.append(client.create({SOURCE!r})); print('child: more', flush=True)"
    child = Child(replay, f"sys.stdin.readline(); {more}; sys.stdin.read()")
    child.watchdog.kill()
    wait_until(lambda: is_ended(child.watchdog))  # until then its pipe accepts data
    child.go_on()
    assert child.line() == b"more\n"
    child.kill()
    wait_until(lambda: not replay.open, 3)
    assert len(replay.closed) == 2
    child.end()


RENEWALS = {
    "after a refusal": "client.credits()",
    "by the user": "client.get_token()",
    "before its expiry": "client._credentials._renew_at = 0; client.credits()",
}


@pytest.mark.parametrize("cause", RENEWALS)
def test_a_renewed_token_is_sent_to_the_watchdog(folder, replay, cause):
    child = Child(replay, f"sys.stdin.readline(); {RENEWALS[cause]}; print('renewed', flush=True); sys.stdin.read()")
    replay.expire()
    child.go_on()
    assert child.stdout.readline() == b"renewed\n"
    child.kill()
    wait_until(lambda: not replay.open, 3)
    child.end()


def test_a_token_renewed_during_the_start_of_the_watch_is_sent_to_the_watchdog(client, monkeypatch):
    opened = GUARD.opened

    def renew_and_open(*facts):
        client.get_token()
        opened(*facts)

    monkeypatch.setattr(GUARD, "opened", renew_and_open)
    with client.create(SOURCE) as session:
        assert GUARD._open[session.id].how["headers"] == client._credentials.in_hand()


def test_a_session_is_watched_even_if_its_token_must_be_renewed(client, replay):
    client.get_token()

    def create_with_an_old_token(connection, seen):
        client._credentials._renew_at = 0
        replay.replies.insert(0, refused(401, 1101))  # a sign-in now would fail
        return replay.answer(connection, seen)

    replay.replies.insert(0, create_with_an_old_token)
    session = client.create(SOURCE)
    assert session.id in GUARD._open
    replay.replies.pop(0)
    session.close()


def test_a_session_that_is_closed_in_time_leaves_no_journal_entry(folder, replay):
    child = Child(replay, "sessions[0].close(); print('closed', flush=True); sys.stdin.read()")
    assert child.stdout.readline() == b"closed\n"
    assert list(folder.iterdir()) == []
    child.kill()
    child.end()
    assert len(replay.closed) == 1
    assert replay.count("close") == 1


def test_the_shared_sandbox_starts_no_watchdog(folder):
    from akool_nb import connect, samples

    client = connect(sandbox=True)
    before = GUARD._watchdog
    with client.create(client.detect(samples.photo("astronaut"))[0]):
        assert GUARD._watchdog is before
        assert not folder.exists()


def in_child(queue):
    queue.put((GUARD._watchdog, dict(GUARD._open)))


def test_a_forked_process_starts_with_an_empty_guard(client):
    session = client.create(SOURCE)
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    process = context.Process(target=in_child, args=(queue,))
    process.start()
    assert queue.get() == (None, {})
    process.join()
    session.close()
