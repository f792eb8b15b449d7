"""The control panel breaks a real sandbox."""

from __future__ import annotations

import time
from collections.abc import Iterator

import ipywidgets
import pytest

from akool_nb.errors import CODES
from akool_nb.sandbox import Sandbox
from akool_nb.sandbox.faults import CALLS, FOREVER, KINDS
from akool_nb.sandbox.panel import BREAKS, HOW, Panel, describe
from tests.sandbox.wire import CREDITS, LIVE, Wire


def press(panel: Panel, label: str) -> None:
    [button] = [each for each in inside(panel) if isinstance(each, ipywidgets.Button) and each.description == label]
    button.click()


def inside(widget: ipywidgets.Widget) -> Iterator[ipywidgets.Widget]:
    for child in getattr(widget, "children", ()):
        yield child
        yield from inside(child)


def shown(panel: Panel) -> str:
    return panel.children[-1].value


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_of_the_table_can_be_chosen(wire: Wire, code: int):
    panel = wire.sandbox.panel()
    panel.call.value, panel.code.value = "credits", code
    press(panel, "let it fail")
    assert f"credits will fail 1×: {code}" in shown(panel)
    assert [wire.get(CREDITS).code for _ in range(2)] == [code, 1000]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_failure_can_be_chosen_for_every_call_and_for_good(sandbox: Sandbox, kind: str):
    panel = sandbox.panel()
    panel.how.value, panel.times.label = kind, "always"
    assert panel.code.disabled == (kind != "code")
    for call in (*CALLS, "any"):
        panel.call.value = call
        press(panel, "let it fail")
    ordered = [(fault["call"], fault["kind"], fault["times"]) for fault in sandbox.state()["faults"]]
    assert ordered == [(call, kind, FOREVER) for call in (*CALLS, "any")]
    assert "any will fail always" in shown(panel)


def test_each_field_of_the_panel_has_a_name_for_those_who_cannot_see_it(sandbox: Sandbox):
    panel = sandbox.panel()
    buttons = [each for each in inside(panel) if isinstance(each, ipywidgets.Button)]
    assert all(each.description and each.tooltip for each in buttons)
    assert [each.description for each in (panel.call, panel.how, panel.code)] == ["call", "gets", "code"]
    assert len(panel.times.tooltips) == len(panel.times.options)


def test_a_session_ends_by_the_hour_and_not_by_its_credits(wire: Wire):
    named = {"_id": wire.session()["_id"]}
    press(wire.sandbox.panel(), "end by the hour")
    deadline = time.monotonic() + 30
    while wire.sandbox.sessions and time.monotonic() < deadline:
        time.sleep(0.2)
    assert "the session is over (hour)" in wire.post(f"{LIVE}/close", named).json["msg"]


def test_a_press_makes_the_next_create_fail_and_says_so(wire: Wire):
    panel = wire.sandbox.panel()
    press(panel, "1104 no quota")
    assert "create will fail 1×: 1104" in shown(panel)
    assert wire.create().code == 1104


def test_open_sessions_and_credits_are_listed(wire: Wire):
    wire.sandbox.set(credits=123, credits_per_second=0)
    session = wire.session()
    assert session["_id"] in shown(wire.sandbox.panel())
    assert "<b>123</b> credits" in shown(wire.sandbox.panel())


def test_a_changed_switch_is_shown_and_an_unchanged_one_is_not(wire: Wire):
    panel = wire.sandbox.panel()
    press(panel, "lose frames")
    assert "frame_loss = 0.33" in shown(panel) and "latency" not in shown(panel) and "origins" not in shown(panel)


def test_heal_all_makes_everything_as_after_the_start(wire: Wire):
    panel = wire.sandbox.panel()
    for label in ("no credits", "slow video", "stuck in queue", "end by the hour", "let it fail"):
        press(panel, label)
    press(panel, "heal all")
    assert wire.create().code == 1000 and wire.sandbox.state()["faults"] == []


@pytest.mark.parametrize("each", [each for row in BREAKS.values() for each in row], ids=lambda each: each.label)
def test_every_button_changes_something(sandbox: Sandbox, each):
    wire = Wire(sandbox)
    token = wire.bearer()
    wire.session()
    before = sandbox.state()
    each.do(sandbox)
    after = sandbox.state()
    assert [before["switches"], before["faults"]] != [after["switches"], after["faults"]] or (
        before["credits"] - after["credits"] > 100
        or len(after["sessions"]) == 0
        or wire.get(CREDITS, token).code == 1101
    )


def test_the_panel_of_an_ended_sandbox_says_what_to_do():
    with Sandbox() as sandbox:
        panel = sandbox.panel()
    press(panel, "expire tokens")
    assert "akool_nb.Sandbox()" in shown(panel) and "alert" in shown(panel)


def test_every_kind_of_failure_has_words():
    assert tuple(HOW) == KINDS


def test_what_is_shown_is_escaped():
    fault = {"call": "<i>", "kind": "code", "code": 1003, "times": -1}
    assert "<i>" not in describe({"credits": 1, "sessions": [], "faults": [fault], "switches": {}})
