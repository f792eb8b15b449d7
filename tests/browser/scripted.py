"""A page of a browser that Playwright does not drive, with those methods of Playwright's page that the tests use."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.browser.harness import NotebookPage

PATIENCE = 20_000
"""Milliseconds."""

# As in Playwright, an expression that is a function is called with the argument.
CALL = """async text => {{
    const made = ({script});
    const result = typeof made === 'function' ? await made(...JSON.parse(text)) : await made;
    return JSON.stringify(result ?? null);
}}"""

# The point to click, once nothing covers the element and it does not move.
PLACE = """async script => {
    const element = eval(script);
    if (!element) return null;
    element.scrollIntoView({ block: 'center' });
    const place = () => {
        const { left, top, width, height } = element.getBoundingClientRect();
        return [Math.round(left + width / 2), Math.round(top + height / 2)];
    };
    const before = place();
    await new Promise(done => setTimeout(done, 50));
    const now = place();
    const hit = document.elementFromPoint(...now);
    const isHit = element === hit || element.contains(hit) || hit?.contains(element);
    return isHit && String(before) === String(now) ? now : null;
}"""
BUTTON = """[...document.querySelectorAll('.akool button')].find(button =>
    (button.getAttribute('aria-label') || button.textContent).trim() === {name} && button.checkVisibility())"""


class ScriptedPage:
    """The methods that need only scripts and clicks; a subclass implements these for its browser."""

    def evaluate(self, script: str, argument: Any = None) -> Any:
        """The script's result, converted through JSON."""
        return json.loads(self.call(CALL.format(script=script), json.dumps([argument])))

    def wait_for_function(self, script: str, *, arg: Any = None, timeout: float = PATIENCE) -> Any:
        """Run the script repeatedly until its result is true, and return the result."""
        return self.until(lambda: self.evaluate(script, arg), script, timeout=timeout)

    def until(self, look: Callable[[], Any], what: str = "", *, timeout: float = PATIENCE) -> Any:
        """Call `look` repeatedly until its result is true, and return the result."""
        end = time.monotonic() + timeout / 1000
        while not (result := look()):
            if time.monotonic() > end:
                raise AssertionError(f"{what} is still {result!r}; the page says: {self.text()}")
            time.sleep(0.05)
        return result

    def wait_for_selector(self, selector: str, *, timeout: float = PATIENCE) -> None:
        """Wait until an element of this CSS selector is visible."""
        visible = "selector => [...document.querySelectorAll(selector)].some(element => element.checkVisibility())"
        self.wait_for_function(visible, arg=selector, timeout=timeout)

    def wait_for_timeout(self, milliseconds: float) -> None:
        time.sleep(milliseconds / 1000)

    def text(self) -> str:
        """The text of the page's widgets."""
        script = "() => [...document.querySelectorAll('.akool')].map(widget => widget.innerText).join('\\n---\\n')"
        return str(self.evaluate(script))

    def click(self, element: str) -> None:
        """Click the element that this JavaScript expression finds, as soon as it can be clicked."""
        self.click_at(*self.wait_for_function(PLACE, arg=element))

    def press(self, name: str) -> None:
        """Press a button of the widgets."""
        self.click(BUTTON.format(name=json.dumps(name)))

    def tick(self) -> None:
        """Tick the consent."""
        self.click("document.querySelector('.akool input[type=checkbox]')")

    def on(self, event: str, act: Callable[[Any], object]) -> None:
        """Call `act` with each line of the console; a browser whose console cannot be read calls nothing."""

    def call(self, function: str, argument: str) -> str:
        """Call the asynchronous JavaScript function in the page and return its text."""
        raise NotImplementedError

    def goto(self, url: str, *, wait_until: str = "") -> None:
        raise NotImplementedError

    def click_at(self, x: int, y: int) -> None:
        raise NotImplementedError

    def choose_file(self, selector: str, path: Path) -> None:
        """Choose a file as in the file dialog."""
        raise NotImplementedError


def start_camera(page: NotebookPage) -> None:
    """Give consent and start with the camera, as a user does."""
    page.page.press("Start")
    page.page.tick()
    page.page.wait_for_selector("[data-state=live]")
