"""The lessons become static pages with valid links and without secrets."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from akool_nb import samples
from akool_nb.cli import cli
from akool_nb.cli.lesson_pages import write_pages
from tests.lessons.test_notebooks import SECRETS

LINK = re.compile(r'(?:href|src)="([^"#]+)(?:#[^"]*)?"')


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> list[Path]:
    """All lessons as pages, without execution, because other tests check the outputs."""
    return write_pages(tmp_path_factory.mktemp("pages") / "new folder", execute=False)


def test_each_notebook_has_a_page_and_there_is_a_page_of_contents(pages):
    names = {path.stem for path in samples.lessons().glob("*.ipynb")}
    assert pages[0].name == "index.html"
    assert {page.stem for page in pages[1:]} == names
    assert all(f'href="{name}.html"' in pages[0].read_text(encoding="utf-8") for name in names)


def test_every_link_between_the_pages_has_its_target(pages):
    for page in pages:
        links = LINK.findall(page.read_text(encoding="utf-8"))
        local = [unquote(link) for link in links if not re.match(r"[a-z]+:", link)]
        assert [link for link in local if not (page.parent / link).exists()] == [], page.name


def test_a_page_follows_the_readers_choice_of_light_or_dark(pages):
    assert "color-scheme: light dark" in pages[0].read_text(encoding="utf-8")
    for page in pages[1:]:
        light, _, dark = page.read_text(encoding="utf-8").partition("(prefers-color-scheme: dark)")
        assert "--jp-layout-color0:" in light, page.name
        assert "--jp-layout-color0:" in dark, page.name


def test_a_page_has_the_title_of_its_entry_and_a_link_back(pages):
    for page in pages[1:]:
        html = page.read_text(encoding="utf-8")
        title = re.search("<title>(.*)</title>", html)[1]
        assert f'<a href="{page.name}">{title}</a>' in pages[0].read_text(encoding="utf-8")
        assert '<html lang="en">' in html
        assert '<a href="index.html">All lessons</a>' in html


def test_a_page_needs_no_network(pages):
    for page in pages:
        assert re.findall(r'<script|<link|src="http', page.read_text(encoding="utf-8")) == [], page.name


def test_a_page_contains_its_pictures(pages):
    flow = next(page for page in pages if page.stem == "01_first_swap").read_text(encoding="utf-8")
    assert "Diagram: Photo.open prepares a photo" in flow
    assert "pictures/photo_flow.svg" not in flow


def test_a_page_contains_no_secret_and_no_path_of_the_machine(pages):
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert [name for name, pattern in SECRETS.items() if re.search(pattern, text)] == [], page.name
        assert str(samples.lessons()) not in text


def test_a_notebook_that_fails_prints_the_message_of_nbconvert_and_one_sentence(tmp_path, monkeypatch, capfd):
    (tmp_path / "broken.ipynb").write_text("no notebook", encoding="utf-8")
    monkeypatch.setattr(samples, "lessons", lambda: tmp_path)
    assert cli.main(["lessons", "--html", str(tmp_path / "pages")]) == 1
    message = " ".join(capfd.readouterr().err.split())
    assert "broken.ipynb" in message
    assert "'python -m nbconvert' failed with status 1." in message
