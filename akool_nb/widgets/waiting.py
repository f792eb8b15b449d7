"""Waiting in a cell for something that the page sends: refused where the cell would wait for ever."""

from __future__ import annotations

import asyncio
import importlib.metadata
import os
import sys
from concurrent.futures import Future
from typing import TypeVar

from akool_nb.errors import AkoolError
from akool_nb.widgets import texts
from akool_nb.widgets.live_host import LiveHost

T = TypeVar("T")

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


def require_picture(view: LiveHost) -> None:
    """Raise AkoolError unless a picture is live."""
    if view.state != "live":
        raise AkoolError(texts.NOT_LIVE.format(state=view.state))


def require_answers(view: LiveHost, instead: texts.Instead) -> None:
    """Raise AkoolError unless a picture is live and a cell can wait for what its page sends."""
    require_picture(view)
    require_channel(view, instead)


def require_channel(view: LiveHost, instead: texts.Instead) -> None:
    """Raise AkoolError where a cell cannot wait for what the view's page sends."""
    # The page of `open_page()` has a channel of its own, which works while a cell runs.
    if not view.elsewhere:
        refuse_to_hang(instead)


async def answer_of(answer: Future[T], *, seconds: float = 10.0) -> T:
    """Wait for the page's answer; raises AkoolError if it has not come after `seconds`."""
    done, _ = await asyncio.wait({asyncio.wrap_future(answer)}, timeout=seconds)
    if not done:
        raise AkoolError(texts.NO_ANSWER.format(seconds=seconds))
    return done.pop().result()
