"""What all widgets share: refusing typos, talking to the page, failing visibly, working off the main thread."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import anywidget
import traitlets

from akool_nb.errors import AkoolError
from akool_nb.widgets import texts
from akool_nb.widgets.consent import CONSENT

STATIC = Path(__file__).parents[1] / "static"
F = TypeVar("F", bound=Callable[..., object])


def script(name: str) -> Path:
    """The built front end of a widget, for its `_esm`; a checkout that was never installed has none."""
    path = STATIC / f"{name}.js"
    if not path.exists():
        raise ImportError(texts.NOT_BUILT.format(path=path))
    return path


class BaseWidget(anywidget.AnyWidget):
    """A view of plain objects, in the page.

    Messages from the page go to `_hear_<kind>(content, buffers)`; `post(kind, …)` sends one there. Pictures travel
    only so: a synced trait would be saved with the notebook.
    """

    error = traitlets.Unicode(help="What went wrong last, shown in red under the widget; empty when all is well.").tag(
        sync=True
    )
    consent = traitlets.Bool(help="The person may use this face; shared by all widgets of the process.").tag(sync=True)
    # Hosts give each view a proxy of the model; by this the page knows which widget it belongs to.
    _key = traitlets.Unicode().tag(sync=True)

    _options: tuple[str, ...] = ("layout",)
    """The keywords that a widget takes besides its own."""

    def __init__(self, **options: Any) -> None:
        for name in options:
            if name not in self._options:
                known = ", ".join(self._options)
                raise TypeError(texts.UNKNOWN_OPTION.format(widget=type(self).__name__, name=name, known=known))
        super().__init__(_key=uuid.uuid4().hex, consent=CONSENT.given, **options)
        CONSENT.follow(self)
        self.on_msg(self._hear)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def post(self, kind: str, content: dict[str, Any] | None = None, *buffers: bytes) -> None:
        """Tell the page something; it may be called from any thread."""
        self.send({"kind": kind, **(content or {})}, buffers=list(buffers))

    def work(self, function: Callable[..., None], *args: Any) -> threading.Thread:
        """Run it on a thread of its own, so that a slow network never holds up the kernel; failures become `.error`."""
        thread = threading.Thread(target=self._guarded, args=(function, *args), daemon=True)
        thread.start()
        return thread

    def fail(self, problem: BaseException, *, about: str = "") -> None:
        """Show what went wrong. Our own errors are whole sentences; a stranger's is named by its kind."""
        known = isinstance(problem, AkoolError)
        text = str(problem) if known else texts.UNEXPECTED.format(kind=type(problem).__name__, message=problem)
        self.error = f"{about}: {text}" if about else text

    def _guarded(self, function: Callable[..., None], *args: Any) -> None:
        try:
            function(*args)
        except Exception as problem:
            self.fail(problem)

    def _hear(self, _widget: object, content: dict[str, Any], buffers: list[memoryview]) -> None:
        handler = getattr(self, f"_hear_{content.get('kind')}", None)
        if handler is not None:
            self._guarded(handler, content, buffers)

    @traitlets.observe("consent")
    def _share_consent(self, change: dict[str, Any]) -> None:
        if change["new"] != CONSENT.given:
            CONSENT.set(change["new"])


class Listeners:
    """Functions to call when something happens; each is called even when another one fails."""

    def __init__(self, widget: BaseWidget) -> None:
        self._widget = widget
        self._functions: list[Callable[..., object]] = []

    def add(self, function: F) -> F:
        """Remember the function and give it back, so that this works as a decorator."""
        if function not in self._functions:
            self._functions.append(function)
        return function

    def tell(self, *args: Any) -> None:
        """Call them in order; what one raises is shown under the widget."""
        for function in list(self._functions):
            try:
                function(*args)
            except Exception as problem:
                self._widget.fail(problem)
