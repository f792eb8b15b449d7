"""The user's copy of the lessons is updated with the package, and the user's changes are kept."""

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


def test_a_lesson_changed_by_the_user_is_not_replaced(copy, shipped):
    (copy.folder / "01_first.ipynb").write_text("my work")
    (shipped / "01_first.ipynb").write_text("second edition")
    assert "because you changed them: 01_first.ipynb." in LessonCopy(copy.folder, lessons=shipped).refresh()
    assert (copy.folder / "01_first.ipynb").read_text() == "my work"


def test_a_lesson_that_the_user_left_alone_is_replaced_by_the_new_edition(copy, shipped):
    (shipped / "01_first.ipynb").write_text("second edition")
    assert "you changed" not in LessonCopy(copy.folder, lessons=shipped).refresh()
    assert (copy.folder / "01_first.ipynb").read_text() == "second edition"


def test_a_file_that_existed_before_belongs_to_the_user(shipped, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "01_first.ipynb").write_text("something else of the same name")
    LessonCopy(tmp_path / "mine", lessons=shipped).refresh()
    assert (tmp_path / "mine" / "01_first.ipynb").read_text() == "something else of the same name"


def test_a_deleted_lesson_is_copied_again(copy, shipped):
    (copy.folder / "00_start.ipynb").unlink()
    LessonCopy(copy.folder, lessons=shipped).refresh()
    assert (copy.folder / "00_start.ipynb").exists()


@pytest.mark.parametrize("record", ["", "[]", "{", '{"01_first.ipynb": 7}'])
def test_a_damaged_record_of_the_copies_replaces_no_work(copy, shipped, record):
    (copy.folder / ".akool-lessons.json").write_text(record)
    (copy.folder / "01_first.ipynb").write_text("my work")
    LessonCopy(copy.folder, lessons=shipped).refresh()
    assert (copy.folder / "01_first.ipynb").read_text() == "my work"
