"""The exercises of lesson 09: widgets that are connected, and sessions that are closed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from akool_nb import samples
from akool_nb.check.exercise import Exercise, call

# How long the connected picker may need to show the faces of a new photo, in seconds.
PATIENCE = 10.0


def _parts(value: Any) -> Iterator[Any]:
    yield value
    for child in getattr(value, "children", ()):
        yield from _parts(child)


def _app(value: Any) -> str:
    parts = {type(part).__name__: part for part in _parts(value)}
    missing = {"ImageUploader", "FacePicker", "LiveView"} - parts.keys()
    if missing:
        return f"The box needs {', '.join(sorted(missing))}, too."
    if _are_connected(parts["ImageUploader"], parts["FacePicker"]):
        return ""
    return "A new photo in the uploader does not reach the picker. on_photo connects them."


def _are_connected(uploader: Any, picker: Any) -> bool:
    before = picker.detection
    uploader.add(samples.photo("astronaut"))
    deadline = time.monotonic() + PATIENCE
    while picker.detection is before and time.monotonic() < deadline:
        time.sleep(0.05)
    return picker.detection is not before


def _stop_all(value: Any) -> str:
    from akool_nb.sandbox import Sandbox

    client = Sandbox.shared().client()
    face = client.detect(samples.photo("drawn_face"))[0]
    with client.create(face), client.create(face):
        count = call(value, client, case="a client with two open sessions")
        left_open = len(client.sessions)
    if left_open:
        return f"{left_open} of two sessions stayed open."
    return "" if count == 2 else f"Two sessions were open, so the function should return 2; yours returned {count!r}."


EXERCISES = {
    "09.1": Exercise("a box of widgets", _app, "Three connected widgets: that is an app."),
    "09.2": Exercise("a function that takes a client", _stop_all, "Nothing stays open and costs credits."),
}
