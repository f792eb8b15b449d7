"""The connection of a widget that is a part of another one: its messages travel inside those of the whole."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, Protocol

# Only a host needs them, to show a widget alone.
_UNUSED = ("_esm", "layout", "tabbable", "tooltip")


class Whole(Protocol):
    """A widget with parts."""

    def post(self, kind: str, content: dict[str, Any] | None = None, *buffers: bytes) -> None:
        """Send the page a message."""


class PartComm:
    """What ipywidgets uses of a comm, for a part: a host that shows single widgets only then shows the parts, too.

    A message of ipywidgets' protocol goes to the page as `{kind: "part", key, data}` of the whole, and comes from there
    as `{kind: "part", key, page, data}`; `page` is a random id of the page.
    https://github.com/jupyter-widgets/ipywidgets/blob/main/packages/schema/messages.md
    """

    def __init__(self, whole: Whole) -> None:
        self._whole = whole
        self._handler: Callable[[dict[str, Any]], object] | None = None
        self._page = ""
        self.comm_id = uuid.uuid4().hex

    def on_msg(self, handler: Callable[[dict[str, Any]], object]) -> None:
        """Give the part's messages to this function."""
        self._handler = handler

    def send(self, data: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        """Send the page a message; any thread may call it."""
        content = {"key": self.comm_id, "data": data}
        if "state" in data:
            state = {name: value for name, value in data["state"].items() if name not in _UNUSED}
            content["data"] = {**data, "state": state}
        if data["method"] == "echo_update":
            # The page that has set the trait may have set it again.
            content["page"] = self._page
        self._whole.post("part", content, *(buffers or []))

    def receive(self, page: str, data: dict[str, Any], buffers: list[memoryview]) -> None:
        """Give the part a message of the page."""
        self._page = page
        if self._handler is not None:
            self._handler({"content": {"data": data}, "buffers": buffers})

    def close(self) -> None:
        """The part is closed: its late messages are dropped."""
        self._handler = None
