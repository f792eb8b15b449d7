"""A notebook open in a real browser: run it, inspect it, evaluate in its kernel.

The fixtures in `conftest.py` return these: `page = notebook(["x = 1"])`, then `page.run_all()`, `page.kernel("x")`.
"""

from __future__ import annotations

import ast
import json
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.servers import JupyterLab

ARTEFACTS = Path(__file__).parents[1] / "artefacts"
Cells = Sequence[str] | Path
"""Code of the cells (a cell that begins with `# %% markdown` is prose), or a notebook file."""

PROSE = "# %% markdown\n"
NARROW = {"width": 400, "height": 800}

# The parts of the current notebook have these names in JupyterLab and in Notebook 7.
_PANEL = (
    "const panel = window.jupyterapp.shell.currentWidget; const kernel = () => panel.sessionContext.session?.kernel;"
)


class WebPage:
    """A page in the browser, with the methods that every test needs."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.console: list[str] = []
        page.on("console", lambda message: self.console.append(f"[{message.type}] {message.text}"))
        page.on("pageerror", lambda error: self.console.append(f"[pageerror] {error}"))

    @property
    def page_errors(self) -> list[str]:
        """Exceptions that no script caught."""
        return [line for line in self.console if line.startswith("[pageerror]")]

    @property
    def complaints(self) -> list[str]:
        """The page errors, and caught errors of widgets in the console. A widget's script comes from a blob, through
        anywidget; other errors in the console are the host's own."""
        caught = [line for line in self.console if line.startswith("[error]")]
        return self.page_errors + [line for line in caught if "blob:" in line or "anywidget" in line]

    def screenshot(self, name: str, selector: str | None = None) -> Path:
        """A picture of the page, or of one element, as `tests/artefacts/<name>.png`."""
        path = ARTEFACTS / f"{name}.png"
        target = self.page.locator(selector).first if selector else self.page
        target.screenshot(path=path)
        return path

    def narrow(self) -> None:
        """Make the page as narrow as a phone."""
        self.page.set_viewport_size(NARROW)  # type: ignore[arg-type]

    def dark(self, dark: bool = True) -> None:
        """The preference of the system; JupyterLab's own theme is `NotebookPage.dark`."""
        self.page.emulate_media(color_scheme="dark" if dark else "light")

    def violations(self, selector: str) -> list[str]:
        """The problems that axe finds below the selector, one line each: rule, impact, place."""
        found = Axe().run(self.page, context=selector).response["violations"]
        return [f"{rule['id']} ({rule['impact']}): {node['html'][:200]}" for rule in found for node in rule["nodes"]]


