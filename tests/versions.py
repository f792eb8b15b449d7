"""Runs tests with other versions of what the package depends on: python -m tests.versions [NAME …]

Each set of versions is in an environment of its own, which takes everything else from this Python's packages.
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
    """What uv installs, the tests that run with it, and how the version of OpenCV then begins."""

    requirements: list[str]
    tests: list[str]
    opencv: str


OWN_OPENCV = cv2.__version__.partition(".")[0]
OTHER = {"4": "5", "5": "4"}[OWN_OPENCV]
SETS = {
    # Each dependency at the lowest version that pyproject.toml allows.
    "minima": Versions(
        ["--resolution", "lowest-direct", "-r", "pyproject.toml", "--extra", "sandbox"],
        ["tests", "-m", "not browser and (engine or not slow)"],
        "4.10.0",
    ),
    # The newest OpenCV of the major version that this Python does not have.
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
        done = run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SETS[name].tests)
        version = run(python, "-c", "import cv2; print(cv2.__version__)").stdout.strip()
    print(f"{done.stdout}{done.stderr}{name}, OpenCV {version}: {time.monotonic() - start:.0f} s", flush=True)
    return done.returncode == 0 and version.startswith(SETS[name].opencv)


def environment(folder: Path, requirements: list[str]) -> Path:
    """The Python of a new virtual environment with these versions, and with the rest of the packages from here."""
    venv.create(folder, symlinks=os.name != "nt")
    python = Path(sysconfig.get_path("scripts", vars={"base": str(folder)}), "python")
    own = sysconfig.get_path("purelib", vars={"base": str(folder)})
    install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", str(python), *requirements]
    subprocess.run(install, cwd=ROOT, check=True)
    # Python looks into what a .pth file names after the environment's own packages.
    Path(own, "the_rest.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return python


def run(python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """That Python, without any folder that was put before its packages from outside."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run([python, *arguments], cwd=ROOT, env=clean, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
