"""The lessons as static web pages: each notebook is executed and converted, with a contents page.

Needs nbconvert, which JupyterLab brings.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path

from akool_nb import samples
from akool_nb.cli.machine import Unprepared

CELL_SECONDS = 120
TEMPLATES = Path(__file__).parent / "templates"
FAILED = (
    "'python -m nbconvert' failed with status {status}. Its message above names the cause. "
    "If nbconvert is not installed, run pip install 'akool_nb[lab]'."
)
PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>akool_nb lessons</title>
<style>html {{ color-scheme: light dark; background: Canvas }} li {{ margin: .4rem 0 }}
body {{ font-family: system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem; line-height: 1.6 }}
</style></head>
<body><main><h1>Live face swap in a notebook: the lessons</h1>
<p>These pages show the lessons with the outputs of one run on the sandbox. A live picture cannot be shown on a page;
start the lessons yourself to see it. An address that begins with http://127.0.0.1 led to the sandbox of that run.</p>
<ul>
{entries}
</ul></main></body></html>
"""
_TITLES = {"app": "The app of lesson 09", "teaching": "For teachers"}


def write_pages(out: Path, *, execute: bool = True) -> list[Path]:
    """Write one HTML page for each notebook into `out`, and `index.html`.

    Args:
        out: the folder for the pages; it is made if it does not exist.
        execute: run the notebooks first, in a copy, so that the pages show outputs.

    Returns:
        The paths of all pages, the contents page first.

    Raises:
        Unprepared: nbconvert is not installed, or a notebook fails.
    """
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "lessons"
        shutil.copytree(samples.lessons(), copy)
        notebooks = sorted(copy.glob("*.ipynb"))
        _convert(notebooks, out, execute=execute)
        _copy_texts(copy, out)
    pages = [out / f"{notebook.stem}.html" for notebook in notebooks]
    for page in pages:
        html = page.read_text(encoding="utf-8")
        html = html.replace('.ipynb"', '.html"')
        html = html.replace(f"<title>{page.stem}</title>", f"<title>{escape(_title(page))}</title>")
        page.write_text(html, encoding="utf-8")
    return [_write_contents(out, pages), *pages]


def _convert(notebooks: list[Path], out: Path, *, execute: bool) -> None:
    command = [sys.executable, "-m", "nbconvert", "--to=html", f"--output-dir={out}"]
    options = ["--HTMLExporter.embed_images=True", "--no-prompt", "--template=lesson"]
    options.append(f"--TemplateExporter.extra_template_basedirs={TEMPLATES}")
    if execute:
        options += ["--execute", f"--ExecutePreprocessor.timeout={CELL_SECONDS}"]
        # The state of the widgets would need their scripts on the page, and a server that answers them.
        options.append("--ExecutePreprocessor.store_widget_state=False")
        # Each kernel would warn about TCP, which is what nbconvert uses.
        options.append("--ExecutePreprocessor.extra_arguments=--IPKernelApp.log_level=ERROR")
    status = subprocess.call([*command, *options, *map(str, notebooks)])
    if status:
        raise Unprepared(FAILED.format(status=status))


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
    number, _, name = page.stem.partition("_")
    return _TITLES.get(page.stem, f"{number} {name.replace('_', ' ').capitalize()}")
