"""Photos on their way from the page: files in pieces, addresses, samples."""

from __future__ import annotations

from collections.abc import Callable

from akool_nb import samples
from akool_nb.api.photo import LARGEST_FILE, Photo, Source
from akool_nb.errors import PhotoError
from akool_nb.widgets import texts
from akool_nb.widgets.base import BaseWidget
from akool_nb.widgets.consent import CONSENT


class Uploads:
    """The part of an uploader that receives photos, and calls `keep(photo, name, is_sample)` on the widget's thread.

    Each upload has a random number, which the page makes. The page sends `piece(data, upload, name, size, start)` for
    a file, `url(upload, url)` for an address or `sample(upload, name)`, and `cancel(upload)`. The answers are
    `got {upload, bytes, size}` for each piece and, at the end, `done {upload, ok}`.
    """

    def __init__(self, host: BaseWidget, keep: Callable[[Photo, str, bool], None]) -> None:
        self._host = host
        self._keep = keep
        # The bytes of each upload by the place where they begin: not every host delivers pieces in order.
        self._arriving: dict[int, dict[int, bytes]] = {}
        self._over: set[int] = set()
        self._cancelled: set[int] = set()

    def _receive_piece(self, piece: memoryview, *, upload: int, name: str, size: int, start: int) -> None:
        if upload in self._over:
            return  # the rest of an upload that was cancelled or refused
        reason = _refusal(size)
        if upload not in self._arriving and reason:
            self._refuse(upload, PhotoError(reason), name)
            return
        pieces = self._arriving.setdefault(upload, {})
        pieces[start] = bytes(piece)
        there = sum(map(len, pieces.values()))
        self._host.post("got", {"upload": upload, "bytes": there, "size": size})
        if there >= size:
            self._end(upload)
            self._host.aside(self._open, upload, b"".join(pieces[place] for place in sorted(pieces)), name)

    def _receive_url(self, upload: int, url: str) -> None:
        # `Photo.open` also takes the path of a file, but a page must not read those of the kernel's machine.
        if not url.lower().startswith(("https://", "http://")):
            # Named by its scheme alone: what was pasted may be a whole picture, and an error is kept with the notebook.
            self._refuse(upload, PhotoError(texts.NO_ADDRESS), url.partition(":")[0][:20])
            return
        name = url.rstrip("/").rpartition("/")[2].partition("?")[0] or url
        if CONSENT.given:
            self._host.aside(self._open, upload, url, name)
        else:
            self._refuse(upload, PhotoError(texts.CONSENT_MISSING), name)

    def _receive_sample(self, upload: int, name: str) -> None:
        self._host.aside(self._open, upload, samples.photo(name), name, True)

    def _receive_cancel(self, upload: int) -> None:
        self._cancelled.add(upload)
        self._end(upload)

    def _open(self, upload: int, source: Source, name: str, sample: bool = False) -> None:
        try:
            photo = opened(source)
        except Exception as problem:
            self._refuse(upload, problem, name)
        else:
            self._host.work(self._finish, upload, photo, name, sample)

    def _finish(self, upload: int, photo: Photo, name: str, sample: bool) -> None:
        if upload not in self._cancelled:
            self._keep(photo, name, sample)
        self._host.post("done", {"upload": upload, "ok": True})

    def _refuse(self, upload: int, problem: Exception, name: str) -> None:
        self._end(upload)
        if upload not in self._cancelled:
            self._host.fail(problem, about=name)
        self._host.post("done", {"upload": upload, "ok": False})

    def _end(self, upload: int) -> None:
        """No more pieces of it are wanted."""
        self._over.add(upload)
        self._arriving.pop(upload, None)


def opened(source: Source) -> Photo:
    """The photo with its pixels: an address is fetched here, and may fail."""
    photo = Photo.open(source)
    _ = photo.jpeg
    return photo


def _refusal(size: int) -> str:
    """Why a file is not taken; empty if it is."""
    if size > LARGEST_FILE:
        return texts.TOO_LARGE.format(megabytes=round(LARGEST_FILE / 1e6))
    return "" if CONSENT.given else texts.CONSENT_MISSING
