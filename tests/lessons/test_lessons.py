"""The structure of a lesson: one title, goals, short cells, exercises with hints, a summary, valid links."""

from __future__ import annotations

import itertools
import os
import re
import time
from pathlib import Path

import nbformat
import pytest

from akool_nb import check
from tests.bench.lessons import Lesson
from tests.record_lessons import LIVE, cpu_of, too_much

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
LESSONS = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
SOLUTIONS = sorted(NOTEBOOKS.glob("solutions/*.py"))
LINK = re.compile(r"\]\(([^)\s]+)\)")
NAMES = {
    r"\bAKool\b|\bAkool\b|\bakool\.ai\b": "AKOOL",
    r"\bAgora\.IO\b|\bagora\b(?![\w./_-])": "Agora",
    r"\bJuypter\b|\bJupiter\b": "Jupyter",
    r"\bopt string\b": "opts",
}
"""Wrong spellings in prose, and the correct ones."""
TERMS = {
    r"\bface[- _]swap_status\b|\bface[sS]wapStatus\b": "faceswap_status",
    r"\bsource_images?\b|\bSourceimage\b|\bsourceimage\b": "sourceImage",
    r"\bchannel[iI]d\b": "channel_id",
    r"\blandmark_str\b|\blandmarksStr\b": "landmarks_str",
    r"\bimage[uU]rl\b": "image_url",
    r"\bsingleFace\b": "single_face",
    r"\bfrontRtcToken\b": "front_rtc_token",
    r"\bface_?Urls\b": "face_urls",
}
"""The same for the API's own terms, in prose, between backticks and in code."""
CLOSED_BY_THE_READER = {"00_start_here", "01_first_swap", "05_going_live"}
"""Lessons whose picture stays live after all cells have run. Each says "You end it" or "You end the session"."""
LIVE_ON_THE_SANDBOX = "sandbox_client"
"""The name of a client of the sandbox, so that its picture may start automatically."""
WORDS = range(900, 1801)


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
def test_a_lesson_has_one_title_and_four_to_twelve_headings(path):
    assert len(headings(path, 1)) == 1
    assert cells(path, "markdown")[0].startswith(f"# {headings(path, 1)[0]}")
    assert 4 <= len(headings(path, 2)) <= 12


@lesson
def test_a_lesson_starts_with_an_introduction_and_its_imports(path):
    assert len(cells(path, "markdown")[0].split("\n\n")) >= 3
    assert "import" in cells(path, "code")[0]


@lesson
def test_a_lesson_states_its_goals_and_ends_with_a_summary(path):
    goals = re.findall(r"^\d\. ", cells(path, "markdown")[0], re.MULTILINE)
    last = cells(path, "markdown")[-1].partition("## Glossary")[0]
    assert "After this lesson you can" in cells(path, "markdown")[0]
    assert 3 <= len(goals) <= 6
    assert "What you saw" in headings(path, 2)[-2:]
    assert len(goals) - 1 <= len(re.findall(r"^- ", last, re.MULTILINE)) <= 7


@lesson
def test_a_lesson_has_900_to_1800_words_of_plain_english(path):
    prose = "\n".join(cells(path, "markdown"))
    assert len(prose.split()) in WORDS
    assert Lesson(path).dialect == []


