"""The sandbox's control panel for the notebook: failures on demand, the open sessions and the credits."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets  # type: ignore[import-untyped]

from akool_nb.api.models import FaceswapStatus
from akool_nb.errors import CODES, AkoolError
from akool_nb.sandbox.control import Control
from akool_nb.sandbox.faults import CALLS, FOREVER, Fault
from akool_nb.sandbox.switches import TABLE

REFRESH_SECONDS = 1.0
ANSWER_SECONDS = 1.0
STYLE = Path(__file__).with_name("panel.css")

State = dict[str, Any]
Order = Callable[[Control], None]


@dataclass(frozen=True)
class Action:
    """One button. With switches or a fault it stays pressed while these are active; else it acts once.

    Attributes:
        label, tooltip: the texts of the button.
        switches: the values that the button sets; releasing it sets the defaults.
        fault: the fields of the failure that the button orders; releasing it removes the failure.
        once: what a button without a state does.
    """

    label: str
    tooltip: str
    switches: Mapping[str, Any] = field(default_factory=dict)
    fault: Mapping[str, Any] = field(default_factory=dict)
    once: Order | None = None

    def is_active(self, state: State) -> bool:
        """Whether the switches have these values, or the failure is waiting."""
        if self.fault:
            return any(self._is_ours(each) for each in state["faults"])
        return bool(self.switches) and all(state["switches"][name] == value for name, value in self.switches.items())

    def press(self, sandbox: Control) -> None:
        """Set the switches, order the failure, or act once."""
        if self.once is not None:
            self.once(sandbox)
        elif self.fault:
            sandbox.fail_next(**self.fault)
        else:
            sandbox.set(**self.switches)

    def release(self, sandbox: Control) -> None:
        """Set the defaults, or remove the failure and keep the others."""
        if not self.fault:
            sandbox.set(**{name: TABLE[name].default for name in self.switches})
            return
        others = [each for each in sandbox.state()["faults"] if not self._is_ours(each)]
        sandbox.heal()
        for each in others:
            sandbox.fail_next(**each)

    def _is_ours(self, fault: Mapping[str, Any]) -> bool:
        return Fault(**self.fault).to_json() == fault


def _end_all(sandbox: Control) -> None:
    for session in sandbox.sessions:
        sandbox.end(session["id"])


ANSWERS = {
    "code": "an answer with the code",
    "html": "a proxy's HTML page",
    "reset": "a connection that is reset",
    "hang": "no answer at all",
    "truncate": "half an answer",
    "empty": "an empty answer",
    "garbage": "bytes that are not JSON",
}
"""What the caller gets, for each kind of failure."""

ACTIONS = {
    "Next call": (
        Action("Create: no credits", "The next create is refused with 1104", fault={"call": "create", "code": 1104}),
        Action(
            "Any call: too many",
            "The next call gets HTTP 429 with 2 seconds to wait",
            fault={"call": "any", "code": 1005, "status": 429, "retry_after": 2.0},
        ),
        Action(
            "Create: answer lost",
            "The next create is carried out, but its answer gets lost",
            fault={"call": "create", "kind": "reset", "after": True},
        ),
    ),
    "Account": (
        Action("Expire tokens", "Every API token becomes invalid: 1101", once=Control.expire_tokens),
        Action("3 credits left", "Enough for about nine seconds", once=lambda sandbox: sandbox.set(credits=3)),
        Action("No credits", "Open sessions end; create gets 1104", once=lambda sandbox: sandbox.set(credits=0)),
    ),
    "Sessions": (
        Action("Stay in the queue", "New sessions stay at status 1", {"after_queue": "stuck"}),
        Action("Fail to start", "New sessions get status 4", {"after_queue": "fail"}),
        Action("Time × 60", "A minute passes in each second, and costs as much", {"time_speed": 60.0}),
        Action(
            "Hour in 4 seconds",
            "Sessions end after four seconds, without costs",
            {"time_speed": 1000.0, "credits_per_second": 0.0},
        ),
        Action("End all sessions", "All open sessions end now", once=_end_all),
    ),
    "Network": (
        Action("Slow calls", "Each call takes 1 to 1.5 seconds longer", {"latency": 1.0, "jitter": 0.5}),
        Action("Slow video", "Frames come 0.4 to 0.8 seconds late", {"frame_latency": 0.4, "frame_jitter": 0.4}),
        Action("Lost video frames", "Every third frame is lost", {"frame_loss": 0.33}),
    ),
}
"""The buttons of the panel by heading."""


class Panel(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Buttons for failures and trouble, a chooser for any failure, a reset, and the live list of sessions and credits.

    Requests to the sandbox run beside the kernel's loop, so a sandbox that does not answer never blocks a cell.

    Args:
        sandbox: the one to control; the panel shows when it has ended.
    """

    def __init__(self, sandbox: Control) -> None:
        self._sandbox = sandbox
        self._shown: State = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._toggles: list[tuple[Action, ipywidgets.ToggleButton]] = []
        self._problem = ipywidgets.HTML()
        self._list = ipywidgets.HTML()
        rows = [_line(heading, list(map(self._button, actions))) for heading, actions in ACTIONS.items()]
        reset = Action("Reset everything", "As after the start; open sessions end", once=Control.reset)
        style = ipywidgets.HTML(f"<style>{STYLE.read_text(encoding='utf-8')}</style>")
        title = ipywidgets.HTML("<b>Sandbox control</b>")
        super().__init__([style, title, *rows, self._chooser(), self._button(reset), self._problem, self._list])
        self.add_class("akool-panel")
        self._do(lambda sandbox: None)
        if (loop := _running_loop()) is not None:
            self._keep(loop.create_task(self._refresh_for_ever()))

    def refresh(self) -> None:
        self._show(_state_after(self._sandbox, lambda sandbox: None))

    async def _refresh_for_ever(self) -> None:
        while self.comm is not None:
            await asyncio.sleep(REFRESH_SECONDS)
            await self._do_beside(lambda sandbox: None)

    def _do(self, order: Order) -> None:
        """Send an order and show the state after it; beside the loop, where one runs."""
        loop = _running_loop()
        if loop is None:
            self._show(_state_after(self._sandbox, order))
        else:
            self._keep(loop.create_task(self._do_beside(order)))

    async def _do_beside(self, order: Order) -> None:
        self._show(await asyncio.to_thread(_state_after, self._sandbox, order))

    def _keep(self, task: asyncio.Task[None]) -> None:
        # The loop itself keeps only a weak reference to a task.
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _show(self, state: State | str) -> None:
        if isinstance(state, str):
            self._problem.value = f"<p role='alert'>{escape(state)}</p>"
            return
        self._problem.value = ""
        self._shown = state
        self._list.value = describe(state)
        for action, toggle in self._toggles:
            toggle.value = action.is_active(state)
            toggle.icon = "check" if toggle.value else ""

    def _button(self, action: Action) -> ipywidgets.Widget:
        if action.once is not None:
            button = ipywidgets.Button(description=action.label, tooltip=action.tooltip)
            button.on_click(lambda _: self._do(action.press))
            return button
        toggle = ipywidgets.ToggleButton(description=action.label, tooltip=action.tooltip)
        toggle.observe(lambda change: self._on_toggle(action, change.new), "value")
        self._toggles.append((action, toggle))
        return toggle

    def _on_toggle(self, action: Action, is_pressed: bool) -> None:
        # The panel itself also sets the value, to show the state: then there is nothing to do.
        if self._shown and is_pressed != action.is_active(self._shown):
            self._do(action.press if is_pressed else action.release)

    def _chooser(self) -> ipywidgets.HBox:
        """Any call, with any failure, once or always."""
        codes = [(f"{code} {CODES[code].meaning}", code) for code in sorted(CODES)]
        self.call = _dropdown("call", [("any call", "any"), *((name, name) for name in CALLS)])
        self.answer = _dropdown("gets", [(text, kind) for kind, text in ANSWERS.items()])
        self.code = _dropdown("code", codes, value=1003)
        self.times = _dropdown("how often", [("once", 1), ("always", FOREVER)])
        self.answer.observe(lambda change: setattr(self.code, "disabled", change.new != "code"), "value")
        add = Action("Add this failure", "Order the failure that is chosen here", once=self._add_chosen)
        return _line("Any failure", [self.call, self.answer, self.code, self.times, self._button(add)])

    def _add_chosen(self, sandbox: Control) -> None:
        sandbox.fail_next(self.call.value, self.code.value, kind=self.answer.value, times=self.times.value)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _state_after(sandbox: Control, order: Order) -> State | str:
    """The state after an order, or the message about its failure."""
    try:
        order(sandbox)
        return sandbox.state(seconds=ANSWER_SECONDS)
    except AkoolError as error:
        return error.text
    except ValueError as error:
        return str(error)


