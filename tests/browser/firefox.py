"""Stock Firefox ESR with its own fake camera, driven over WebDriver BiDi: https://www.w3.org/TR/webdriver-bidi/"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import websocket

from tests.browser.scripted import ScriptedPage
from tests.browser.servers import MARK, RUN_ID

PREFERENCES = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "browser.shell.checkDefaultBrowser": False,
}
PATIENCE = 60
"""Seconds that Firefox may take to start, and to answer."""


class Firefox:
    """The browser, headless. Every page is a tab; the newest one is in front."""

    def __init__(self, home: Path) -> None:
        profile = home / "profile"
        profile.mkdir(parents=True)
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items()]
        (profile / "user.js").write_text("".join(lines))
        self._log = home / "firefox.log"
        self._numbers = count(1)
        self._pages: dict[str, FirefoxPage] = {}
        self._start(profile)

    def __enter__(self) -> Firefox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def new_page(self, *, beside: FirefoxPage | None = None) -> FirefoxPage:
        """A tab in front of the others of its window, which are hidden from then on."""
        where = {"referenceContext": beside.context} if beside else {}
        return self.page(self.send("browsingContext.create", type="tab", **where)["context"])

    def page(self, context: str) -> FirefoxPage:
        """The tab or window of this id."""
        self._pages[context] = FirefoxPage(self, context)
        return self._pages[context]

    def contexts(self) -> list[str]:
        """The ids of all tabs and windows."""
        return [tree["context"] for tree in self.send("browsingContext.getTree")["contexts"]]

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """The result of a command; an error of the protocol is an AssertionError."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while (message := json.loads(self._socket.recv())).get("id") != number:
            self._forward(message)
        if message["type"] == "error":
            raise AssertionError(f"{method}: {message['error']}: {message['message']}")
        result: dict[str, Any] = message["result"]
        return result

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE)

    def _start(self, profile: Path) -> None:
        command = [find(), "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port=0"]
        with self._log.open("w") as log:
            self._process = subprocess.Popen(command, env={**os.environ, MARK: RUN_ID}, stdout=log, stderr=log)
        self._socket = websocket.create_connection(f"{self._address()}/session", PATIENCE, suppress_origin=True)
        self.send("session.new", capabilities={})
        self.send("session.subscribe", events=["log.entryAdded"])

    def _address(self) -> str:
        """The address on which Firefox listens; it writes it to its standard error."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self._process.poll() is None:
            if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", self._log.read_text()):
                return found[1]
            time.sleep(0.05)
        raise RuntimeError(f"Firefox did not start. Its log:\n{self._log.read_text()[-3000:]}")

    def _forward(self, event: dict[str, Any]) -> None:
        """Forward a line of the console to its page."""
        entry = event.get("params", {})
        page = self._pages.get(entry.get("source", {}).get("context"))
        if page is not None and event["method"] == "log.entryAdded":
            page.forward(entry)


class FirefoxPage(ScriptedPage):
    """A tab or a window."""

    def __init__(self, firefox: Firefox, context: str) -> None:
        self._firefox = firefox
        self.context = context
        self._listeners: dict[str, Callable[[Any], object]] = {}

    def goto(self, url: str, *, wait_until: str = "") -> None:
        self._firefox.send("browsingContext.navigate", context=self.context, url=url, wait="interactive")

    def bring_to_front(self) -> None:
        self._firefox.send("browsingContext.activate", context=self.context)

    def close(self) -> None:
        self._firefox.send("browsingContext.close", context=self.context)

    def call(self, function: str, argument: str) -> str:
        answer = self._function(function, [{"type": "string", "value": argument}])
        if answer["type"] == "exception":
            raise AssertionError(answer["exceptionDetails"]["text"])
        text: str = answer["result"]["value"]
        return text

    def click_at(self, x: int, y: int) -> None:
        move = {"type": "pointerMove", "x": x, "y": y}
        steps = [move, {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        mouse = {"type": "pointer", "id": "mouse", "actions": steps}
        self._firefox.send("input.performActions", context=self.context, actions=[mouse])

    def choose_file(self, selector: str, path: Path) -> None:
        answer = self._function(f"() => document.querySelector({json.dumps(selector)})", [])
        element = {"sharedId": answer["result"]["sharedId"]}
        self._firefox.send("input.setFiles", context=self.context, element=element, files=[str(path)])

    def on(self, event: str, act: Callable[[Any], object]) -> None:
        self._listeners[event] = act

    def forward(self, entry: dict[str, Any]) -> None:
        """Handle a log entry: an exception that no script caught, or a line of the console."""
        if entry["type"] == "javascript":
            self._listeners.get("pageerror", str)(entry["text"])
        else:
            self._listeners.get("console", str)(SimpleNamespace(type=entry["level"], text=entry["text"]))

    def _function(self, function: str, arguments: list[dict[str, str]]) -> dict[str, Any]:
        return self._firefox.send(
            "script.callFunction",
            functionDeclaration=function,
            arguments=arguments,
            target={"context": self.context},
            awaitPromise=True,
            userActivation=False,
        )


def find() -> str:
    """The machine's Firefox ESR."""
    found = shutil.which("firefox-esr")
    if found is None:
        raise RuntimeError("The browser tests need Firefox ESR: run 'apt-get install firefox-esr'.")
    return found
