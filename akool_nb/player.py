"""`akool_nb.player`, the name that notebooks import; the code is in `akool_nb.cli.player`."""

from akool_nb.cli.player import Player, Take

__all__ = ["Player", "Take"]
