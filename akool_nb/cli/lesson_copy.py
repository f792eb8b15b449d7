"""The user's own copy of the lessons: brought up to date, never at the cost of what they wrote."""

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

    A file that the user changed is theirs and is left as it is; one that is still as we wrote it follows the package.
    What we wrote is remembered, as checksums, in `.akool-lessons.json` in the folder.
    """

    def __init__(self, folder: Path, *, lessons: Path | None = None) -> None:
        self.folder = folder
        self._lessons = lessons or samples.lessons()
        self._memory = folder / ".akool-lessons.json"

    @property
    def first(self) -> Path | None:
        """The lesson to open first."""
        return min(self.folder.glob("[0-9][0-9]_*.ipynb"), default=None)

    def lesson(self, number: str) -> Path | None:
        """The lesson with this number, "3" or "03"; None where there is none."""
        return min(self.folder.glob(f"{number:0>2}_*.ipynb"), default=None) if number.isdigit() else None

    def refresh(self) -> str:
        """Copy what is new; returns a sentence that says what was done."""
        self.folder.mkdir(parents=True, exist_ok=True)
        written = self._remembered()
        kept = [name for name, shipped in self._shipped() if not self._write(name, shipped, written)]
        self._memory.write_text(json.dumps(written, indent=1, sort_keys=True), encoding="utf-8")
        changed = f"; {len(kept)} that you changed are as you left them" if kept else ""
        return f"The lessons are in {self.folder.resolve()}{changed}."

    def _shipped(self) -> Iterator[tuple[str, Path]]:
        for path in sorted(self._lessons.rglob("*")):
            name = path.relative_to(self._lessons)
            if path.is_file() and not _UNWANTED.intersection(name.parts):
                yield name.as_posix(), path

    def _write(self, name: str, shipped: Path, written: dict[str, str]) -> bool:
        """Put a file where it belongs; False if the user's own stands there and differs."""
        target, ours = self.folder / name, _checksum(shipped)
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
        return dict(found) if isinstance(found, dict) else {}


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
