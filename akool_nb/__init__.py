"""Live face swap inside a Jupyter notebook: AKOOL's API, widgets for it, and a sandbox that needs no account.

Names are loaded when first used (PEP 562), so `import akool_nb` imports nothing heavy.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "AkoolError": "errors",
}
"""Which module each public name lives in."""

__all__ = sorted([*_HOME, "__version__"])


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
