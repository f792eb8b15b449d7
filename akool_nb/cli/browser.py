"""The Chromium that the browser tests drive: found on the machine, or installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from akool_nb.cli.machine import Unprepared, apt_install, root_prefix, say

# Names under which a machine may have Chromium or Chrome.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def ensure_browser() -> str:
    """The path of a Chromium or Chrome: the machine's, else Debian's package, else Playwright's download."""
    for get in (_machine_browser, _downloaded_browser, _debian_browser, _download_browser):
        if found := get():
            return found
    raise Unprepared("The browser tests need Chromium and could not get it: run 'sudo apt-get install chromium'.")


def _machine_browser() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def _downloaded_browser() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _debian_browser() -> str | None:
    return _machine_browser() if apt_install("chromium", "fonts-dejavu-core") else None


def _download_browser() -> str | None:
    say("Downloading a browser with Playwright")
    with_libraries = ["--with-deps"] if root_prefix() is not None else []
    subprocess.call([sys.executable, "-m", "playwright", "install", *with_libraries, "chromium"])
    return _downloaded_browser()
