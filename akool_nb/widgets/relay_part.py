"""The part of a live view that keeps its page's relay: the connection through the kernel."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from akool_nb.widgets.live_host import LiveHost

if TYPE_CHECKING:
    from akool_nb.widgets.relay import Relay


class RelayPart:
    """Opens, feeds and closes the relay, at most one at a time; the page gives each a new id."""

    def __init__(self, view: LiveHost) -> None:
        self._view = view
        self._id = ""
        self._relay: Relay | None = None

    def close(self) -> None:
        if self._relay is not None:
            self._relay.close()
        self._relay = None

    def _receive_relay(self, *frames: memoryview, id: str, event: str) -> None:
        if event == "open":
            self._open(id)
        elif id != self._id or self._relay is None:
            return  # a late message of a connection that is closed already
        elif event == "frame":
            self._relay.send(bytes(frames[0]))
        elif event == "close":
            self.close()

    def _open(self, relay_id: str) -> None:
        # tornado comes with Jupyter; other notebook programs need it for this route only.
        from akool_nb.widgets.relay import Relay

        self.close()
        self._id = relay_id
        self._relay = Relay(self._view.view_url, partial(self._answer, relay_id))

    def _answer(self, relay_id: str, event: str, text: str, *frames: bytes) -> None:
        self._view.post("relay", {"id": relay_id, "event": event, "text": text}, *frames)
