"""The structure and the language of the code in numbers: python -m tests.bench.shape [FOLDER]

Counts what makes code harder to read: modules in a folder, import loops, long lines, files, classes and functions,
locks, dense statements, and words in comments that are not plain English. With a FOLDER, such as akool_nb/wire or
tests, the counts are for that folder, and each place is listed.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "akool_nb"
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
LOCKS = {"Lock", "RLock", "Condition"}
DIALECT = re.compile(
    r"\b(roads?|nobody|whoever|told|tells?|stands?|lies|lie|wears?|wearing|worn|takes? along|has the word|riddles?|"
    r"hears?|heard|gone|so many|let go|lets go|falls? silent|hangs? up|mends?|mended|house|rooms?)\b",
    re.IGNORECASE,
)
PROSE = re.compile(r"[A-Za-z][A-Za-z'-]*")


def python_files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*.py")) if "web" not in path.relative_to(ROOT).parts]


def typescript_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.ts") if not {"node_modules", "tests"} & set(path.parts))


def comments_of_python(path: Path) -> Iterator[tuple[int, str]]:
    text = path.read_text()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value


def comments_of_typescript(path: Path) -> Iterator[tuple[int, str]]:
    text = path.read_text()
    for found in re.finditer(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", text, re.DOTALL):
        yield text.count("\n", 0, found.start()) + 1, found.group()


def is_lock(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name in LOCKS


def is_tuple_assignment(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Tuple)


def import_graph(folder: Path) -> dict[str, set[str]]:
    """For each module the modules that it imports, at any time and for types."""
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in python_files(folder)}
    graph: dict[str, set[str]] = defaultdict(set)
    for name, path in names.items():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                graph[name] |= {alias.name for alias in node.names} & names.keys()
            elif isinstance(node, ast.ImportFrom):
                found = {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
                graph[name] |= found & names.keys()
        graph[name].discard(name)
    return graph


def loops(graph: dict[str, set[str]]) -> list[list[str]]:
    """The groups of modules that import each other, by Tarjan's algorithm."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in sorted(graph[name]):
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            group = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(group) > 1:
                found.append(sorted(group))

    for name in sorted(graph):
        if name not in index:
            visit(name)
    return found


class Shape:
    """The counts of one folder, with the places."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = python_files(folder)
        self.typescript = typescript_files(folder)
        self.lines = 0
        self.words = 0
        self.functions: list[int] = []
        self.places: dict[str, list[str]] = defaultdict(list)
        for path in self.python:
            self._read_python(path)
        for path in self.typescript:
            self._read_typescript(path)

    def _read_python(self, path: Path) -> None:
        text = path.read_text()
        lines = text.splitlines()
        self.lines += len(lines)
        self._note_long_file(path, len(lines))
        for node in ast.walk(ast.parse(text)):
            self._read_node(path, node)
        for line, comment in comments_of_python(path):
            self._read_comment(path, line, comment)

    def _read_node(self, path: Path, node: ast.AST) -> None:
        place = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        if is_lock(node):
            self.places["locks"].append(place)
        if is_tuple_assignment(node):
            self.places["tuple assignments"].append(place)
        if isinstance(node, ast.IfExp):
            self.places["conditional expressions"].append(place)
        if isinstance(node, FUNCTIONS):
            if node.name.startswith("test_"):
                self._read_comment(path, node.lineno, node.name.replace("_", " "))
            self.functions.append((node.end_lineno or node.lineno) - node.lineno + 1)
        if isinstance(node, ast.ClassDef):
            methods = sum(isinstance(inner, FUNCTIONS) for inner in node.body)
            if methods > 18:
                self.places["classes over 18 methods"].append(f"{place} {node.name} {methods}")

    def _read_typescript(self, path: Path) -> None:
        lines = path.read_text().splitlines()
        self._note_long_file(path, len(lines))
        for number, line in enumerate(lines, 1):
            if len(line) > 120:
                self.places["TypeScript lines over 120 columns"].append(f"{path.relative_to(ROOT)}:{number}")
        for number, comment in comments_of_typescript(path):
            self._read_comment(path, number, comment)

    def _note_long_file(self, path: Path, length: int) -> None:
        if length > 350:
            self.places["files over 350 lines"].append(f"{path.relative_to(ROOT)} {length}")

    def _read_comment(self, path: Path, line: int, comment: str) -> None:
        self.words += len(PROSE.findall(comment))
        for found in DIALECT.finditer(comment):
            number = line + comment.count("\n", 0, found.start())
            self.places["dialect words"].append(f"{path.relative_to(ROOT)}:{number} {found.group()}")

    def rows(self) -> Iterator[tuple[str, str]]:
        """Name and value of each figure."""
        flat = len(list(PACKAGE.glob("*.py")))
        sandbox = len(list((PACKAGE / "sandbox").glob("*.py")))
        yield "modules in akool_nb/ · in sandbox/ itself", f"{flat} · {sandbox}"
        yield "import loops", str(len(loops(import_graph(PACKAGE))))
        yield "Python lines", f"{self.lines:,}"
        yield "Lock, RLock, Condition", str(len(self.places["locks"]))
        yield "tuple assignments per 1,000 lines", self._per_thousand("tuple assignments", self.lines)
        yield "conditional expressions per 1,000 lines", self._per_thousand("conditional expressions", self.lines)
        yield "TypeScript lines over 120 columns", str(len(self.places["TypeScript lines over 120 columns"]))
        yield "dialect words per 1,000 words of comment", self._per_thousand("dialect words", self.words)
        yield "files over 350 lines", str(len(self.places["files over 350 lines"]))
        yield "classes over 18 methods", str(len(self.places["classes over 18 methods"]))
        short = sum(length <= 25 for length in self.functions)
        yield "functions of at most 25 lines", f"{100 * short / max(1, len(self.functions)):.1f} %"

    def _per_thousand(self, name: str, whole: int) -> str:
        return f"{1000 * len(self.places[name]) / max(1, whole):.1f}"


def main() -> None:
    folder = ROOT / sys.argv[1] if len(sys.argv) > 1 else PACKAGE
    shape = Shape(folder)
    for name, value in shape.rows():
        print(f"{name:<45} {value:>10}")
    if folder == PACKAGE:
        places = Shape(ROOT / "tests").places["dialect words"]
        print(f"{'dialect words in names and comments of tests':<45} {len(places):>10}")
    for group in loops(import_graph(PACKAGE)):
        print(f"loop: {' ↔ '.join(group)}")
    names = shape.places if len(sys.argv) > 1 else ("locks", "files over 350 lines", "classes over 18 methods")
    for name in names:
        for place in shape.places[name]:
            print(f"{name}: {place}")


if __name__ == "__main__":
    main()
