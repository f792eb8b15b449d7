"""`python -m tests [--quick]`: the checks of the project, and a summary that lists those that failed.

Standard library only, because it reports missing packages.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
WEB = ROOT / "akool_nb" / "web"
UNIT = "not slow and not engine and not browser"
WIDTH = 22
"""Width of the column of names."""
RECORDED = ROOT / "tests" / "artefacts" / "lessons"


class Check(NamedTuple):
    """A command that must end with status 0. `hash_seed` sets the order of Python's hashes; a `low_priority` check runs
    with a low priority."""

    name: str
    command: list[str]
    folder: Path = ROOT
    hash_seed: str = "random"
    low_priority: bool = False


Row = list[Check]
"""Checks that run one after the other."""


class Outcome(NamedTuple):
    """The result of a check: its duration, its last line of output, and the tests that failed."""

    check: Check
    passed: bool
    seconds: float
    last_line: str
    failed_tests: list[str]


def quick() -> list[Row]:
    """The checks before each commit; each is its own row."""
    unit = Check("pytest: unit tests", _python("pytest", "tests", "-q", *in_processes(3), "-m", UNIT))
    return [*([check] for check in lint()), [unit]]


def everything() -> list[Row]:
    """The checks of CI. Browsers and lessons have time limits, so they go first and the others get a low priority."""
    browsers = Check("pytest: browsers", _python("pytest", "tests/browser", *in_processes(2)))
    rest = ["tests", "--ignore=tests/browser", *in_processes(2)]
    others = Check("pytest: the others", _python("pytest", *rest), low_priority=True)
    # A lesson's outputs must not depend on chance: recorded with one order of hashes, compared with another.
    lessons = Check("lessons: run", _python("tests.record_lessons", str(RECORDED)), hash_seed="1")
    compared = Check("lessons: compare", _nbval(), hash_seed="2")
    oldest = Check("oldest dependencies", _python("tests.versions", "minima"))
    newest = Check("other OpenCV", _python("tests.versions", "opencv"))
    return [lint(), [browsers, lessons, compared, oldest], [others, newest]]


def lint() -> Row:
    """Style, types, the front end and the workflows' syntax."""
    workflows = sorted(map(str, ROOT.glob(".github/workflows/*.yml")))
    schema = ["--builtin-schema", "vendor.github-workflows"]
    return [
        Check("ruff check", _python("ruff", "check", ".")),
        Check("ruff format", _python("ruff", "format", "--check", ".")),
        Check("mypy --strict", _python("mypy", "--strict")),
        Check("front end: style, types", _npm("run", "check"), WEB),
        Check("front end: tests", _npm("test"), WEB),
        Check("workflows", _python("check_jsonschema", *schema, *workflows)),
    ]


def in_processes(number: int) -> list[str]:
    """pytest in several processes; the tests of a file run in one, because they share servers and browsers."""
    return ["-n", str(number), "--dist", "loadfile"]


def main() -> int:
    """Run all checks, also after a failure; 1 if any failed."""
    started = time.monotonic()
    rows = quick() if "--quick" in sys.argv[1:] else everything()
    outcomes = _run_side_by_side(rows)
    print("\n" + "\n".join(map(_line, outcomes)))
    print(f"\n{time.monotonic() - started:.0f} s in all")
    failed = [outcome for outcome in outcomes if not outcome.passed]
    print("\n" + (_failures(failed) if failed else f"All {len(outcomes)} checks passed."))
    return 1 if failed else 0


def _failures(failed: list[Outcome]) -> str:
    """The checks that failed, and pytest's line for each test that failed."""
    tests = [test for outcome in failed for test in outcome.failed_tests]
    return "\n".join([*tests, f"FAILED: {', '.join(outcome.check.name for outcome in failed)}"])


def _run_side_by_side(rows: list[Row]) -> list[Outcome]:
    """Run the rows at the same time, and the checks of each row one after the other."""
    with ThreadPoolExecutor(len(rows)) as several:
        return [outcome for row in several.map(_run_row, rows) for outcome in row]


def _run_row(row: Row) -> list[Outcome]:
    return [_run(check) for check in row]


def _run(check: Check) -> Outcome:
    """Run a check, and print each line of its output with its name, because checks run at the same time."""
    started = time.monotonic()
    last = ""
    failed_tests = []
    with subprocess.Popen(
        _niced(check.command) if check.low_priority else check.command,
        cwd=check.folder,
        env=_environment(check),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(f"{check.name:<{WIDTH}} | {line}", end="", flush=True)
            last = line.strip() or last
            if line.startswith(("FAILED ", "ERROR ")):
                failed_tests.append(last)
    return Outcome(check, process.returncode == 0, time.monotonic() - started, last, failed_tests)


def _niced(command: list[str]) -> list[str]:
    """The command with a low priority, if the machine has `nice`."""
    return ["nice", *command] if shutil.which("nice") else command


def _line(outcome: Outcome) -> str:
    verdict = "ok    " if outcome.passed else "FAILED"
    return f"{verdict} {outcome.check.name:<{WIDTH}} {outcome.seconds:6.1f} s   {outcome.last_line[:120]}"


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def _nbval() -> list[str]:
    """Strict, with few rules for differences; its own root, because pytest's settings for the tests must not apply."""
    options = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=60", "-p", "no:cacheprovider", "-q"]
    rules = ["--nbval-sanitize-with", str(ROOT / "tests" / "nbval.cfg")]
    where = ["-c", os.devnull, "--rootdir", str(RECORDED), str(RECORDED)]
    return _python("pytest", *options, *rules, *in_processes(2), *where)


def _npm(*arguments: str) -> list[str]:
    """npm, from the package that the build uses too."""
    from akool_nb.web.hatch_build import _tools

    node, npm = _tools()
    return [node, *npm, *arguments]


def _environment(check: Check) -> dict[str, str]:
    """No credentials, so that tests and lessons use the sandbox; npm's scripts use the node that runs npm."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AKOOL_")}
    path = os.pathsep.join([str(Path(check.command[0]).parent), kept.get("PATH", "")])
    return {**kept, "PATH": path, "PYTHONHASHSEED": check.hash_seed}


if __name__ == "__main__":
    sys.exit(main())
