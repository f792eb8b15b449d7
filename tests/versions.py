"""Runs tests with other versions of the dependencies: python -m tests.versions [NAME …]

Each set of versions has its own environment, with the newest versions of everything else.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from pathlib import Path
from typing import NamedTuple

import cv2

ROOT = Path(__file__).parents[1]


class Versions(NamedTuple):
    """What uv installs, the tests that run with it, and the start of OpenCV's version."""

    requirements: list[str]
    tests: list[str]
    opencv: str


OWN_OPENCV = cv2.__version__.partition(".")[0]
OTHER = {"4": "5", "5": "4"}[OWN_OPENCV]
SETS = {
    # Each dependency at the lowest version that pyproject.toml allows.
    "minima": Versions(
        ["--resolution", "lowest-direct", "-r", "pyproject.toml", "--extra", "sandbox"],
        ["tests", "--ignore=tests/browser", "-m", "engine or not slow"],
        "4.10.0",
    ),
    # The newest OpenCV of the other major version.
    "opencv": Versions(
        [f"opencv-python-headless>={OTHER},<{int(OTHER) + 1}"],
        ["tests/sandbox", "tests/pictures", "-m", "engine"],
        f"{OTHER}.",
    ),
}


def main() -> int:
    chosen = sys.argv[1:] or list(SETS)
    failed = [name for name in chosen if not passes(name)]
    print(f"Versions {', '.join(chosen)}: " + (f"failed with {', '.join(failed)}" if failed else "all passed"))
    return bool(failed)


def passes(name: str) -> bool:
    """Whether the tests pass with this set; their output is printed."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        python = environment(Path(folder), SETS[name].requirements)
        options = ["-q", "-p", "no:cacheprovider", "-n", "2", "--dist", "loadfile"]
        done = run(python, "-m", "pytest", *options, *SETS[name].tests)
        version = run(python, "-c", "import cv2; print(cv2.__version__)").stdout.strip()
    print(f"{done.stdout}{done.stderr}{name}, OpenCV {version}: {time.monotonic() - start:.0f} s", flush=True)
    return done.returncode == 0 and version.startswith(SETS[name].opencv)


def environment(folder: Path, requirements: list[str]) -> Path:
    """The Python of a new virtual environment with these versions, and the other packages that the tests need."""
    venv.create(folder, symlinks=os.name != "nt")
    python = Path(sysconfig.get_path("scripts", vars={"base": str(folder)}), "python")
    uv = [sys.executable, "-m", "uv", "pip"]
    install = [*uv, "install", "--quiet", "--python", str(python)]
    subprocess.run([*install, *requirements], cwd=ROOT, check=True)
    fixed = folder / "constraints.txt"
    fixed.write_text(subprocess.check_output([*uv, "freeze", "--python", str(python)], text=True))
    rest = ["-r", "pyproject.toml", "--extra", "test", "--constraint", str(fixed)]
    subprocess.run([*install, *rest], cwd=ROOT, check=True)
    # The package itself is not built again, because a build replaces the scripts that other tests use.
    own = sysconfig.get_path("purelib", vars={"base": str(folder)})
    Path(own, "akool_nb.pth").write_text(f"{ROOT}\n")
    return python


def run(python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """That Python, without a `PYTHONPATH`."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run([python, *arguments], cwd=ROOT, env=clean, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
