"""`python -m akool_nb.sandbox`: the sandbox alone, for any client in any language."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from akool_nb.errors import SandboxError
from akool_nb.sandbox import switches
from akool_nb.sandbox.profile import Profile
from akool_nb.terminal import say

if TYPE_CHECKING:
    from akool_nb.sandbox.service.server import Server

MOST_PORT = 65_535
INSTALL = 'pip install "akool_nb[sandbox]"'

HUMAN = """\
AKOOL sandbox at {url}
  export AKOOL_CLIENT_ID='{client_id}'
  export AKOOL_CLIENT_SECRET='{client_secret}'
Open {url} for examples. End with Ctrl-C."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the sandbox until Ctrl-C, or until stdin ends with --parent-pipe; the exit status."""
    arguments = _parser().parse_args(argv)
    if arguments.switches:
        print(switches.listing())
        return 0
    try:
        asyncio.run(_serve(arguments))
    except KeyboardInterrupt:
        return 0
    except SandboxError as error:
        _say_why(error, as_json=arguments.json)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="akool-nb sandbox", description="A local service that speaks AKOOL's Live Face Swap API."
    )
    parser.add_argument("--port", type=_port, default=0, help="port on 127.0.0.1 (default: a free one)")
    parser.add_argument("--json", action="store_true", help="print address and credentials as one line of JSON")
    parser.add_argument("--allow-local-urls", action="store_true", help="fetch pictures from loopback and by http too")
    parser.add_argument(
        "--switch", action="append", default=[], metavar="NAME=VALUE", type=_assignment, help="set a switch"
    )
    parser.add_argument("--profile", metavar="FILE", help="set the switches to what a probe found at a real service")
    parser.add_argument("--switches", action="store_true", help="list the switches and end")
    parser.add_argument("--parent-pipe", action="store_true", help="end when stdin ends")
    return parser


def _assignment(text: str) -> tuple[str, Any]:
    try:
        return switches.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > MOST_PORT:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to {MOST_PORT}, not {text!r}.")
    return int(text)


def _values(arguments: argparse.Namespace) -> dict[str, Any]:
    """The switches to start with: those of the profile, then those of the command line."""
    values = dict(Profile.load(arguments.profile).switches) if arguments.profile else {}
    values |= arguments.switch
    # Without the option the switch of its name decides.
    if arguments.allow_local_urls:
        values["allow_local_urls"] = True
    return values


async def _serve(arguments: argparse.Namespace) -> None:
    values = _values(arguments)
    server = _server(arguments.port)
    server.service.set(values)
    ended = asyncio.Event()
    _end_with(ended, parent_pipe=arguments.parent_pipe)
    running = asyncio.ensure_future(server.run(ended))
    await asyncio.sleep(0)
    _announce(server, as_json=arguments.json)
    await running


def _server(port: int) -> Server:
    # Imported here, so that a wrong option is reported although OpenCV is missing.
    try:
        from akool_nb.pictures.reader import MOST_PIXELS

        # OpenCV reads its limit when it is imported.
        os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"] = str(MOST_PIXELS)
        from akool_nb.sandbox.service.server import Server
    except ImportError as error:
        missing = str(error.name).partition(".")[0]
        raise SandboxError(f"The sandbox cannot import {missing} here. Install what it needs with: {INSTALL}") from None
    return Server(port)


def _say_why(error: SandboxError, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"error": error.text}), flush=True)
    else:
        say(f"akool-nb sandbox: {error.text}", file=sys.stderr)


def _announce(server: Server, *, as_json: bool) -> None:
    account = server.service.account
    values = {"url": server.url, "client_id": account.client_id, "client_secret": account.client_secret}
    print(json.dumps(values) if as_json else HUMAN.format(**values), flush=True)


def _end_with(ended: asyncio.Event, *, parent_pipe: bool) -> None:
    loop = asyncio.get_running_loop()
    if parent_pipe:
        # The parent decides: Ctrl-C in its terminal or notebook interrupts the parent only.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        threading.Thread(target=_wait_for_end_of_stdin, args=(loop, ended), daemon=True).start()
    if sys.platform != "win32":
        loop.add_signal_handler(signal.SIGTERM, ended.set)
        if not parent_pipe:
            loop.add_signal_handler(signal.SIGINT, ended.set)


def _wait_for_end_of_stdin(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    # Not sys.stdin: Python cannot end while a thread holds its lock.
    while os.read(0, 4096):
        pass
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(ended.set)


if __name__ == "__main__":
    sys.exit(main())
