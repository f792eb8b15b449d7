"""The pictures that the sandbox hosts in memory: cropped faces for seven days, the sample photos without end."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from akool_nb import samples
from akool_nb.pictures.kinds import KINDS
from akool_nb.sandbox.service.clock import Clock
from akool_nb.sandbox.switches import Switches
from akool_nb.wire.addresses import LOOPBACK


@dataclass
class _Hosted:
    content: bytes
    since: float


class Files:
    """The pictures under /files and /samples, found by their path."""

    # Above this total the oldest crops are removed, so that a long day does not fill the memory.
    MOST_BYTES = 64_000_000

    def __init__(self, url: str, clock: Clock, switches: Switches) -> None:
        self._url = url
        self._clock = clock
        self._switches = switches
        self._hosted: OrderedDict[str, _Hosted] = OrderedDict()

    def host(self, content: bytes, name: str) -> str:
        """Keep a picture for `hosting_days`; returns its address, which cannot be guessed."""
        path = f"/files/{secrets.token_urlsafe(16)}/{name}"
        self._hosted[path] = _Hosted(content, self._clock.now())
        self._sweep()
        return self._url + path

    def get(self, path: str) -> bytes | None:
        """The picture at a path of this server; None where there is none, or none any more."""
        self._sweep()
        if path.startswith("/samples/"):
            return _sample(path.removeprefix("/samples/"))
        hosted = self._hosted.get(path)
        return hosted.content if hosted else None

    def own_path(self, url: str) -> str | None:
        """The path, if the address is one of this server's own; else None."""
        own = urlsplit(self._url)
        try:
            parts = urlsplit(url)
            is_own = parts.scheme == own.scheme and parts.port == own.port and parts.hostname in LOOPBACK
        except ValueError:
            return None
        return parts.path if is_own else None

    def is_crop(self, url: str) -> bool:
        """Whether the address is that of a hosted crop, still there or expired."""
        return (self.own_path(url) or "").startswith("/files/")

    def __len__(self) -> int:
        return len(self._hosted)

    def clear(self) -> None:
        self._hosted.clear()

    def _sweep(self) -> None:
        # Oldest first, so the sweep ends at the first one that may stay.
        oldest = self._clock.now() - self._switches.hosting_days * 86400.0
        total = sum(len(hosted.content) for hosted in self._hosted.values())
        while self._hosted:
            path, hosted = next(iter(self._hosted.items()))
            if hosted.since > oldest and total <= self.MOST_BYTES:
                return
            total -= len(hosted.content)
            del self._hosted[path]


def content_type(path: str) -> str:
    """The MIME type for the ending of a picture's name."""
    ending = PurePosixPath(path).suffix.lower()
    return next((kind.mime for kind in KINDS if ending in kind.endings), "application/octet-stream")


def sample_names() -> list[str]:
    """File names of the sample photos under /samples."""
    return [photo.name for photo in samples.photos()]


def _sample(name: str) -> bytes | None:
    # The name is compared with the list, never joined to a folder.
    return next((photo.read_bytes() for photo in samples.photos() if photo.name == name), None)
