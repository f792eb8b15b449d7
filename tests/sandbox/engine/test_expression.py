"""Measures of the expression grow with the drawn pose."""

import pytest

from akool_nb.sandbox.engine.expression import USUAL_OPENING, UsualEyes, eye_opening, ramp, turn
from tests.sandbox.faces import BO, mesh_of


def test_the_measure_of_the_eyes_follows_the_drawn_eyes():
    opened, half, closed = (eye_opening(mesh_of(blink=amount)) for amount in (0.0, 0.5, 1.0))
    assert opened > half > closed
    assert closed < 0.62 * opened


def test_the_measure_of_the_turn_has_the_side_of_the_turn():
    assert turn(mesh_of(BO, turn=1.0)) > 8 > 2 > abs(turn(mesh_of(BO))) > 0 > turn(mesh_of(BO, turn=-1.0))


@pytest.mark.parametrize(("value", "share"), [(-1, 0), (0, 0), (1, 0.5), (2, 1), (9, 1)])
def test_a_ramp_rises_from_low_to_high(value, share):
    assert ramp(value, 0, 2) == share
    assert ramp(value, 2, 0) == 1 - share


def test_narrow_eyes_become_the_usual_opening_after_one_second_and_a_blink_does_not():
    narrow = UsualEyes()
    for _ in range(21):
        narrow.update(0.25)
    assert 0.25 / narrow.opening > 0.85
    wide = UsualEyes()
    usual = [wide.update(opening) for opening in [USUAL_OPENING] * 40 + [0.1] * 5 + [USUAL_OPENING] * 3]
    assert min(usual) > 0.95 * USUAL_OPENING
