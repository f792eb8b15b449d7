"""What a page records: films, appended piece by piece to files of this machine."""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import Future
from pathlib import Path

from akool_nb.errors import AkoolError
from akool_nb.widgets import texts
from akool_nb.widgets.live_host import LiveHost
from akool_nb.widgets.waiting import answer_of, require_channel, require_picture
from akool_nb.widgets.worker import Worker

LONGEST_NAME = 16


class Recordings:
    """The part of a live view that writes films.

    Messages to the page: `record {name}` starts a film, `record_end` ends it. Messages of the page: `film(name)` asks
    before the first piece whether the film can be written; the answer is `film {name, path, refused}`.
    `recording(piece, name)` is appended. `recorded(name, reason)` ends the film, with the reason if it never began; the
    answer `recorded {name, path, refused}` says where it is, or why there is none. All files are written on one thread,
    in the order of the messages. The first piece makes the file, so a film without a picture leaves none.
    """

    def __init__(self, view: LiveHost) -> None:
        self._view = view
        self._disk = Worker("akool_nb recordings")
        self._refused: dict[str, AkoolError] = {}
        self._paths: dict[str, Path] = {}
        # The film that runs, and its path once it is finished.
        self._running = ""
        self._finished: Future[Path] = Future()

    def start(self) -> None:
        """Let the page record; raises AkoolError if nothing is live, a film runs, or the folder takes no files."""
        require_picture(self._view)
        if self._running:
            raise AkoolError(texts.RECORDING_RUNS)
        name = f"{time.time_ns() // 1_000_000:x}"
        self.prepare(name)
        self._begin(name)
        self._view.post("record", {"name": name})

    async def stop(self) -> Path:
        """End the film and return the path of its file; raises AkoolError if there is none."""
        name = self._running
        if not name:
            raise AkoolError(texts.NO_RECORDING)
        self._view.post("record_end")
        require_channel(self._view, texts.FILM_INSTEAD)
        try:
            return await answer_of(self._finished)
        finally:
            # Also if the page is closed: another film may begin then.
            self._end(name)

    def end(self) -> None:
        """The page sends no more pieces: the film that runs ends with those that have come."""
        if self._running:
            self._receive_recorded(self._running)

    def path(self, name: str) -> Path:
        """Where a film of that name goes, also if `view.folder` changes while it runs."""
        # The page's name is never a path: only its letters and digits are used.
        letters = "".join(filter(str.isalnum, name))[:LONGEST_NAME]
        return self._paths.setdefault(name, Path(self._view.folder).expanduser() / f"live-{letters}.webm")

    def prepare(self, name: str) -> Path:
        """Make the folder and see whether it takes files; raises AkoolError if it does not."""
        path = self.path(name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=path.parent).close()
        except OSError as problem:
            raise AkoolError(texts.CANNOT_WRITE.format(folder=path.parent, reason=problem.strerror)) from None
        return path

    def _begin(self, name: str) -> None:
        if name != self._running:
            self._running = name
            self._finished = Future()

    def _end(self, name: str) -> None:
        if name == self._running:
            self._running = ""

    def _receive_gone(self, page: str) -> None:
        """A page that is closed sends no `recorded`."""
        if page == self._view.page:
            self.end()

    def _receive_film(self, name: str) -> None:
        self._begin(name)
        self._disk.do(lambda: self._answer(name))

    def _receive_recording(self, piece: memoryview, name: str) -> None:
        data = bytes(piece)
        self._disk.do(lambda: self._append(name, data))

    def _receive_recorded(self, name: str, reason: str = "") -> None:
        self._disk.do(lambda: self._finish(name, reason))

    def _answer(self, name: str) -> None:
        try:
            self._view.post("film", {"name": name, "path": str(self.prepare(name)), "refused": ""})
        except AkoolError as problem:
            self._refuse(name, problem)

    def _refuse(self, name: str, problem: AkoolError) -> None:
        """Once for each film: the page stops it."""
        if name not in self._refused:
            self._refused[name] = problem
            self._view.fail(problem)
            self._view.post("film", {"name": name, "path": "", "refused": problem.text})

    def _append(self, name: str, data: bytes) -> None:
        if name in self._refused:
            return  # a film with a gap does not play
        try:
            with self.path(name).open("ab") as file:
                file.write(data)
        except OSError as problem:
            self._refuse(name, AkoolError(texts.DISK.format(path=self.path(name), reason=problem.strerror)))

    def _finish(self, name: str, reason: str) -> None:
        path = self.path(name)
        exists = path.exists()
        if exists and path not in self._view.recordings:
            self._view.recordings = (*self._view.recordings, path)
        is_short = not exists and name not in self._refused
        refused = (reason or texts.FILM_TOO_SHORT) if is_short else ""
        if reason:
            self._view.fail(AkoolError(reason))
        self._view.post("recorded", {"name": name, "path": str(path) if exists else "", "refused": refused})
        if name == self._running:
            self._settle(path, AkoolError(refused) if refused else self._refused.get(name))
            self._end(name)

    def _settle(self, path: Path, problem: AkoolError | None) -> None:
        if problem is None:
            self._finished.set_result(path)
        else:
            self._finished.set_exception(problem)
