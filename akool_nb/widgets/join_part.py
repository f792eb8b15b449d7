"""What a page needs to join a session: its join data, Agora's SDK, and an answer when it asks for a sign of life."""

from __future__ import annotations

import gzip
from functools import cache
from typing import Any, Protocol

from akool_nb.agora import AgoraChannel
from akool_nb.widgets.base import STATIC
from akool_nb.widgets.live_host import LiveHost


class JoiningView(LiveHost, Protocol):
    """A live view with the options of the Agora client."""

    mode: str
    codec: str
    cloud_proxy: str
    join_limit: float


class JoinPart:
    """The part of a live view that answers a page which joins."""

    def __init__(self, view: JoiningView) -> None:
        self._view = view

    def _receive_ticket(self) -> None:
        """Send the join data with the RTC token: an answer, never a trait."""
        session = self._view.session
        if session is None:
            self._view.post("ticket", {"refused": "NO_SESSION"})
        elif session.closed:
            self._view.post("ticket", {"refused": "SESSION_CLOSED"})
        else:
            self._view.post("ticket", {**_join_data(session.channel), **self._client()})

    def _client(self) -> dict[str, Any]:
        view = self._view
        options = {"mode": view.mode, "codec": view.codec, "cloud_proxy": view.cloud_proxy}
        return {**options, "join_limit_ms": round(1000 * view.join_limit)}

    def _receive_sdk(self) -> None:
        self._view.work(lambda: self._view.post("sdk", {}, _packed_sdk()))

    def _receive_time_left(self) -> None:
        """Send the seconds until the session ends: the browser's clock may be minutes off."""
        session = self._view.session
        if session is not None:
            self._view.post("time_left", {"seconds": session.seconds_left})

    def _receive_pulse(self) -> None:
        """The page misses the picture and asks whether this kernel still runs."""
        self._view.post("pulse")


def _join_data(channel: AgoraChannel) -> dict[str, Any]:
    return {
        "app_id": channel.app_id,
        "channel_id": channel.channel_id,
        "front_user_id": channel.uid,
        "algorithm_user_id": channel.remote_uid,
        "front_rtc_token": channel.token,
        "app_id_differs": _app_id_differs(channel),
    }


def _app_id_differs(channel: AgoraChannel) -> bool:
    # Agora judges a token that cannot be read.
    return channel.claims is not None and channel.claims.app_id != channel.app_id


@cache
def _packed_sdk() -> bytes:
    """Agora's SDK, compressed: for hosts that serve no files of the package."""
    return gzip.compress((STATIC / "agora.js").read_bytes(), mtime=0)
