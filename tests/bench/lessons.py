"""The size and the language of the lessons in numbers: python -m tests.bench.lessons

One row per lesson: words of prose, lines of code, exercises, pictures in the prose, and dialect words, which are words
that are not plain English. Each such word is listed below the table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import nbformat

from tests.bench.shape import DIALECT, PROSE
from tests.record_lessons import NOTEBOOKS

COLUMNS = ("words", "code lines", "exercises", "pictures", "dialect")
EXERCISE = re.compile(r"\*\*Exercise \d\d\.\d\.\*\*")
PICTURE = re.compile(r"!\[")
ADDRESS = re.compile(r"\]\([^)]*\)|<[^>]+>|https?://\S+")
"""Parts that a reader does not see: addresses of links and pictures, tags."""


class Lesson:
    """A notebook's prose and code, and the counts of both."""

    def __init__(self, path: Path) -> None:
        cells = nbformat.read(path, as_version=4).cells
        self.name = path.stem
        self.markdown = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        self.prose = ADDRESS.sub(" ", self.markdown)
        self.code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")

    @property
    def dialect(self) -> list[str]:
        return [found.group() for found in DIALECT.finditer(self.prose)]

    def counts(self) -> tuple[int, ...]:
        """One number per column."""
        words = len(PROSE.findall(self.prose))
        lines = sum(is_code(line) for line in self.code.splitlines())
        exercises = len(EXERCISE.findall(self.markdown))
        pictures = len(PICTURE.findall(self.markdown))
        return words, lines, exercises, pictures, len(self.dialect)


def is_code(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")


def table(lessons: list[Lesson]) -> Iterator[str]:
    yield row("lesson", COLUMNS)
    counts = [lesson.counts() for lesson in lessons]
    for lesson, values in zip(lessons, counts, strict=True):
        yield row(lesson.name, values)
    yield row("all", [sum(column) for column in zip(*counts, strict=True)])


def row(name: str, values: Iterable[object]) -> str:
    return f"{name:<26}" + "".join(f"{value:>12}" for value in values)


def main() -> None:
    lessons = [Lesson(path) for path in sorted(NOTEBOOKS.glob("*.ipynb"))]
    print(*table(lessons), sep="\n")
    for lesson in lessons:
        for word in lesson.dialect:
            print(f"{lesson.name}: {word}")


if __name__ == "__main__":
    main()
