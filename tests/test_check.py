"""Checks are friendly, know right from wrong, and never end in a traceback."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

import akool_nb
from akool_nb import check, errors, explore, samples


@pytest.fixture(scope="module")
def client():
    return akool_nb.connect(sandbox=True)


@pytest.fixture(scope="module")
def portrait(client):
    return client.detect(samples.photo("astronaut"))


@pytest.fixture(scope="module")
def drawing(client):
    return client.detect(samples.photo("drawn_face"))


@pytest.fixture(scope="module")
def crowd(client):
    return client.detect(samples.photo("collage"))


@pytest.fixture(autouse=True)
def no_account(monkeypatch):
    """As on a machine without credentials; a test that wants an account sets them."""
    for name in ("AKOOL_API_KEY", "AKOOL_CLIENT_ID", "AKOOL_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)


def test_the_dots_left_in_place_are_no_answer():
    verdict = check.answer("03.2", ...)
    assert not verdict.right
    assert "in place of the dots" in repr(verdict)


def test_a_verdict_is_one_line():
    assert repr(check.answer("08.1", (0, 45_000))).count("\n") == 0
    assert repr(check.answer("08.1", (0, 45_000))).startswith("✔ 08.1: right.")
    assert repr(check.answer("08.1", (2, 45_000))).startswith("✘ 08.1: not yet. You counted 2 outside.")


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


@pytest.mark.parametrize("value", [["x"], "x", [None], {"a": 1}])
def test_something_of_length_one_is_no_detection(value):
    assert "a Detection" in check.answer("01.1", value).text


def test_the_portrait_that_the_lesson_has_already_is_not_another_photo(portrait, drawing, crowd):
    assert "portrait again" in check.answer("01.1", portrait).text
    assert "6 faces" in check.answer("01.1", crowd).text
    assert check.answer("01.1", drawing).right


def test_the_largest_face_is_one_of_the_collage(portrait, drawing, crowd):
    assert check.answer("03.1", crowd.largest).right
    assert [check.answer("03.1", face).right for face in crowd].count(True) == 1
    for other in (portrait[0], drawing[0]):
        assert "another picture" in check.answer("03.1", other).text


def test_the_collage_is_known_in_another_size_too(client):
    small = akool_nb.Photo.open(samples.photo("collage"), max_side=900)
    assert check.answer("03.1", client.detect(small).largest).right


def test_an_update_of_another_session_does_not_count(client, portrait, drawing):
    with client.create(portrait[0]) as updated:
        updated.update(drawing[0])
    with client.create(portrait[0]) as untouched:
        pass
    assert check.answer("04.1", updated).right
    assert "never got another face" in check.answer("04.1", untouched).text


def test_an_update_that_failed_does_not_count(client, portrait, drawing):
    client.sandbox.fail_next("update", code=1003)
    with client.create(portrait[0]) as session, pytest.raises(errors.ParameterError):
        session.update(drawing[0])
    assert "never got another face" in check.answer("04.1", session).text


def rows(error: str = "", faces: int = 1, single_face: bool = True) -> explore.Survey:
    found = (explore.Row(str(path), "auto", single_face, faces, error=error) for path in samples.photos())
    return explore.Survey(found)


def test_a_survey_of_errors_is_no_answer():
    assert check.answer("07.1", rows()).right
    assert "ConnectionFailed" in check.answer("07.1", rows("ConnectionFailed", 0)).text
    assert "showed a face" in check.answer("07.1", rows("NoFaceError", 0)).text
    assert "all faces" in check.answer("07.1", rows(single_face=False)).text
    assert "astronaut.png" in check.answer("07.1", explore.Survey(rows()[1:])).text


def test_a_drawing_in_which_the_service_sees_no_face_is_not_the_learners_mistake():
    survey = rows()
    survey.put(explore.Row(str(samples.photo("drawn_face")), "auto", True, 0, error="NoFaceError"))
    assert check.answer("07.1", survey).right


@pytest.mark.parametrize("value", [0, (0, 0), (0, 230_400), [0]])
def test_nothing_changed_outside_counts_only_where_something_changed_inside(value):
    assert not check.answer("08.1", value).right


def test_the_wrong_error_is_named():
    assert "ParameterError" in check.answer("02.1", errors.from_code(1003)).text
    assert "1102" in check.answer("02.1", errors.from_code(1102)).text
    assert check.answer("02.1", errors.from_code(1101)).right


def test_an_account_may_refuse_wrong_credentials_with_another_code(monkeypatch):
    assert not check.answer("02.1", errors.from_code(1109)).right
    monkeypatch.setenv("AKOOL_API_KEY", "somebody's")
    assert check.answer("02.1", errors.from_code(1109)).right
    assert not check.answer("02.1", errors.from_code(1102)).right
    assert not check.answer("02.1", errors.ConnectionFailed("no network")).right


def test_an_end_needs_a_zone_and_lies_within_the_hour():
    soon = datetime.now(timezone.utc) + timedelta(minutes=50)
    assert check.answer("05.1", soon).right
    assert "zone" in check.answer("05.1", soon.replace(tzinfo=None)).text
    assert not check.answer("05.1", soon + timedelta(hours=2)).right


def test_a_clock_that_is_a_little_slow_is_forgiven():
    assert check.answer("05.1", datetime.now(timezone.utc) + timedelta(minutes=62)).right
    assert not check.answer("05.1", datetime.now(timezone.utc) + timedelta(minutes=70)).right


def test_advice_is_tried_on_real_errors():
    assert "1104" in check.answer("06.1", lambda error: "fix").text


def test_a_missing_token_wants_to_be_signed_in_too():
    def only_expired(error):
        words = {1104: "pay", 1101: "sign in", 1003: "fix"}
        return words.get(error.code)

    assert "1102" in check.answer("06.1", only_expired).text


def test_a_function_that_raises_is_told_its_error_and_not_its_type():
    text = check.answer("06.1", lambda error: 1 / 0).text
    assert "ZeroDivisionError" in text and "type function" not in text
