"""What a command does with the machine: replace the process, install Debian packages.

Standard library only, because it runs before anything is installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from akool_nb.terminal import say


class Unprepared(Exception):  # noqa: N818 - the name says in which state the machine is
    """The machine lacks something that the command may not install; the message says what to run."""


def become(command: list[str], folder: Path | None = None) -> int:
    """Replace this process by the command, so that signals reach the command and it cannot outlive its parent."""
    sys.stdout.flush()
    if os.name == "posix":
        os.chdir(folder or Path.cwd())
        os.execv(command[0], command)  # noqa: S606 - a list that we built, no shell
    return subprocess.call(command, cwd=folder)


def apt_install(*packages: str) -> bool:
    """Install Debian packages if that needs no password; False if it does, or if there is no apt."""
    prefix = root_prefix()
    if prefix is None or shutil.which("apt-get") is None:
        return False
    say(f"Installing {' '.join(packages)} with apt-get")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = [*prefix, "apt-get", "-q"]
    for command in ([*apt, "update"], [*apt, "install", "-y", "--no-install-recommends", *packages]):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=quiet)
    if done.returncode:
        print(done.stderr.strip()[-2000:], file=sys.stderr)
    return done.returncode == 0


def root_prefix() -> list[str] | None:
    """The words before a command that run it as root: none for root, sudo if it asks no password, else None."""
    if os.name == "posix" and os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo and subprocess.call([sudo, "-n", "true"], stderr=subprocess.DEVNULL) == 0:
        return [sudo, "-n"]
    return None
