"""The sandbox's control panel for the notebook: what breaks things, and what is open meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import html
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ipywidgets  # type: ignore[import-untyped]

from akool_nb.api.models import FaceswapStatus
from akool_nb.errors import CODES, AkoolError, SandboxError
from akool_nb.sandbox.control import Control
from akool_nb.sandbox.faults import CALLS, FOREVER
from akool_nb.sandbox.switches import Switches

REFRESH_SECONDS = 1.0


@dataclass(frozen=True)
class Break:
    """One button: what it says, what it explains, what it does."""

    label: str
    tooltip: str
    do: Callable[[Control], None]


HOW = {
    "code": "an answer with the code",
    "html": "a proxy's HTML page",
    "reset": "the connection is reset",
    "hang": "no answer at all",
    "truncate": "half an answer",
    "empty": "an empty answer",
    "garbage": "bytes that are no JSON",
}
"""What each kind of failure looks like to the caller."""

BREAKS = {
    "Often wanted": (
        Break("1104 no quota", "The next create is refused", lambda sandbox: sandbox.fail_next("create", 1104)),
        Break("429 too many", "The next call is told to wait 2 s", lambda sandbox: _too_many(sandbox)),
        Break("lost answer", "create is carried out, its answer gets lost", lambda sandbox: _lost_answer(sandbox)),
    ),
    "The account": (
        Break("expire tokens", "Every API token is over: 1101", lambda sandbox: sandbox.expire_tokens()),
        Break("3 credits left", "Enough for about nine seconds", lambda sandbox: sandbox.set(credits=3)),
        Break("no credits", "Open sessions end; create is 1104", lambda sandbox: sandbox.set(credits=0)),
    ),
    "Sessions": (
        Break("stuck in queue", "New sessions stay at status 1", lambda sandbox: sandbox.set(after_queue="stuck")),
        Break("fail to start", "New sessions get status 4", lambda sandbox: sandbox.set(after_queue="fail")),
        Break("end them", "All open sessions end", lambda sandbox: _end_all(sandbox)),
        Break("time × 60", "A minute passes in each second, and costs as much", lambda box: box.set(time_speed=60)),
        Break("end by the hour", "An hour passes in four seconds, and costs nothing", lambda sandbox: _hour(sandbox)),
    ),
    "The network": (
        Break("slow calls", "Each call takes a second longer", lambda sandbox: sandbox.set(latency=1, jitter=0.5)),
        Break("slow video", "Frames come 0.4 to 0.8 s late", lambda sandbox: _slow_video(sandbox)),
        Break("lose frames", "Every third frame is lost", lambda sandbox: sandbox.set(frame_loss=0.33)),
    ),
}
"""The panel's buttons by heading."""


