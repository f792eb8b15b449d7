"""One JupyterLab, and one Chromium with a fake camera, for the benches that use a real page."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.chromium import Browsers, write_camera_clip
from tests.browser.servers import JupyterLab, running


@contextmanager
def lab() -> Iterator[tuple[JupyterLab, Browsers]]:
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright, running(_lab(Path(name))) as server:
        browsers = Browsers(playwright, write_camera_clip(Path(name) / "camera.mjpeg"))
        yield server, browsers
        browsers.close()


def load() -> str:
    """The load average of the last minute; the figures of a busy machine are worse."""
    return f"{os.getloadavg()[0]:.1f}"


def _lab(folder: Path) -> JupyterLab:
    return JupyterLab(folder / "lab")
