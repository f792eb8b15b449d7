"""`akool_nb.doctor`, the name that notebooks import; the code is in `akool_nb.cli.doctor`."""

from akool_nb.cli.doctor import examine, examine_live, to_json

__all__ = ["examine", "examine_live", "to_json"]
