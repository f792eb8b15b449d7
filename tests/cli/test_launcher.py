"""The lessons' cards in JupyterLab's launcher."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jupyter_app_launcher.utils import parse_config

from akool_nb import samples
from akool_nb.cli import launcher

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def cards(folder) -> list[dict]:
    """The cards as jupyter-app-launcher reads them; it omits invalid ones."""
    (file,) = folder.glob("jp_app_launcher*.yaml")
    return parse_config(str(folder), str(file))


def test_every_lesson_has_a_card_that_the_launcher_accepts(tmp_path):
    found = cards(launcher.write_cards(tmp_path / "cards", lessons=samples.lessons(), root=samples.lessons()))
    opened = [card["source"][0]["args"]["path"] for card in found]
    assert opened == sorted(path.name for path in samples.lessons().glob("[0-9]*.ipynb"))
    assert [card["title"] for card in found][1] == "First swap"
    assert {card["catalog"] for card in found} == {"akool_nb lessons"}
    assert all(card["icon"].startswith("<svg") for card in found)


def test_the_path_of_a_card_is_relative_to_the_root_of_jupyter(tmp_path):
    """On Binder Jupyter serves the whole repository."""
    first, *_ = cards(launcher.write_cards(tmp_path, lessons=NOTEBOOKS, root=NOTEBOOKS.parent))
    assert first["source"][0]["args"]["path"] == "notebooks/00_start_here.ipynb"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"cells": [{}]}', '{"cells": []}', '{"cells": [{"source": 7}]}'])
def test_a_notebook_without_a_heading_is_named_by_its_file(tmp_path, content):
    (tmp_path / "01_mine.ipynb").write_text(content)
    (card,) = json.loads(
        (launcher.write_cards(tmp_path / "c", lessons=tmp_path, root=tmp_path) / launcher._FILE).read_text()
    )
    assert card["title"] == "01_mine"
