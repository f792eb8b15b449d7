"""One open notebook for many tests, because opening one takes longer than most tests."""

from __future__ import annotations

from typing import NamedTuple

from playwright.sync_api import ViewportSize

from tests.browser.chromium import Browsers
from tests.browser.harness import Cells, NotebookPage, write_notebook
from tests.browser.servers import JupyterLab

PATIENCE = 30_000
WIDE = ViewportSize(width=1280, height=900)

FORGET = """from ipywidgets import Widget
from akool_nb.widgets.consent import CONSENT
CONSENT.set(False)
Widget.close_all()
get_ipython().reset(new_session=False)"""

TIDY = """() => {
    for (const button of document.querySelectorAll('.jp-Dialog .jp-mod-accept')) button.click();
    localStorage.removeItem('akool_nb.devices');
    return document.body.dataset.jpThemeLight === 'false';
}"""


class Kind(NamedTuple):
    """What cannot change while a page is open: its camera, its address, and a purpose that needs a separate page."""

    camera: str
    insecure: bool
    purpose: str


class ReusedNotebooks:
    """Called like `notebook`, but there is one page for each kind, whose cells are exchanged.

    `tidy()` removes between two tests what a test leaves behind: widgets, names, routes, theme, width.
    """

    def __init__(self, server: JupyterLab, browsers: Browsers) -> None:
        self._server = server
        self._browsers = browsers
        self._pages: dict[Kind, NotebookPage] = {}
        self._opened = 0

    def __call__(
        self, cells: Cells, *, camera: str = "drawn", insecure: bool = False, purpose: str = ""
    ) -> NotebookPage:
        """The page of this kind with these cells, none of which has run."""
        kind = Kind(camera, insecure, purpose)
        page = self._pages.get(kind)
        if page is None:
            page = self._open(cells, kind)
            self._pages[kind] = page
        else:
            page.fill(cells)
            page.console.clear()
        page.page.bring_to_front()
        return page

    def tidy(self) -> None:
        """Reset every page; a page that cannot be reset is closed, and the next test gets another."""
        self._pages = {kind: page for kind, page in self._pages.items() if not page.page.is_closed()}
        for kind, page in list(self._pages.items()):
            try:
                _tidy(page)
            except Exception:
                del self._pages[kind]
                page.close()
                self._server.end_kernels(page.path)
                raise

    def close(self) -> None:
        """Close the pages and end their kernels."""
        for page in self._pages.values():
            page.close()
            self._server.end_kernels(page.path)

    def _open(self, cells: Cells, kind: Kind) -> NotebookPage:
        self._opened += 1
        path = write_notebook(self._server.folder / f"reused-{self._opened}.ipynb", cells)
        page = NotebookPage(self._browsers.context(kind.camera).new_page(), self._server, path)
        page.open(self._server.insecure_url if kind.insecure else None)
        return page


def _tidy(page: NotebookPage) -> None:
    page.page.unroute_all(behavior="ignoreErrors")
    page.page.set_default_timeout(PATIENCE)
    page.wait_until_idle()
    page.execute(FORGET)
    page.page.set_viewport_size(WIDE)
    if page.page.evaluate(TIDY):
        page.dark(False)
