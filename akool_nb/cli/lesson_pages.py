"""The lessons as static web pages: each notebook is executed and converted, with a contents page.

Needs nbconvert and nbclient, which JupyterLab brings.
"""

from __future__ import annotations

import shutil
import tempfile
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from akool_nb import samples

if TYPE_CHECKING:
    import nbformat

CELL_SECONDS = 120
PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>akool_nb lessons</title>
<style>body {{ font-family: system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem;
line-height: 1.6; color-scheme: light dark }} li {{ margin: .4rem 0 }}</style></head>
<body><h1>Live face swap in a notebook: the lessons</h1>
<p>These pages show the lessons with the outputs of one run on the sandbox. A live picture cannot be shown on a page;
start the lessons yourself to see it.</p>
<ul>
{entries}
</ul></body></html>
"""


def write_pages(out: Path, *, notebooks: Path | None = None, execute: bool = True) -> list[Path]:
    """Write one HTML page for each notebook into `out`, and `index.html`.

    Args:
        out: the folder for the pages; it is made if it does not exist.
        notebooks: the folder of the notebooks; by default the lessons of this package.
        execute: run the notebooks first, in a copy, so that the pages show outputs.

    Returns:
        The paths of all pages, the contents page first.
    """
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "lessons"
        shutil.copytree(notebooks or samples.lessons(), copy)
        pages = [_write_page(path, out, execute=execute) for path in sorted(copy.glob("*.ipynb"))]
        _copy_texts(copy, out)
    return [_write_contents(out, pages), *pages]


def _write_page(path: Path, out: Path, *, execute: bool) -> Path:
    import nbformat

    print(f"akool-nb: {path.name}", flush=True)
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    if execute:
        _execute(notebook, path.parent)
    page = out / f"{path.stem}.html"
    page.write_text(_to_html(notebook, path), encoding="utf-8")
    return page


def _execute(notebook: nbformat.NotebookNode, folder: Path) -> None:
    from nbclient import NotebookClient

    client = NotebookClient(notebook, timeout=CELL_SECONDS)
    client.resources["metadata"] = {"path": str(folder)}
    client.execute()
    # The state of the widgets would need their scripts on the page, and a server that answers them.
    notebook.metadata.pop("widgets", None)


def _to_html(notebook: nbformat.NotebookNode, path: Path) -> str:
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(embed_images=True)  # type: ignore[no-untyped-call]  # nbconvert has no annotations
    resources: dict[str, Any] = {"metadata": {"path": str(path.parent), "name": path.stem}}
    html, _ = exporter.from_notebook_node(notebook, resources=resources)
    return str(html).replace('.ipynb"', '.html"')


def _copy_texts(notebooks: Path, out: Path) -> None:
    """Copy the Markdown files that the lessons link to, such as the sources of the photos."""
    for text in notebooks.rglob("*.md"):
        target = out / text.relative_to(notebooks)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(text, target)


def _write_contents(out: Path, pages: list[Path]) -> Path:
    entries = "\n".join(f'<li><a href="{page.name}">{escape(_title(page))}</a></li>' for page in pages)
    index = out / "index.html"
    index.write_text(PAGE.format(entries=entries), encoding="utf-8")
    return index


def _title(page: Path) -> str:
    return page.stem.replace("_", " ")
