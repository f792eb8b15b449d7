"""The committed notebooks contain no outputs, no state, no secrets and no paths of a machine."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
FILES = sorted(path for path in NOTEBOOKS.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)
MOST_BYTES = 40_000
KEPT_METADATA = {"kernelspec", "language_info"}

SECRETS = {
    "an Agora token": r"\b007[A-Za-z0-9+/=]{60,}",
    "a JSON web token": r"\beyJ[\w-]{10,}\.[\w-]{10,}\.",
    "a key in clear": r"(?i)(api_key|client_secret|token)\s*=\s*\\?[\"'][A-Za-z0-9+/_=-]{16,}",
    "a bearer": r"(?i)bearer\s+[A-Za-z0-9._-]{20,}",
}
MACHINES = r"(/home/\w+|/Users/\w+|/root/|/tmp/|[A-Z]:\\\\)"


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


def test_there_are_notebooks():
    assert FILES


def test_a_notebook_is_valid_and_small(path, notebook):
    nbformat.validate(notebook)
    assert path.stat().st_size <= MOST_BYTES


def test_a_notebook_contains_no_output(notebook):
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.id for cell in code if cell.outputs or cell.execution_count is not None] == []


def test_a_notebook_contains_no_widget_state_and_no_other_metadata(notebook):
    assert set(notebook.metadata) <= KEPT_METADATA
    assert notebook.metadata.kernelspec.name == "python3"
    assert all(set(cell.metadata) <= {"tags", "slideshow"} for cell in notebook.cells)


def test_each_heading_starts_a_slide(notebook):
    headings = [
        cell for cell in notebook.cells if cell.source.startswith(("# ", "## ")) and cell.cell_type == "markdown"
    ]
    assert {cell.metadata.get("slideshow", {}).get("slide_type") for cell in headings} <= {"slide"}


def test_a_notebook_contains_no_attached_picture(notebook):
    assert not any(cell.get("attachments") for cell in notebook.cells)


@pytest.mark.parametrize("kind", SECRETS)
def test_a_notebook_contains_no_secret(path, kind):
    assert re.search(SECRETS[kind], path.read_text(encoding="utf-8")) is None


def test_a_notebook_contains_no_path_of_a_machine(path):
    assert re.search(MACHINES, path.read_text(encoding="utf-8")) is None


def test_each_cell_has_its_own_id(notebook):
    """nbformat creates random ids for cells without one, so each save would differ."""
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
