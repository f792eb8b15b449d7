"""Stock WebKitGTK with its mock camera, driven by Selenium through Debian's WebKitWebDriver, on its own screen."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from tests.browser.scripted import ScriptedPage
from tests.browser.servers import MARK, RUN_ID

ARGUMENTS = ["--automation", "--enable-media-stream=true", "--enable-mock-capture-devices=true"]
PATIENCE = 60
"""Seconds that a script may take."""


class WebKit:
    """The browser, which has one page."""

    def __init__(self) -> None:
        self._screen, display = open_screen()
        variables = {**os.environ, "DISPLAY": display, MARK: RUN_ID}
        options = Options()
        for argument in ARGUMENTS:
            options.add_argument(argument)
        self._driver = webdriver.WebKitGTK(options=options, service=Service(find("WebKitWebDriver"), env=variables))
        self._driver.set_script_timeout(PATIENCE)
        self.page = WebKitPage(self._driver)

    def __enter__(self) -> WebKit:
        return self

    def __exit__(self, *_: object) -> None:
        self._driver.quit()
        self._screen.terminate()
        self._screen.wait()


class WebKitPage(ScriptedPage):
    """The page; its console cannot be read."""

    def __init__(self, driver: webdriver.WebKitGTK) -> None:
        self._driver = driver

    def goto(self, url: str, *, wait_until: str = "") -> None:
        self._driver.get(url)

    def call(self, function: str, argument: str) -> str:
        text: str = self._driver.execute_script(f"return ({function})(arguments[0])", argument)
        return text

    def click_at(self, x: int, y: int) -> None:
        actions = ActionBuilder(self._driver)
        actions.pointer_action.move_to_location(x, y).click()
        actions.perform()

    def choose_file(self, selector: str, path: Path) -> None:
        self._driver.find_element("css selector", selector).send_keys(str(path))


def open_screen() -> tuple[subprocess.Popen[bytes], str]:
    """An X server without a real screen, and the name of its display: WebKitGTK has no headless mode."""
    reader, writer = os.pipe()
    command = [find("Xvfb"), "-displayfd", str(writer), "-screen", "0", "1280x1000x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL, env={**os.environ, MARK: RUN_ID})
    os.close(writer)
    with os.fdopen(reader) as numbers:
        return server, f":{numbers.readline().strip()}"


def find(program: str) -> str:
    """The path of a program of WebKitGTK's tests."""
    found = shutil.which(program)
    if found is None:
        raise RuntimeError(f"The browser tests need {program}: run 'apt-get install webkit2gtk-driver xvfb'.")
    return found
