"""Imports go down the floors, never up and never sideways; imports for type checkers obey, too."""

import ast
import sys
from pathlib import Path

import pytest

import akool_nb

ROOT = Path(akool_nb.__file__).parent

FLOORS = [
    {"errors"},
    {"opts", "agora", "samples", "redact", "guard", "errand", "addresses"},
    {"answers", "calls"},
    {"transport"},
    {"fetch", "credentials"},
    {"photo"},
    {"models"},
    {"session"},
    {"client"},
    {"plot", "widgets", "sandbox", "explore", "check", "finding", "player", "lesson_copy", "launcher"},
    {"help_page", "demo", "live_checkup"},
    {"doctor"},
    {"cli"},
]
HEIGHT = {name: height for height, floor in enumerate(FLOORS) for name in floor}

UP_WHEN_CALLED = {("models", "plot"), ("client", "sandbox")}
"""Sugar that reaches up when it is called, and for its types: `plot()`, `connect()`."""

ALONE = {"requests": {"transport"}, "matplotlib": {"plot"}, "cv2": {"sandbox"}}
"""Who may import what is heavy."""
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
BARE = {"bootstrap", "__main__"}
"""They run in a bare clone, before anything is installed."""


def modules():
    return [path for path in sorted(ROOT.rglob("*.py")) if "web" not in path.relative_to(ROOT).parts]


def room(path: Path) -> str:
    """The module, or the folder it lies in: the inside of `sandbox/` is its own affair."""
    return path.relative_to(ROOT).with_suffix("").parts[0]


def imports(path: Path):
    """Every import of a file: its dotted name, and when it happens: "always", when "called", or for "types" only."""
    tree = ast.parse(path.read_text())
    when = {}
    for node in ast.walk(tree):
        kind = "types" if _is_for_types(node) else "called" if isinstance(node, FUNCTIONS) else ""
        if kind:
            when |= {id(inner): kind for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, when.get(id(node), "always")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: imports are absolute"
            yield from ((f"{node.module}.{alias.name}", when.get(id(node), "always")) for alias in node.names)


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def ours(name: str) -> str | None:
    """Which of our rooms an import leads to."""
    parts = name.split(".")
    return parts[1] if parts[0] == "akool_nb" and len(parts) > 1 and parts[1] in HEIGHT else None


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down(path):
    here = room(path)
    if here in BARE | {"__init__"}:
        return
    assert here in HEIGHT, f"{path.name} stands on no floor: add it to FLOORS"
    for name, when in imports(path):
        there = ours(name)
        if there is None or there == here or ((here, there) in UP_WHEN_CALLED and when != "always"):
            continue
        assert HEIGHT[there] < HEIGHT[here], f"{here} may not import {there}"


@pytest.mark.parametrize("library", ALONE)
def test_a_heavy_library_has_one_door(library):
    users = {
        room(path)
        for path in modules()
        for name, when in imports(path)
        if name.split(".")[0] == library and when != "types"
    }
    assert users <= ALONE[library]


@pytest.mark.parametrize("name", sorted(BARE))
def test_what_runs_in_a_bare_clone_needs_nothing_installed(name):
    tops = {found.split(".")[0] for found, when in imports(ROOT / f"{name}.py") if when == "always"}
    assert tops <= sys.stdlib_module_names | {"akool_nb"}
