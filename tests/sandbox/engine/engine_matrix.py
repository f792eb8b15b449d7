"""Runs the engine's tests on each OpenCV that it supports: python -m tests.sandbox.engine.engine_matrix [VERSION …]

Each version has a virtual environment of its own, which takes everything but OpenCV from this Python's packages.
Without arguments the version that Python has anyway is left out: there pytest runs the same tests.
"""

import os
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2

ROOT = Path(__file__).parents[3]
VERSIONS = {"4.10": "==4.10.0.84", "4.x": ">=4.11,<5", "5.x": ">=5"}
FOLDERS = ("tests/sandbox/engine", "tests/sandbox/pictures")
"""The tests that need no server."""


def main() -> int:
    own = name_of(cv2.__version__)
    chosen = sys.argv[1:] or [name for name in VERSIONS if name != own]
    with ThreadPoolExecutor(os.cpu_count()) as several:
        passed = list(several.map(passes, chosen))
    failed = [name for name, good in zip(chosen, passed, strict=True) if not good]
    print(f"OpenCV {', '.join(chosen)}: " + (f"failed on {', '.join(failed)}" if failed else "all passed"))
    return bool(failed)


def name_of(version: str) -> str:
    """Which of VERSIONS a release is."""
    major, minor = (int(part) for part in version.split(".")[:2])
    return "5.x" if major >= 5 else "4.10" if minor == 10 else "4.x"


def passes(name: str) -> bool:
    """Whether the engine's tests pass on this version."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        python = environment(Path(folder), VERSIONS[name])
        done = run(python, "-m", "pytest", "-q", "--noconftest", "-p", "no:cacheprovider", *FOLDERS)
        version = run(python, "-c", "import cv2; print(cv2.__version__)").stdout.strip()
    print(f"{done.stdout}{done.stderr}OpenCV {version}: {time.monotonic() - start:.0f} s", flush=True)
    return done.returncode == 0 and name_of(version) == name


def environment(folder: Path, requirement: str) -> Path:
    """The Python of a new virtual environment that has this OpenCV, and numpy, pytest and the rest from here."""
    venv.create(folder, symlinks=os.name != "nt")
    own, ours = (sysconfig.get_path("purelib", vars=places) for places in ({"base": str(folder)}, {}))
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--target", own]
    package = f"opencv-python-headless{requirement}"
    subprocess.run([sys.executable, "-m", "pip", "install", *options, package], check=True)
    # What a .pth file names is looked at after the environment's own packages.
    Path(own, "the_rest.pth").write_text(f"{ours}\n")
    return Path(sysconfig.get_path("scripts", vars={"base": str(folder)}), "python")


def run(python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """That Python, without any folder that was put before its packages from outside."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run([python, *arguments], cwd=ROOT, env=clean, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
