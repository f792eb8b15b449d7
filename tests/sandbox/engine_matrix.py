"""Runs the engine's tests on each OpenCV it promises to work with: python -m tests.sandbox.engine_matrix [VERSION …]

Each version gets a virtual environment of its own in a temporary folder that is gone afterwards.
"""

import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
VERSIONS = {"4.10": "==4.10.0.84", "4.x": ">=4.11,<5", "5.x": ">=5"}
MODULES = (
    "blazeface",
    "blend",
    "colour",
    "detector",
    "expression",
    "look",
    "mesh",
    "networks",
    "occlusion",
    "opencv",
    "picture",
    "smoothing",
    "square",
    "swap",
    "texture",
    "topology",
    "tracker",
    "warp",
)
"""Those of tests/sandbox that need nothing but OpenCV, numpy and pytest."""


def main() -> int:
    chosen = sys.argv[1:] or list(VERSIONS)
    failed = [version for version in chosen if not passes(version)]
    print(f"OpenCV {', '.join(chosen)}: " + (f"failed on {', '.join(failed)}" if failed else "all passed"))
    return bool(failed)


def passes(version: str) -> bool:
    """Whether the engine's tests pass on this version."""
    with tempfile.TemporaryDirectory() as folder:
        python = environment(Path(folder), VERSIONS[version])
        start = time.monotonic()
        tests = [f"tests/sandbox/test_{module}.py" for module in MODULES]
        options = ["-q", "--noconftest", "-p", "no:cacheprovider"]
        done = subprocess.run([python, "-m", "pytest", *options, *tests], cwd=ROOT, check=False)
        print(f"OpenCV {version}: {time.monotonic() - start:.0f} s", flush=True)
    return done.returncode == 0


def environment(folder: Path, requirement: str) -> Path:
    """A new environment with that OpenCV; the path of its Python."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    packages = [f"opencv-python-headless{requirement}", "pytest", "pytest-timeout"]
    subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
    return python


if __name__ == "__main__":
    sys.exit(main())
