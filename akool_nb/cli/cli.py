"""`akool-nb`: the commands of the terminal, one function for each."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stdout
from itertools import chain
from pathlib import Path
from typing import TypeAlias

from akool_nb import __version__
from akool_nb.cli import bootstrap
from akool_nb.cli.finding import Finding
from akool_nb.cli.machine import Unprepared
from akool_nb.errors import AkoolError
from akool_nb.terminal import replace_what_cannot_be_encoded, say

WORKING_FOLDER = Path("akool-lessons")
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status. An error is a sentence on stderr and a status other than 0."""
    replace_what_cannot_be_encoded()
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["sandbox"]:
        # The sandbox has a command line of its own, `python -m akool_nb.sandbox`; one place knows its options.
        return _status_of(lambda: _sandbox(given[1:]))
    # What follows "--" is JupyterLab's, and argparse would mix it with our own.
    end = given.index("--") if "--" in given else len(given)
    options = _parser().parse_args(given[:end] or ["lab"])
    options.more = given[end + 1 :]
    return _status_of(lambda: options.run(options))


def _status_of(command: Callable[[], int]) -> int:
    """Run a command. An expected error becomes a sentence on stderr and status 1."""
    try:
        return command()
    except KeyboardInterrupt:
        return 130
    except AkoolError as error:
        say(f"akool-nb: {error.text}", file=sys.stderr)
    except Unprepared as error:
        say(f"akool-nb: {error}", file=sys.stderr)
    except OSError as error:
        say(f"akool-nb: {error.strerror or error}: {error.filename or ''}".rstrip(": "), file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="akool-nb", description="Live face swap in a Jupyter notebook.")
    parser.add_argument("--version", action="version", version=f"akool_nb {__version__}")
    commands = parser.add_subparsers(metavar="command", required=True)
    _add_lab(commands)
    commands.add_parser("sandbox", add_help=False, help="run the local service that needs no account")
    for add in (_add_demo, _add_doctor, _add_sessions, _add_lessons, _add_test):
        add(commands)
    return parser


def _add_lab(commands: Commands) -> None:
    lab = _command(commands, "lab", _lab, "open the lessons in JupyterLab (what happens without a command)")
    lab.add_argument(
        "--dir", type=Path, default=WORKING_FOLDER, help="where your copy of the lessons is (default: %(default)s)"
    )
    lab.add_argument("--no-open", action="store_true", help="copy the lessons, but do not start JupyterLab")
    lab.add_argument("lesson", nargs="?", metavar="NUMBER", help="the lesson to open, such as 03 (default: the first)")
    lab.epilog = "Options after -- are JupyterLab's."


def _add_demo(commands: Commands) -> None:
    demo = _command(commands, "demo", _demo, "run all steps on the sandbox, without a browser")
    demo.add_argument("--photo", type=Path, metavar="FILE", help="the face to put on (default: the shipped portrait)")
    demo.add_argument("--video", type=Path, metavar="FILE", help="what the camera shows (default: a moving drawn face)")
    demo.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        default=Path("akool-demo"),
        help="the folder for the results (default: %(default)s)",
    )


def _add_doctor(commands: Commands) -> None:
    doctor = _command(commands, "doctor", _doctor, "check what works here, and say what to do about the rest")
    doctor.add_argument("--json", action="store_true", help="as JSON, for programs")
    doctor.add_argument("--live", action="store_true", help="make every call of AKOOL once; costs a few credits")
    doctor.add_argument(
        "--save", type=Path, metavar="FILE", help="with --live: ask AKOOL the open questions and write the answers"
    )


def _add_sessions(commands: Commands) -> None:
    sessions = _command(commands, "sessions", _sessions, "list the open sessions that this machine knows of")
    sessions.add_argument(
        "--close",
        nargs="?",
        const="",
        metavar="ID",
        help="close this one, or without ID all of them, also those in use",
    )


def _add_lessons(commands: Commands) -> None:
    lessons = _command(commands, "lessons", _lessons, "write the lessons with their outputs as web pages")
    lessons.add_argument("--html", type=Path, metavar="DIR", required=True, help="the folder for the pages")


def _add_test(commands: Commands) -> None:
    test = _command(commands, "test", _test, "run the checks of the project (in a clone)")
    test.add_argument("--quick", action="store_true", help="lint, types and the unit tests, in less than a minute")


def _command(
    commands: Commands,
    name: str,
    run: Callable[[argparse.Namespace], int],
    text: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
    parser.set_defaults(run=run)
    return parser


def _lab(options: argparse.Namespace) -> int:
    from akool_nb.cli import lab

    return lab.copy_and_open(options.dir, number=options.lesson, is_opened=not options.no_open, more=options.more)


def _lessons(options: argparse.Namespace) -> int:
    from akool_nb.cli.lesson_pages import write_pages

    pages = write_pages(options.html.expanduser())
    print(f"akool-nb: open {pages[0]} in a browser")
    return 0


def _sandbox(arguments: list[str]) -> int:
    from akool_nb.sandbox.__main__ import main as run_sandbox

    return run_sandbox(arguments)


def _demo(options: argparse.Namespace) -> int:
    from akool_nb.cli import demo

    for file in filter(None, (options.photo, options.video)):
        if not file.expanduser().is_file():
            raise FileNotFoundError(2, "There is no such file", str(file))
    demo.run(photo=options.photo, video=options.video, out=options.out)
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from akool_nb.cli import doctor

    if options.save and not options.live:
        raise Unprepared("--save asks AKOOL's service, so it needs --live: akool-nb doctor --live --save FILE.")
    findings = doctor.examine()  # a generator, which examines nothing before it is read
    if options.live:
        findings = doctor.examine_live()
    if options.save:
        findings = chain(findings, doctor.save_profile(options.save))
    if options.json:
        # What the client prints, such as a line about an open session, would make the output invalid.
        with redirect_stdout(sys.stderr):
            seen = list(findings)
        print(json.dumps(doctor.to_json(seen), indent=2))
    else:
        seen = _printed(findings)
    return int(any(finding.state == "fail" for finding in seen))


def _printed(findings: Iterable[Finding]) -> list[Finding]:
    seen = []
    for finding in findings:
        say(str(finding))
        seen.append(finding)
    return seen


def _sessions(options: argparse.Namespace) -> int:
    from akool_nb.cli import sessions

    if options.close is None:
        return sessions.list_sessions()
    return sessions.close_sessions(options.close)


def _test(options: argparse.Namespace) -> int:
    return bootstrap.test(quick=options.quick)
