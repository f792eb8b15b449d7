"""A newcomer's walk: lessons 00, 01 and 03 in a real JupyterLab, run from top to bottom, with pictures to look at."""

from __future__ import annotations

from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
TALL = {"width": 1180, "height": 7000}
"""High enough that the whole lesson is on the screen, so that one picture shows all of it."""


def walk(notebook, name):
    """Open a lesson and run all of it."""
    page = notebook(NOTEBOOKS / f"{name}.ipynb")
    page.page.set_viewport_size(TALL)
    page.run_all()
    return page


@pytest.mark.parametrize("name", ["00_start_here", "01_first_swap", "03_finding_faces"])
def test_a_lesson_runs_without_a_red_cell(notebook, name):
    page = walk(notebook, name)
    page.screenshot(f"walk-{name}")
    assert page.errors() == []
    assert page.page_errors == []


def test_the_links_of_the_first_page_open_the_lessons(notebook):
    page = walk(notebook, "00_start_here")
    links = page.page.locator(".jp-MarkdownOutput a[href*='.ipynb'], .jp-MarkdownOutput a[data-path$='.ipynb']")
    assert links.count() >= 9
