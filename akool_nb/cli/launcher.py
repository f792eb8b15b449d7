"""The lessons as cards in JupyterLab's launcher, shown by jupyter-app-launcher.

https://jupyter-app-launcher.readthedocs.io: a folder that JUPYTER_APP_LAUNCHER_PATH names, with a file of cards in it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

VARIABLE = "JUPYTER_APP_LAUNCHER_PATH"
"""Where jupyter-app-launcher looks for cards."""

CATALOG = "akool_nb lessons"
_FILE = "jp_app_launcher_akool_nb.yaml"
_ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 52 52" role="img">
<rect x="2" y="2" width="48" height="48" rx="10" fill="#4a5bd4"/>
<text x="26" y="35" text-anchor="middle" font-family="sans-serif" font-size="24" fill="#fff">{number}</text></svg>
"""


def write_cards(folder: Path, *, lessons: Path, root: Path) -> Path:
    """Write a card for each lesson into `folder`, which is returned; `root` is the folder that Jupyter serves."""
    folder.mkdir(parents=True, exist_ok=True)
    cards = [_card(folder, path, root) for path in sorted(lessons.glob("[0-9][0-9]_*.ipynb"))]
    # jupyter-app-launcher reads YAML, and JSON is YAML.
    (folder / _FILE).write_text(json.dumps(cards, indent=1), encoding="utf-8")
    return folder


def _card(folder: Path, lesson: Path, root: Path) -> dict[str, Any]:
    number = lesson.name[:2]
    icon = folder / f"lesson_{number}.svg"
    icon.write_text(_ICON.format(number=number), encoding="utf-8")
    opened = {"path": lesson.relative_to(root).as_posix(), "factory": "Notebook"}
    command = {"label": f"Lesson {number}", "id": "docmanager:open", "args": opened}
    title = _title(lesson)
    card = {"title": title, "description": f"Lesson {number}: {title}", "catalog": CATALOG, "icon": icon.name}
    return {**card, "type": "jupyterlab-commands", "source": [command]}


def _title(lesson: Path) -> str:
    """The heading of a lesson; its file's name if it has none, because the file may be anything of the user's."""
    try:
        first = "".join(json.loads(lesson.read_text(encoding="utf-8"))["cells"][0]["source"])
    except (OSError, ValueError, LookupError, TypeError):
        first = ""
    heading = next((line for line in first.splitlines() if line.startswith("# ")), f"# {lesson.stem}")
    return heading.removeprefix("# ").strip()


if __name__ == "__main__":
    # On Binder, Jupyter serves the whole repository, and the lessons are in one of its folders.
    write_cards(Path(sys.argv[1]), lessons=Path("notebooks"), root=Path())
