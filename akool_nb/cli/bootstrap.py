"""From a bare clone to a running command: make an environment in `.venv`, install into it, run the command there.

Standard library only, because it runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from akool_nb.cli.browser import ensure_browser, install_other_browsers
from akool_nb.cli.installer import ADVICE, install, make_environment
from akool_nb.cli.machine import Unprepared, become
from akool_nb.terminal import say

_ROOT = Path(__file__).resolve().parents[2]
_OLDEST = (3, 10)
_STOPPED = 130


def installed() -> bool:
    """Whether this interpreter has akool_nb installed, and not only found it in the current folder."""
    try:
        importlib.metadata.distribution("akool_nb")
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def main(arguments: Sequence[str]) -> int:
    """Run a command in the clone's own environment, which is made or updated first."""
    try:
        python = environment(_ROOT, extra="test" if arguments[:1] == ["test"] else "lab")
    except Unprepared as lack:
        print(f"akool-nb: {lack}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("akool-nb: Stopped. The same command goes on from here.", file=sys.stderr)
        return _STOPPED
    return become([str(python), "-m", "akool_nb", *arguments])


def test(*, quick: bool = False) -> int:
    """Run the checks of a clone with this interpreter: the quick ones, or all, for which browsers are installed."""
    if not (_ROOT / "tests" / "__main__.py").exists():
        raise Unprepared("The tests are in a clone of the project, not in the installed package: run this there.")
    if importlib.util.find_spec("playwright") is None:
        raise Unprepared("This environment lacks the test tools: run 'pip install -e \".[test]\"' and try again.")
    if quick:
        return subprocess.call([sys.executable, "-m", "tests", "--quick"], cwd=_ROOT)
    say(f"Browser: {ensure_browser()}")
    install_other_browsers()
    return subprocess.call([sys.executable, "-m", "tests"], cwd=_ROOT)


def environment(root: Path, *, extra: str) -> Path:
    """The Python of `root/.venv` with `akool_nb[extra]` installed from the clone; quick if nothing has changed."""
    _check(root)
    folder = root / ".venv"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / f"akool_nb-{extra}.stamp"
    try:
        state = _fingerprint(root)
        if not (python.exists() and stamp.exists() and stamp.read_text() == state):
            make_environment(folder, python)
            install(python, root, extra)
            stamp.write_text(state)
    except OSError as error:
        raise Unprepared(f"The environment {folder} cannot be used: {error}. {ADVICE}") from error
    return python


def _check(root: Path) -> None:
    """Refuse what no installation can succeed with."""
    if sys.version_info < _OLDEST:
        raise Unprepared(f"akool_nb needs Python 3.10 or newer and this is {sys.version.split()[0]}: use a newer one.")
    if os.pathsep in str(root):
        raise Unprepared(
            f"The path of the clone, {root}, contains '{os.pathsep}', and Python makes no environment there: "
            "move or rename the folder and try again."
        )
    missing = [name for name in ("pyproject.toml", "akool_nb/web") if not (root / name).exists()]
    if missing:
        raise Unprepared(
            f"{root} is not a whole clone of the project, because it lacks {' and '.join(missing)}: "
            "clone it anew with git, or install the package with pip."
        )


def _fingerprint(root: Path) -> str:
    """What an installation depends on: the metadata, the front end's sources, and the path of the clone."""
    digest = hashlib.sha256(f"{sys.version} {root}".encode())
    web = root / "akool_nb" / "web"
    for path in sorted([root / "pyproject.toml", *web.glob("*"), *web.glob("src/**/*")]):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()
