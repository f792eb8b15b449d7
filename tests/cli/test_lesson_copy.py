"""The user's copy of the lessons follows the package, and what they wrote stays theirs."""

from __future__ import annotations

import pytest

from akool_nb.cli.lesson_copy import LessonCopy


@pytest.fixture
def shipped(tmp_path):
    folder = tmp_path / "shipped"
    for name in ("00_start.ipynb", "01_first.ipynb", "photos/face.png", ".ipynb_checkpoints/01_first.ipynb"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{name}, first edition")
    return folder


@pytest.fixture
def copy(shipped, tmp_path):
    made = LessonCopy(tmp_path / "mine", lessons=shipped)
    made.refresh()
    return made


def test_lessons_and_photos_are_copied_and_checkpoints_are_not(copy):
    names = {path.relative_to(copy.folder).as_posix() for path in copy.folder.rglob("*") if path.is_file()}
    assert names == {"00_start.ipynb", "01_first.ipynb", "photos/face.png", ".akool-lessons.json"}
    assert copy.first.name == "00_start.ipynb"


@pytest.mark.parametrize(
    ("number", "name"), [("1", "01_first.ipynb"), ("01", "01_first.ipynb"), ("7", None), ("*", None)]
)
def test_a_lesson_is_found_by_its_number(copy, number, name):
    found = copy.lesson(number)
    assert (found and found.name) == name


def test_what_the_user_changed_is_left_alone(copy, shipped):
    (copy.folder / "01_first.ipynb").write_text("my work")
    (shipped / "01_first.ipynb").write_text("second edition")
    assert "because you changed them: 01_first.ipynb." in LessonCopy(copy.folder, lessons=shipped).refresh()
    assert (copy.folder / "01_first.ipynb").read_text() == "my work"


def test_what_the_user_did_not_change_follows_the_package(copy, shipped):
    (shipped / "01_first.ipynb").write_text("second edition")
    assert "changed" not in LessonCopy(copy.folder, lessons=shipped).refresh()
    assert (copy.folder / "01_first.ipynb").read_text() == "second edition"


def test_a_file_that_was_there_before_is_the_users(shipped, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "01_first.ipynb").write_text("something else of the same name")
    LessonCopy(tmp_path / "mine", lessons=shipped).refresh()
    assert (tmp_path / "mine" / "01_first.ipynb").read_text() == "something else of the same name"


def test_a_deleted_lesson_comes_back(copy, shipped):
    (copy.folder / "00_start.ipynb").unlink()
    LessonCopy(copy.folder, lessons=shipped).refresh()
    assert (copy.folder / "00_start.ipynb").exists()


@pytest.mark.parametrize("memory", ["", "[]", "{", '{"01_first.ipynb": 7}'])
def test_a_spoiled_memory_costs_no_work(copy, shipped, memory):
    (copy.folder / ".akool-lessons.json").write_text(memory)
    (copy.folder / "01_first.ipynb").write_text("my work")
    LessonCopy(copy.folder, lessons=shipped).refresh()
    assert (copy.folder / "01_first.ipynb").read_text() == "my work"
