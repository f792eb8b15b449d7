"""The control panel changes a real sandbox."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator

import ipywidgets
import pytest

from akool_nb.errors import CODES
from akool_nb.sandbox import Sandbox
from akool_nb.sandbox.control import Control
from akool_nb.sandbox.faults import CALLS, FOREVER, KINDS
from akool_nb.sandbox.panel import ACTIONS, ANSWERS, Panel, describe
from tests.sandbox.wire import CREDITS, LIVE, Wire

EVERY = [each for row in ACTIONS.values() for each in row]


def button(panel: Panel, label: str) -> ipywidgets.Widget:
    [found] = [each for each in buttons(panel) if each.description == label]
    return found


def press(panel: Panel, label: str) -> None:
    found = button(panel, label)
    if isinstance(found, ipywidgets.ToggleButton):
        found.value = not found.value
    else:
        found.click()


def buttons(panel: Panel) -> list[ipywidgets.Widget]:
    return [each for each in inside(panel) if isinstance(each, ipywidgets.Button | ipywidgets.ToggleButton)]


def inside(widget: ipywidgets.Widget) -> Iterator[ipywidgets.Widget]:
    for child in getattr(widget, "children", ()):
        yield child
        yield from inside(child)


def shown(panel: Panel) -> str:
    return panel.children[-2].value + panel.children[-1].value


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_of_the_table_can_be_chosen(wire: Wire, code: int):
    panel = wire.sandbox.panel()
    panel.call.value, panel.code.value = "credits", code
    press(panel, "Add this failure")
    assert f"credits will fail 1×: code {code}" in shown(panel)
    assert [wire.get(CREDITS).code for _ in range(2)] == [code, 1000]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_failure_can_be_chosen_for_every_call_and_permanently(sandbox: Sandbox, kind: str):
    panel = sandbox.panel()
    panel.answer.value, panel.times.value = kind, FOREVER
    assert panel.code.disabled == (kind != "code")
    for call in (*CALLS, "any"):
        panel.call.value = call
        press(panel, "Add this failure")
    ordered = [(fault["call"], fault["kind"], fault["times"]) for fault in sandbox.state()["faults"]]
    assert ordered == [(call, kind, FOREVER) for call in (*CALLS, "any")]
    assert "any will fail always" in shown(panel)


def test_each_field_of_the_panel_has_an_accessible_name(sandbox: Sandbox):
    panel = sandbox.panel()
    assert all(each.description and each.tooltip for each in buttons(panel))
    fields = (panel.call, panel.answer, panel.code, panel.times)
    assert [each.description for each in fields] == ["call", "gets", "code", "how often"]


def test_a_button_ends_a_session_by_its_time_and_not_by_its_credits(wire: Wire):
    named = {"_id": wire.session()["_id"]}
    press(wire.sandbox.panel(), "Hour in 4 seconds")
    deadline = time.monotonic() + 30
    while wire.sandbox.sessions and time.monotonic() < deadline:
        time.sleep(0.2)
    assert "the session is over (hour)" in wire.post(f"{LIVE}/close", named).json["msg"]


def test_a_button_makes_the_next_create_fail_and_stays_pressed_until_then(wire: Wire):
    panel = wire.sandbox.panel()
    press(panel, "Create: no credits")
    assert "create will fail 1×: code 1104" in shown(panel) and button(panel, "Create: no credits").value
    assert wire.create().code == 1104
    panel.refresh()
    assert not button(panel, "Create: no credits").value and wire.create().code == 1000


def test_open_sessions_and_credits_are_listed(wire: Wire):
    wire.sandbox.set(credits=123, credits_per_second=0)
    session = wire.session()
    assert session["_id"] in shown(wire.sandbox.panel())
    assert "<b>123</b> credits" in shown(wire.sandbox.panel())


def test_only_changed_switches_are_shown(wire: Wire):
    panel = wire.sandbox.panel()
    press(panel, "Lost video frames")
    assert "frame_loss = 0.33" in shown(panel) and "latency" not in shown(panel) and "origins" not in shown(panel)


def test_the_reset_restores_the_state_after_the_start(wire: Wire):
    panel = wire.sandbox.panel()
    for label in ("No credits", "Slow video", "Stay in the queue", "Hour in 4 seconds", "Add this failure"):
        press(panel, label)
    press(panel, "Reset everything")
    assert not any(each.value for each in buttons(panel) if isinstance(each, ipywidgets.ToggleButton))
    assert wire.create().code == 1000 and wire.sandbox.state()["faults"] == []


@pytest.mark.parametrize("each", EVERY, ids=lambda each: each.label)
def test_every_button_changes_something(sandbox: Sandbox, each):
    wire = Wire(sandbox)
    token = wire.bearer()
    wire.session()
    before = sandbox.state()
    each.press(sandbox)
    after = sandbox.state()
    assert [before["switches"], before["faults"]] != [after["switches"], after["faults"]] or (
        before["credits"] - after["credits"] > 100
        or len(after["sessions"]) == 0
        or wire.get(CREDITS, token).code == 1101
    )


@pytest.mark.parametrize("each", [each for each in EVERY if each.once is None], ids=lambda each: each.label)
def test_a_second_press_reverts_only_the_first_one(sandbox: Sandbox, each):
    sandbox.fail_always("info", code=1109)
    sandbox.no_face = "empty_lists"
    panel = sandbox.panel()
    before = sandbox.state()
    press(panel, each.label)
    assert button(panel, each.label).value and each.is_active(sandbox.state())
    press(panel, each.label)
    after = sandbox.state()
    assert (after["switches"], after["faults"]) == (before["switches"], before["faults"])
    assert not button(panel, each.label).value


def test_a_fault_set_elsewhere_shows_as_a_pressed_button(sandbox: Sandbox):
    panel = sandbox.panel()
    sandbox.set(latency=1, jitter=0.5)
    panel.refresh()
    assert button(panel, "Slow calls").value and button(panel, "Slow calls").icon == "check"
    assert not button(panel, "Slow video").value and sandbox.latency == 1


def test_a_sandbox_that_does_not_answer_is_reported_and_blocks_no_event_loop():
    async def scene(url: str) -> tuple[float, str]:
        panel = Panel(Control(url, "secret"))
        longest = 0.0
        end = time.monotonic() + 1.5
        while time.monotonic() < end:
            before = time.monotonic()
            await asyncio.sleep(0.01)
            longest = max(longest, time.monotonic() - before)
        panel.close()
        return longest, shown(panel)

    with socket.create_server(("127.0.0.1", 0)) as silent:
        longest, text = asyncio.run(scene(f"http://127.0.0.1:{silent.getsockname()[1]}"))
    assert longest < 0.5 and "does not answer" in text


def test_the_panel_of_an_ended_sandbox_says_what_to_do():
    with Sandbox() as sandbox:
        panel = sandbox.panel()
    press(panel, "Expire tokens")
    assert "akool_nb.Sandbox()" in shown(panel) and "alert" in shown(panel)


def test_every_kind_of_failure_has_a_description():
    assert tuple(ANSWERS) == KINDS


def test_shown_text_is_escaped():
    fault = {"call": "<i>", "kind": "code", "code": 1003, "times": -1}
    assert "<i>" not in describe({"credits": 1, "sessions": [], "faults": [fault], "switches": {}})
