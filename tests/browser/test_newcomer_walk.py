"""A newcomer's walk through lessons in a real JupyterLab: read, run, click, look. Each leaves a picture of itself.

The README's pictures come from here, so they show what the package does and can always be made.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import pictures

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
TALL = {"width": 1180, "height": 6000}
"""High enough that a whole lesson is on the screen, so that one picture shows all of it."""


@pytest.fixture
def walk(reused_notebook):
    """`walk("03_finding_faces")` shows a lesson and runs all of it; nothing in it may be red."""

    def run(name, show=reused_notebook):
        page = show(NOTEBOOKS / f"{name}.ipynb")
        page.page.set_viewport_size(TALL)
        page.run_all()
        assert page.errors() == []
        page.page.locator(".jp-WindowedPanel-outer").evaluate("lesson => lesson.scrollTo(0, 0)")
        return page

    return run


def test_the_first_page_runs_and_leads_to_every_lesson(walk):
    page = walk("00_start_here")
    page.screenshot("walk-00")
    links = page.page.locator(".jp-MarkdownOutput a").evaluate_all("links => links.map(link => link.href)")
    assert all(any(f"{number:02d}_" in link for link in links) for number in range(1, 10))
    assert page.page_errors == []


def test_the_first_swap_shows_a_live_picture(walk, notebook):
    page = walk("01_first_swap", notebook)  # a file of its own, which is renamed for the picture
    page.wait_for("view.state == 'live'")
    page.page.get_by_label("The AI-swapped picture").wait_for()
    page.screenshot("walk-01")
    pictures.lesson(page, "01_first_swap.ipynb", ".akool")
    assert looks_like_the_readme("lesson")
    assert page.page.locator(".jp-mod-current .lm-TabBar-tabLabel").all_inner_texts() == ["01_first_swap.ipynb"]
    assert not page.page.locator("#jp-main-statusbar").is_visible()
    page.execute("session.close()")


def test_a_face_that_is_clicked_in_the_picture_is_the_one_the_next_cell_sees(walk):
    page = walk("03_finding_faces")
    page.page.locator(".ak-stage").wait_for()
    page.screenshot("walk-03")
    page.page.locator(".ak-item").nth(4).click()
    page.wait_for("picker.selected == (picker.faces[4],)")
    pictures.picker(page, ".akool")
    assert looks_like_the_readme("picker")
    page.execute("chosen = picker.opts")
    assert page.kernel("chosen == found[4].opts")


def test_the_lesson_on_channels_shows_what_agoras_page_needs_and_no_token(walk):
    page = walk("05_going_live")
    page.page.get_by_text("App ID (settings page)").wait_for()
    page.screenshot("walk-05")
    shown = page.page.locator(".jp-OutputArea").all_inner_texts()
    token = page.kernel("channel.token")
    assert not any(token in text for text in shown)
    page.execute("session.close()")


def test_the_app_of_ones_own_goes_live(walk):
    page = walk("09_your_own_app")
    page.page.get_by_role("button", name="Use the moving picture instead").last.click()
    page.wait_for("view.state == 'live'")
    page.screenshot("walk-09")
    page.page.get_by_role("button", name="Close session").last.click()
    page.wait_for("client.sessions == []")


def looks_like_the_readme(name: str) -> bool:
    """Whether the README's picture of this name looks like the one made now; if not: python -m tests.pictures."""
    assert f"notebooks/pictures/{name}.webp" in (NOTEBOOKS.parent / "README.md").read_text(encoding="utf-8")
    return pictures.difference(name) < 12