class Panel(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """A failure to choose, buttons for other trouble, one that heals all, and the live list of sessions and credits.

    Args:
        sandbox: the one to break; the panel goes quiet when it ends.
    """

    def __init__(self, sandbox: Control) -> None:
        self._sandbox = sandbox
        self._state = ipywidgets.HTML()
        rows = [self._row(heading, breaks) for heading, breaks in BREAKS.items()]
        heal = self._button(Break("heal all", "As after the start; sessions end", lambda box: box.reset()))
        heal.button_style = "success"
        super().__init__([self._choosing(), *rows, heal, self._state])
        self.refresh()
        with contextlib.suppress(RuntimeError):
            self._watch = asyncio.get_running_loop().create_task(self._refresh_for_ever())

    def refresh(self) -> None:
        """Show the state of this moment."""
        self._state.value = describe(self._sandbox.state())

    async def _refresh_for_ever(self) -> None:
        with contextlib.suppress(SandboxError):
            while self.comm is not None:
                await asyncio.sleep(REFRESH_SECONDS)
                self.refresh()

    def _choosing(self) -> ipywidgets.HBox:
        """Any call, to fail in any way, once or always."""
        self.call = _chooser("call", [("any call", "any"), *((name, name) for name in CALLS)])
        self.how = _chooser("gets", [(text, kind) for kind, text in HOW.items()])
        self.code = _chooser("code", [(f"{code} {CODES[code].meaning}", code) for code in sorted(CODES)], value=1003)
        self.code.layout.width = "20em"
        self.times = ipywidgets.ToggleButtons(
            options=[("once", 1), ("always", FOREVER)],
            tooltips=["The next such call", "Every such call until all is healed"],
            style={"button_width": "5em"},
        )
        self.how.observe(lambda change: setattr(self.code, "disabled", change.new != "code"), "value")
        fail = self._button(Break("let it fail", "Order the failure that is chosen here", self._fail))
        return _line("A failure", [self.call, self.how, self.code, self.times, fail])

    def _fail(self, sandbox: Control) -> None:
        sandbox.fail_next(self.call.value, self.code.value, kind=self.how.value, times=self.times.value)

    def _row(self, heading: str, breaks: tuple[Break, ...]) -> ipywidgets.HBox:
        return _line(heading, list(map(self._button, breaks)))

    def _button(self, each: Break) -> ipywidgets.Button:
        button = ipywidgets.Button(description=each.label, tooltip=each.tooltip)
        button.on_click(lambda _: self._press(each))
        return button

    def _press(self, each: Break) -> None:
        try:
            each.do(self._sandbox)
            self.refresh()
        except (AkoolError, ValueError) as error:
            self._state.value = f"<p role='alert'>{html.escape(str(error))}</p>"


def _line(heading: str, widgets: list[Any]) -> ipywidgets.HBox:
    label = ipywidgets.Label(heading, layout={"width": "7em", "flex": "0 0 auto"})
    # What does not fit goes below, and stays to the right of the heading.
    rest = ipywidgets.HBox(widgets, layout={"flex_flow": "row wrap", "flex": "1 1 auto"})
    return ipywidgets.HBox([label, rest])


def _chooser(name: str, choices: list[tuple[str, Any]], **values: Any) -> ipywidgets.Dropdown:
    layout, style = {"width": "max-content"}, {"description_width": "initial"}
    return ipywidgets.Dropdown(options=choices, description=name, layout=layout, style=style, **values)


def describe(state: dict[str, Any]) -> str:
    """The state as a piece of HTML: credits, sessions, and what is or will be broken."""
    rows = "".join(_session(session) for session in state["sessions"])
    table = (
        f"<table><tr><th>session<th>status<th>seconds<th>credits{rows}</table>" if rows else "<p>No open session.</p>"
    )
    broken = [*map(_fault, state["faults"]), *_changed(state["switches"])]
    troubles = "".join(f"<li>{html.escape(trouble)}</li>" for trouble in broken)
    return f"<p><b>{state['credits']:g}</b> credits</p>{table}" + (f"<ul>{troubles}</ul>" if broken else "")


def _fault(fault: dict[str, Any]) -> str:
    how = fault["code"] if fault["kind"] == "code" else fault["kind"]
    return f"{fault['call']} will fail {_times(fault['times'])}: {how}"


def _changed(values: dict[str, Any]) -> list[str]:
    # By way of JSON, which turns the tuples into lists.
    usual = json.loads(json.dumps(Switches().to_json()))
    return [f"{name} = {value!r}" for name, value in values.items() if value != usual[name]]


def _session(session: dict[str, Any]) -> str:
    status = str(FaceswapStatus(session["status"]))
    cells = (session["id"], status, f"{session['seconds']:.0f}", f"{session['credits']:g}")
    return "<tr>" + "".join(f"<td>{html.escape(cell)}" for cell in cells)


def _times(times: int) -> str:
    return "always" if times < 0 else f"{times}×"


def _too_many(sandbox: Control) -> None:
    sandbox.fail_next("any", 1005, status=429, retry_after=2)


def _lost_answer(sandbox: Control) -> None:
    sandbox.fail_next("create", kind="reset", after=True)


def _slow_video(sandbox: Control) -> None:
    sandbox.set(frame_latency=0.4, frame_jitter=0.4)


def _hour(sandbox: Control) -> None:
    # Metered, the usual 1000 credits would be used up before the hour is over.
    sandbox.set(time_speed=1000, credits_per_second=0)


def _end_all(sandbox: Control) -> None:
    for session in sandbox.sessions:
        sandbox.end(session["id"])
