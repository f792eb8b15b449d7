"""`akool-nb lab`: the user's copy of the lessons, opened in JupyterLab."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from akool_nb.cli import launcher
from akool_nb.cli.lesson_copy import LessonCopy
from akool_nb.cli.machine import Unprepared, become
from akool_nb.terminal import say


def copy_and_open(folder: Path, *, number: str | None, is_opened: bool, more: Sequence[str]) -> int:
    """Copy the lessons into `folder`, and become JupyterLab there.

    Args:
        folder: where the user's copy is; made if it is not there.
        number: the lesson to open, "3" or "03"; None for the first.
        is_opened: False only copies.
        more: further options of JupyterLab.
    """
    folder = folder.expanduser()
    copy = LessonCopy(folder)
    say(f"akool-nb: {copy.refresh()}")
    if not is_opened:
        return 0
    if find_spec("jupyterlab") is None:
        raise Unprepared("JupyterLab is not installed: run pip install 'akool_nb[lab]'.")
    first = _chosen(copy, number)
    _prepare_environment(folder)
    return become([sys.executable, "-m", "jupyterlab", *_options(folder.resolve(), first, more)], folder)


def _prepare_environment(folder: Path) -> None:
    cards = launcher.write_cards(folder / ".akool-launcher", lessons=folder, root=folder)
    os.environ[launcher.VARIABLE] = str(cards.resolve())
    # JupyterLab's terminals, and cells that call a shell, must find `akool-nb` and `voila`.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])


def _options(folder: Path, first: Path | None, more: Sequence[str]) -> list[str]:
    """The options of JupyterLab. An option of the user replaces ours; both replace the user's configuration file.

    The file may name another folder, in any of these settings, and then JupyterLab would not find the lesson.
    """
    ours = [
        f"--ServerApp.root_dir={folder}",
        f"--ServerApp.preferred_dir={folder}",
        f"--FileContentsManager.root_dir={folder}",
        f"--FileContentsManager.preferred_dir={folder}",
    ]
    if first is not None:
        ours.append(f"--LabApp.default_url=/lab/tree/{first.name}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # Jupyter refuses to run as root without this, and on Binder and in containers everybody is root.
        ours.append("--allow-root")
    given = {option.partition("=")[0] for option in more}
    return [option for option in ours if option.partition("=")[0] not in given] + list(more)


def _chosen(copy: LessonCopy, number: str | None) -> Path | None:
    if number is None:
        return copy.first
    lesson = copy.lesson(number)
    if lesson is None:
        raise Unprepared(f"There is no lesson {number}. Give the number of a file in {copy.folder}.")
    return lesson
