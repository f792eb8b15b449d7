"""A beginner's tour of the lessons in a real JupyterLab: read, run, click, look. Each lesson gives a screenshot.

The README's pictures are made here, so they show the current package.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import pictures

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
TALL = {"width": 1180, "height": 6000}
"""High enough for a whole lesson, so that one screenshot shows all of it."""


@pytest.fixture
def walk(reused_notebook):
    """`walk("03_finding_faces")` opens a lesson and runs all of it; an error output fails the test."""

    def run(name, show=reused_notebook):
        page = show(NOTEBOOKS / f"{name}.ipynb")
        page.page.set_viewport_size(TALL)
        page.run_all()
        assert page.errors() == []
        page.page.locator(".jp-WindowedPanel-outer").evaluate("lesson => lesson.scrollTo(0, 0)")
        return page

    return run


def test_the_first_page_runs_and_links_to_every_lesson(walk):
    page = walk("00_start_here")
    page.screenshot("walk-00")
    links = page.page.locator(".jp-MarkdownOutput a").evaluate_all("links => links.map(link => link.href)")
    assert all(any(f"{number:02d}_" in link for link in links) for number in range(1, 10))
    assert page.page_errors == []


def test_the_first_lesson_shows_a_live_swapped_picture(walk, notebook):
    page = walk("01_first_swap", notebook)  # a separate file, because it is renamed for the screenshot
    page.wait_for("view.state == 'live'")
    page.page.get_by_label("The AI-swapped picture").wait_for()
    page.screenshot("walk-01")
    pictures.lesson(page, "01_first_swap.ipynb", ".akool")
    assert looks_like_the_readme("lesson")
    assert page.page.locator(".jp-mod-current .lm-TabBar-tabLabel").all_inner_texts() == ["01_first_swap.ipynb"]
    assert not page.page.locator("#jp-main-statusbar").is_visible()
    page.execute("session.close()")


def test_the_next_cell_gets_the_face_that_was_clicked_in_the_picture(walk):
    page = walk("03_finding_faces")
    page.page.locator(".ak-stage").wait_for()
    page.screenshot("walk-03")
    page.page.locator(".ak-item").nth(4).click()
    page.wait_for("picker.selected == (picker.faces[4],)")
    pictures.picker(page, ".akool")
    assert looks_like_the_readme("picker")
    page.execute("chosen = picker.opts")
    assert page.kernel("chosen == found[4].opts")


def test_the_lesson_on_channels_shows_the_values_for_the_page_of_agora_and_no_token(walk):
    page = walk("05_going_live")
    page.page.get_by_text("App ID (settings page)").wait_for()
    page.screenshot("walk-05")
    shown = page.page.locator(".jp-OutputArea").all_inner_texts()
    token = page.kernel("channel.token")
    assert not any(token in text for text in shown)
    page.execute("session.close()")


def test_the_own_app_goes_live(walk):
    page = walk("09_your_own_app")
    page.page.get_by_role("button", name="Use the moving picture instead").last.click()
    page.wait_for("view.state == 'live'")
    page.screenshot("walk-09")
    page.page.get_by_role("button", name="Close session").last.click()
    page.wait_for("client.sessions == []")


def looks_like_the_readme(name: str) -> bool:
    """Whether the README's picture of this name matches the new one; if not: python -m tests.pictures."""
    assert f"notebooks/pictures/{name}.webp" in (NOTEBOOKS.parent / "README.md").read_text(encoding="utf-8")
    return pictures.difference(name) < 12
