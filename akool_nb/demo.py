"""`akool_nb.demo`, the name that notebooks import; the code is in `akool_nb.cli.demo`."""

from akool_nb.cli.demo import run

__all__ = ["run"]
