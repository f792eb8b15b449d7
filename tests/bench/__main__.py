"""`python -m tests.bench` prints every figure: the benches run one after the other, each in its own process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Run all benches; 1 if one of them failed."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_"))
    return max([_run(name) for name in names], default=0)


def _run(name: str) -> int:
    print(f"\n## {name}\n", flush=True)
    return min(1, abs(subprocess.call([sys.executable, "-m", f"tests.bench.{name}"])))


if __name__ == "__main__":
    sys.exit(main())
