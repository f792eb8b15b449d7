"""The command line: each command works, and a failure prints one sentence and sets the exit status."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

import akool_nb
from akool_nb.cli import cli
from akool_nb.guard.journal import Journal, JournalEntry
from akool_nb.guard.process import process_mark
from tests.browser.servers import free_port
from tests.faultserver import close_connection, reply
from tests.replay import CREDENTIALS

GONE = "999999999:1"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch, tmp_path):
    for name in ("AKOOL_API_KEY", "AKOOL_CLIENT_ID", "AKOOL_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AKOOL_NB_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


@contextmanager
def running(*arguments: str):
    """`python -m akool_nb …` as a process; it is ended with SIGTERM."""
    process = subprocess.Popen(
        [sys.executable, "-m", "akool_nb", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=20)


def noted_session(session_id: str, *, host: str = "https://openapi.akool.com", owner: str = GONE) -> None:
    url = f"{host}/api/open/v3/faceswap/live/close"
    Journal().write(JournalEntry(session_id, url, time.time() - 300, owner))


def test_the_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit) as end:
        cli.main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"akool_nb {akool_nb.__version__}\n"


@pytest.mark.parametrize("command", ["lab", "sandbox", "demo", "doctor", "sessions", "test"])
def test_every_command_is_in_the_help_and_has_its_own_help(command, capsys):
    for arguments in (["--help"], [command, "--help"]):
        with pytest.raises(SystemExit) as end:
            cli.main(arguments)
        assert end.value.code == 0
        assert command in capsys.readouterr().out


def test_an_unknown_command_sets_the_exit_status_and_prints_no_traceback(capsys):
    with pytest.raises(SystemExit) as end:
        cli.main(["dance"])
    assert end.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_lab_copies_the_lessons_with_their_files(tmp_path, capsys):
    assert cli.main(["lab", "--no-open"]) == 0
    assert str(tmp_path / "akool-lessons") in capsys.readouterr().out
    copied = {path.name for path in (tmp_path / "akool-lessons").rglob("*")}
    assert {"00_start_here.ipynb", "01_first_swap.ipynb", "astronaut.png", "01_1.py"} <= copied


SETTINGS = """
c.ServerApp.root_dir = {other!r}
c.ServerApp.preferred_dir = {other!r}
c.FileContentsManager.root_dir = {other!r}
c.FileContentsManager.preferred_dir = {other!r}
c.LabApp.default_url = "/lab/tree/other.ipynb"
"""


def test_lab_starts_jupyterlab_in_the_working_folder_and_ignores_the_settings_of_the_user(tmp_path, monkeypatch):
    (tmp_path / "other").mkdir()
    (tmp_path / "settings").mkdir()
    settings = SETTINGS.format(other=str(tmp_path / "other"))
    (tmp_path / "settings" / "jupyter_server_config.py").write_text(settings)
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "settings"))
    monkeypatch.setenv("PATH", os.defpath)
    port = free_port()
    options = ["--no-browser", "--IdentityProvider.token=key", f"--ServerApp.port={port}"]
    with running("lab", "3", "--dir", str(tmp_path / "mine"), "--", *options) as process:
        contents = answer(f"http://127.0.0.1:{port}/api/contents", process)["content"]
        opened = urllib.request.urlopen(f"http://127.0.0.1:{port}/?token=key", timeout=20).url
        cards = answer(f"http://127.0.0.1:{port}/jupyterlab-app-launcher", process, {"method": "init_launcher"})
        path = psutil.Process(process.pid).environ()["PATH"]
    assert "01_first_swap.ipynb" in [entry["name"] for entry in contents]
    assert "First swap" in [card["title"] for card in cards]
    assert urlsplit(opened).path == "/lab/tree/03_finding_faces.ipynb"
    assert path.split(os.pathsep)[0] == str(Path(sys.executable).parent), "a cell cannot call akool-nb"


def test_a_lesson_that_does_not_exist_is_an_error_of_one_sentence(capsys):
    assert cli.main(["lab", "42"]) == 1
    assert "no lesson 42" in capsys.readouterr().err


def answer(url: str, process: subprocess.Popen[str], body: dict[str, str] | None = None) -> Any:
    """The answer of the server; waits until it answers."""
    end = time.monotonic() + 60
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(url, data, {"Authorization": "token key"})
    while True:
        try:
            with urllib.request.urlopen(request, timeout=5) as response:
                return json.load(response)
        except OSError:
            assert process.poll() is None, "JupyterLab has ended"
            assert time.monotonic() < end, "JupyterLab does not answer"
            time.sleep(0.1)


def test_sandbox_prints_its_address_and_credentials_as_json():
    with running("sandbox", "--json") as process:
        greeting = json.loads(process.stdout.readline())
        client = akool_nb.Client(
            client_id=greeting["client_id"], client_secret=greeting["client_secret"], base_url=greeting["url"]
        )
        assert client.credits() > 0


def test_a_port_in_use_is_an_error_of_one_sentence(capsys, sandbox):
    port = sandbox.url.rpartition(":")[2]
    assert cli.main(["sandbox", "--port", port]) == 1
    message = capsys.readouterr().err
    assert message.startswith(f"akool-nb sandbox: Port {port} is in use")
    assert "Traceback" not in message


def test_sessions_without_a_journal_entry_says_that_no_session_is_open(capsys):
    assert cli.main(["sessions"]) == 0
    assert capsys.readouterr().out == "No session is open, as far as this machine knows.\n"


def test_every_open_session_is_listed_with_its_state(capsys):
    noted_session("a" * 24)
    noted_session("b" * 24, owner=process_mark())
    noted_session("c" * 24, owner="1:1:1:elsewhere")
    assert cli.main(["sessions"]) == 0
    text = capsys.readouterr().out
    states = dict(re.findall(r"^(\w{24})  openapi.akool.com, opened 5 min ago\n +(.+)$", text, re.MULTILINE))
    assert {name[0]: state.partition(":")[0] for name, state in states.items()} == {
        "a": "left open",
        "b": f"in use by process {os.getpid()} here",
        "c": "on another machine or in another container, which may be using it",
    }
    assert "No session" not in text and "--close ID" in text
    assert max(map(len, text.splitlines())) <= 80


def test_closing_sessions_without_credentials_is_an_error_that_names_the_variables(capsys):
    noted_session("6a5e4b3c2d1f0a9b8c7d6e5f")
    assert cli.main(["sessions", "--close"]) == 1
    text = capsys.readouterr().err
    assert text.startswith("akool-nb: ")
    assert "AKOOL_API_KEY" in text
    assert max(map(len, text.splitlines())) <= 80


@pytest.fixture
def account(replay, monkeypatch):
    """Credentials in the environment, and a local service that accepts them."""
    monkeypatch.setitem(akool_nb.Client.__init__.__kwdefaults__, "base_url", replay.url)
    monkeypatch.setattr("akool_nb.wire.transport._PAUSE", 0.002)
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(f"AKOOL_{name.upper()}", value)
    return replay


def test_close_without_an_id_closes_all_sessions_of_the_account_in_any_state(account, capsys):
    account.open.update({"a" * 24, "c" * 24, "d" * 24})
    noted_session("a" * 24, host=account.url)
    noted_session("b" * 24)
    noted_session("c" * 24, host=account.url, owner=process_mark())
    noted_session("d" * 24, host=account.url, owner="1:1:1:elsewhere")
    assert cli.main(["sessions", "--close"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert all(f"{letter * 24}" in text.partition("Closed: ")[2].partition(".")[0] for letter in "acd")
    assert f"another account or service: {'b' * 24}." in text
    assert sorted(account.closed) == ["a" * 24, "c" * 24, "d" * 24]
    assert [entry.session_id for entry in Journal()] == ["b" * 24]


def test_close_with_an_id_closes_that_session(account, capsys):
    account.open.update({"a" * 24, "b" * 24})
    noted_session("a" * 24, host=account.url)
    noted_session("b" * 24, host=account.url, owner=process_mark())
    assert cli.main(["sessions", "--close", "b" * 24]) == 0
    assert f"Closed: {'b' * 24}." in capsys.readouterr().out
    assert (account.open, [entry.session_id for entry in Journal()]) == ({"a" * 24}, ["a" * 24])
    assert cli.main(["sessions", "--close", "b" * 24]) == 1
    assert "knows no open session" in capsys.readouterr().err


def test_a_session_of_an_ended_sandbox_is_removed_from_the_journal(account, capsys):
    noted_session("a" * 24, host="http://127.0.0.1:9")
    assert cli.main(["sessions", "--close"]) == 0
    assert f"Ended already: {'a' * 24}." in capsys.readouterr().out
    assert list(Journal()) == []


REFUSALS = {
    "no network": close_connection,
    "wrong credentials": reply(401, {"code": 1101, "msg": "Invalid authorization"}),
    "blocked account": reply(200, {"code": 1200, "msg": "account blocked"}),
    "answer of a proxy": reply(403, b"<html>", kind="text/html"),
}


@pytest.mark.parametrize("cause", REFUSALS)
def test_a_session_that_cannot_be_closed_stays_in_the_journal_and_sets_the_exit_status(account, capsys, cause):
    noted_session("a" * 24, host=account.url)
    account.replies = [REFUSALS[cause]]
    assert cli.main(["sessions", "--close"]) == 1
    output = capsys.readouterr()
    assert output.err.startswith("akool-nb: ") and "Traceback" not in output.err
    assert "another account" not in output.out
    assert len(list(Journal())) == 1


def test_a_folder_that_cannot_be_written_is_an_error_of_one_sentence(tmp_path, capsys):
    (tmp_path / "file").write_text("a file")
    assert cli.main(["lab", "--no-open", "--dir", str(tmp_path / "file")]) == 1
    message = capsys.readouterr().err
    assert message.startswith("akool-nb: ")
    assert "Traceback" not in message


def test_ctrl_c_prints_no_traceback(tmp_path):
    with running("sandbox") as process:
        assert "AKOOL sandbox at" in process.stdout.readline()
        process.send_signal(2)
        rest, _ = process.communicate(timeout=20)
    assert "Traceback" not in rest


ENCODINGS = ["ascii", "cp1252", "cp437", "latin-1", "cp932", "utf-16", "ascii:strict"]
COMMANDS = {
    "help": ["-c", "import akool_nb; akool_nb.help()"],
    "sessions": ["-m", "akool_nb", "sessions"],
    "lab": ["-m", "akool_nb", "lab", "--no-open", "--dir", "Übungen →"],
    "a refused file": ["-m", "akool_nb", "demo", "--photo", "→ 写真.jpg"],
    "finding": ["-c", "from akool_nb.terminal import say; from akool_nb.cli.finding import Finding as F; "
                "say(str(F('名', 'fail', '→ …', '✔')))"],
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_output_can_be_printed_in_any_terminal_encoding(command, encoding):
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run([sys.executable, *COMMANDS[command]], capture_output=True, env=environment, timeout=60)
    output = (done.stdout + done.stderr).replace(b"\0", b"")
    assert b"Traceback" not in output and b"UnicodeEncodeError" not in output
    assert output
