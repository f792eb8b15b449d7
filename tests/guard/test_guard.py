"""The guard: journal, watchdog and sweeping, on real processes."""

import atexit
import contextlib
import json
import multiprocessing
import os
import resource
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import certifi
import psutil
import pytest

from akool_nb import AuthenticationError, Client, MissingCredentials, errors
from akool_nb.errors import ContentError, ParameterError
from akool_nb.guard import guard
from akool_nb.guard.guard import GUARD, Journal, Ticket, process_mark
from tests.faultserver import FaultServer, after, hang, hang_up, redirect, say, truncated
from tests.replay import CREDENTIALS, Replay, sample
from tests.wire.test_faults import wait_until

SOURCE = sample("create.request")["sourceImage"][0]
SCRIPT = """
import os, sys
from akool_nb import Client
client = Client(client_id={client_id!r}, client_secret={client_secret!r}, base_url={url!r})
sessions = [client.create({source!r}) for _ in range({number})]
print("ready", flush=True)
{then}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("AKOOL_NB_STATE", str(tmp_path))
    return tmp_path / "open"


def start(replay, then="sys.stdin.read()", *, number=1, folder=None):
    """A Python process with open sessions, on the way to whatever comes `then`."""
    code = SCRIPT.format(**CREDENTIALS, url=replay.url, source=SOURCE, number=number, then=then)
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"ready\n"
    return child


def ended(child):
    with child:
        child.stdin.close()
    return child.returncode


def watchdogs_of(pid):
    children = psutil.Process(pid).children(recursive=True)
    return [child for child in children if any("guard.py" in part for part in child.cmdline())]


def test_a_session_that_was_forgotten_is_closed_when_python_ends(folder, replay):
    assert ended(start(replay)) == 0
    wait_until(lambda: not replay.open, 3)
    wait_until(lambda: list(folder.iterdir()) == [], 3)


def test_many_sessions_are_closed_after_a_kill_by_one_small_process(folder, replay):
    child = start(replay, number=20)
    dogs = watchdogs_of(child.pid)
    assert len(dogs) == 1
    assert dogs[0].memory_info().rss < 40e6
    child.kill()
    wait_until(lambda: not replay.open, 3)
    ended(child)
    wait_until(lambda: not dogs[0].is_running() or dogs[0].status() == psutil.STATUS_ZOMBIE, 3)
    assert list(folder.iterdir()) == []


def test_the_watchdog_knows_nothing_by_argument_or_environment(folder, replay, monkeypatch):
    monkeypatch.setenv("AKOOL_CLIENT_SECRET", CREDENTIALS["client_secret"])
    monkeypatch.setenv("OTHER_API_KEY", "a-key-of-another-service")
    child = start(replay)
    dog = watchdogs_of(child.pid)[0]
    visible = " ".join(dog.cmdline()) + str(dog.environ())
    secrets = [*CREDENTIALS.values(), replay.good_token, *replay.open, "a-key-of-another-service"]
    assert [secret for secret in secrets if secret in visible] == []
    assert os.getsid(dog.pid) != os.getsid(child.pid)
    ended(child)


def test_the_journal_is_private_and_holds_no_secret(folder, replay):
    child = start(replay)
    (note,) = folder.iterdir()
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    text = note.read_text()
    assert json.loads(text)["session_id"] in replay.open
    token = sample("create.response")["data"]["front_rtc_token"]
    assert [secret for secret in (*CREDENTIALS.values(), replay.good_token, token) if secret in text] == []
    ended(child)


def test_the_watchdog_tries_again_when_the_service_stumbles(folder, replay):
    child = start(replay)
    replay.ways.insert(0, say(503, b"busy"))
    child.kill()
    wait_until(lambda: not replay.open, 5)
    ended(child)


def test_the_watchdog_follows_no_redirect(folder, replay):
    with Replay() as other:
        child = start(replay)
        replay.ways.insert(0, say(307, b"", f"Location: {other.url}/thief"))
        child.kill()
        wait_until(lambda: not replay.open, 5)
        ended(child)
        assert other.connections == 0


def refused(status, code):
    return say(status, {"code": code, "msg": "no"})


NOT_CLOSED = {
    "elsewhere": redirect(307, "http://127.0.0.1:1/x"),
    "elsewhere, with a code": refused(302, 1003),
    "token over": refused(401, 1101),
    "token over, as other services say it": refused(400, 1101),
    "token over, as AKOOL says it": refused(200, 1101),
    "too frequent": refused(429, 1005),
    "no permission": refused(403, 1009),
    "stumbled": refused(500, 1000),
    "a page of the proxy": say(403, b"<html>", kind="text/html"),
    "a page that is not there": say(404, b"<html>", kind="text/html"),
    "a page instead of an answer": say(200, b"<html>", kind="text/html"),
    "the proxy wants a password": say(407, b""),
    "no object": say(200, b"[1000]"),
    "no HTTP": lambda connection, seen: connection.sendall(b"SSH-2.0\r\n") is not None,
    "cut off": truncated(b'{"code": 1000}'),
    "hung up": hang_up,
}
CLOSED = {
    "closed": say(200, {"code": 1000}),
    "closed, the code as a text": say(200, {"code": "1000"}),
    "no such session": refused(200, 1003),
    "no such session, with a status": refused(400, 1003),
    "over already": refused(404, 1014),
}


@pytest.mark.parametrize("said", NOT_CLOSED)
def test_what_is_no_word_of_the_service_that_it_is_over_counts_as_open(said):
    with FaultServer(NOT_CLOSED[said]) as server:
        assert not guard.close_at(f"{server.url}/close", "a" * 24, {})


@pytest.mark.parametrize("said", CLOSED)
def test_what_the_service_says_is_over_counts_as_closed(said):
    with FaultServer(CLOSED[said]) as server:
        assert guard.close_at(f"{server.url}/close", "a" * 24, {})


def test_the_watchdog_and_a_sweep_mean_the_same_codes():
    over = {code for code, row in errors.CODES.items() if issubclass(row.error, (ParameterError, ContentError))}
    assert {*map(int, guard._NO_SUCH_SESSION)} == over


def test_a_session_whose_closing_is_refused_stays_in_the_journal_of_a_killed_kernel(folder, replay):
    child = start(replay)
    replay.ways = [refused(401, 1101)]
    child.kill()
    wait_until(lambda: replay.count("close") > 1, 5)
    ended(child)
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_the_certificates_to_trust_may_be_a_file_or_a_folder(tmp_path, kind):
    named = tmp_path if kind == "folder" else certifi.where()
    assert guard._opener("https://akool.invalid", {"ca": str(named)})


def test_what_the_guard_knows_is_not_shown(client, replay):
    with client.create(SOURCE) as session:
        assert GUARD._open[session.id].how["headers"]["Authorization"] == f"Bearer {replay.good_token}"
        assert replay.good_token not in repr(vars(GUARD))
        client.get_token()
        assert replay.good_token not in repr(vars(GUARD))


def test_the_password_of_a_proxy_is_not_shown_but_told(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://user:a-password@127.0.0.1:1")
    how = Client(token="t")._how_to_close()
    assert "a-password" in json.dumps(how)
    assert "a-password" not in repr(how)


def test_a_stopped_watchdog_neither_holds_up_the_kernel_nor_wakes_up_to_close(replay):
    """Its pipe is full after some sixty sessions."""
    mine, how = guard.Guard(), {"headers": {"Authorization": "x" * 500}}
    url = f"{replay.url}/close"
    mine.prepare()
    stopped = psutil.Process(mine._watchdog.pid)
    stopped.suspend()
    begun = time.monotonic()
    for number in range(200):
        mine.opened(Ticket(str(number), url, time.time(), process_mark()), how, print)
    assert time.monotonic() - begun < 5
    assert not stopped.is_running()
    for number in range(200):
        mine.closed(str(number))
    mine._watchdog.stdin.close()
    assert mine._watchdog.wait(10) == 0
    atexit.unregister(mine._at_exit)
    assert replay.seen == []


def go_on(child):
    """Let a child that waits for a line go on."""
    child.stdin.write(b"\n")
    child.stdin.flush()


def ending_within(child, seconds):
    """How long a child takes to end once it may; it must not take as long as that."""
    begun = time.monotonic()
    go_on(child)
    child.wait(15)
    took = time.monotonic() - begun
    ended(child)
    assert took < seconds


def test_the_end_of_python_is_not_held_up_by_a_thread_that_is_closing(folder, replay):
    then = "import threading; sys.stdin.readline(); client.timeout = 12"
    then += "; threading.Thread(target=sessions[0].close, daemon=True).start(); sys.stdin.readline()"
    child = start(replay, then)
    replay.ways.insert(0, hang)
    go_on(child)
    wait_until(lambda: replay.count("close") == 1)
    ending_within(child, 3)
    wait_until(lambda: not replay.open, 5)


def test_the_end_of_python_waits_a_moment_for_a_session_that_is_being_opened(folder, replay):
    then = f"import threading; threading.Thread(target=client.create, args=({SOURCE!r},), daemon=True).start()"
    child = start(replay, f"sys.stdin.readline(); {then}; sys.stdin.readline()", number=0)
    replay.ways.insert(0, replay.answer)  # signing in
    replay.ways.insert(1, after(0.7, replay.answer))
    go_on(child)
    wait_until(lambda: replay.count("create") == 1)
    ending_within(child, 3)
    wait_until(lambda: len(replay.closed) == 1, 3)
    assert replay.open == set()


def test_an_interrupt_and_the_end_of_python_do_not_forget_a_session_that_is_being_opened(folder, replay):
    child = start(replay, f"sys.stdin.readline(); client.create({SOURCE!r})", number=0)
    arrived = threading.Event()
    replay.ways.insert(0, replay.answer)

    def slow_create(connection, seen):
        body = replay._body(seen)
        arrived.set()
        time.sleep(0.6)
        return say(200, body)(connection, seen)

    replay.ways.insert(1, slow_create)
    child.stdin.write(b"\n")
    child.stdin.flush()
    assert arrived.wait(5)
    child.send_signal(signal.SIGINT)
    child.wait(5)
    ended(child)
    wait_until(lambda: len(replay.closed) == 1, 3)
    assert replay.open == set()


def test_the_end_of_python_does_not_wait_long_for_a_session_that_does_not_come(folder, replay):
    then = f"import threading; threading.Thread(target=client.create, args=({SOURCE!r},), daemon=True).start()"
    child = start(replay, f"sys.stdin.readline(); {then}; sys.stdin.readline()", number=0)
    replay.ways.insert(0, hang)
    go_on(child)
    wait_until(lambda: replay.count("getToken") == 1)
    ending_within(child, 3)


def test_the_end_of_python_is_not_held_up_by_a_server_that_hangs(folder, replay):
    child = start(replay, number=5)
    replay.ways.insert(0, after(20, replay.answer))
    begun = time.monotonic()
    child.stdin.close()
    child.wait(10)
    assert time.monotonic() - begun < 2.4
    with child:
        pass
    wait_until(lambda: not replay.open, 10)


def test_a_forked_child_neither_closes_its_parents_sessions_nor_keeps_the_watchdog_waiting(folder, replay):
    then = "if os.fork() == 0: import time; time.sleep(4); os._exit(0)\nsys.stdin.read()"
    child = start(replay, then)
    child.kill()
    wait_until(lambda: not replay.open, 3)
    child.wait()


def test_a_dead_watchdog_is_replaced_and_told_of_all_sessions(folder, replay):
    more = f"sessions.append(client.create({SOURCE!r})); print('more', flush=True)"
    child = start(replay, f"sys.stdin.readline(); {more}; sys.stdin.read()")
    (dog,) = watchdogs_of(child.pid)
    dog.kill()
    wait_until(lambda: dog.status() == psutil.STATUS_ZOMBIE)  # before that, its pipe still takes what is written
    child.stdin.write(b"\n")
    child.stdin.flush()
    assert child.stdout.readline() == b"more\n"
    child.kill()
    wait_until(lambda: not replay.open, 3)
    assert len(replay.closed) == 2
    ended(child)


RENEWALS = {
    "because it was refused": "client.credits()",
    "by hand": "client.get_token()",
    "before its end": "client._credentials._renew_at = 0; client.credits()",
}


@pytest.mark.parametrize("why", RENEWALS)
def test_a_renewed_token_reaches_the_watchdog(folder, replay, why):
    child = start(replay, f"sys.stdin.readline(); {RENEWALS[why]}; print('renewed', flush=True); sys.stdin.read()")
    replay.expire()
    child.stdin.write(b"\n")
    child.stdin.flush()
    assert child.stdout.readline() == b"renewed\n"
    child.kill()
    wait_until(lambda: not replay.open, 3)
    ended(child)


def test_a_token_renewed_while_a_session_is_handed_to_the_watchdog_reaches_it(client, monkeypatch):
    opened = GUARD.opened

    def renewed_just_before(*facts):
        client.get_token()
        opened(*facts)

    monkeypatch.setattr(GUARD, "opened", renewed_just_before)
    with client.create(SOURCE) as session:
        assert GUARD._open[session.id].how["headers"] == client._credentials.in_hand()


def test_a_session_that_is_there_is_watched_even_when_its_token_should_be_renewed(client, replay):
    client.get_token()

    def create_in_the_last_moment(connection, seen):
        client._credentials._renew_at = 0
        replay.ways.insert(0, refused(401, 1101))  # a sign-in now would fail
        return replay.answer(connection, seen)

    replay.ways.insert(0, create_in_the_last_moment)
    session = client.create(SOURCE)
    assert session.id in GUARD._open
    replay.ways.pop(0)
    session.close()


def test_a_session_closed_in_time_leaves_nothing_to_do(folder, replay):
    child = start(replay, "sessions[0].close(); print('closed', flush=True); sys.stdin.read()")
    assert child.stdout.readline() == b"closed\n"
    assert list(folder.iterdir()) == []
    child.kill()
    ended(child)
    assert len(replay.closed) == 1
    assert replay.count("close") == 1


def test_no_watchdog_is_started_for_the_shared_sandbox(folder):
    from akool_nb import connect, samples

    client = connect(sandbox=True)
    before = GUARD._watchdog
    with client.create(client.detect(samples.photo("astronaut"))[0]):
        assert GUARD._watchdog is before
        assert not folder.exists()


def orphan(replay, session_id, account="", **fields):
    url = f"{replay.url}/api/open/v3/faceswap/live/close"
    Journal().write(Ticket(**{"session_id": session_id, "close_url": url, "opened": time.time(), **fields, "owner":
                              fields.get("owner", "999999:1:gone"), "account": account}))  # fmt: skip


def test_what_a_lost_machine_left_open_is_swept_by_the_next_client(folder, replay, client):
    replay.open.update({"a" * 24, "b" * 24})
    orphan(replay, "a" * 24)
    orphan(replay, "b" * 24)
    client.create(SOURCE).close()
    assert replay.open == set()
    assert sorted(replay.closed)[-2:] == ["a" * 24, "b" * 24]
    assert list(folder.iterdir()) == []


def test_sessions_of_a_living_process_another_service_or_account_are_left_alone(folder, replay, client):
    replay.open.update({"a" * 24, "b" * 24, "c" * 24})
    orphan(replay, "a" * 24, owner=process_mark())
    orphan(replay, "b" * 24, account="somebody else")
    orphan(replay, "c" * 24, close_url="https://openapi.akool.com/api/open/v3/faceswap/live/close")
    assert client.sweep() == []
    assert len(replay.open) == 3


def mark(**parts):
    """Our own mark with some parts changed."""
    names = ("number", "began", "boot", "numbers", "host")
    return ":".join({**dict(zip(names, process_mark().split(":"), strict=True)), **parts}.values())


LIVES_ELSEWHERE = {
    "another machine": mark(host="elsewhere", boot="12345678"),
    "a container on this machine": mark(host="0123456789ab", numbers="4026539999"),
    "a container with this machine's name": mark(numbers="4026539999"),
    "a machine that tells less": mark(host="elsewhere", boot="", numbers="", began=""),
}
GONE = {
    "this machine before its last start": mark(boot="12345678"),
    "a container before the machine's last start": mark(boot="12345678", numbers="4026539999"),
    "an earlier process with this number": mark(began="1"),
    "no process": mark(number="999999999"),
    "no number": mark(number="9" * 30),
    "nonsense": "nobody",
    "nothing": "",
}


@pytest.mark.parametrize("owner", LIVES_ELSEWHERE)
def test_what_another_machine_with_this_home_has_open_is_left_to_it_for_an_hour(folder, replay, client, owner):
    replay.open.update({"a" * 24, "b" * 24})
    orphan(replay, "a" * 24, owner=LIVES_ELSEWHERE[owner])
    orphan(replay, "b" * 24, owner=LIVES_ELSEWHERE[owner], opened=time.time() - 3601)
    client.create(SOURCE).close()
    assert replay.open == {"a" * 24}
    assert client.sweep(elsewhere=True) == ["a" * 24]
    assert replay.open == set()


def test_a_sandbox_of_another_machine_is_not_looked_for_on_this_one(folder, replay):
    orphan(replay, "a" * 24, owner=LIVES_ELSEWHERE["another machine"])
    replay.__exit__()
    assert len(Journal().orphans(elsewhere=True)) == 1
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("owner", GONE)
def test_what_is_known_to_be_gone_is_orphaned_at_once(owner):
    assert guard.is_alive(GONE[owner]) is False


def test_lost_sessions_that_cannot_be_closed_hold_a_new_one_up_for_three_seconds_at_most(folder, replay, client):
    client.get_token()
    replay.open.update({"a" * 24, "b" * 24, "c" * 24})
    for session_id in sorted(replay.open):
        orphan(replay, session_id)
    replay.ways.insert(0, hang)
    begun = time.monotonic()
    client.create(SOURCE).close()
    assert time.monotonic() - begun < 6  # one that hangs would take ten times as long
    assert len(list(folder.iterdir())) == 3
    client.create(SOURCE).close()
    assert (replay.open, list(folder.iterdir())) == (set(), [])


def test_an_orphan_that_its_account_does_not_know_any_more_is_struck_off(folder, replay, client):
    orphan(replay, "d" * 24, account=client._account)
    assert client.sweep() == []
    assert list(folder.iterdir()) == []


def test_an_orphan_of_nobody_knows_which_account_stays_noted_as_long_as_it_may_run(folder, replay, client):
    orphan(replay, "d" * 24)
    orphan(replay, "e" * 24, opened=time.time() - 3601)
    assert client.sweep() == []
    assert [ticket.session_id for ticket in Journal()] == ["d" * 24]


@pytest.mark.parametrize("refusal", [(200, 1005), (200, 1009), (500, 1108), (200, 1200), (429, 1005)])
def test_an_orphan_whose_closing_is_refused_stays_in_the_journal(folder, replay, refusal):
    status, code = refusal
    replay.ways = [say(status, {"code": code, "msg": "not now"})]
    orphan(replay, "d" * 24)
    assert Client(token="t", base_url=replay.url, retries=0).sweep() == []
    assert len(list(folder.iterdir())) == 1


def test_wrong_or_missing_credentials_strike_no_orphan(folder, replay):
    replay.ways = [say(200, {"code": 1101, "msg": "Invalid authorization"})]
    orphan(replay, "d" * 24)
    for client, error in ((Client(token="old", base_url=replay.url), AuthenticationError),
                          (Client(base_url=replay.url), MissingCredentials)):  # fmt: skip
        with pytest.raises(error):
            client.sweep()
    assert len(list(folder.iterdir())) == 1


def test_an_orphan_that_cannot_be_closed_now_stays_in_the_journal(folder, replay):
    elsewhere = "https://akool.invalid"
    orphan(replay, "e" * 24, close_url=f"{elsewhere}/api/open/v3/faceswap/live/close")
    assert Client(token="t", base_url=elsewhere, timeout=1, retries=0).sweep() == []
    assert len(list(folder.iterdir())) == 1


def test_an_orphan_of_a_sandbox_that_is_gone_went_with_it(folder, replay):
    orphan(replay, "f" * 24)
    assert len(Journal().orphans()) == 1
    replay.__exit__()
    assert Journal().orphans() == []
    assert list(folder.iterdir()) == []


GOOD = {"session_id": "a" * 24, "close_url": "http://127.0.0.1:9/close", "opened": 1.0, "owner": "1:1:gone"}
BROKEN = {
    "half": "{",
    "empty": "",
    "bytes": "\ufeff\x00",
    "no object": "[]",
    "a number": "7",
    "deep": "[" * 100_000,
    "no owner": json.dumps({name: GOOD[name] for name in ("session_id", "close_url", "opened")}),
    "a number for an owner": json.dumps(GOOD | {"owner": 5}),
    "a list for an id": json.dumps(GOOD | {"session_id": []}),
    "a text for a moment": json.dumps(GOOD | {"opened": "now"}),
    "no moment": json.dumps(GOOD | {"opened": float("nan")}),
    "no address": json.dumps(GOOD | {"close_url": "https://[abc"}),
    "no port": json.dumps(GOOD | {"close_url": "https://a:b"}),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_note_is_thrown_away_when_it_is_old(folder, kind):
    folder.mkdir(parents=True)
    note = folder / "x.json"
    note.write_text(BROKEN[kind])
    assert Journal().orphans() == []
    assert note.exists()  # somebody may be writing it just now
    os.utime(note, (1, 1))
    assert Journal().orphans() == []
    assert not note.exists()


def test_a_note_of_a_later_version_is_read(folder):
    folder.mkdir(parents=True)
    (folder / "x.json").write_text(json.dumps(GOOD | {"colour": "blue"}))
    assert list(Journal()) == [Ticket(**GOOD)]


def test_a_note_that_cannot_be_read_now_stays(folder):
    folder.mkdir(parents=True)
    (folder / "x.json").mkdir()
    os.utime(folder / "x.json", (1, 1))
    assert list(Journal()) == []
    assert (folder / "x.json").exists()


def test_a_process_without_a_free_descriptor_loses_no_note(folder, replay):
    orphan(replay, "a" * 24)
    (note,) = folder.iterdir()
    os.utime(note, (1, 1))
    low, high = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, high))
    try:
        assert list(Journal()) == []
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (low, high))
    assert len(list(Journal())) == 1


def test_no_reader_ever_meets_half_a_note(folder):
    ticket = Ticket("a" * 24, "https://akool.invalid/close", time.time(), process_mark(), "x" * 100_000)

    def write_and_strike():
        for _ in range(300):
            Journal().write(ticket)
            Journal().strike(ticket)

    writer = threading.Thread(target=write_and_strike)
    writer.start()
    while writer.is_alive():
        with contextlib.suppress(FileNotFoundError):
            assert json.loads((folder / ticket.name).read_text())
    assert list(folder.iterdir()) == []


def test_who_has_no_home_can_open_sessions_all_the_same(client, monkeypatch):
    for name in ("AKOOL_NB_STATE", "XDG_STATE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 2**31 - 7)  # nobody whom the system knows
    with pytest.raises(RuntimeError):
        Path.home()
    client.create(SOURCE).close()
    assert list(Journal()) == []


def test_the_watchdog_finds_a_journal_whose_folder_was_named_from_here(replay, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AKOOL_NB_STATE", "state")
    child = start(replay)
    child.kill()
    ended(child)
    wait_until(lambda: replay.closed and list((tmp_path / "state" / "open").iterdir()) == [], 3)


def test_a_journal_that_cannot_be_written_stops_nothing(tmp_path, monkeypatch, client):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("AKOOL_NB_STATE", str(tmp_path / "file"))
    client.create(SOURCE).close()


def test_an_id_from_elsewhere_chooses_no_file_name(folder, replay):
    orphan(replay, "../../../evil")
    (note,) = folder.iterdir()
    assert note.parent == folder and note.name.removesuffix(".json").isalnum()


def test_a_process_is_told_from_a_later_one_with_its_number():
    assert guard.is_alive(process_mark())
    assert guard.is_alive(mark(began="1")) is False
    assert guard.is_alive(str(os.getpid()))


def test_the_guard_imports_the_standard_library_only():
    code = f"import runpy, sys; runpy.run_path({str(Path(guard.__file__))!r}); print(*sys.modules)"
    out = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"requests", "akool_nb", "PIL"} & set(out.split())


def in_child(queue):
    queue.put((GUARD._watchdog, dict(GUARD._open)))


def test_a_fork_begins_with_an_empty_guard(client):
    session = client.create(SOURCE)
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    process = context.Process(target=in_child, args=(queue,))
    process.start()
    assert queue.get() == (None, {})
    process.join()
    session.close()
