"""The journal: private, complete, and swept by the next client."""

import contextlib
import json
import os
import resource
import stat
import threading
import time
from pathlib import Path

import psutil
import pytest

from akool_nb import AuthenticationError, Client, MissingCredentials
from akool_nb.guard.journal import Journal, JournalEntry
from akool_nb.guard.process import pid_of, process_mark
from tests.faultserver import hang, reply
from tests.guard.child import SOURCE, Child
from tests.guard.test_process import ELSEWHERE, GONE, refuse
from tests.replay import CREDENTIALS, sample


def test_the_journal_is_private_and_contains_no_secret(folder, replay):
    child = Child(replay)
    (entry,) = folder.iterdir()
    assert stat.S_IMODE(entry.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    text = entry.read_text()
    assert json.loads(text)["session_id"] in replay.open
    token = sample("create.response")["data"]["front_rtc_token"]
    assert [secret for secret in (*CREDENTIALS.values(), replay.good_token, token) if secret in text] == []
    child.end()


def orphan(replay, session_id, *, owner=GONE["no process"], account="", opened=None, close_url=""):
    """Write a journal entry; without `owner` its process has ended."""
    url = close_url or f"{replay.url}/api/open/v3/faceswap/live/close"
    Journal().write(JournalEntry(session_id, url, time.time() if opened is None else opened, owner, account))


def test_sessions_left_open_are_closed_by_the_next_client(folder, replay, client):
    replay.open.update({"a" * 24, "b" * 24})
    orphan(replay, "a" * 24)
    orphan(replay, "b" * 24)
    client.create(SOURCE).close()
    assert replay.open == set()
    assert sorted(replay.closed)[-2:] == ["a" * 24, "b" * 24]
    assert list(folder.iterdir()) == []


def test_sessions_of_a_running_process_another_service_or_another_account_stay_open(folder, replay, client):
    replay.open.update({"a" * 24, "b" * 24, "c" * 24})
    orphan(replay, "a" * 24, owner=process_mark())
    orphan(replay, "b" * 24, account="somebody else")
    orphan(replay, "c" * 24, close_url="https://openapi.akool.com/api/open/v3/faceswap/live/close")
    assert client.upkeep.sweep() == []
    assert len(replay.open) == 3


@pytest.mark.parametrize("owner", ELSEWHERE)
def test_a_session_of_another_machine_with_this_home_is_left_open_for_an_hour(folder, replay, client, owner):
    replay.open.update({"a" * 24, "b" * 24})
    orphan(replay, "a" * 24, owner=ELSEWHERE[owner])
    orphan(replay, "b" * 24, owner=ELSEWHERE[owner], opened=time.time() - 3601)
    client.create(SOURCE).close()
    assert replay.open == {"a" * 24}
    assert client.upkeep.sweep() == []
    assert client.upkeep.sweep(only="a" * 24) == ["a" * 24]
    assert replay.open == set()


def test_orphans_that_cannot_be_closed_delay_a_new_session_by_three_seconds_at_most(folder, replay, client):
    client.get_token()
    replay.open.update({"a" * 24, "b" * 24, "c" * 24})
    for session_id in sorted(replay.open):
        orphan(replay, session_id)
    replay.replies.insert(0, hang)
    begun = time.monotonic()
    client.create(SOURCE).close()
    assert time.monotonic() - begun < 6  # a single hanging close takes ten times as long
    assert len(list(folder.iterdir())) == 3
    client.create(SOURCE).close()
    assert (replay.open, list(folder.iterdir())) == (set(), [])


def test_an_orphan_unknown_to_its_account_is_removed_from_the_journal(folder, replay, client):
    orphan(replay, "d" * 24, account=client.upkeep._account)
    assert client.upkeep.sweep() == []
    assert list(folder.iterdir()) == []


def test_an_orphan_without_an_account_stays_in_the_journal_while_it_may_run(folder, replay, client):
    orphan(replay, "d" * 24)
    orphan(replay, "e" * 24, opened=time.time() - 3601)
    assert client.upkeep.sweep() == []
    assert [entry.session_id for entry in Journal()] == ["d" * 24]


@pytest.mark.parametrize("refusal", [(200, 1005), (200, 1009), (500, 1108), (200, 1200), (429, 1005)])
def test_an_orphan_whose_close_is_refused_stays_in_the_journal(folder, replay, refusal):
    status, code = refusal
    replay.replies = [reply(status, {"code": code, "msg": "not now"})]
    orphan(replay, "d" * 24)
    assert Client(token="t", base_url=replay.url, retries=0).upkeep.sweep() == []
    assert len(list(folder.iterdir())) == 1


def test_wrong_or_missing_credentials_remove_no_orphan(folder, replay):
    replay.replies = [reply(200, {"code": 1101, "msg": "Invalid authorization"})]
    orphan(replay, "d" * 24)
    for client, error in ((Client(token="old", base_url=replay.url), AuthenticationError),
                          (Client(base_url=replay.url), MissingCredentials)):  # fmt: skip
        with pytest.raises(error):
            client.upkeep.sweep()
    assert len(list(folder.iterdir())) == 1


def test_an_orphan_that_cannot_be_closed_stays_in_the_journal(folder, replay):
    elsewhere = "https://akool.invalid"
    orphan(replay, "e" * 24, close_url=f"{elsewhere}/api/open/v3/faceswap/live/close")
    assert Client(token="t", base_url=elsewhere, timeout=1, retries=0).upkeep.sweep() == []
    assert len(list(folder.iterdir())) == 1


def test_an_orphan_of_a_service_that_is_down_stays_in_the_journal(folder, replay):
    """A gateway on this machine looks like a sandbox."""
    orphan(replay, "f" * 24)
    replay.__exit__()
    assert [entry.session_id for entry in Journal().orphans()] == ["f" * 24]


def test_an_entry_is_dropped_after_a_month(folder, replay):
    day = 24 * 3600
    orphan(replay, "a" * 24, opened=time.time() - 29 * day)
    orphan(replay, "b" * 24, opened=time.time() - 31 * day)
    assert [entry.session_id for entry in Journal()] == ["a" * 24]
    assert len(list(folder.iterdir())) == 1


def test_the_state_of_a_session_says_whether_its_process_uses_it(folder, replay):
    orphan(replay, "a" * 24, owner=process_mark())
    orphan(replay, "b" * 24)
    orphan(replay, "c" * 24, owner="5:5:5:elsewhere")
    assert {entry.session_id[0]: entry.state for entry in Journal()} == {
        "a": "in use",
        "b": "left open",
        "c": "elsewhere",
    }
    assert {pid_of(entry.owner) for entry in Journal()} == {os.getpid(), 999999999, 5}


def test_without_process_information_a_session_is_orphaned_after_an_hour(folder, replay, monkeypatch):
    """On a system without information about processes, and for entries of an earlier version."""
    owners = (process_mark(), "1", "", "1:1:1", "1:2:boot:3:host")
    monkeypatch.setattr(psutil, "Process", refuse)
    for number, owner in enumerate(owners):
        orphan(replay, f"young {number}", owner=owner)
        orphan(replay, f"old {number}", owner=owner, opened=time.time() - 3 * 24 * 3600)
    assert sorted(entry.session_id for entry in Journal().orphans()) == [f"old {number}" for number in range(5)]


GOOD = {"session_id": "a" * 24, "close_url": "http://127.0.0.1:9/close", "opened": time.time(), "owner": "1:1"}
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
def test_a_broken_entry_is_removed_when_it_is_old(folder, kind):
    folder.mkdir(parents=True)
    file = folder / "x.json"
    file.write_text(BROKEN[kind])
    assert Journal().orphans() == []
    assert file.exists()  # another process may be writing it
    os.utime(file, (1, 1))
    assert Journal().orphans() == []
    assert not file.exists()


def test_an_entry_of_a_later_version_is_read(folder):
    folder.mkdir(parents=True)
    (folder / "x.json").write_text(json.dumps(GOOD | {"colour": "blue"}))
    assert list(Journal()) == [JournalEntry(**GOOD)]


def test_an_entry_that_cannot_be_read_now_stays(folder):
    folder.mkdir(parents=True)
    (folder / "x.json").mkdir()
    os.utime(folder / "x.json", (1, 1))
    assert list(Journal()) == []
    assert (folder / "x.json").exists()


def test_a_process_without_a_free_descriptor_removes_no_entry(folder, replay):
    orphan(replay, "a" * 24)
    (file,) = folder.iterdir()
    os.utime(file, (1, 1))
    low, high = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, high))
    try:
        assert list(Journal()) == []
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (low, high))
    assert len(list(Journal())) == 1


