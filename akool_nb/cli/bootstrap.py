"""From a bare clone to a running command: an environment in `.venv`, for the tests a browser too, then the command.

Standard library only, because it runs before anything is installed. What may be installed (a Debian package as root)
is installed; what may not is named, with the command to run.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
"""Names under which a machine may have the browser that the tests drive."""

_ROOT = Path(__file__).resolve().parents[2]
_OLDEST = (3, 10)


class Unprepared(Exception):  # noqa: N818 - the name says what the machine is
    """This machine lacks something that we may not install ourselves; the message says what to run."""


def installed() -> bool:
    """Whether this interpreter has akool_nb installed, and not only found it in the current folder."""
    try:
        importlib.metadata.distribution("akool_nb")
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def main(arguments: Sequence[str]) -> int:
    """Run a command in the clone's own environment, made or brought up to date first."""
    try:
        python = environment(_ROOT, extra="test" if arguments[:1] == ["test"] else "lab")
    except Unprepared as lack:
        print(f"akool-nb: {lack}", file=sys.stderr)
        return 1
    return become([str(python), "-m", "akool_nb", *arguments])


def test() -> int:
    """Pass the whole test suite of a clone: get a browser, then run every check with this interpreter."""
    if not (_ROOT / "tests" / "__main__.py").exists():
        raise Unprepared("The tests live in a clone of the project, not in the installed package: run this there.")
    if importlib.util.find_spec("playwright") is None:
        raise Unprepared("This environment lacks the test tools: run 'pip install -e \".[test]\"' and try again.")
    browser = ensure_browser()
    _say(f"Browser: {browser}")
    return subprocess.call([sys.executable, "-m", "tests"], cwd=_ROOT)


def environment(root: Path, *, extra: str) -> Path:
    """The Python of `root/.venv` with `akool_nb[extra]` installed from the clone; quick when nothing has changed."""
    if sys.version_info < _OLDEST:
        raise Unprepared(f"akool_nb needs Python 3.10 or newer and this is {sys.version.split()[0]}: use a newer one.")
    folder = root / ".venv"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / f"akool_nb-{extra}.stamp"
    state = _fingerprint(root)
    if not (python.exists() and stamp.exists() and stamp.read_text() == state):
        _make(folder, python)
        _install(python, root, extra)
        stamp.write_text(state)
    return python


def ensure_browser() -> str:
    """The path of a Chromium or Chrome: the machine's, else Debian's package, else Playwright's download."""
    for get in (_machine_browser, _downloaded_browser, _debian_browser, _download_browser):
        if found := get():
            return found
    raise Unprepared("The browser tests need Chromium and could not get it: run 'sudo apt-get install chromium'.")


def become(command: list[str], folder: Path | None = None) -> int:
    """Go on as that command, so that signals reach it alone and it never outlives us."""
    sys.stdout.flush()
    if os.name == "posix":
        os.chdir(folder or Path.cwd())
        os.execv(command[0], command)  # noqa: S606 - a list that we built, no shell
    return subprocess.call(command, cwd=folder)


def _fingerprint(root: Path) -> str:
    """What an installation depends on: the metadata, the front end's sources, and where the clone stands."""
    digest = hashlib.sha256(f"{sys.version} {root}".encode())
    for path in [root / "pyproject.toml", *_front_end(root / "akool_nb" / "web")]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _front_end(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name not in {"node_modules", "dist-tests", "__pycache__"}:
            yield from _front_end(path)
        elif path.is_file():
            yield path


def _make(folder: Path, python: Path) -> None:
    """A virtual environment; Debian keeps the part that makes them in a package of its own."""
    if python.exists() and subprocess.call([str(python), "-m", "pip", "--version"], stdout=subprocess.DEVNULL) == 0:
        return
    if importlib.util.find_spec("ensurepip") is None:
        package = f"python3.{sys.version_info.minor}-venv"
        if not _apt_install(package):
            raise Unprepared(f"Python's venv module is missing: run 'sudo apt-get install {package}' and try again.")
    _say(f"Making an environment in {folder.name}")
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)


def _install(python: Path, root: Path, extra: str) -> None:
    """pip's own words go to a log; the screen gets a line now and then."""
    _say(f"Installing akool_nb[{extra}] into it; the first time this takes a few minutes")
    log, started = python.parents[1] / "install.log", time.monotonic()
    # Only a part of what is installed is ever imported; Python compiles that then, and keeps it where it may.
    options = ["--no-input", "--disable-pip-version-check", "--compile" if sys.dont_write_bytecode else "--no-compile"]
    command = [str(python), "-m", "pip", "install", *options, "-e", f"{root}[{extra}]"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        assert pip.stdout is not None
        lines = _reported(pip.stdout)
        log.write_text("".join(lines))
    if pip.returncode:
        raise Unprepared(f"The installation failed; all of it is in {log}. The telling lines:\n{_telling(lines)}")
    _say(f"Installed in {time.monotonic() - started:.0f} s")


def _reported(output: Iterable[str]) -> list[str]:
    """All lines of pip, of which every twentieth download and the long steps are told."""
    lines: list[str] = []
    packages = 0
    for line in output:
        lines.append(line)
        packages += line.startswith("Collecting ")
        if line.startswith("Collecting ") and packages % 20 == 0:
            _say(f"  {packages} packages found so far")
        if line.startswith("Installing collected packages"):
            _say(f"  unpacking {line.count(',') + 1} packages")
    return lines


def _telling(lines: list[str]) -> str:
    """The first lines that speak of an error, which name the cause, and the last lines, which name the step."""
    causes = [line for line in lines if "error" in line.lower()]
    return "".join(dict.fromkeys([*causes[:5], *lines[-15:]]))


def _machine_browser() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def _downloaded_browser() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _debian_browser() -> str | None:
    return _machine_browser() if _apt_install("chromium", "fonts-dejavu-core") else None


def _download_browser() -> str | None:
    _say("Downloading a browser with Playwright")
    with_libraries = ["--with-deps"] if _root_prefix() is not None else []
    subprocess.call([sys.executable, "-m", "playwright", "install", *with_libraries, "chromium"])
    return _downloaded_browser()


def _apt_install(*packages: str) -> bool:
    """Install Debian packages where that needs no password; False where it does, or where there is no apt."""
    prefix = _root_prefix()
    if prefix is None or shutil.which("apt-get") is None:
        return False
    _say(f"Installing {' '.join(packages)} with apt-get")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = [*prefix, "apt-get", "-q"]
    for command in ([*apt, "update"], [*apt, "install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=quiet)
    if done.returncode:
        print(done.stderr.strip()[-2000:], file=sys.stderr)
    return done.returncode == 0


def _root_prefix() -> list[str] | None:
    """What goes before a command to run it as root: nothing for root, sudo where it asks no password, else None."""
    if os.name == "posix" and os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.call([sudo, "-n", "true"], stderr=subprocess.DEVNULL) == 0:
        return [sudo, "-n"]
    return None


def _say(line: str) -> None:
    print(f"akool-nb: {line}", flush=True)
