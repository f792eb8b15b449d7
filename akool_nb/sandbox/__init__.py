"""A local service in place of AKOOL: same paths, same answers, real detection, real swap, no account.

`Sandbox` starts it from Python; `python -m akool_nb.sandbox` or `akool-nb sandbox` start it alone.
"""

from akool_nb.sandbox.process import Sandbox

__all__ = ["Sandbox"]
