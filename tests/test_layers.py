"""Imports go down the list of folders, never up; this includes imports for type checkers."""

import ast
import sys
from pathlib import Path

import pytest

import akool_nb

ROOT = Path(akool_nb.__file__).parent

LAYERS = [
    {"terminal"},
    {"errors"},
    {"opts", "samples", "pictures"},
    {"guard"},
    {"wire"},
    {"agora"},
    {"api"},
    {"plot", "sandbox/engine", "sandbox/switches"},
    {"sandbox/pictures", "sandbox/faults"},
    {"sandbox/service"},
    {"sandbox"},
    {"connect"},
    {"check", "explore", "widgets"},
    {"help_page", "cli"},
    {"demo", "doctor", "player"},
]
"""The lowest first. The modules of a folder may import each other; every other import goes to a lower layer."""
HEIGHT = {name: height for height, layer in enumerate(LAYERS) for name in layer}

UP_WHEN_CALLED = {("api", "plot")}
"""`Detection.plot()` imports upwards when it is called."""

ONLY = {"requests": {"wire"}, "matplotlib": {"plot"}, "cv2": {"sandbox/engine", "sandbox/pictures"}}
"""The folders that may import a heavy library."""
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
BARE = {"__init__.py", "__main__.py", "terminal.py"} | {
    f"cli/{name}.py" for name in ("__init__", "bootstrap", "browser", "installer", "machine", "pip_settings")
}
"""These run in a clone without any installation."""


def modules():
    return [path for path in sorted(ROOT.rglob("*.py")) if "web" not in path.relative_to(ROOT).parts]


def layer_of(parts: tuple[str, ...]) -> str:
    """The folder (or top module) that a path or a dotted name belongs to."""
    inner = "/".join(parts[:2])
    return inner if inner in HEIGHT else parts[0]


def layer_of_path(path: Path) -> str:
    return layer_of(path.relative_to(ROOT).with_suffix("").parts)


def layer_of_import(name: str) -> str | None:
    parts = tuple(name.split("."))
    if parts[0] != "akool_nb" or len(parts) < 2:
        return None
    layer = layer_of(parts[1:])
    return layer if layer in HEIGHT else None


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


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_down(path):
    if path.relative_to(ROOT).as_posix() in BARE:
        return
    here = layer_of_path(path)
    assert here in HEIGHT, f"{path.name} has no layer: add its folder to LAYERS"
    for name, when in imports(path):
        there = layer_of_import(name)
        if there is None or there == here or ((here, there) in UP_WHEN_CALLED and when != "always"):
            continue
        assert HEIGHT[there] < HEIGHT[here], f"{here} may not import {there}"


@pytest.mark.parametrize("library", ONLY)
def test_a_heavy_library_is_imported_only_in_its_folder(library):
    users = {
        layer_of_path(path)
        for path in modules()
        for name, when in imports(path)
        if name.split(".")[0] == library and when != "types"
    }
    assert users <= ONLY[library]


@pytest.mark.parametrize("name", sorted(BARE))
def test_a_module_for_a_bare_clone_imports_only_the_standard_library(name):
    tops = {found.split(".")[0] for found, when in imports(ROOT / name) if when == "always"}
    assert tops <= sys.stdlib_module_names | {"akool_nb"}
