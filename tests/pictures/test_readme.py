"""The README's pictures that need no browser match the script that makes them, and the folders in them exist."""

from __future__ import annotations

import pytest
from PIL import Image

from tests import pictures
from tests.pictures import PICTURES, ROOT, diagrams, folders

PACKAGE = ROOT / "akool_nb"
NAMES = [name for box in folders.BOXES for name in box.folder.split(", ")]


def test_the_picture_of_the_folders_matches_the_script():
    committed = (PICTURES / "folders.svg").read_text(encoding="utf-8")
    assert committed == folders.svg(), "make it again: python -m tests.pictures"
    assert "notebooks/pictures/folders.svg" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", diagrams.DIAGRAMS)
def test_a_diagram_of_the_lessons_matches_the_script(name):
    committed = (PICTURES / f"{name}.svg").read_text(encoding="utf-8")
    assert committed == diagrams.DIAGRAMS[name]().to_svg(), "make it again: python -m tests.pictures"


@pytest.mark.parametrize("name", NAMES)
def test_each_folder_of_the_picture_exists(name):
    assert (PACKAGE / name).exists()


def test_each_folder_of_the_package_is_in_the_picture():
    folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert folders <= {name.partition("/")[0] for name in NAMES}


def test_the_faces_in_the_readme_match_those_found_now(sandbox):
    pictures.faces(sandbox.client())
    assert "notebooks/pictures/faces.webp" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert pictures.difference("faces") < 12, "make it again: python -m tests.pictures"


def test_the_clip_in_the_readme_matches_the_one_made_now(sandbox):
    pictures.live(sandbox.client())
    with Image.open(pictures.MADE / "live.webp") as made:
        assert made.n_frames >= 40
    assert "notebooks/pictures/live.webp" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert pictures.difference("live") < 12, "make it again: python -m tests.pictures"
