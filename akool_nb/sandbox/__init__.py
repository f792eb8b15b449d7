"""A local service in place of AKOOL: same paths, same answers, real detection, real swap, no account.

`Sandbox` starts it from Python; `python -m akool_nb.sandbox` or `akool-nb sandbox` start it alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from akool_nb.sandbox.process import Sandbox

__all__ = ["Sandbox"]


def __getattr__(name: str) -> Any:
    if name == "Sandbox":
        from akool_nb.sandbox.process import Sandbox

        return Sandbox
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
