"""Choosing a photo: a file, a drop, a paste, an address, a camera shot, or one of the samples."""

from __future__ import annotations

from functools import cache
from typing import Any

import traitlets

from akool_nb import samples
from akool_nb.api.photo import PAGE_SIDE, Photo, Source
from akool_nb.widgets.base import BaseWidget, F, Listeners, script
from akool_nb.widgets.uploads import Uploads, opened

# Pixels of a sample's small picture: twice its size on the page, for sharp screens.
THUMB = 176


class ImageUploader(BaseWidget):
    """Lets a person bring photos; the current one is `photo`.

    The file arrives whole, in pieces, so a photo may be larger than the 10 MiB that a notebook server lets
    through, and `photo.to_original()` still knows the pixels of the file. Nothing of it is saved with the notebook.

        uploader = ImageUploader()
        display(uploader)

        @uploader.on_photo
        def show(photo):
            print(photo.size)

    What the function prints appears under the cell that defines it.

    Raises:
        TypeError: an unknown keyword.
        PhotoError: `add` of something that is not a photo; a person sees the reason in the widget.
    """

    _esm = script("image_uploader")

    photo = traitlets.Instance(
        Photo, allow_none=True, read_only=True, help="The current photo, or None; observable, never saved."
    )
    photos = traitlets.Tuple(read_only=True, help="All photos that were brought and not removed, oldest first.")
    _current = traitlets.Int(help="The number of the current photo; 0 is none.").tag(sync=True)

    def __init__(self, **options: Any) -> None:
        # By number; these change on the worker only.
        self._kept: dict[int, Photo] = {}
        self._names: dict[int, str] = {}
        # The numbers of the samples that were chosen, by name.
        self._samples: dict[str, int] = {}
        self._uploads = Uploads(self, self._keep)
        self._parts = (self._uploads,)
        self._listeners = Listeners(self)
        super().__init__(**options)
        # Sent without being asked for, because a busy kernel would not receive the page's question.
        self.aside(self._send_samples)

    def on_photo(self, function: F) -> F:
        """Call the function with each new current `Photo`; works as a decorator.

        It runs on the uploader's own thread. What it prints appears under the cell that defines it.
        """
        return self._listeners.add(function)

    def add(self, source: Source, *, name: str = "photo") -> Photo:
        """Bring a photo from Python, from whatever `Photo.open` takes, as if a person had chosen it."""
        photo = opened(source)
        self.worker.result(lambda: self._keep(photo, name, False))
        return photo

    def _keep(self, photo: Photo, name: str, sample: bool) -> None:
        """Take an opened photo and make it the current one; a sample that is there already is not taken twice."""
        number = self._samples.get(name, 0) if sample else 0
        if number not in self._kept:
            number = max(self._names, default=0) + 1
            self._kept[number] = photo
            self._names[number] = name
            self._send_photo(number)
        if sample:
            self._samples[name] = number
        self._current = number
        self._switch()

    def _switch(self) -> None:
        self.set_trait("photos", tuple(self._kept.values()))
        # The number that holds now, not the one of a change: another may have come since.
        photo = self._kept.get(self._current)
        if photo is self.photo:
            return
        self.set_trait("photo", photo)
        if photo is not None:
            self._listeners.call(photo)

    def _remove(self, number: int) -> None:
        self._kept.pop(number, None)
        self.post("gone", {"id": number})
        if number == self._current:
            self._current = max(self._kept, default=0)
        self._switch()

    def _send_all(self) -> None:
        self._send_samples()
        for number in list(self._kept):
            self._send_photo(number)

    def _send_photo(self, number: int) -> None:
        photo = self._kept[number]
        width, height = photo.original_size
        content = {"id": number, "name": self._names[number], "width": width, "height": height}
        self.post("photo", content, photo.preview(PAGE_SIDE))

    def _send_samples(self) -> None:
        pictures = _sample_pictures()
        self.post("samples", {"names": [name for name, _ in pictures]}, *(jpeg for _, jpeg in pictures))

    @traitlets.observe("_current")
    def _follow_page(self, _change: object) -> None:
        self.work(self._switch)

    def _receive_hello(self) -> None:
        self.work(self._send_all)

    def _receive_remove(self, id: int) -> None:
        self.work(self._remove, id)


@cache
def _sample_pictures() -> tuple[tuple[str, bytes], ...]:
    """Name and small JPEG of each sample photo, made once per process."""
    return tuple((path.stem, Photo.open(path).preview(THUMB)) for path in samples.photos())