@lesson
def test_cells_are_short(path):
    lengths = sorted(len(text.splitlines()) for text in cells(path, "code"))
    assert lengths[len(lengths) // 2] <= 6, "half of the cells have at most six lines"
    assert lengths[-1] <= 16


@lesson
def test_a_lesson_has_enough_prose_for_its_code(path):
    assert len(cells(path, "markdown")) >= len(cells(path, "code")) * 0.75


def test_each_lesson_has_two_exercises_and_the_readme_gives_their_number():
    per_lesson = [len(questions(path)) for path in LESSONS]
    assert min(per_lesson) >= 2
    assert sum(per_lesson) >= 24
    assert f"{sum(per_lesson)} exercises" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_picture_in_the_prose_has_a_description():
    texts = ["\n".join(cells(path, "markdown")) for path in LESSONS]
    pictures = [found for text in texts for found in re.findall(r"!\[([^\]]*)\]\(pictures/", text)]
    assert len(pictures) >= 5
    assert all(len(alternative.split()) >= 5 for alternative in pictures)


@lesson
def test_every_exercise_of_a_lesson_has_a_check_and_a_solution(path):
    code = "\n".join(cells(path, "code"))
    asked = re.findall(r'check\.answer\("([\d.]+)"', code)
    loaded = re.findall(r"solutions/(\d\d_\d)\.py", code)
    assert asked, "a lesson has an exercise"
    assert set(asked) <= set(check.exercises())
    assert [number.replace("_", ".") for number in loaded] == asked


@pytest.mark.parametrize("path", [*LESSONS, ROOT / "README.md"], ids=lambda path: path.stem)
def test_links_to_files_are_valid(path):
    text = path.read_text() if path.suffix == ".md" else "\n".join(cells(path, "markdown"))
    broken = [
        link for link in LINK.findall(text) if not link.startswith(("http", "#", "mailto:")) and not exists(path, link)
    ]
    assert not broken


def exists(path: Path, link: str) -> bool:
    return (path.parent / link.partition("#")[0]).exists()


def misspelled(prose: str, code: str = "") -> set[str]:
    """Each wrong spelling in the text, with the correct one."""
    bare = re.sub(r"```.*?```|`[^`]*`|\(https?://[^)]*\)", "", prose, flags=re.DOTALL)
    words = [(bare, NAMES), (prose, TERMS), (code, TERMS)]
    found = ((pattern, right, text) for text, table in words for pattern, right in table.items())
    return {f"{wrong} → {right}" for pattern, right, text in found for wrong in re.findall(pattern, text)}


@pytest.mark.parametrize("path", [*LESSONS, *SOLUTIONS, ROOT / "README.md"], ids=lambda path: path.stem)
def test_the_terms_of_the_api_are_spelled_correctly(path):
    if path.suffix == ".ipynb":
        prose, code = ("\n".join(cells(path, kind)) for kind in ("markdown", "code"))
    else:
        prose, code = (path.read_text(), "") if path.suffix == ".md" else ("", path.read_text())
    assert not misspelled(prose, code)


@pytest.mark.parametrize("wrong", ["source_image", "faceSwapStatus", "channelId", "landmark_str"])
def test_a_misspelled_term_is_found_in_prose_between_backticks_and_in_code(wrong):
    assert misspelled(f"the field {wrong} holds")
    assert misspelled(f"the field `{wrong}` holds")
    assert misspelled("", f'answer["{wrong}"]')


def test_a_module_name_in_code_is_not_checked_as_prose():
    assert not misspelled("`from akool_nb.agora import RtcToken`", "from akool_nb.agora import RtcToken")
    assert misspelled("the agora channel")


def running_code(path: Path) -> list[str]:
    """The lines that run, without comments."""
    lines = [line for text in cells(path, "code") for line in text.splitlines()]
    return [line for line in lines if not line.lstrip().startswith("#")]


@lesson
def test_a_lesson_that_opens_a_session_closes_it_or_says_that_the_reader_does(path):
    code = "\n".join(running_code(path))
    if path.stem in CLOSED_BY_THE_READER:
        assert re.search(r"\*\*You end (it|the session)\*\*", "\n".join(cells(path, "markdown")))
        assert "# session.close()" in cells(path, "code")
        assert not re.search(r"\.close\(\)", code)
    else:
        opened = re.findall(r"^(\w+) = \w+\.create\(", code, re.MULTILINE)
        assert all(re.search(rf"^{name}\.close\(\)", code, re.MULTILINE) for name in opened)


@lesson
def test_no_call_that_may_fail_is_made_while_a_session_is_open(path):
    """A picture without a face is an error; before `create` it costs nothing."""
    is_open = False
    for line in running_code(path):
        assert not (is_open and re.search(r"\bclient\.detect\(", line)), line
        is_open = (is_open or bool(re.match(r"session = client\.create\(", line))) and ".close()" not in line


@lesson
def test_the_cell_of_the_imports_opens_no_session(path):
    assert ".create(" not in cells(path, "code")[0]


@lesson
def test_a_picture_starts_automatically_only_with_the_sandbox(path):
    code = running_code(path)
    starting = [line for line in code if '"drawn"' in line]
    asked = all("if client.is_sandbox" in line for line in starting)
    assert asked or f"{LIVE_ON_THE_SANDBOX} = akool_nb.connect(sandbox=True)" in code


def questions(path: Path) -> list[str]:
    """The prose before each cell that asks for an answer."""
    pairs = itertools.pairwise(nbformat.read(path, as_version=4).cells)
    return [before.source for before, cell in pairs if cell.source.startswith("# your turn")]


@lesson
def test_each_exercise_has_a_hint(path):
    assert questions(path)
    assert [question for question in questions(path) if "<summary>Hint</summary>" not in question] == []


def test_a_lesson_above_the_limits_of_time_or_processor_time_fails():
    assert not too_much("07_explore", 59, 7.9)
    assert "60 s" in too_much("07_explore", 61, 2)
    assert "8 s of processor time" in too_much("07_explore", 20, 8.1)
    assert not too_much("05_going_live", 20, 12)
    assert {path.stem for path in LESSONS} >= LIVE


def test_processor_time_does_not_include_waiting():
    before, end = cpu_of(os.getpid()), time.process_time() + 0.2
    while time.process_time() < end:
        pass
    worked = cpu_of(os.getpid())
    time.sleep(0.3)
    assert worked - before >= 0.15
    assert cpu_of(os.getpid()) - worked < 0.2


def test_the_photos_and_the_page_about_their_sources_name_each_other():
    folder = NOTEBOOKS / "photos"
    page = (folder / "SOURCES.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w[\w.]*\.(?:png|jpe?g|webp|json))`", page))
    assert named == {path.name for path in folder.iterdir()} - {"SOURCES.md"}
