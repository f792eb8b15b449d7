"""Notebook cells for the face widgets: detections with known faces, and the positions of their points on the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

TRUTH = json.loads((Path(__file__).parents[1] / "samples" / "collage.truth.json").read_text())


def _points(landmarks: dict[str, list[float]]) -> list[list[int]]:
    """The six points of the newer detector: the mouth's centre is between its corners."""
    points = [[round(x), round(y)] for x, y in landmarks.values()]
    (left, right) = points[3:]
    return [*points[:3], [(left[0] + right[0]) // 2, (left[1] + right[1]) // 2], left, right]


FACES = [_points(face["landmarks"]) for face in TRUTH["faces"]]
"""The collage's six faces, with the landmarks that were drawn."""

SETUP = f"""
from akool_nb import samples
from akool_nb.api.models import Detection, Face, SourceImage
from akool_nb.api.photo import Photo
from akool_nb.widgets import FacePicker, ImageUploader

photo = Photo.open(samples.photo("collage"))

def face(number, points, text=None):
    xs, ys = [x for x, y in points], [y for x, y in points]
    eyes = xs[1] - xs[0]
    region = (min(xs) - eyes, min(ys) - eyes, max(xs) - min(xs) + 2 * eyes, max(ys) - min(ys) + 2 * eyes)
    text = text or ":".join(f"{{x}},{{y}}" for x, y in points[:4])
    crop = SourceImage(f"https://crops.example/{{number}}.jpg", text)
    return Face(number, region, tuple(map(tuple, points)), text, photo, crop)

faces = {FACES!r}
found = Detection(photo, [face(number, points) for number, points in enumerate(faces, 1)])
lone = Detection(photo, [face(1, faces[0])])
grid = [[[20 + 125 * (n % 10) + dx, 20 + 68 * (n // 10) + dy] for dx, dy in
         ((0, 0), (24, 0), (12, 12), (12, 24), (4, 24), (20, 24))] for n in range(100)]
crowd = Detection(photo, [face(number, points) for number, points in enumerate(grid, 1)])
"""
"""`found` has six faces, `lone` one, `crowd` a hundred; all on the collage."""


def on_screen(page: Page, point: tuple[float, float] | list[int]) -> tuple[float, float]:
    """The position of a point of the photo on the screen, after the page has stopped moving."""
    page.locator(".ak-stage").scroll_into_view_if_needed()
    box: dict[str, Any] = page.locator(".ak-canvas").evaluate(
        """async canvas => {
            const place = () => {
                const { left, top, width } = canvas.getBoundingClientRect();
                return { left, top, width };
            };
            let before, now = place();
            do {
                before = now;
                await new Promise(done => setTimeout(done, 100));
                now = place();
            } while (JSON.stringify(now) !== JSON.stringify(before));
            return now }"""
    )
    scale = box["width"] / TRUTH["size"][0]
    return box["left"] + (point[0] + 0.5) * scale, box["top"] + (point[1] + 0.5) * scale


def settle(page: Page) -> None:
    """Wait until JupyterLab has focused the notebook, which it does a moment after a cell has run."""
    page.evaluate("() => { window.still = 0; window.last = undefined }")
    page.wait_for_function(
        """() => {
            const focused = document.activeElement;
            window.still = focused === window.last ? window.still + 1 : 0;
            window.last = focused;
            return window.still > 3 }""",
        polling=50,
    )


def themed(page: Page, name: str) -> None:
    """Wait until the widget has the theme "dark" or "light"."""
    page.wait_for_function(f"() => document.querySelector('.akool')?.dataset.theme === '{name}'")


def focused(page: Page) -> str:
    """The accessible name of the focused element."""
    name: str = page.evaluate(
        """() => {
            let at = document.activeElement;
            while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
            return at.getAttribute('aria-label') || at.textContent.trim().slice(0, 60) || at.tagName }"""
    )
    return name


def tab_walk(page: Page, start: Locator, steps: int) -> list[str]:
    """The accessible names that this number of Tab presses focuses, starting at a control."""
    start.focus()
    names = []
    for _ in range(steps):
        page.keyboard.press("Tab")
        names.append(focused(page))
    return names


def item(page: Page, number: int) -> Locator:
    """A face in the strip, counted from 1."""
    return page.locator(".ak-item").nth(number - 1)
