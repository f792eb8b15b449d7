"""The lessons keep their shape: one title, few headings, short cells, an exercise, a summary, links that hold."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from akool_nb import check

ROOT = Path(__file__).parent.parent
NOTEBOOKS = ROOT / "notebooks"
LESSONS = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
LINK = re.compile(r"\]\(([^)\s]+)\)")
MISSPELLED = {
    r"\bAKool\b|\bAkool\b(?!Error)|\bakool\.ai\b": "AKOOL",
    r"\bface[- ]swap_status\b|\bfaceSwapStatus\b": "faceswap_status",
    r"\bsource_image\b|\bSourceimage\b": "sourceImage",
    r"\bAgora\.IO\b|\bagora\b(?![\w./_-])": "Agora",
    r"\bchannelId\b|\bchannelid\b": "channel_id",
    r"\bJuypter\b|\bJupiter\b": "Jupyter",
    r"\blandmark_str\b": "landmarks_str",
    r"\bopt string\b": "opts",
}
"""How the API's terms must not be written, and how they are."""


def cells(path: Path, kind: str) -> list[str]:
    return [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == kind]


def headings(path: Path, level: int) -> list[str]:
    mark = "#" * level + " "
    lines = [line for text in cells(path, "markdown") for line in text.splitlines()]
    return [line[len(mark) :] for line in lines if line.startswith(mark)]


def lesson(function):
    return pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)(function)


def test_the_lessons_are_numbered_without_gaps():
    assert [int(path.name[:2]) for path in LESSONS] == list(range(10))


@lesson
def test_a_lesson_has_one_title_and_about_five_headings(path):
    assert len(headings(path, 1)) == 1
    assert cells(path, "markdown")[0].startswith(f"# {headings(path, 1)[0]}")
    assert 4 <= len(headings(path, 2)) <= 9


@lesson
def test_a_lesson_opens_with_what_and_why_and_then_its_imports(path):
    assert len(cells(path, "markdown")[0].split("\n\n")) >= 3
    assert "import" in cells(path, "code")[0]


@lesson
def test_a_lesson_ends_with_what_was_seen(path):
    last = cells(path, "markdown")[-1]
    assert headings(path, 2)[-1] == "What you saw"
    assert 3 <= len(re.findall(r"^- ", last, re.MULTILINE)) <= 7


@lesson
def test_cells_are_short(path):
    lengths = sorted(len(text.splitlines()) for text in cells(path, "code"))
    assert lengths[len(lengths) // 2] <= 6, "half of the cells have at most six lines"
    assert lengths[-1] <= 16


@lesson
def test_prose_leads_to_code(path):
    assert len(cells(path, "markdown")) >= len(cells(path, "code")) * 0.75
    assert sum(len(text.split()) for text in cells(path, "markdown")) <= 1000


@lesson
def test_every_exercise_of_a_lesson_is_known_and_can_be_looked_up(path):
    code = "\n".join(cells(path, "code"))
    asked = re.findall(r'check\.answer\("([\d.]+)"', code)
    loaded = re.findall(r"solutions/(\d\d_\d)\.py", code)
    assert asked, "a lesson has an exercise"
    assert set(asked) <= set(check.exercises())
    assert [number.replace("_", ".") for number in loaded] == asked


@pytest.mark.parametrize("path", [*LESSONS, ROOT / "README.md"], ids=lambda path: path.stem)
def test_links_to_files_lead_somewhere(path):
    text = path.read_text() if path.suffix == ".md" else "\n".join(cells(path, "markdown"))
    broken = [
        link for link in LINK.findall(text) if not link.startswith(("http", "#", "mailto:")) and not leads(path, link)
    ]
    assert not broken


def leads(path: Path, link: str) -> bool:
    return (path.parent / link.partition("#")[0]).exists()


@pytest.mark.parametrize("path", [*LESSONS, ROOT / "README.md"], ids=lambda path: path.stem)
def test_the_terms_of_the_api_are_spelled_as_the_api_spells_them(path):
    text = path.read_text() if path.suffix == ".md" else "\n".join(cells(path, "markdown"))
    prose = re.sub(r"`[^`]*`|\(https?://[^)]*\)", "", text)
    wrong = {f"{found} → {right}" for pattern, right in MISSPELLED.items() for found in re.findall(pattern, prose)}
    assert not wrong


@lesson
def test_a_lesson_that_opens_a_session_closes_it(path):
    code = "\n".join(cells(path, "code"))
    assert ".create(" not in code or re.search(r"with .*create\(|\.close\(\)", code)
