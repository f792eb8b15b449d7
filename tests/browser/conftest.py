"""Fixtures of the browser tests: one JupyterLab, one Chromium, and a factory of open notebooks.

All of it ends after the last browser test and not with the session, because Playwright's event loop would keep
running in the thread where other tests run their own loops.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.chromium import Browsers, write_camera_clip
from tests.browser.harness import Cells, NotebookPage, WebPage, file_name, write_notebook
from tests.browser.reused import ReusedNotebooks
from tests.browser.servers import JupyterLab, Marimo, Notebook7, Voila, end_leftovers, running

OpenNotebook = Callable[..., NotebookPage]
OpenPage = Callable[..., WebPage]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="package", autouse=True)
def no_leftovers() -> Iterator[None]:
    """At the end no process started by a server, a kernel or the package is running."""
    yield
    assert end_leftovers() == []


@pytest.fixture(scope="package")
def camera_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that the fake camera plays; one process of the run draws it for all."""
    base = tmp_path_factory.getbasetemp()
    path = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "drawn.mjpeg"
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return path if path.exists() else write_camera_clip(path)


@pytest.fixture(scope="package")
def browsers(no_leftovers: None, camera_clip: Path) -> Iterator[Browsers]:
    """Chromium: `browsers.context("drawn" | "denied" | "none")`."""
    with sync_playwright() as playwright:
        browsers = Browsers(playwright, camera_clip)
        yield browsers
        browsers.close()


@pytest.fixture(scope="package")
def lab(no_leftovers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterLab]:
    """JupyterLab."""
    with running(JupyterLab(tmp_path_factory.mktemp("lab"))) as server:
        yield server


@pytest.fixture(scope="package")
def notebook7_server(no_leftovers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook7]:
    """Jupyter Notebook 7."""
    with running(Notebook7(tmp_path_factory.mktemp("notebook7"))) as server:
        yield server


@pytest.fixture(scope="package")
def voila_server(no_leftovers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Voila]:
    """Voila."""
    with running(Voila(tmp_path_factory.mktemp("voila"))) as server:
        yield server


@pytest.fixture
def notebook(lab: JupyterLab, browsers: Browsers, request: pytest.FixtureRequest) -> Iterator[OpenNotebook]:
    """`notebook(cells, camera="drawn", insecure=False)` opens a notebook in JupyterLab and waits for its kernel."""
    opened: list[NotebookPage] = []

    def open_notebook(cells: Cells, *, camera: str = "drawn", insecure: bool = False) -> NotebookPage:
        path = lab.folder / f"{file_name(request.node.name)}-{len(opened)}.ipynb"
        page = NotebookPage(browsers.context(camera).new_page(), lab, write_notebook(path, cells))
        opened.append(page)
        page.open(lab.insecure_url if insecure else None)
        return page

    yield open_notebook
    for page in opened:
        page.close()
    lab.end_kernels(*[page.path for page in opened])


@pytest.fixture(scope="package")
def reused_notebooks(lab: JupyterLab, browsers: Browsers) -> Iterator[ReusedNotebooks]:
    """The pages of `reused_notebook`."""
    notebooks = ReusedNotebooks(lab, browsers)
    yield notebooks
    notebooks.close()


@pytest.fixture
def reused_notebook(reused_notebooks: ReusedNotebooks) -> Iterator[ReusedNotebooks]:
    """Like `notebook`, but on a page that all tests share, because opening a page takes longer than most tests."""
    yield reused_notebooks
    reused_notebooks.tidy()


@pytest.fixture(scope="package")
def notebooks7(notebook7_server: Notebook7, browsers: Browsers) -> Iterator[ReusedNotebooks]:
    """The page of `notebook7`."""
    notebooks = ReusedNotebooks(notebook7_server, browsers)
    yield notebooks
    notebooks.close()


@pytest.fixture
def notebook7(notebooks7: ReusedNotebooks) -> Iterator[ReusedNotebooks]:
    """Like `reused_notebook`, in Notebook 7."""
    yield notebooks7
    notebooks7.tidy()


@pytest.fixture
def voila(voila_server: Voila, browsers: Browsers, request: pytest.FixtureRequest) -> Iterator[OpenPage]:
    """`voila(cells)` shows the notebook's outputs as a page; wait there for the selector of what you expect."""
    with ExitStack() as stack:

        def open_page(cells: Cells, *, camera: str = "drawn") -> WebPage:
            path = write_notebook(voila_server.folder / f"{file_name(request.node.name)}.ipynb", cells)
            page = stack.enter_context(browsers.context(camera).new_page())
            page.goto(f"{voila_server.url}/voila/render/{path.name}", wait_until="domcontentloaded", timeout=60_000)
            return WebPage(page)

        yield open_page


@pytest.fixture
def marimo(browsers: Browsers, no_leftovers: None, tmp_path: Path) -> Iterator[OpenPage]:
    """`marimo(cells)` shows the cells as a marimo app, on its own server."""
    with ExitStack() as stack:

        def open_page(cells: Cells, *, camera: str = "drawn") -> WebPage:
            server = Marimo(tmp_path / "marimo", write_notebook(tmp_path / "app.ipynb", cells))
            stack.enter_context(running(server))
            page = stack.enter_context(browsers.context(camera).new_page())
            page.goto(server.url, wait_until="domcontentloaded")
            return WebPage(page)

        yield open_page
