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

if TYPE_CHECKING:
    from akool_nb.sandbox.service.server import Server

DISTRIBUTIONS = {"PIL": "pillow"}
"""What pip calls the packages that it does not call as Python does."""

HUMAN = """\
AKOOL sandbox at {url}
  export AKOOL_CLIENT_ID='{client_id}'
  export AKOOL_CLIENT_SECRET='{client_secret}'
Open {url} for examples. End with Ctrl-C."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the sandbox until Ctrl-C, or until stdin ends with --parent-pipe; the exit status."""
    arguments = _parser().parse_args(argv)
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
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (a free one)")
    parser.add_argument("--json", action="store_true", help="tell address and credentials as one line of JSON")
    parser.add_argument("--allow-local-urls", action="store_true", help="fetch pictures from loopback and by http too")
    parser.add_argument(
        "--switch", action="append", default=[], metavar="NAME=VALUE", type=_assignment, help="set a switch"
    )
    parser.add_argument("--switches", action=_ListSwitches, nargs=0, help="list the switches and end")
    parser.add_argument("--parent-pipe", action="store_true", help="end when stdin ends")
    return parser


class _ListSwitches(argparse.Action):
    """Prints the table as it is: argparse's own way of telling a version wraps it into one paragraph."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        print(switches.table())
        parser.exit()


def _assignment(text: str) -> tuple[str, Any]:
    try:
        return switches.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


async def _serve(arguments: argparse.Namespace) -> None:
    # Imported here, so that a wrong option is told before OpenCV is looked for.
    try:
        from akool_nb.pictures.reader import MOST_PIXELS

        # The header of a picture tells its size; OpenCV is told, before it wakes, how much it may unpack.
        os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"] = str(MOST_PIXELS)
        from akool_nb.sandbox.service.server import Server
    except ImportError as error:
        name = str(error.name).partition(".")[0]
        raise SandboxError(
            f"The sandbox needs {name}. Install it with: pip install {DISTRIBUTIONS.get(name, name)}"
        ) from None

    server = Server(arguments.port)
    values = dict(arguments.switch)
    # The option that was not given says nothing: the switch of its name may.
    if arguments.allow_local_urls:
        values["allow_local_urls"] = True
    server.service.set(values)
    ended = asyncio.Event()
    _end_with(ended, parent_pipe=arguments.parent_pipe)
    running = asyncio.ensure_future(server.run(ended))
    await asyncio.sleep(0)
    _announce(server, as_json=arguments.json)
    await running


def _say_why(error: SandboxError, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"error": str(error)}), flush=True)
    else:
        print(f"akool-nb sandbox: {error}", file=sys.stderr)


def _announce(server: Server, *, as_json: bool) -> None:
    account = server.service.account
    values = {"url": server.url, "client_id": account.client_id, "client_secret": account.client_secret}
    print(json.dumps(values) if as_json else HUMAN.format(**values), flush=True)


def _end_with(ended: asyncio.Event, *, parent_pipe: bool) -> None:
    loop = asyncio.get_running_loop()
    if parent_pipe:
        # The parent decides alone: Ctrl-C in its terminal or notebook is not meant for this process.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        threading.Thread(target=_wait_for_end_of_stdin, args=(loop, ended), daemon=True).start()
    if sys.platform != "win32":
        loop.add_signal_handler(signal.SIGTERM, ended.set)
        if not parent_pipe:
            loop.add_signal_handler(signal.SIGINT, ended.set)


def _wait_for_end_of_stdin(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    # Not sys.stdin: a thread inside its lock would make Python's own end fail.
    while os.read(0, 4096):
        pass
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(ended.set)


if __name__ == "__main__":
    sys.exit(main())
