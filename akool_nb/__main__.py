"""`python3 -m akool_nb …` is `akool-nb …`; in a bare clone it makes itself an environment first."""

from __future__ import annotations

import sys

from akool_nb.cli import bootstrap


def main() -> int:
    """Run the command line, here if the package is installed, else in the clone's own environment."""
    if not bootstrap.installed():
        return bootstrap.main(sys.argv[1:])
    from akool_nb.cli import main as command_line

    return command_line(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
