"""`akool_nb.help()` fits on a screen; only the errors are on another page."""

from __future__ import annotations

import akool_nb
from akool_nb import errors, help_page, samples


def test_the_page_fits_on_one_screen():
    page = "\n".join(help_page.lines()).splitlines()
    assert len(page) <= 40
    assert max(map(len, page)) <= 80


def test_the_first_lines_of_the_page_run_as_they_are(sandbox, monkeypatch):
    """Only the name of the photo is replaced."""
    start = list(help_page.lines())[:11]
    code = [line.strip() for line in start if line.startswith("  ") and "studio" not in line]
    assert [line.split("(")[0] for line in code[1:3]] == ["client = akool_nb.connect", "found = client.detect"]
    monkeypatch.setattr(akool_nb, "connect", sandbox.client)
    exec("\n".join(code).replace("me.jpg", str(samples.photo("astronaut"))), {})
    assert sandbox.sessions == []


def test_every_public_name_except_the_errors_is_on_the_page():
    page = "\n".join(help_page.lines())
    left_out = [name for name in akool_nb.__all__ if name not in page]
    assert [name for name in left_out if name != "__version__" and not hasattr(errors, name)] == []
    assert "akool_nb.errors?" in page


def test_every_name_on_the_page_has_a_sentence():
    entries = [line for line in "\n".join(help_page.lines()).splitlines() if line.startswith("  ")]
    assert all(len(line.split(maxsplit=1)) == 2 for line in entries)


def test_a_sentence_is_not_cut_inside_a_word():
    for line in help_page.lines():
        if line.endswith(" ..."):
            assert help_page._fitting("ab cd " * 30, 20).removesuffix(" ...").split()[-1] in ("ab", "cd")


def test_a_long_sentence_is_cut_at_a_punctuation_mark():
    assert help_page._fitting("All photos, each with its faces: a table", 20) == "All photos."
    assert (
        help_page._fitting("All photos, each with its faces: a table", 40) == "All photos, each with its faces: a table"
    )


def test_help_prints_the_page(capsys):
    help_page.help()
    assert capsys.readouterr().out.strip() == "\n".join(help_page.lines())


def test_help_with_a_topic_prints_the_help_of_python(capsys):
    help_page.help(len)
    assert "built-in function len" in capsys.readouterr().out
