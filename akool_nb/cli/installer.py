"""Makes the virtual environment of a clone and installs the package into it, with uv, else with pip."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path

from akool_nb.cli.machine import Unprepared, apt_install
from akool_nb.cli.pip_settings import PipSettings
from akool_nb.terminal import say

ADVICE = "Move the clone to a folder where you may write, or remove .venv there, and try again."


def make_environment(folder: Path, python: Path) -> None:
    """Make a virtual environment with pip in the folder; one that works is kept, with what is installed in it."""
    if _has_pip(python):
        return
    _need_venv_module()
    say(f"Making an environment in {folder.name}")
    # The second try removes what a first try could not complete.
    for options in ([], ["--clear"]):
        command = [sys.executable, "-m", "venv", *options, str(folder)]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if _has_pip(python):
            return
    raise Unprepared(f"Python cannot make the environment {folder}: {_last_line(done.stdout)} {ADVICE}")


def install(python: Path, root: Path, extra: str) -> None:
    """Install `akool_nb[extra]` from the clone at `root`; `Unprepared` shows the lines that explain a failure."""
    say(f"Installing akool_nb[{extra}] into it; the first time this takes about half a minute")
    started = time.monotonic()
    settings = PipSettings.read(python)
    project = ["-e", f"{root}[{extra}]"]
    output: list[str] = []
    try:
        installed = _install_with_uv(python, settings, project, output) or _install_with_pip(
            python, settings, project, output
        )
    finally:
        log = python.parents[1] / "install.log"
        log.write_text("".join(output), encoding="utf-8")
    if not installed:
        raise Unprepared(f"The installation failed; {log} has its whole output. In short:\n{_important(output)}")
    say(f"Installed in {time.monotonic() - started:.0f} s")


def _has_pip(python: Path) -> bool:
    """Whether this is a Python that runs and has pip; settings that pip cannot read are reported later."""
    variables = {**os.environ, "PIP_CONFIG_FILE": os.devnull}
    try:
        done = subprocess.run([str(python), "-I", "-m", "pip", "--version"], capture_output=True, env=variables)
    except OSError:
        return False
    return done.returncode == 0


def _need_venv_module() -> None:
    """Debian keeps the part of Python that makes environments in a package of its own."""
    if importlib.util.find_spec("ensurepip") is not None:
        return
    package = f"python3.{sys.version_info.minor}-venv"
    if not apt_install(package):
        raise Unprepared(f"Python's venv module is missing: run 'sudo apt-get install {package}' and try again.")


def _install_with_uv(python: Path, settings: PipSettings, project: list[str], output: list[str]) -> bool:
    """Let uv install, which takes a sixth of pip's time; False if there is no uv for this machine or it fails."""
    variables = settings.for_uv()
    if variables is None:
        output.append("uv has no counterpart of one of pip's settings, so pip installs.\n")
        return False
    # A wheel only: to compile uv takes longer than pip needs for everything.
    get_uv = [*_pip_install(python), "-q", "--only-binary", "uv", "uv"]
    if not _run(get_uv, settings.for_pip(), output):
        return False
    command = [str(python), "-I", "-m", "uv", "pip", "install", "--python", str(python), *project]
    if sys.dont_write_bytecode:
        command.append("--compile-bytecode")
    return _run(command, variables, output)


def _install_with_pip(python: Path, settings: PipSettings, project: list[str], output: list[str]) -> bool:
    say("uv cannot do it here; pip takes a few minutes")
    # Python compiles what is imported, when it is imported, if it may.
    compiled = "--compile" if sys.dont_write_bytecode else "--no-compile"
    return _run([*_pip_install(python), compiled, *project], settings.for_pip(), output)


def _pip_install(python: Path) -> list[str]:
    return [str(python), "-I", "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]


def _run(command: list[str], variables: dict[str, str], output: list[str]) -> bool:
    """Run the command, add its output, and report pip's long steps on the screen."""
    packages = 0
    with subprocess.Popen(
        command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            output.append(line)
            packages += line.startswith("Collecting ")
            if line.startswith("Collecting ") and packages % 20 == 0:
                say(f"{packages} packages found so far")
    return process.returncode == 0


def _important(lines: list[str]) -> str:
    """The first lines with an error, which name the cause, and the last lines, which name the step."""
    causes = [line for line in lines if "error" in line.lower()]
    return "".join(dict.fromkeys([*causes[:5], *lines[-15:]]))


def _last_line(text: str) -> str:
    return (text.strip() or "no reason given.").splitlines()[-1]
