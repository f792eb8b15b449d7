"""Choosing a photo: a file, a drop, a paste, an address, a camera shot, or one of the samples."""

from __future__ import annotations

import threading
from functools import cache
from typing import Any

import traitlets

from akool_nb import samples
from akool_nb.api.photo import LARGEST_FILE, PAGE_SIDE, Photo, Source
from akool_nb.errors import PhotoError
from akool_nb.widgets import texts
from akool_nb.widgets.base import BaseWidget, F, Listeners, script
from akool_nb.widgets.consent import CONSENT

THUMB = 176
"""Pixels of a sample's small picture: twice its size on the page, for sharp screens."""


class ImageUploader(BaseWidget):
    """Lets a person bring photos; the current one is `photo`.

    The file arrives whole, in pieces, so a photo may be larger than the 10 MiB that a notebook server lets
    through, and `photo.to_original()` still knows the pixels of the file. Nothing of it is saved with the notebook.

        uploader = ImageUploader()

        @uploader.on_photo
        def show(photo):
            print(photo.size)

    Raises:
        TypeError: an unknown keyword.
        PhotoError: `add` of something that is no photo; what a person brings in vain is told under the widget.
    """

    _esm = script("image_uploader")

    photo = traitlets.Instance(Photo, allow_none=True, help="The current photo, or None; observable, never saved.")
    photos = traitlets.Tuple(help="All photos that were brought and not removed, oldest first.")
    _current = traitlets.Int(help="The number of the current photo; 0 is none.").tag(sync=True)

    def __init__(self, **options: Any) -> None:
        self._lock = threading.RLock()
        self._switching = threading.RLock()
        """Held until all listeners know the new photo: of two that arrive together the current one is told last."""
        self._names: dict[int, str] = {}
        self._kept: dict[int, Photo] = {}
        self._arriving: dict[int, dict[int, bytes]] = {}
        self._over: set[int] = set()
        self._cancelled: set[int] = set()
        self._count = 0
        self._listeners = Listeners(self)
        super().__init__(**options)
        # Unasked: while a busy kernel works through Run All, the page could ask in vain.
        self.work(self._send_samples)

    def on_photo(self, function: F) -> F:
        """Call the function with each new current `Photo`; works as a decorator."""
        return self._listeners.add(function)

    def add(self, source: Source, *, name: str = "photo") -> Photo:
        """Bring a photo from Python, from whatever `Photo.open` takes, as if a person had chosen it."""
        return self._keep(_opened(source), name)

    def _keep(self, photo: Photo, name: str) -> Photo:
        with self._lock:
            self._count += 1
            number = self._count
            self._kept[number], self._names[number] = photo, name
        self._send_photo(number)
        self._current = number
        return photo

    @traitlets.observe("_current")
    def _switch(self, _change: object) -> None:
        with self._switching:
            with self._lock:
                self.photos = tuple(self._kept.values())
                # What is current now, not what the change says: meanwhile another thread may have switched again.
                self.photo = self._kept.get(self._current)
            if self.photo is not None:
                self._listeners.tell(self.photo)

    # What the page says

    def _hear_hello(self, _content: dict[str, Any], _buffers: list[memoryview]) -> None:
        self.work(self._send_samples)
        for number in list(self._kept):
            self._send_photo(number)

    def _hear_piece(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        upload, size, name = content["upload"], content["size"], content["name"]
        with self._lock:
            if upload in self._over:
                return  # the rest of an upload that was cancelled or refused
            if upload not in self._arriving and not self._begin(upload, size, name):
                return
            # By where they begin: not every host delivers the pieces in the order in which they were sent.
            pieces = self._arriving[upload]
            pieces[content["start"]] = bytes(buffers[0])
            there = sum(map(len, pieces.values()))
        self.post("got", {"upload": upload, "bytes": there, "size": size})
        if there >= size:
            self._end(upload)
            self._take(upload, b"".join(pieces[start] for start in sorted(pieces)), name)

    def _hear_url(self, content: dict[str, Any], _buffers: list[memoryview]) -> None:
        upload, url = content["upload"], content["url"]
        # `Photo.open` also takes the path of a file, but a page must not read those of the kernel's machine.
        if not url.lower().startswith(("https://", "http://")):
            # Named by its kind alone: what was pasted may be a whole picture, and an error is kept with the notebook.
            return self._refuse(upload, PhotoError(texts.NO_ADDRESS), url.partition(":")[0][:20])
        return self._take(upload, url, url.rstrip("/").rpartition("/")[2].partition("?")[0] or url)

    def _hear_sample(self, content: dict[str, Any], _buffers: list[memoryview]) -> None:
        self._take(content["upload"], samples.photo(content["name"]), content["name"], sample=True)

    def _hear_cancel(self, content: dict[str, Any], _buffers: list[memoryview]) -> None:
        self._cancelled.add(content["upload"])
        self._end(content["upload"])

    def _hear_remove(self, content: dict[str, Any], _buffers: list[memoryview]) -> None:
        number = content["id"]
        with self._lock:
            self._kept.pop(number, None)
            self.photos = tuple(self._kept.values())
        self.post("gone", {"id": number})
        if number == self._current:
            self._current = max(self._kept, default=0)

    # The way of one upload

    def _begin(self, upload: int, size: int, name: str) -> bool:
        if size > LARGEST_FILE:
            self._refuse(upload, PhotoError(texts.TOO_LARGE.format(megabytes=round(LARGEST_FILE / 1e6))), name)
        elif not CONSENT.given:
            self._refuse(upload, PhotoError(texts.CONSENT_MISSING), name)
        else:
            self._arriving[upload] = {}
        return upload in self._arriving

    def _end(self, upload: int) -> None:
        """No more pieces of it are wanted."""
        with self._lock:
            self._over.add(upload)
            self._arriving.pop(upload, None)

    def _take(self, upload: int, source: Source, name: str, *, sample: bool = False) -> None:
        if not (sample or CONSENT.given):
            return self._refuse(upload, PhotoError(texts.CONSENT_MISSING), name)
        self.work(self._open, upload, source, name)
        return None

    def _open(self, upload: int, source: Source, name: str) -> None:
        try:
            photo = _opened(source)
            if upload not in self._cancelled:
                self._keep(photo, name)
            self.post("done", {"upload": upload})
        except Exception as problem:
            self._refuse(upload, problem, name)

    def _refuse(self, upload: int, problem: Exception, name: str) -> None:
        self._end(upload)
        if upload not in self._cancelled:
            self.fail(problem, about=name)
        self.post("done", {"upload": upload})

    def _send_photo(self, number: int) -> None:
        photo = self._kept[number]
        width, height = photo.original_size
        content = {"id": number, "name": self._names[number], "width": width, "height": height}
        self.post("photo", content, photo.preview(PAGE_SIDE))

    def _send_samples(self) -> None:
        shelf = _shelf()
        self.post("samples", {"names": [name for name, _ in shelf]}, *(jpeg for _, jpeg in shelf))


def _opened(source: Source) -> Photo:
    photo = Photo.open(source)
    _ = photo.jpeg  # an address is fetched here, and may fail
    return photo


@cache
def _shelf() -> tuple[tuple[str, bytes], ...]:
    """Name and small JPEG of each sample photo, made once per process."""
    return tuple((path.stem, Photo.open(path).preview(THUMB)) for path in samples.photos())
