"""The user's own copy of the lessons. An update never overwrites a file that the user changed."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from akool_nb import samples

_UNWANTED = {".ipynb_checkpoints", "__pycache__"}


class LessonCopy:
    """A working folder with the lessons, their photos and solutions.

    An update replaces the files that the user did not change, and leaves the others as they are. The checksums of the
    files that we wrote are in `.akool-lessons.json` in the folder.
    """

    def __init__(self, folder: Path, *, lessons: Path | None = None) -> None:
        self.folder = folder
        self._lessons = lessons or samples.lessons()
        self._memory = folder / ".akool-lessons.json"

    @property
    def first(self) -> Path | None:
        return min(self.folder.glob("[0-9][0-9]_*.ipynb"), default=None)

    def lesson(self, number: str) -> Path | None:
        """The lesson with this number, "3" or "03"; None if there is none."""
        if not number.isdigit():
            return None
        return min(self.folder.glob(f"{number:0>2}_*.ipynb"), default=None)

    def refresh(self) -> str:
        """Copy the files that are new or newer; returns a sentence on what was done."""
        self.folder.mkdir(parents=True, exist_ok=True)
        written = self._remembered()
        kept = [name for name, shipped in self._shipped() if not self._write(name, shipped, written)]
        self._memory.write_text(json.dumps(written, indent=1, sort_keys=True), encoding="utf-8")
        sentence = f"The lessons are in {self.folder.resolve()}."
        if kept:
            sentence += f" Not updated, because you changed them: {', '.join(kept)}."
        return sentence

    def _shipped(self) -> Iterator[tuple[str, Path]]:
        for path in sorted(self._lessons.rglob("*")):
            name = path.relative_to(self._lessons)
            if path.is_file() and not _UNWANTED.intersection(name.parts):
                yield name.as_posix(), path

    def _write(self, name: str, shipped: Path, written: dict[str, str]) -> bool:
        """Write one file; False if the user changed it, so that it is kept."""
        target = self.folder / name
        ours = _checksum(shipped)
        if target.exists() and _checksum(target) not in (ours, written.get(name)):
            return False
        if not target.exists() or _checksum(target) != ours:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(shipped, target)
        written[name] = ours
        return True

    def _remembered(self) -> dict[str, str]:
        try:
            found = json.loads(self._memory.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(found, dict):
            return {}
        return found


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
