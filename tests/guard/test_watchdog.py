"""The watchdog: what it gets, which answers count as closed, and that only the end of the kernel makes it act."""

import os
import subprocess
import sys
from importlib import metadata

import certifi
import psutil
import pytest

from akool_nb import errors
from akool_nb.errors import ContentError, ParameterError
from akool_nb.guard import watchdog
from tests.faultserver import FaultServer, close_connection, redirect, reply, truncated
from tests.guard.child import Child
from tests.replay import CREDENTIALS, Replay
from tests.wire.test_faults import wait_until


def test_the_watchdog_gets_no_secret_by_argument_or_environment(folder, replay, monkeypatch):
    monkeypatch.setenv("AKOOL_CLIENT_SECRET", CREDENTIALS["client_secret"])
    monkeypatch.setenv("OTHER_API_KEY", "a-key-of-another-service")
    child = Child(replay)
    visible = " ".join(child.watchdog.cmdline()) + str(child.watchdog.environ())
    secrets = [*CREDENTIALS.values(), replay.good_token, *replay.open, "a-key-of-another-service"]
    assert [secret for secret in secrets if secret in visible] == []
    assert os.getsid(child.watchdog.pid) != os.getsid(child.pid)
    child.end()


def test_the_watchdog_tries_again_after_a_temporary_fault(folder, replay):
    child = Child(replay)
    replay.replies.insert(0, reply(503, b"busy"))
    child.kill()
    wait_until(lambda: not replay.open, 5)
    child.end()


def test_the_watchdog_follows_no_redirect(folder, replay):
    with Replay() as other:
        child = Child(replay)
        replay.replies.insert(0, reply(307, b"", f"Location: {other.url}/thief"))
        child.kill()
        wait_until(lambda: not replay.open, 5)
        child.end()
        assert other.connections == 0


def refused(status, code):
    return reply(status, {"code": code, "msg": "no"})


NOT_CLOSED = {
    "elsewhere": redirect(307, "http://127.0.0.1:1/x"),
    "elsewhere, with a code": refused(302, 1003),
    "token expired": refused(401, 1101),
    "token expired, another service": refused(400, 1101),
    "token expired, AKOOL": refused(200, 1101),
    "too frequent": refused(429, 1005),
    "no permission": refused(403, 1009),
    "internal error": refused(500, 1000),
    "a page of the proxy": reply(403, b"<html>", kind="text/html"),
    "a missing page": reply(404, b"<html>", kind="text/html"),
    "a page instead of an answer": reply(200, b"<html>", kind="text/html"),
    "the proxy wants a password": reply(407, b""),
    "not an object": reply(200, b"[1000]"),
    "not HTTP": lambda connection, seen: connection.sendall(b"SSH-2.0\r\n") is not None,
    "cut off": truncated(b'{"code": 1000}'),
    "connection closed": close_connection,
}
CLOSED = {
    "closed": reply(200, {"code": 1000}),
    "closed, the code as a text": reply(200, {"code": "1000"}),
    "no such session": refused(200, 1003),
    "no such session, with a status": refused(400, 1003),
    "ended already": refused(404, 1014),
}


@pytest.mark.parametrize("answer", NOT_CLOSED)
def test_an_answer_that_does_not_end_the_session_counts_as_open(answer):
    with FaultServer(NOT_CLOSED[answer]) as server:
        assert not watchdog.close_at(f"{server.url}/close", "a" * 24, {})


@pytest.mark.parametrize("answer", CLOSED)
def test_an_answer_that_ends_the_session_counts_as_closed(answer):
    with FaultServer(CLOSED[answer]) as server:
        assert watchdog.close_at(f"{server.url}/close", "a" * 24, {})


def test_the_watchdog_and_a_sweep_use_the_same_codes():
    over = {code for code, row in errors.CODES.items() if issubclass(row.error, (ParameterError, ContentError))}
    assert {*map(int, watchdog._NO_SUCH_SESSION)} == over


def test_a_session_whose_close_is_refused_stays_in_the_journal_of_a_killed_kernel(folder, replay):
    child = Child(replay)
    replay.replies = [refused(401, 1101)]
    child.kill()
    wait_until(lambda: replay.count("close") > 1, 5)
    child.end()
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_trusted_certificates_may_be_a_file_or_a_folder(tmp_path, kind):
    named = tmp_path if kind == "folder" else certifi.where()
    assert watchdog._opener("https://akool.invalid", {"ca": str(named)})


def test_the_watchdog_finds_a_journal_with_a_relative_path(replay, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AKOOL_NB_STATE", "state")
    child = Child(replay)
    child.kill()
    child.end()
    wait_until(lambda: replay.closed and list((tmp_path / "state" / "open").iterdir()) == [], 3)


def test_the_watchdog_imports_only_the_standard_library():
    code = f"import runpy, sys; runpy.run_path({watchdog.__file__!r}); print(*sys.modules)"
    out = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True).stdout
    tops = {name.partition(".")[0] for name in out.split()}
    assert tops - {"_distutils_hack"} <= sys.stdlib_module_names | {"__main__", "sitecustomize"}


def test_a_kill_of_the_process_tree_of_the_kernel_does_not_reach_the_watchdog(folder, replay):
    """`taskkill /T` kills from parent to child by process number; VS Code ends a kernel with it on Windows."""
    child = Child(replay)
    tree = psutil.Process(child.pid).children(recursive=True)
    assert child.watchdog not in tree
    for process in [*tree, psutil.Process(child.pid)]:
        process.kill()
    wait_until(lambda: not replay.open, 3)
    child.end()
    assert list(folder.iterdir()) == []


def test_on_windows_the_watchdog_has_its_own_console_and_its_own_process_group(monkeypatch):
    """https://learn.microsoft.com/windows/win32/procthread/process-creation-flags"""
    started = []
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(subprocess, "Popen", lambda command, **options: started.append((command, options)))
    watchdog.start_detached()
    ((command, options),) = started
    assert command == [sys.executable, "-I", "-S", watchdog.__file__]
    assert options["creationflags"] == 0x08000200
    assert "start_new_session" not in options


def test_files_in_the_folder_of_the_user_do_not_reach_the_watchdog(folder, replay, tmp_path):
    """A file beside the notebook may have the name of any module of Python or of a dependency."""
    packages = {name for name in metadata.packages_distributions() if name.isidentifier()}
    for name in sys.stdlib_module_names | packages:
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported from the folder of the notebook')")
    there = f"sys.path.remove(''); os.chdir({str(tmp_path)!r}); os.environ['PYTHONPATH'] = os.getcwd()"
    child = Child(replay, before=there)
    child.kill()
    wait_until(lambda: not replay.open, 3)
    child.end()
