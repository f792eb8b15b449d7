"""`python -m tests.record_lessons OUT` runs the lessons and keeps the executed copies, which nbval runs once more.

Each has to end within a minute, and to be sparing with the processor where it shows no live video.
"""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
MOST_SECONDS = 60.0
MOST_CPU = 8.0
"""Seconds of processor time, those of the sandbox included, that a lesson may take apart from its live parts."""
LIVE = {"05_going_live"}
"""The lesson that swaps live video without a page; where only a page plays the video, none is played here."""


def lessons() -> list[Path]:
    """The numbered notebooks in their order, and the app."""
    return [*sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")), NOTEBOOKS / "app.ipynb"]


def record(out: Path) -> bool:
    """Execute copies of all lessons in `out`; False if one of them stopped with an error or took too much."""
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(NOTEBOOKS, out, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    ran = [_execute(out / lesson.name) for lesson in lessons()]
    return all(ran)


def _execute(path: Path) -> bool:
    """Run one lesson top to bottom, as a newcomer does, and keep what it showed."""
    notebook, started = nbformat.read(path, as_version=4), time.monotonic()
    message, cpu = _run(notebook, path.parent)
    seconds = time.monotonic() - started
    notebook.metadata.pop("widgets", None)
    nbformat.write(notebook, path)
    message = message or too_much(path.stem, seconds, cpu)
    how = "FAILED" if message else "ran"
    print(f"{path.name}: {how} in {seconds:.1f} s, {cpu:.1f} s of them on the processor{message}", flush=True)
    return not message


def too_much(lesson: str, seconds: float, cpu: float) -> str:
    """Which limit the lesson has passed, if one."""
    if seconds > MOST_SECONDS:
        return f"\nA lesson takes less than {MOST_SECONDS:g} s."
    return f"\nIt may take {MOST_CPU:g} s of processor time." if cpu > MOST_CPU and lesson not in LIVE else ""


def _run(notebook: nbformat.NotebookNode, folder: Path) -> tuple[str, float]:
    """The error that stopped the notebook, if one did, and the processor time that it took."""
    cpu = 0.0
    client = NotebookClient(notebook, timeout=60, extra_arguments=["--log-level=ERROR"])
    client.resources["metadata"] = {"path": str(folder)}
    try:
        with client.setup_kernel():
            for index, cell in enumerate(notebook.cells):
                # Without history, as nbval does: only so do both print the same for a line that ends in a semicolon.
                client.execute_cell(cell, index, store_history=False)
            cpu = cpu_of(client.km.provisioner.pid)
    except CellExecutionError as error:
        return f"\n{error}", cpu
    return "", cpu


def cpu_of(pid: int) -> float:
    """Processor time of a process, of those it waited for, and of its children that are still at work."""
    process = psutil.Process(pid)
    return sum(sum(each.cpu_times()[:4]) for each in (process, *process.children(recursive=True)))


if __name__ == "__main__":
    sys.exit(0 if record(Path(sys.argv[1])) else 1)
