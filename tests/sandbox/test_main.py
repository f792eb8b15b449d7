"""`python -m akool_nb.sandbox` as other programs start it."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from akool_nb import samples
from akool_nb.sandbox import Sandbox, __main__, switches
from tests.sandbox.wire import DETECT, Wire


@contextmanager
def started(*arguments: str, entry: tuple[str, ...] = ("-m", "akool_nb.sandbox")) -> Iterator[subprocess.Popen]:
    command = [sys.executable, *entry, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        try:
            yield child
        finally:
            child.kill()


def test_the_first_line_of_json_has_three_keys_and_the_address_answers():
    with started("--json") as child:
        greeting = json.loads(child.stdout.readline())
        assert list(greeting) == ["url", "client_id", "client_secret"]
        with closing(HTTPConnection(urlsplit(greeting["url"]).netloc)) as connection:
            connection.request("GET", "/state.json")
            assert connection.getresponse().status == 200


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_the_sandbox_cleanly(ending: signal.Signals):
    with started("--json") as child:
        child.stdout.readline()
        child.send_signal(ending)
        assert child.wait(10) == 0 and child.stderr.read() == b""


ENTRIES = {
    "module": ("-m", "akool_nb.sandbox"),
    "command": ("-c", "import sys; from akool_nb.cli import main; sys.exit(main())", "sandbox"),
}


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_a_running_download_does_not_delay_the_end(entry: tuple[str, ...]):
    with (
        started("--json", "--allow-local-urls", entry=entry) as child,
        socket.create_server(("127.0.0.1", 0)) as silent,
    ):
        wire = Wire(SimpleNamespace(**json.loads(child.stdout.readline())))
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/x.png"
        threading.Thread(target=ask, args=(wire, url), daemon=True).start()
        with silent.accept()[0]:
            child.send_signal(signal.SIGTERM)
            assert child.wait(3) == 0 and child.stderr.read() == b""


def ask(wire: Wire, url: str) -> None:
    with suppress(OSError, HTTPException):
        wire.post(DETECT, {"image_url": url})


def test_the_end_of_stdin_ends_the_sandbox_if_requested():
    with started("--json", "--parent-pipe") as child:
        child.stdout.readline()
        child.stdin.close()
        assert child.wait(10) == 0 and child.stderr.read() == b""


def test_a_taken_port_is_one_sentence_and_status_1(sandbox: Sandbox, capsys: pytest.CaptureFixture[str]):
    port = sandbox.url.rpartition(":")[2]
    assert __main__.main(["--port", port]) == 1
    assert capsys.readouterr().err.startswith(f"akool-nb sandbox: Port {port} is in use")


@pytest.mark.parametrize("wrong", ["latncy=1", "latency=fast", "latency", "no_face=maybe"])
def test_a_wrong_switch_is_reported_before_anything_starts(wrong: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        __main__.main(["--switch", wrong])
    assert ended.value.code == 2 and "switch" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        ((), False),
        (("--allow-local-urls",), True),
        (("--switch", "allow_local_urls=true"), True),
        (("--switch", "allow_local_urls=false", "--allow-local-urls"), True),
    ],
)
def test_local_urls_are_allowed_by_the_option_and_by_the_switch(arguments: tuple[str, ...], allowed: bool):
    with started("--json", *arguments) as child:
        wire = Wire(SimpleNamespace(**json.loads(child.stdout.readline())))
        assert wire.get("/state.json").json["switches"]["allow_local_urls"] is allowed


def test_the_switches_are_listed_line_by_line(capsys: pytest.CaptureFixture[str]):
    assert __main__.main(["--switches"]) == 0
    assert capsys.readouterr().out == f"{switches.listing()}\n"


def test_address_and_credentials_are_printed_as_text():
    with started("--switch", "latency=0.25") as child:
        lines = [child.stdout.readline().decode() for _ in range(4)]
        assert "http://127.0.0.1:" in lines[0] and "AKOOL_CLIENT_SECRET=" in lines[2]


def test_viewers_that_disconnect_print_nothing_in_the_terminal():
    async def scene(wire: Wire) -> None:
        session = wire.create().json["data"]
        for _ in range(5):
            viewer = await wire.join(session)
            for _ in range(3):
                await viewer.send(samples.photo("astronaut").read_bytes())
            viewer.socket.stream.close()
        await asyncio.sleep(0.5)
        wire.credits()

    with started("--json", "--switch", "queue_seconds=0") as child:
        asyncio.run(scene(Wire(SimpleNamespace(**json.loads(child.stdout.readline())))))
        child.send_signal(signal.SIGTERM)
        assert child.wait(10) == 0 and child.stderr.read() == b""
