"""`python -m tests.record_lessons OUT` runs the lessons and keeps the executed copies, which nbval runs once more."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def lessons() -> list[Path]:
    """The numbered notebooks, in their order."""
    return sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))


def record(out: Path) -> bool:
    """Execute copies of all lessons in `out`; False if one of them stopped with an error."""
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(NOTEBOOKS, out, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    ran = [_execute(out / lesson.name) for lesson in lessons()]
    return all(ran)


def _execute(path: Path) -> bool:
    """Run one lesson top to bottom, as a newcomer does, and keep what it showed."""
    notebook, started = nbformat.read(path, as_version=4), time.monotonic()
    message = _run(notebook, path.parent)
    nbformat.write(notebook, path)
    print(f"{path.name}: {'FAILED' if message else 'ran'} in {time.monotonic() - started:.1f} s{message}", flush=True)
    return not message


def _run(notebook: nbformat.NotebookNode, folder: Path) -> str:
    """The error that stopped the notebook, if one did."""
    client = NotebookClient(notebook, timeout=60, store_widget_state=False, extra_arguments=["--log-level=ERROR"])
    client.resources["metadata"] = {"path": str(folder)}
    try:
        with client.setup_kernel():
            for index, cell in enumerate(notebook.cells):
                # Without history, as nbval does: only so do both print the same for a line that ends in a semicolon.
                client.execute_cell(cell, index, store_history=False)
    except CellExecutionError as error:
        return f"\n{error}"
    return ""


if __name__ == "__main__":
    sys.exit(0 if record(Path(sys.argv[1])) else 1)
