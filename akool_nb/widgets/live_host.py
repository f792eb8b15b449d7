"""What the parts of a live view need of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from PIL import Image

    from akool_nb.api.session import LiveSession

RUNNING = frozenset({"starting", "joined", "live", "reconnecting"})
"""The states of a live view in which a page runs the call."""


class LiveHost(Protocol):
    """A live view, seen by its parts; the attributes are those of `LiveView`."""

    state: str
    page: str
    elsewhere: bool
    view_url: str
    close_after: float | None
    folder: Path
    recordings: tuple[Path, ...]
    snapshot: Image.Image | None

    @property
    def session(self) -> LiveSession | None:
        """The session that is shown."""

    def post(self, kind: str, content: dict[str, Any] | None = None, *buffers: bytes) -> None:
        """Send the page a message."""

    def work(self, function: Callable[..., object], *args: Any) -> None:
        """Run the function on the widget's thread."""

    def stop(self) -> None:
        """Leave the call and switch the camera off."""

    def fail(self, problem: BaseException, *, about: str = "") -> None:
        """Show what went wrong."""
