"""A check says whether an answer is right, gives a hint if it is not, and never raises for an answer."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import ipywidgets
import pytest

import akool_nb
from akool_nb import check, errors, explore, samples, widgets


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
    """No credentials; a test that needs an account sets them."""
    for name in ("AKOOL_API_KEY", "AKOOL_CLIENT_ID", "AKOOL_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)


def test_an_ellipsis_is_not_an_answer():
    verdict = check.answer("03.2", ...)
    assert not verdict.right
    assert "in place of the dots" in repr(verdict)


def test_a_verdict_fits_80_columns_and_a_wrong_one_asks_for_another_run():
    lines = repr(check.answer("08.1", (2, 45_000))).splitlines()
    assert max(map(len, lines)) <= 80
    assert " ".join(lines).endswith("Run this cell again after a change.")
    assert repr(check.answer("08.1", (0, 45_000))).startswith("✔ 08.1: right.")
    assert repr(check.answer("08.1", (2, 45_000))).startswith("✘ 08.1: not yet. You counted 2 outside.")


@pytest.mark.parametrize("exercise", check.exercises())
@pytest.mark.parametrize("value", ["text", b"bytes", -7, 1e9, [], {}, object(), ValueError("no"), lambda: None])
def test_a_value_of_a_wrong_type_gets_a_hint_and_raises_nothing(exercise, value):
    verdict = check.answer(exercise, value)
    assert not verdict.right
    assert verdict.text


def test_an_unknown_exercise_raises_an_error_that_lists_the_known_ones():
    with pytest.raises(ValueError, match="03\\.1"):
        check.answer("99.9", 1)


def test_each_point_must_have_moved_by_the_same_offset():
    before = "10,10:20,10:15,20:15,30"
    assert check.answer("03.2", (before, "20,10:30,10:25,20:25,30")).right
    assert "(0, 0)" in check.answer("03.2", (before, "10,10:30,10:25,20:25,30")).text


@pytest.mark.parametrize("value", [["x"], "x", [None], {"a": 1}])
def test_a_sequence_that_is_not_a_detection_is_refused(value):
    assert "a Detection" in check.answer("01.1", value).text


def test_the_portrait_of_the_lesson_does_not_count_as_another_photo(portrait, drawing, crowd):
    assert "portrait of the lesson" in check.answer("01.1", portrait).text
    assert "6 faces" in check.answer("01.1", crowd).text
    assert check.answer("01.1", drawing).right


def smallest(detection):
    return min(detection, key=lambda face: face.region[2] * face.region[3])


def test_the_smallest_face_is_one_of_the_collage(portrait, drawing, crowd):
    assert check.answer("03.1", smallest(crowd)).right
    assert [check.answer("03.1", face).right for face in crowd].count(True) == 1
    for other in (portrait[0], drawing[0]):
        assert "another picture" in check.answer("03.1", other).text


def test_the_collage_is_recognised_in_another_size(client):
    small = akool_nb.Photo.open(samples.photo("collage"), max_side=900)
    assert check.answer("03.1", smallest(client.detect(small))).right


def test_an_update_of_another_session_does_not_count(client, portrait, drawing):
    with client.create(portrait[0]) as updated:
        updated.update(drawing[0])
    with client.create(portrait[0]) as untouched:
        pass
    assert check.answer("04.1", updated).right
    assert "its face was not changed" in check.answer("04.1", untouched).text


def test_an_update_that_failed_does_not_count(client, portrait, drawing):
    client.sandbox.fail_next("update", code=1003)
    with client.create(portrait[0]) as session, pytest.raises(errors.ParameterError):
        session.update(drawing[0])
    assert "its face was not changed" in check.answer("04.1", session).text


def rows(error: str = "", faces: int = 1, single_face: bool = True) -> explore.Survey:
    found = (explore.Row(str(path), "auto", single_face, faces, error=error) for path in samples.photos())
    return explore.Survey(found)


def test_a_survey_with_errors_is_not_accepted():
    assert check.answer("07.1", rows()).right
    assert "ConnectionFailed" in check.answer("07.1", rows("ConnectionFailed", 0)).text
    assert "showed a face" in check.answer("07.1", rows("NoFaceError", 0)).text
    assert "all faces" in check.answer("07.1", rows(single_face=False)).text
    assert "astronaut.png" in check.answer("07.1", explore.Survey(rows()[1:])).text


def test_a_drawing_without_a_face_is_accepted():
    survey = rows()
    survey.put(explore.Row(str(samples.photo("drawn_face")), "auto", True, 0, error="NoFaceError"))
    assert check.answer("07.1", survey).right


@pytest.mark.parametrize("value", [0, (0, 0), (0, 230_400), [0]])
def test_nothing_changed_outside_counts_only_if_something_changed_inside(value):
    assert not check.answer("08.1", value).right


def test_the_wrong_error_is_named():
    assert "ParameterError" in check.answer("02.1", errors.from_code(1003)).text
    assert "1102" in check.answer("02.1", errors.from_code(1102)).text
    assert check.answer("02.1", errors.from_code(1101)).right


def test_with_an_account_wrong_credentials_may_be_refused_with_another_code(monkeypatch):
    assert not check.answer("02.1", errors.from_code(1109)).right
    monkeypatch.setenv("AKOOL_API_KEY", "somebody's")
    assert check.answer("02.1", errors.from_code(1109)).right
    assert not check.answer("02.1", errors.from_code(1102)).right
    assert not check.answer("02.1", errors.ConnectionFailed("no network")).right


def test_an_expiry_needs_a_time_zone_and_is_within_the_hour():
    soon = datetime.now(timezone.utc) + timedelta(minutes=50)
    assert check.answer("05.1", soon).right
    assert "zone" in check.answer("05.1", soon.replace(tzinfo=None)).text
    assert not check.answer("05.1", soon + timedelta(hours=2)).right


def test_a_clock_that_is_a_little_slow_is_tolerated():
    assert check.answer("05.1", datetime.now(timezone.utc) + timedelta(minutes=62)).right
    assert not check.answer("05.1", datetime.now(timezone.utc) + timedelta(minutes=70)).right


def test_advice_is_tested_with_real_errors():
    assert "1104" in check.answer("06.1", lambda error: "fix").text


def test_a_missing_token_must_be_handled_by_signing_in():
    def only_expired(error):
        words = {1104: "pay", 1101: "sign in", 1003: "fix"}
        return words.get(error.code)

    assert "1102" in check.answer("06.1", only_expired).text


def raises(*_arguments):
    raise ZeroDivisionError("division by zero")


@pytest.mark.parametrize(
    "exercise", ["02.2", "03.3", "04.2", "05.2", "05.3", "05.4", "06.1", "06.3", "07.2", "07.3", "09.2"]
)
def test_an_exception_of_the_function_of_the_learner_is_named(exercise):
    assert "Your function raised ZeroDivisionError" in check.answer(exercise, raises).text


def test_the_frame_rate_is_computed_from_the_gaps_between_frames():
    counted = check.answer("05.4", lambda frames: len(frames) / (frames[-1].time - frames[0].time))
    assert not counted.right and "four gaps" in counted.text


def test_the_order_of_height_and_width_is_checked():
    width, height = akool_nb.Photo.open(samples.photo("astronaut")).size
    assert check.answer("00.2", (width, height)).right
    assert not check.answer("00.2", (width + 1, height)).right


def test_an_open_session_is_not_accepted_as_closed(client, portrait):
    with client.create(portrait[0]) as session:
        assert "still open" in check.answer("01.2", session).text
    assert check.answer("01.2", session).right


def test_a_valid_and_an_expired_token_must_be_distinguished():
    assert not check.answer("02.2", lambda token: True).right
    assert not check.answer("02.2", lambda token: False).right


@pytest.mark.parametrize(("count", "right"), [(8, True), (6, False), (5, False)])
def test_three_expired_tokens_need_eight_requests(count, right):
    assert check.answer("02.3", count).right is right


def test_a_face_below_eighty_pixels_is_not_usable():
    assert check.answer("03.3", lambda found: [face for face in found if min(face.region[2:]) >= 80]).right
    assert not check.answer("03.3", lambda found: [face for face in found if min(face.region[2:]) > 80]).right
    assert not check.answer("03.3", list).right


@pytest.mark.parametrize(("credits", "right"), [(4.2, True), (0.7, False), (-4.2, False), (50.0, False)])
def test_two_seconds_cost_about_four_credits(credits, right):
    assert check.answer("04.3", credits).right is right


@pytest.mark.parametrize("attempts", [1, 2, 4])
def test_a_retry_needs_exactly_three_attempts(attempts):
    def retry(call):
        for attempt in range(attempts):
            try:
                return call()
            except errors.RateLimitError:
                if attempt == attempts - 1:
                    raise
        return None

    assert not check.answer("06.3", retry).right


def test_a_retry_must_not_catch_other_errors():
    def retry_everything(call):
        for attempt in range(3):
            try:
                return call()
            except errors.ApiError:
                if attempt == 2:
                    raise
        return None

    assert "InsufficientQuotaError" in check.answer("06.3", retry_everything).text


@pytest.mark.parametrize(("milliseconds", "right"), [(8.0, True), (0.008, False), (9000.0, False)])
def test_a_swap_takes_a_few_milliseconds(milliseconds, right):
    assert check.answer("08.2", milliseconds).right is right


def test_widgets_that_are_not_connected_are_not_an_app(client, monkeypatch):
    from akool_nb.check import apps

    monkeypatch.setattr(apps, "PATIENCE", 0.3)
    parts = [widgets.ImageUploader(), widgets.FacePicker(client=client), widgets.LiveView()]
    assert "does not reach the picker" in check.answer("09.1", ipywidgets.VBox(parts)).text
    assert "LiveView" in check.answer("09.1", ipywidgets.VBox(parts[:2])).text
    parts[0].on_photo(parts[1].detect)
    monkeypatch.setattr(apps, "PATIENCE", 20.0)
    assert check.answer("09.1", ipywidgets.HBox([ipywidgets.VBox(parts[:2]), parts[2]])).right


def test_sessions_that_stay_open_are_counted(client):
    assert "stayed open" in check.answer("09.2", lambda client: len(client.sessions)).text


def test_the_summary_shows_the_last_state_of_each_exercise_and_the_export_contains_no_answer(tmp_path):
    check.answer("02.3", 5)
    check.answer("02.3", 8)
    states = {result.exercise: result for result in check.summary()}
    assert list(states) == check.exercises()
    assert states["02.3"].state == "right"
    assert "✔ 02.3  right" in repr(check.summary())
    written = json.loads(check.export(tmp_path / "class" / "answers.json").read_text())
    assert {"exercise": "02.3", "state": "right", "attempts": states["02.3"].attempts} in written
    assert all(set(row) == {"exercise", "state", "attempts"} for row in written)