def test_a_reader_never_sees_half_an_entry(folder):
    entry = JournalEntry("a" * 24, "https://akool.invalid/close", time.time(), process_mark(), "x" * 100_000)

    def write_and_strike():
        for _ in range(300):
            Journal().write(entry)
            Journal().strike(entry)

    writer = threading.Thread(target=write_and_strike)
    writer.start()
    while writer.is_alive():
        with contextlib.suppress(FileNotFoundError):
            assert json.loads((folder / entry.name).read_text())
    assert list(folder.iterdir()) == []


def test_a_user_without_a_home_directory_can_open_sessions(client, monkeypatch):
    for name in ("AKOOL_NB_STATE", "XDG_STATE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 2**31 - 7)  # an unknown user
    with pytest.raises(RuntimeError):
        Path.home()
    client.create(SOURCE).close()
    assert list(Journal()) == []


def test_a_journal_that_cannot_be_written_does_not_prevent_a_session(tmp_path, monkeypatch, client):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("AKOOL_NB_STATE", str(tmp_path / "file"))
    client.create(SOURCE).close()


def test_a_foreign_id_does_not_choose_the_file_name(folder, replay):
    orphan(replay, "../../../evil")
    (file,) = folder.iterdir()
    assert file.parent == folder and file.name.removesuffix(".json").isalnum()
