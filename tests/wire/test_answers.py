"""Parsing of answers: the documented ones, the variants that were observed, and more than 2,000 generated ones."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from akool_nb import errors
from akool_nb.errors import AkoolError
from akool_nb.wire import answers
from akool_nb.wire.answers import Answer
from akool_nb.wire.redact import Secret
from tests.replay import sample

# Together more than 2,000 bodies, as design.md asks.
MANY = settings(max_examples=700, deadline=None, suppress_health_check=list(HealthCheck))

NAMES = st.sampled_from(
    ["code", "error_code", "msg", "error_msg", "data", "token", "landmarks", "landmarks_str", "region", "faces_obj",
     "0", "credit", "_id", "channel_id", "front_user_id", "front_rtc_token", "faceswap_status", "status", "trx_id",
     "seconds", "face_urls", "crop_landmarks"]
)  # fmt: skip
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([0, 1, 2, 1000, 1101, "1000", "0", 1e999, "1,2:3,4:5,6:7,8", "https://a/b", 10**30])
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5))
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=8)
STATUSES = st.sampled_from([100, 200, 204, 400, 401, 403, 404, 429, 500, 503, 599])
READERS = [answers.token, answers.credit, answers.session, answers.faces, answers.status, answers.seconds]


def answer(name: str) -> Answer:
    return answers.read(200, json.dumps(sample(name)).encode())


def changed(name: str, **fields) -> Answer:
    return answers.read(200, json.dumps({**sample(name), **fields}).encode())


def read_all(status: int, body: bytes) -> None:
    """Call every reader on an answer; only an AkoolError may be raised."""
    try:
        found = answers.read(status, body)
    except AkoolError as error:
        assert str(error)
        return
    error = found.error()
    assert error is None or (isinstance(error, AkoolError) and len(str(error)) < 1000)
    for reader in READERS:
        try:
            value = reader(found)
            assert repr(value) is not None
        except AkoolError as refused:
            assert str(refused)


@MANY
@given(STATUSES, st.binary(max_size=200))
def test_any_bytes_give_an_answer_or_one_typed_error(status, body):
    read_all(status, body)


@MANY
@given(STATUSES, OBJECTS)
def test_any_json_object_gives_values_or_one_typed_error(status, fields):
    read_all(status, json.dumps(fields).encode())


@MANY
@given(st.sampled_from(["detect.response", "detect_faces.response", "create.response", "quota.response"]), st.data())
def test_a_documented_answer_with_one_changed_field_gives_values_or_one_typed_error(name, data):
    fields = sample(name)
    place = fields
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else list(range(len(place)))))
        if not place[key] or not isinstance(place[key], (dict, list)) or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(VALUES)
    read_all(200, json.dumps(fields).encode())


@pytest.mark.parametrize(
    "body",
    [b"", b"   ", b"<html>", b"[1]", b'"text"', b"7", b"null", b"true", b'{"code": NaN}', b'{"code": 1000', b"\xff\xfe",
     b'{"code":' * 100_000, b'{"code": "' + b"9" * 5000 + b'"}', b"{}", b'{"code": null}', b'{"code": {}}',
     b'{"code": 1e999}', b'{"code": true}'],
)  # fmt: skip
def test_a_body_that_is_not_an_answer_raises_bad_response(body):
    with pytest.raises(errors.BadResponse) as caught:
        error = answers.read(200, body).error()
        raise error
    assert caught.value.http_status == 200


@pytest.mark.parametrize("code", [1104, "1104", 1104.0, "1104.0"])
def test_an_error_code_may_be_a_text_or_a_float(code):
    error = answers.read(200, json.dumps({"code": code, "msg": "no credits"}).encode()).error()
    assert type(error) is errors.InsufficientQuotaError
    assert error.code == 1104


def test_an_unknown_error_code_keeps_its_number_and_message():
    error = answers.read(200, b'{"code": 4711, "msg": "unheard of", "trx_id": "t-9"}').error()
    assert (type(error), error.code, error.message, error.trx_id) == (errors.ApiError, 4711, "unheard of", "t-9")


def test_both_success_codes_are_accepted():
    assert answer("create.response").error() is None
    assert answer("detect.response").error() is None


@pytest.mark.parametrize("fields", [{"code": 0, "msg": "failed"}, {"error_code": 1000, "error_msg": "failed"}])
def test_the_success_value_of_one_code_field_is_an_error_in_the_other_field(fields):
    assert isinstance(answers.Answer(fields, 200).error(), errors.ApiError)


def test_the_token_may_be_at_the_top_level_or_in_data():
    assert answers.token(answer("get_token.response")) == "xxxxxxxxxxxxxxxx"
    assert answers.token(changed("get_token.response", token=None, data={"token": "y" * 16, "expire": 1})) == "y" * 16


def test_landmarks_may_be_a_plain_text_or_a_list_with_one_level_less():
    full = answers.faces(answer("detect.response"))
    sent = sample("detect.response")
    bare = changed("detect.response", landmarks_str=sent["landmarks_str"][0])
    flat = changed(
        "detect.response",
        landmarks_str=sent["landmarks_str"][0],
        landmarks=sent["landmarks"][0],
        region=sent["region"][0],
    )
    assert answers.faces(bare) == answers.faces(flat) == full


def test_a_face_with_an_empty_region_is_refused():
    face = answers.faces(changed("detect.response", region=[[3, 4, 1, 1]]))[0]
    assert face.region == (3, 4, 1, 1)
    for empty in ([3, 4, 0, 1], [3, 4, 1, 0]):
        with pytest.raises(errors.NoFaceError, match="no usable face"):
            answers.faces(changed("detect.response", region=[empty]))


def test_opts_are_computed_only_if_the_server_sends_none():
    assert answers.faces(changed("detect.response", landmarks_str=[]))[0].opts == "249,510:460,515:343,657:255,740"
    strange = changed("detect.response", landmarks_str=["1,1:2,2:3,3:4,4"])
    assert answers.faces(strange)[0].opts == "1,1:2,2:3,3:4,4"


def test_the_newer_detector_returns_the_crop_and_its_opts():
    face = answers.faces(answer("detect_faces.response"))[0]
    assert face.opts == "249,510:460,516:343,657:351,739"
    assert face.crop_opts == "246,510:457,516:340,657:348,739"
    assert face.crop_url.endswith("qvjssv8fna0o.jpg")


@pytest.mark.parametrize(
    "fields",
    [
        {"error_code": 1, "error_msg": "No faces detected", "faces_obj": {}},
        {"error_code": 0, "error_msg": "SUCCESS", "faces_obj": {}},
        {"error_code": 0, "error_msg": "SUCCESS", "faces_obj": {"0": {"landmarks": [], "region": []}}},
        {"error_code": 0, "error_msg": "SUCCESS", "landmarks": [], "landmarks_str": [], "region": []},
        {"error_code": 0, "error_msg": "SUCCESS", "faces_obj": None},
    ],
)
def test_every_form_of_an_answer_without_a_face_raises_no_face_error(fields):
    found = answers.read(200, json.dumps(fields).encode())
    with pytest.raises(errors.NoFaceError):
        raise found.error() or answers.faces(found) or AssertionError


def test_a_failure_of_the_detector_is_a_detection_error():
    fields = {"error_code": 1, "error_msg": "Failed to download media from URL", "faces_obj": {}}
    error = answers.read(400, json.dumps(fields).encode()).error()
    assert (type(error), error.code, error.http_status) == (errors.DetectionError, 1, 400)


@pytest.mark.parametrize("missing", ["_id", "channel_id", "front_user_id", "front_rtc_token"])
def test_a_session_that_lacks_a_required_field_raises_bad_response(missing):
    data = sample("create.response")["data"]
    del data[missing]
    with pytest.raises(errors.BadResponse, match=missing):
        answers.session(changed("create.response", data=data))


def test_an_id_may_be_a_number():
    data = sample("create.response")["data"] | {"front_user_id": 1, "algorithm_user_id": 3}
    session = answers.session(changed("create.response", data=data))
    assert (session.uid, session.remote_uid) == ("1", "3")


def test_an_http_error_status_without_a_code_is_an_api_error():
    error = answers.read(404, b'{"message": "Not Found"}').error()
    assert (type(error), error.code, error.message) == (errors.ApiError, 404, "Not Found")


def test_tokens_in_an_answer_are_masked_in_its_repr():
    found = answer("create.response")
    assert sample("create.response")["data"]["front_rtc_token"] not in repr(found)
    assert isinstance(found.data["front_rtc_token"], Secret)


def test_a_message_is_one_short_printable_line_without_secrets():
    hostile = "a\x1b[31m\nb\u202e " + "x" * 5000 + " Bearer abcdefghijklmnop"
    message = answers.read(200, json.dumps({"code": 1003, "msg": hostile}).encode()).message
    assert message.isprintable()
    assert len(message) <= 240
