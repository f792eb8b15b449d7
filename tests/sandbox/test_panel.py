"""The control panel breaks a real sandbox."""

from __future__ import annotations

import pytest

from akool_nb.sandbox import Sandbox
from akool_nb.sandbox.panel import BREAKS, Panel, describe
from tests.sandbox.wire import Wire


def press(panel: Panel, label: str) -> None:
    [button] = [each for row in panel.children for each in getattr(row, "children", [row]) if said(each) == label]
    button.click()


def said(widget: object) -> str:
    return getattr(widget, "description", "")


def shown(panel: Panel) -> str:
    return panel.children[-1].value


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
    for label in ("no credits", "slow video", "stuck in queue", "reset"):
        press(panel, label)
    press(panel, "heal all")
    assert wire.create().code == 1000 and wire.sandbox.state()["faults"] == []


@pytest.mark.parametrize("each", [each for row in BREAKS.values() for each in row], ids=lambda each: each.label)
def test_every_button_changes_something(sandbox: Sandbox, each):
    Wire(sandbox).session()
    before = sandbox.state()
    each.do(sandbox)
    after = sandbox.state()
    assert [before["switches"], before["faults"]] != [after["switches"], after["faults"]] or (
        before["credits"] - after["credits"] > 100 or len(after["sessions"]) == 0 or each.label == "expire tokens"
    )


def test_the_panel_of_an_ended_sandbox_says_what_to_do():
    with Sandbox() as sandbox:
        panel = sandbox.panel()
    press(panel, "expire tokens")
    assert "akool_nb.Sandbox()" in shown(panel) and "alert" in shown(panel)


def test_what_is_shown_is_escaped():
    fault = {"call": "<i>", "kind": "code", "code": 1003, "times": -1}
    assert "<i>" not in describe({"credits": 1, "sessions": [], "faults": [fault], "switches": {}})
