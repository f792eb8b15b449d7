"""One open notebook that serves many tests: to open one takes longer than most of what is tested in it."""

from __future__ import annotations

from playwright.sync_api import ViewportSize

from tests.browser.chromium import Browsers
from tests.browser.harness import Cells, NotebookPage, write_notebook
from tests.browser.servers import JupyterLab

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


class ReusedNotebooks:
    """Called as `notebook` is, but there is one page for each kind of browser, whose cells are exchanged.

    `tidy()` between two tests takes away what a test leaves behind: widgets, names, routes, theme, width.
    """

    def __init__(self, server: JupyterLab, browsers: Browsers, name: str) -> None:
        self._server, self._browsers, self._name = server, browsers, name
        self._pages: dict[tuple[str, bool], NotebookPage] = {}
        self._opened = 0

    def __call__(self, cells: Cells, *, camera: str = "drawn", insecure: bool = False) -> NotebookPage:
        """The page of this kind with these cells, none of which has run."""
        page = self._pages.get((camera, insecure))
        if page is None:
            page = self._pages[camera, insecure] = self._open(cells, camera, insecure)
        else:
            page.fill(cells)
        return page

    def tidy(self) -> None:
        """As good as new for the next test; a page that was closed is forgotten."""
        self._pages = {kind: page for kind, page in self._pages.items() if not page.page.is_closed()}
        for page in self._pages.values():
            page.page.unroute_all(behavior="ignoreErrors")
            page.wait_until_idle()
            page.execute(FORGET)
            page.page.set_viewport_size(WIDE)
            if page.page.evaluate(TIDY):
                page.dark(False)

    def close(self) -> None:
        """Close the pages and end their kernels."""
        for page in self._pages.values():
            page.close()
        self._server.end_kernels()

    def _open(self, cells: Cells, camera: str, insecure: bool) -> NotebookPage:
        self._opened += 1
        path = write_notebook(self._server.folder / f"{self._name}-{self._opened}.ipynb", cells)
        page = NotebookPage(self._browsers.context(camera).new_page(), self._server, path)
        page.open(self._server.insecure_url if insecure else None)
        return page
