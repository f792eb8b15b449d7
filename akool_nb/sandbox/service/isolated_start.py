"""Starts the sandbox where only the standard library, the given folders and this package can be imported.

Run as `python -I -S isolated_start.py FOLDERS OPTION…`. akool_nb is loaded by its path, so that the files beside it
cannot be imported.
"""

from __future__ import annotations

import importlib.util
import os
import runpy
import sys
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[2]


class StandardLibrary:
    """Finds modules of the standard library there only: a package named like one is not a replacement.

    Some of these names are missing here, such as `msvcrt` beyond Windows; the library itself tries to import them.
    """

    def __init__(self) -> None:
        self._path = list(sys.path)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """The module of the standard library; ModuleNotFoundError when it is not there; None for other names."""
        if name not in sys.stdlib_module_names:
            return None
        found = PathFinder.find_spec(name, self._path, target)
        if found is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return found


def isolate(folders: list[str]) -> None:
    """Let packages come from these folders, and the standard library from its own folders only."""
    finders: list[Any] = sys.meta_path
    finders.insert(finders.index(PathFinder), StandardLibrary())
    sys.path += folders


def load_package() -> None:
    """Import akool_nb from this very folder."""
    spec = importlib.util.spec_from_file_location(
        "akool_nb", PACKAGE / "__init__.py", submodule_search_locations=[str(PACKAGE)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["akool_nb"] = module
    spec.loader.exec_module(module)


if __name__ == "__main__":
    isolate(sys.argv.pop(1).split(os.pathsep))
    load_package()
    runpy.run_module("akool_nb.sandbox", run_name="__main__", alter_sys=True)
