"""The lessons become static pages whose links lead on and that hold no secret."""

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
    """All lessons as pages, without execution: the outputs are tested where the lessons are executed."""
    return write_pages(tmp_path_factory.mktemp("pages") / "new folder", execute=False)


def test_there_is_a_page_for_each_notebook_and_a_contents_page(pages):
    names = {path.stem for path in samples.lessons().glob("*.ipynb")}
    assert pages[0].name == "index.html"
    assert {page.stem for page in pages[1:]} == names
    assert all(f'href="{name}.html"' in pages[0].read_text(encoding="utf-8") for name in names)


def test_every_link_between_the_pages_leads_to_a_file(pages):
    for page in pages:
        links = LINK.findall(page.read_text(encoding="utf-8"))
        local = [unquote(link) for link in links if not re.match(r"[a-z]+:", link)]
        assert [link for link in local if not (page.parent / link).exists()] == [], page.name


def test_a_page_holds_its_pictures(pages):
    flow = next(page for page in pages if page.stem == "01_first_swap").read_text(encoding="utf-8")
    assert "Diagram: Photo.open prepares a photo" in flow
    assert "pictures/photo_flow.svg" not in flow


def test_a_page_holds_no_secret_and_not_the_folder_of_the_machine(pages):
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert [name for name, pattern in SECRETS.items() if re.search(pattern, text)] == [], page.name
        assert str(samples.lessons()) not in text


def test_a_notebook_that_fails_is_one_sentence_after_nbconverts_own_message(tmp_path, monkeypatch, capfd):
    (tmp_path / "broken.ipynb").write_text("no notebook", encoding="utf-8")
    monkeypatch.setattr(samples, "lessons", lambda: tmp_path)
    assert cli.main(["lessons", "--html", str(tmp_path / "pages")]) == 1
    said = " ".join(capfd.readouterr().err.split())
    assert "broken.ipynb" in said
    assert "'python -m nbconvert' failed with status 1." in said
