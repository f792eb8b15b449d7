"""`python -m tests.record_lessons OUT` runs the lessons and keeps the executed copies, which nbval runs once more.

Each must end within a minute, and may use little processor time while it shows no live video.
"""

from __future__ import annotations

import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
MOST_SECONDS = 60.0
MOST_CPU = 8.0
"""Seconds of processor time that a lesson may use, including the sandbox's, without its live parts."""
LIVE = {"05_going_live"}
"""The lesson that swaps live video in Python; in other lessons a page plays the video, so here none is played."""


def lessons() -> list[Path]:
    """The numbered notebooks in their order, and the app."""
    return [*sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb")), NOTEBOOKS / "app.ipynb"]


def record(out: Path) -> bool:
    """Execute copies of all lessons in `out`; False if one of them failed or passed a limit."""
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(NOTEBOOKS, out, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    with ThreadPoolExecutor(2) as several:
        ran = list(several.map(_execute, [out / lesson.name for lesson in lessons()]))
    return all(ran)


def _execute(path: Path) -> bool:
    """Run one lesson from top to bottom, and keep its outputs."""
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
    """A message if the lesson has passed a limit."""
    if seconds > MOST_SECONDS:
        return f"\nA lesson takes less than {MOST_SECONDS:g} s."
    return f"\nIt may take {MOST_CPU:g} s of processor time." if cpu > MOST_CPU and lesson not in LIVE else ""


def _run(notebook: nbformat.NotebookNode, folder: Path) -> tuple[str, float]:
    """The error that stopped the notebook, if any, and the processor time that it used."""
    cpu = 0.0
    client = NotebookClient(notebook, timeout=60, extra_arguments=["--log-level=ERROR"])
    client.resources["metadata"] = {"path": str(folder)}
    try:
        with client.setup_kernel():
            for index, cell in enumerate(notebook.cells):
                # Without history, as nbval does, so that a line with a semicolon at its end prints the same in both.
                client.execute_cell(cell, index, store_history=False)
            cpu = cpu_of(client.km.provisioner.pid)
    except CellExecutionError as error:
        return f"\n{error}", cpu
    return "", cpu


def cpu_of(pid: int) -> float:
    """Processor time of a process, of its ended children, and of its running children."""
    process = psutil.Process(pid)
    return sum(sum(each.cpu_times()[:4]) for each in (process, *process.children(recursive=True)))


if __name__ == "__main__":
    sys.exit(0 if record(Path(sys.argv[1])) else 1)