def _line(heading: str, widgets: list[Any]) -> ipywidgets.HBox:
    label = ipywidgets.Label(heading, layout={"width": "7em", "flex": "0 0 auto"})
    # A row that is too long continues below, to the right of the heading.
    rest = ipywidgets.HBox(widgets, layout={"flex_flow": "row wrap", "flex": "1 1 auto"})
    return ipywidgets.HBox([label, rest])


def _dropdown(name: str, choices: list[tuple[str, Any]], **values: Any) -> ipywidgets.Dropdown:
    layout = {"width": "max-content", "max_width": "100%"}
    style = {"description_width": "initial"}
    return ipywidgets.Dropdown(options=choices, description=name, layout=layout, style=style, **values)


def describe(state: State) -> str:
    """The state as HTML: credits, sessions, waiting failures and changed switches."""
    rows = "".join(_session(session) for session in state["sessions"])
    head = "<tr><th>session<th>status<th>seconds<th>credits"
    sessions = f"<table>{head}{rows}</table>" if rows else "<p>No open session.</p>"
    active = [*map(_fault, state["faults"]), *_changed(state["switches"])]
    items = "".join(f"<li>{escape(each)}</li>" for each in active)
    return f"<p><b>{state['credits']:g}</b> credits</p>{sessions}" + (f"<ul>{items}</ul>" if active else "")


def _fault(fault: dict[str, Any]) -> str:
    answer = f"code {fault['code']}" if fault["kind"] == "code" else ANSWERS[fault["kind"]]
    times = "always" if fault["times"] == FOREVER else f"{fault['times']}×"
    return f"{fault['call']} will fail {times}: {answer}"


def _changed(values: dict[str, Any]) -> list[str]:
    # Through JSON, which makes lists of tuples.
    defaults = json.loads(json.dumps({name: each.default for name, each in TABLE.items()}))
    return [f"{name} = {value!r}" for name, value in values.items() if value != defaults[name]]


def _session(session: dict[str, Any]) -> str:
    status = str(FaceswapStatus(session["status"]))
    cells = (session["id"], status, f"{session['seconds']:.0f}", f"{session['credits']:g}")
    return "<tr>" + "".join(f"<td>{escape(cell)}" for cell in cells)
