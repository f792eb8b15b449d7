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
    client = NotebookClient(
        notebook, timeout=60, resources={"metadata": {"path": str(path.parent)}}, store_widget_state=False
    )
    try:
        client.execute()
        message = ""
    except CellExecutionError as error:
        message = f"\n{error}"
    nbformat.write(notebook, path)
    print(f"{path.name}: {'FAILED' if message else 'ran'} in {time.monotonic() - started:.1f} s{message}", flush=True)
    return not message


if __name__ == "__main__":
    sys.exit(0 if record(Path(sys.argv[1])) else 1)
