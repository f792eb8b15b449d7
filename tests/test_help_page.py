"""`akool_nb.help()` fits on a screen and leaves nothing out."""

from __future__ import annotations

import akool_nb
from akool_nb import help_page


def test_the_page_fits_on_one_screen():
    page = "\n".join(help_page.lines()).splitlines()
    assert len(page) <= 45
    assert max(map(len, page)) <= 118


def test_every_public_name_stands_on_the_page():
    page = "\n".join(help_page.lines())
    left_out = [name for name in akool_nb.__all__ if name not in page and name not in ("__version__", "help")]
    assert not left_out


def test_every_name_on_the_page_has_a_sentence():
    entries = [line for line in "\n".join(help_page.lines()).splitlines() if line.startswith("  ")]
    assert all(len(line.split(maxsplit=1)) == 2 for line in entries)


def test_no_sentence_is_cut_within_a_word():
    assert [line for line in help_page.lines() if line.startswith("  ") and line.endswith("…")] == []


def test_a_long_sentence_ends_at_a_pause():
    assert help_page._fitting("All photos, each with its faces: a table", 20) == "All photos."
    assert (
        help_page._fitting("All photos, each with its faces: a table", 40) == "All photos, each with its faces: a table"
    )


def test_help_prints_the_page(capsys):
    help_page.help()
    assert capsys.readouterr().out.strip() == "\n".join(help_page.lines())
