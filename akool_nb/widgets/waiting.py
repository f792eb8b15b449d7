"""Waiting in a cell for something that the page sends: refused where the cell would wait for ever."""

from __future__ import annotations

import importlib.metadata
import os
import sys

from akool_nb.errors import AkoolError
from akool_nb.widgets import texts

# The first ipykernel that receives the page's messages while a cell awaits; older ones wait for ever.
WAITS = (7, 4)


def refuse_to_hang(instead: texts.Instead) -> None:
    """Raise AkoolError where a waiting cell keeps the kernel from receiving messages, or where there is no page."""
    if "marimo" in sys.modules and sys.modules["marimo"].running_in_notebook():
        raise AkoolError(texts.CANNOT_WAIT.format(host="marimo", instead=instead.next_cell))
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if getattr(shell, "kernel", None) is None:
        raise AkoolError(texts.NO_PAGE.format(instead=instead.no_page))
    # Both are Voila's: the first for kernels of its own, the second also for those it keeps warm.
    if os.environ.get("SERVER_SOFTWARE", "").startswith("voila") or "VOILA_KERNEL_ID" in os.environ:
        raise AkoolError(texts.CANNOT_WAIT_IN_VOILA.format(instead=instead.callback))
    version = importlib.metadata.version("ipykernel")
    if tuple(map(int, version.split(".")[:2])) < WAITS:
        raise AkoolError(texts.CANNOT_WAIT.format(host=f"ipykernel {version}", instead=instead.next_cell))
