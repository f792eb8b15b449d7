"""The cost of `import akool_nb` compared with `import requests`: python -m tests.bench.imports

CPU time of a new Python process, minus that of an empty one; the smallest of several runs.
"""

import resource
import subprocess
import sys

RUNS = 15
AIM = 0.15


def main() -> None:
    empty = cpu_ms("pass")
    ours, theirs = cpu_ms("import akool_nb") - empty, cpu_ms("import requests") - empty
    print(f"import requests  {theirs:7.1f} ms\nimport akool_nb  {ours:7.1f} ms")
    print(f"ratio            {ours / theirs:7.3f}   (aim: {AIM} at most)")


def cpu_ms(code: str) -> float:
    """The CPU milliseconds of a Python process that runs `code`."""
    return min(_run(code) for _ in range(RUNS))


def _run(code: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


if __name__ == "__main__":
    main()
