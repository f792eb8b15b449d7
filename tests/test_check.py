"""Checks are friendly, know right from wrong, and never end in a traceback."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from akool_nb import check, errors


def test_the_dots_left_in_place_are_no_answer():
    verdict = check.answer("03.2", ...)
    assert not verdict.right
    assert "in place of the dots" in repr(verdict)


def test_a_verdict_is_one_line():
    assert repr(check.answer("08.1", 0)).count("\n") == 0
    assert repr(check.answer("08.1", 0)).startswith("✔ 08.1: right.")
    assert repr(check.answer("08.1", 2)).startswith("✘ 08.1: not yet. You counted 2.")


@pytest.mark.parametrize("exercise", check.exercises())
@pytest.mark.parametrize("nonsense", ["text", b"bytes", 7, 1.5, [], {}, object(), ValueError("no"), lambda: None])
def test_nonsense_is_answered_and_never_raised(exercise, nonsense):
    verdict = check.answer(exercise, nonsense)
    assert not verdict.right
    assert verdict.text


def test_an_unknown_exercise_names_the_known_ones():
    with pytest.raises(ValueError, match="03\\.1"):
        check.answer("99.9", 1)


def test_every_point_must_have_moved_the_same_way():
    before = "10,10:20,10:15,20:15,30"
    assert check.answer("03.2", (before, "20,10:30,10:25,20:25,30")).right
    assert "(0, 0)" in check.answer("03.2", (before, "10,10:30,10:25,20:25,30")).text


def test_the_wrong_error_is_named():
    assert "ParameterError" in check.answer("02.1", errors.from_code(1003)).text
    assert "1102" in check.answer("02.1", errors.from_code(1102)).text
    assert check.answer("02.1", errors.from_code(1101)).right


def test_an_end_needs_a_zone_and_lies_within_the_hour():
    soon = datetime.now(timezone.utc) + timedelta(minutes=50)
    assert check.answer("05.1", soon).right
    assert "zone" in check.answer("05.1", soon.replace(tzinfo=None)).text
    assert not check.answer("05.1", soon + timedelta(hours=2)).right


def test_advice_is_tried_on_real_errors():
    assert "1104" in check.answer("06.1", lambda error: "fix").text
