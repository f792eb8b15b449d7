"""The first lesson in a real JupyterLab: run all cells, and a swapped picture arrives twenty times per second."""

from __future__ import annotations

import json
import time
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from akool_nb.sandbox.engine.detector import FaceDetector

LESSON = Path(__file__).parents[2] / "notebooks" / "01_first_swap.ipynb"
PATIENCE = 20_000
FRAMES = 40
MARK_ROWS = 40
"""The sandbox's mark is in the lowest rows."""


class Wire:
    """The frames that the page sends to the sandbox and receives from it, in pairs."""

    def __init__(self, page) -> None:
        self.sent: list[bytes] = []
        self.swapped: list[bytes] = []
        page.on("websocket", self._follow)

    def _follow(self, socket) -> None:
        if "/live/" in socket.url:
            socket.on("framesent", lambda data: isinstance(data, bytes) and self.sent.append(data))
            socket.on("framereceived", self._keep)

    def _keep(self, data) -> None:
        if isinstance(data, bytes):
            self.swapped.append(data)
        else:
            # Instead, the sandbox sends the number of its oldest frames that get no answer.
            lost = json.loads(data).get("dropped", 0)
            del self.sent[len(self.swapped) : len(self.swapped) + lost]

    def clear(self) -> None:
        """Drop the pairs so far, but keep frames without an answer, so that each later frame is paired with its own."""
        del self.sent[: len(self.swapped)]
        self.swapped.clear()

    def pairs(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Each frame that was sent, and its answer."""
        assert 0 <= len(self.sent) - len(self.swapped) <= 2, "no frame was dropped"
        return [(pixels(before), pixels(after)) for before, after in zip(self.sent, self.swapped, strict=False)]


def pixels(jpeg: bytes) -> np.ndarray:
    with Image.open(BytesIO(jpeg)) as picture:
        return np.asarray(picture.convert("RGB"), dtype=int)


def wait_for_frames(page, wire, count) -> None:
    """Wait for this number of swapped frames."""
    end = time.monotonic() + PATIENCE / 1000
    while len(wire.swapped) < count:
        assert time.monotonic() < end, f"{len(wire.swapped)} of {count} frames; console: {page.console[-5:]}"
        page.page.wait_for_timeout(50)


def face_box(frame: np.ndarray) -> tuple[slice, slice]:
    """The box of the face, with a margin for its soft edge and its hair line."""
    (face,) = FaceDetector().detect(np.ascontiguousarray(frame[:, :, ::-1], dtype=np.uint8))
    x, y, width, height = face.region
    return slice(max(0, y - height // 3), y + height + height // 6), slice(
        max(0, x - width // 4), x + width + width // 4
    )


@pytest.fixture
def lesson(reused_notebook):
    """The lesson, run from top to bottom, and its frames."""
    page = reused_notebook(LESSON)
    wire = Wire(page.page)
    page.run_all()
    yield page, wire
    page.execute("session.close()")


def test_run_all_shows_a_live_swapped_picture_without_a_click(lesson):
    page, wire = lesson
    wait_for_frames(page, wire, FRAMES)
    page.page.get_by_label("The AI-swapped picture").wait_for()
    page.wait_for("view.state == 'live'")
    assert page.errors() == []
    assert page.page_errors == []
    page.page.get_by_label("The AI-swapped picture").scroll_into_view_if_needed()
    page.screenshot("first-lesson-live")


def test_the_face_of_the_camera_is_swapped_and_nothing_else_is_changed(lesson):
    page, wire = lesson
    wait_for_frames(page, wire, 1)
    choose_face(page, "Face 1")
    light = page.page.get_by_text("Camera is on")
    assert not light.is_visible()
    page.page.locator("select:has(option[value=drawn])").select_option(label="Default camera")
    # The menu asks for the consent too: no camera opens before the tick.
    page.page.wait_for_selector(".ak-asking")
    assert not light.is_visible()
    page.page.locator(".akool").get_by_role("checkbox").first.check()
    light.wait_for()
    wait_for_frames(page, wire, len(wire.swapped) + 10)  # skip the last drawn frames
    wire.clear()
    wait_for_frames(page, wire, FRAMES)
    page.page.get_by_label("The AI-swapped picture").scroll_into_view_if_needed()
    page.screenshot("first-lesson-camera")
    pairs = wire.pairs()
    assert {frame.shape for pair in pairs for frame in pair} == {(480, 640, 3)}
    assert all(swapped_only_in_the_face(*pair) for pair in pairs[5::10])
    moved = np.abs(pairs[0][1] - pairs[-1][1]).max(axis=2) > 40
    assert moved.mean() > 0.002, "the picture does not move"


def choose_face(page, name: str) -> None:
    """Choose another face than the current one; the lesson ends with the second one."""
    before = page.kernel("session.source.path")
    page.page.get_by_role("button", name=name).click()
    assert page.wait_for(f"session.source.path != {before!r}")


def swapped_only_in_the_face(before: np.ndarray, after: np.ndarray) -> bool:
    change = np.abs(before - after).max(axis=2)
    change[-MARK_ROWS:] = 0
    rows, columns = face_box(before)
    inside = change[rows, columns].copy()
    change[rows, columns] = 0
    # The rest differs only because the sandbox encodes the JPEG again.
    return bool((inside > 25).mean() > 0.03 and (change > 25).mean() < 0.0005)


def test_a_click_on_another_face_changes_the_swap_during_the_stream(lesson):
    page, wire = lesson
    wait_for_frames(page, wire, 10)
    choose_face(page, "Face 1")
    seen = len(wire.swapped)
    wait_for_frames(page, wire, seen + 20)


def test_closing_the_session_ends_the_picture_and_frees_the_service(lesson):
    page, wire = lesson
    wait_for_frames(page, wire, 5)
    page.execute("session.close()")
    page.wait_for("view.state == 'stopped'")
    assert page.kernel("client.sandbox.sessions") == []
    page.page.get_by_label("The AI-swapped picture").wait_for(state="hidden")
