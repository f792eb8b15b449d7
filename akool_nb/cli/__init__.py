"""The command line: `akool-nb` and `python3 -m akool_nb`.

This file imports the standard library alone, because `akool_nb.cli.bootstrap` runs in a clone without any installation.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    from akool_nb.cli.cli import main as command_line

    return command_line(arguments)
