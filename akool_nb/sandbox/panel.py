"""The sandbox's control panel for the notebook: buttons that break things, and what is open meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import html
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ipywidgets  # type: ignore[import-untyped]

from akool_nb.errors import AkoolError, SandboxError
from akool_nb.models import FaceswapStatus
from akool_nb.sandbox.process import Sandbox
from akool_nb.sandbox.switches import Switches

REFRESH_SECONDS = 1.0


@dataclass(frozen=True)
class Break:
    """One button: what it says, what it explains, what it does."""

    label: str
    tooltip: str
    do: Callable[[Sandbox], None]


BREAKS = {
    "The next call": (
        Break("1003 parameter", "The next call is refused as wrong", lambda sandbox: sandbox.fail_next("any", 1003)),
        Break("1104 no quota", "The next create is refused", lambda sandbox: sandbox.fail_next("create", 1104)),
        Break("429 too many", "The next call is told to wait 2 s", lambda sandbox: _too_many(sandbox)),
        Break("HTML page", "A proxy's error page in place of JSON", lambda sandbox: _kind(sandbox, "html")),
        Break("reset", "The connection is reset", lambda sandbox: _kind(sandbox, "reset")),
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
        Break("time × 60", "A minute passes in each second", lambda sandbox: sandbox.set(time_speed=60)),
    ),
    "The network": (
        Break("slow calls", "Each call takes a second longer", lambda sandbox: sandbox.set(latency=1, jitter=0.5)),
        Break("slow video", "Frames come 0.4 to 0.8 s late", lambda sandbox: _slow_video(sandbox)),
        Break("lose frames", "Every third frame is lost", lambda sandbox: sandbox.set(frame_loss=0.33)),
    ),
}
"""The panel's buttons by heading."""


class Panel(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Buttons for each kind of trouble, one that heals all, and the live list of sessions and credits.

    Args:
        sandbox: the one to break; the panel goes quiet when it ends.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._state = ipywidgets.HTML()
        rows = [self._row(heading, breaks) for heading, breaks in BREAKS.items()]
        heal = self._button(Break("heal all", "As after the start; sessions end", lambda box: box.reset()))
        heal.button_style = "success"
        super().__init__([*rows, heal, self._state])
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

    def _row(self, heading: str, breaks: tuple[Break, ...]) -> ipywidgets.HBox:
        label = ipywidgets.Label(heading, layout={"width": "7em", "flex": "0 0 auto"})
        return ipywidgets.HBox([label, *map(self._button, breaks)])

    def _button(self, each: Break) -> ipywidgets.Button:
        button = ipywidgets.Button(description=each.label, tooltip=each.tooltip)
        button.on_click(lambda _: self._press(each))
        return button

    def _press(self, each: Break) -> None:
        try:
            each.do(self._sandbox)
            self.refresh()
        except AkoolError as error:
            self._state.value = f"<p role='alert'>{html.escape(str(error))}</p>"


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


def _kind(sandbox: Sandbox, kind: str) -> None:
    sandbox.fail_next("any", kind=kind)


def _too_many(sandbox: Sandbox) -> None:
    sandbox.fail_next("any", 1005, status=429, retry_after=2)


def _lost_answer(sandbox: Sandbox) -> None:
    sandbox.fail_next("create", kind="reset", after=True)


def _slow_video(sandbox: Sandbox) -> None:
    sandbox.set(frame_latency=0.4, frame_jitter=0.4)


def _end_all(sandbox: Sandbox) -> None:
    for session in sandbox.sessions:
        sandbox.end(session["id"])