class NotebookPage(WebPage):
    """A notebook in JupyterLab or Notebook 7 whose kernel is idle."""

    def __init__(self, page: Page, server: JupyterLab, path: Path) -> None:
        super().__init__(page)
        self.server = server
        self.path = path

    def open(self, host: str | None = None) -> None:
        """Open the notebook and wait until the kernel has answered; `host` is another address of the same server."""
        self.page.goto(
            f"{host or self.server.url}{self.server.page_path}{self.path.name}?reset", wait_until="domcontentloaded"
        )
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
        self.wait_until_idle(seconds=60)
        self.page.evaluate("() => window.jupyterapp.shell.collapseLeft?.()")  # the notebook gets the full width

    def wait_until_idle(self, *, seconds: float = 30) -> None:
        """Wait until the kernel is idle."""
        idle = f"() => {{ {_PANEL} return kernel()?.status === 'idle' && kernel()?.connectionStatus === 'connected' }}"
        self.page.wait_for_function(idle, timeout=seconds * 1000)

    def run_all(self, *, wait: bool = True) -> None:
        """Run every cell; by default wait until the last has finished."""
        self._command("notebook:run-all-cells", wait=wait)

    def run(self, index: int, *, wait: bool = True) -> None:
        """Run one cell, counted from 0."""
        self.page.evaluate(
            f"index => {{ {_PANEL} panel.content.deselectAll(); panel.content.activeCellIndex = index }}", index
        )
        self._command("notebook:run-cell", wait=wait)

    def restart_kernel(self) -> None:
        """A new kernel for the same notebook; the page stays."""
        self.page.evaluate(f"async () => {{ {_PANEL} await kernel().restart() }}")
        self.wait_until_idle()

    def fill(self, cells: Cells) -> None:
        """Replace all cells and their outputs; the kernel stays."""
        self.page.evaluate(f"notebook => {{ {_PANEL} panel.model.fromJSON(notebook) }}", notebook_of(cells))

    def clear_outputs(self) -> None:
        """Empty the outputs of all cells."""
        self._command("notebook:clear-all-cell-outputs")

    def save(self) -> nbformat.NotebookNode:
        """Save as Ctrl-S does, and read the saved file."""
        self._command("docmanager:save")
        return nbformat.read(self.path, as_version=4)

    def close(self) -> None:
        """Close the page as a user does, with its unload events."""
        if not self.page.is_closed():
            self.page.close(run_before_unload=False)

    def kernel(self, expression: str) -> Any:
        """The value of the expression in the kernel, as JSON (or as its repr, if JSON cannot represent it)."""
        code = f"__import__('json').dumps({expression}, default=repr)"
        answer = self.page.evaluate(
            f"""async code => {{ {_PANEL}
                const content = {{ code: '', silent: true, store_history: false, user_expressions: {{ value: code }} }};
                const reply = await kernel().requestExecute(content).done;
                return reply.content.user_expressions?.value ?? reply.content }}""",
            code,
        )
        if answer.get("status") != "ok":
            raise AssertionError(f"{expression} failed in the kernel: {answer.get('ename')}: {answer.get('evalue')}")
        return json.loads(ast.literal_eval(answer["data"]["text/plain"]))

    def wait_for(self, expression: str, *, seconds: float = 20) -> Any:
        """Evaluate the expression in the kernel until it is true, and return its value."""
        end = time.monotonic() + seconds
        # What is false in the kernel, such as an empty set, may be a text in JSON.
        while not (value := self.kernel(f"({expression}) or None")):
            if time.monotonic() > end:
                last = self.kernel(expression)
                raise AssertionError(f"{expression} is still {last!r} after {seconds} s; outputs: {self.outputs()}")
            self.page.wait_for_timeout(100)
        return value

    def execute(self, code: str) -> None:
        """Run code in the kernel outside of any cell; an exception there is an AssertionError here."""
        self.kernel(f"exec({code!r}, globals())")

    @contextmanager
    def busy(self) -> Iterator[None]:
        """The kernel works until the end of the block."""
        working = self.path.with_suffix(".working")
        working.touch()
        wait = f"import pathlib, time\nwhile pathlib.Path({str(working)!r}).exists():\n    time.sleep(0.05)"
        code = json.dumps({"code": wait})
        self.page.evaluate(f"() => {{ {_PANEL} kernel().requestExecute({code}); return null }}")
        try:
            yield
        finally:
            working.unlink()

    def outputs(self, index: int | None = None) -> list[str]:
        """The outputs as text, of one cell or of all; an error is its name and message."""
        cells = self.page.evaluate(
            f"() => {{ {_PANEL} return panel.content.widgets.map(cell => cell.model.outputs?.toJSON() ?? []) }}"
        )
        chosen = cells if index is None else [cells[index]]
        return [_as_text(output) for cell in chosen for output in cell]

    def errors(self) -> list[str]:
        """The cells' exceptions."""
        return [text for text in self.outputs() if text.startswith("error: ")]

    def dark(self, dark: bool = True) -> None:
        """JupyterLab's own dark or light theme."""
        theme = "JupyterLab Dark" if dark else "JupyterLab Light"
        self.page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
        light = "false" if dark else "true"
        self.page.wait_for_function(f"() => document.body.dataset.jpThemeLight === '{light}'")
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")

    def _command(self, name: str, *, wait: bool = True) -> None:
        result = "done.then(() => null)" if wait else "null"
        execute = f"const done = window.jupyterapp.commands.execute('{name}')"
        self.page.evaluate(f"() => {{ {execute}; return {result} }}")


def write_notebook(path: Path, cells: Cells) -> Path:
    """A notebook file with these cells, or a copy of the given file."""
    if isinstance(cells, Path):
        path.write_bytes(cells.read_bytes())
        return path
    nbformat.write(notebook_of(cells), path)
    return path


def notebook_of(cells: Cells) -> nbformat.NotebookNode:
    """The cells as a notebook."""
    if isinstance(cells, Path):
        return nbformat.read(cells, as_version=4)
    notebook = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    )
    notebook.cells = [_cell(source, index) for index, source in enumerate(cells)]
    return notebook


def file_name(test_name: str) -> str:
    """A file name for a test's name with its parameters."""
    return re.sub(r"\W+", "-", test_name).strip("-")


def _cell(source: str, index: int) -> nbformat.NotebookNode:
    if source.startswith(PROSE):
        return nbformat.v4.new_markdown_cell(source.removeprefix(PROSE), id=f"cell-{index}")
    return nbformat.v4.new_code_cell(source, id=f"cell-{index}")


def _as_text(output: dict[str, Any]) -> str:
    if output["output_type"] == "error":
        return f"error: {output['ename']}: {output['evalue']}"
    text = output.get("text") or output.get("data", {}).get("text/plain", "")
    return text if isinstance(text, str) else "".join(text)
