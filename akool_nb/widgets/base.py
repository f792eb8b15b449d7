"""What all widgets share: refusing typos, messages from and to the page, visible failures, work off the main thread."""

from __future__ import annotations

import contextvars
import inspect
import threading
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import anywidget
import traitlets

from akool_nb.api.arguments import A_FUNCTION, having
from akool_nb.errors import AkoolError
from akool_nb.widgets import texts
from akool_nb.widgets.consent import CONSENT
from akool_nb.widgets.part_comm import PartComm
from akool_nb.widgets.worker import Worker

STATIC = Path(__file__).parents[1] / "static"
F = TypeVar("F", bound=Callable[..., object])


def script(name: str) -> Path:
    """The built front end of a widget, for its `_esm`; raises ImportError in a checkout that was never installed."""
    path = STATIC / f"{name}.js"
    if not path.exists():
        raise ImportError(texts.NOT_BUILT.format(path=path))
    return path


class BaseWidget(anywidget.AnyWidget):
    """A view of plain objects, in the page.

    A message `{kind, …}` from the page calls `_receive_<kind>(*buffers, …)` of the widget or of one of its parts;
    `post(kind, …)` sends one to the page. Pictures travel only in messages: a synced trait would be saved with the
    notebook.

    Messages arrive on the kernel's main thread. What could take long is given to `work`, which does one thing after
    the other on the widget's own thread.

    Args:
        comm: the connection of a widget that is a part of another one; without it, the widget opens its own.
    """

    error = traitlets.Unicode(help="What went wrong last, shown in red under the widget; empty when all is well.").tag(
        sync=True
    )
    consent = traitlets.Bool(help="The person may use this face; shared by all widgets of the process.").tag(sync=True)
    # Hosts give each view a proxy of the model; by this key the page knows which widget it belongs to.
    _key = traitlets.Unicode().tag(sync=True)

    # The keywords that a widget takes besides those of its constructor.
    _options: tuple[str, ...] = ("layout",)
    # Objects that receive messages for the widget.
    _parts: Sequence[object] = ()

    def __init__(self, *, comm: PartComm | None = None, **options: Any) -> None:
        for name in options:
            if name not in self._options:
                known = ", ".join(_keywords(type(self)))
                raise TypeError(texts.UNKNOWN_OPTION.format(widget=type(self).__name__, name=name, known=known))
        self.worker = Worker(f"akool_nb {type(self).__name__}")
        if comm is not None:
            options["comm"] = comm
        super().__init__(_key=uuid.uuid4().hex, consent=CONSENT.given, **options)
        if comm is not None:
            # Again, because marimo gives each new widget a comm of its own.
            self.comm = comm
        CONSENT.follow(self)
        self.on_msg(lambda _widget, content, buffers: self.receive(content, buffers))

    def __repr__(self) -> str:
        return f"{type(self).__name__}()" if self.comm is not None else f"{type(self).__name__}(closed)"

    def post(self, kind: str, content: dict[str, Any] | None = None, *buffers: bytes) -> None:
        """Send the page a message; any thread may call it."""
        self.send({"kind": kind, **(content or {})}, buffers=list(buffers))

    def receive(self, content: dict[str, Any], buffers: Sequence[memoryview] = ()) -> None:
        """Take a message of the page: `kind` names the handler, the rest are its keywords; a failure is shown."""
        kind = content.get("kind")
        keywords = {name: value for name, value in content.items() if name != "kind"}
        for receiver in (self, *self._parts):
            handler = getattr(receiver, f"_receive_{kind}", None)
            if handler is not None:
                self._guarded(partial(handler, *buffers, **keywords))

    def work(self, function: Callable[..., object], *args: Any) -> None:
        """Run the function on the widget's thread, after what is queued there; a failure is shown."""
        self.worker.do(partial(self._guarded, function, *args))

    def aside(self, function: Callable[..., object], *args: Any) -> None:
        """Run the function at once on a thread that ends with it: for requests of which only the newest counts."""
        threading.Thread(target=self._guarded, args=(function, *args), daemon=True).start()

    def close(self) -> None:
        """Remove the widget from the page; also called when the constructor has failed, and then does nothing."""
        if self.comm is not None:
            self._end()
            super().close()

    def _end(self) -> None:
        """End what the widget has started; called once, while it can still send."""

    def fail(self, problem: BaseException, *, about: str = "") -> None:
        """Show what went wrong."""
        text = describe(problem)
        self.error = f"{about}: {text}" if about else text

    def _guarded(self, function: Callable[..., object], *args: Any) -> None:
        try:
            function(*args)
        except Exception as problem:
            self.fail(problem)

    @traitlets.observe("consent")
    def _share_consent(self, change: dict[str, Any]) -> None:
        if change["new"] != CONSENT.given:
            CONSENT.set(change["new"])


def describe(problem: BaseException) -> str:
    """What went wrong: our own errors are whole sentences; others are named by their kind."""
    if isinstance(problem, AkoolError):
        return problem.text
    return texts.UNEXPECTED.format(kind=type(problem).__name__, message=problem)


def _keywords(widget: type[BaseWidget]) -> list[str]:
    """Every keyword that a widget's constructor takes."""
    parameters = inspect.signature(widget.__init__).parameters.values()
    own = [parameter.name for parameter in parameters if parameter.kind is not parameter.VAR_KEYWORD]
    return [*own[1:], *widget._options]


class Listeners:
    """Functions to call when something happens; each is called even when another one fails.

    A function runs in the context of the cell that registered it, so that what it prints appears under that cell.
    """

    def __init__(self, widget: BaseWidget) -> None:
        self._widget = widget
        self._functions: dict[Callable[..., object], contextvars.Context] = {}

    def add(self, function: F) -> F:
        """Remember the function and return it, so that this works as a decorator; TypeError if it cannot be called."""
        having("the callback", function, "__call__", A_FUNCTION)
        self._functions.setdefault(function, contextvars.copy_context())
        return function

    def call(self, *args: Any) -> None:
        """Call the functions in order; what one raises is shown under the widget."""
        for function, context in list(self._functions.items()):
            try:
                # A copy, because a context cannot be entered twice, and a callback may cause the next one.
                context.copy().run(function, *args)
            except Exception as problem:
                self._widget.fail(problem)
