"""The browsers that the tests drive: found on the machine, or installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from akool_nb.cli.machine import Unprepared, apt_install, root_prefix
from akool_nb.terminal import say

# Names under which a machine may have Chromium or Chrome.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# Programs of the other browsers of the tests, and the Debian packages that have them.
OTHERS = {"firefox-esr": "firefox-esr", "WebKitWebDriver": "webkit2gtk-driver", "Xvfb": "xvfb"}


def install_other_browsers() -> None:
    """Install what is missing beside Chromium; without it the tests of that browser fail, and the others run."""
    missing = [package for program, package in OTHERS.items() if shutil.which(program) is None]
    if missing and not apt_install(*missing):
        say(f"Their tests will fail: run 'sudo apt-get install {' '.join(missing)}'.")


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
    if not Path(path).exists():
        return None
    return path


def _debian_browser() -> str | None:
    if not apt_install("chromium", "fonts-dejavu-core"):
        return None
    return _machine_browser()


def _download_browser() -> str | None:
    say("Downloading a browser with Playwright")
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    if root_prefix() is not None:
        command.append("--with-deps")
    subprocess.call(command)
    return _downloaded_browser()
