"""AKOOL's endpoints, called with plain HTTP."""

from __future__ import annotations

import base64
import json
import re

import numpy as np
import pytest

from akool_nb import opts, samples
from akool_nb.agora import RtcToken
from akool_nb.sandbox.pictures import picture
from tests.sandbox.wire import CREDITS, DETECT, DETECT_FACES, GET_TOKEN, LIVE, Wire, photo_base64

NO_FACE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def test_credentials_give_a_token_at_the_top_level(wire: Wire):
    answer = wire.post(
        GET_TOKEN, {"clientId": wire.sandbox.client_id, "clientSecret": wire.sandbox.client_secret}, {}
    ).json
    assert answer["code"] == 1000 and set(answer) == {"code", "token"}


def test_wrong_credentials_are_refused_with_1101_and_missing_ones_with_1003(wire: Wire):
    assert wire.post(GET_TOKEN, {"clientId": "x", "clientSecret": "y"}, {}).code == 1101
    assert wire.post(GET_TOKEN, {"clientId": "", "clientSecret": "y"}, {}).code == 1003


@pytest.mark.parametrize("path", [DETECT, DETECT_FACES, *(f"{LIVE}/{name}" for name in ("create", "close", "info"))])
def test_without_authorization_a_call_is_refused_with_1102(wire: Wire, path: str):
    assert wire.post(path, {}, {}).code == 1102


def test_an_unknown_token_is_refused_with_1101_even_with_a_valid_api_key(wire: Wire):
    assert wire.get(CREDITS, {"Authorization": "Bearer strange"}).code == 1101
    assert wire.get(CREDITS, {"Authorization": "Bearer strange", **wire.key}).code == 1101


def test_the_client_secret_is_the_api_key(wire: Wire):
    assert wire.get(CREDITS, {"x-api-key": wire.sandbox.client_secret}).code == 1000
    assert wire.get(CREDITS, {"x-api-key": wire.sandbox.client_id}).code == 1101


def test_detect_returns_the_documented_fields_padded_to_six_points(wire: Wire):
    answer = wire.post(DETECT, {"single_face": False, "img": photo_base64()}, wire.bearer()).json
    assert set(answer) == {"error_code", "error_msg", "landmarks", "landmarks_str", "region", "seconds", "trx_id"}
    [points], [text] = answer["landmarks"], answer["landmarks_str"]
    assert len(points) == 6 and points[4:] == [[0, 0], [0, 0]]
    assert opts.parse(text) == tuple(map(tuple, points[:4]))


def test_detect_accepts_a_data_uri_and_its_own_sample_address(wire: Wire):
    plain = wire.post(DETECT, {"img": photo_base64()}).json
    as_uri = wire.post(DETECT, {"img": "data:image/png;base64," + photo_base64()}).json
    by_url = wire.post(DETECT, {"image_url": f"{wire.sandbox.url}/samples/astronaut.png"}).json
    assert plain["landmarks"] == as_uri["landmarks"] == by_url["landmarks"]


def test_detect_faces_returns_six_points_and_a_crop_with_its_own_landmarks(wire: Wire):
    answer = wire.post(DETECT_FACES, {"img": photo_base64(), "return_face_url": True}).json
    frame = answer["faces_obj"]["0"]
    [(x, y, *_)], [text], [moved] = frame["crop_region"], frame["landmarks_str"], frame["crop_landmarks"]
    assert opts.parse(moved) == tuple((px - x, py - y) for px, py in opts.parse(text))
    assert len(frame["landmarks"][0]) == 6 and frame["removed"] == [] and frame["frame_time"] is None
    crop = wire.get(frame["face_urls"][0].removeprefix(wire.sandbox.url))
    assert crop.raw.startswith(b"\xff\xd8") and crop.headers["content-type"] == "image/jpeg"


def test_detect_faces_returns_crops_only_on_request(wire: Wire):
    frame = wire.post(DETECT_FACES, {"img": photo_base64()}).json["faces_obj"]["0"]
    assert frame["face_urls"] is frame["crop_region"] is frame["crop_landmarks"] is None


def test_the_fourth_point_is_the_corner_on_one_detector_and_the_centre_on_the_other(wire: Wire):
    corner = opts.parse(wire.post(DETECT, {"img": photo_base64()}).json["landmarks_str"][0])
    frame = wire.post(DETECT_FACES, {"img": photo_base64()}).json["faces_obj"]["0"]
    centre = opts.parse(frame["landmarks_str"][0])
    assert list(corner[3]) == frame["landmarks"][0][4] and list(centre[3]) == frame["landmarks"][0][3]


@pytest.mark.parametrize("cut", [np.s_[:, 215:], np.s_[:, :230], np.s_[75:, :], np.s_[:150, :]])
def test_the_region_of_a_face_cut_by_the_border_is_inside_the_picture(wire: Wire, cut: tuple[slice, slice]):
    image = picture.decode(samples.photo("astronaut").read_bytes())[cut]
    img = base64.b64encode(picture.encode(image, quality=95)).decode()
    regions = [wire.post(DETECT, {"img": img}).json["region"]]
    regions.append(wire.post(DETECT_FACES, {"img": img}).json["faces_obj"]["0"]["region"])
    for [(x, y, width, height)] in regions:
        assert x >= 0 and y >= 0 and x + width <= image.shape[1] and y + height <= image.shape[0]
        assert 0 in (x, y) or x + width == image.shape[1] or y + height == image.shape[0]


def test_single_face_is_the_largest(wire: Wire):
    name = "collage"
    every = wire.post(DETECT, {"img": photo_base64(name)}).json["region"]
    [single] = wire.post(DETECT, {"img": photo_base64(name), "single_face": True}).json["region"]
    assert single == max(every, key=lambda region: region[2] * region[3])


def test_a_picture_without_faces_gives_the_message_of_each_detector(wire: Wire):
    assert wire.post(DETECT, {"img": NO_FACE}).json["error_msg"] == "No faces detected"
    answer = wire.post(DETECT_FACES, {"img": NO_FACE})
    assert (answer.status, answer.json) == (
        400, {"error_code": 1, "error_msg": "No faces detected", "faces_obj": {}},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("img", "message"),
    [
        ("%%%", "Failed to process media"),
        ("iVBORw0KGgoAAA==", "Failed to process media"),
        ("aGVsbG8=", "Media type detection failed"),
        ("data:image/png;base64,", "Media type detection failed"),
    ],
)
def test_an_invalid_picture_is_refused_with_the_message_of_the_detector(wire: Wire, img: str, message: str):
    answers = [wire.post(path, {"img": img}).json for path in (DETECT, DETECT_FACES)]
    assert all(answer["error_code"] == 1 and answer["error_msg"].startswith(message) for answer in answers)


def test_a_video_is_refused_whatever_the_value_of_num_frames(wire: Wire):
    video = base64.b64encode(b"\x00\x00\x00\x18ftypmp42" + bytes(100)).decode()
    answer = wire.post(DETECT_FACES, {"img": video, "num_frames": 3})
    assert answer.status == 400 and "no videos" in answer.json["error_msg"]


def test_a_detector_needs_an_address_or_a_picture(wire: Wire):
    newer, legacy = wire.post(DETECT_FACES, {}), wire.post(DETECT, {})
    message = "Either 'url' or 'img' parameter must be provided"
    assert (newer.status, newer.json) == (400, {"error_code": 1, "error_msg": message, "faces_obj": {}})
    assert (legacy.json["error_code"], legacy.json["error_msg"]) == (1, message.replace("url", "image_url"))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"url": 7}, "Invalid URL format: url is not a text"),
        ({"img": 7}, "Failed to process media: img is not a text"),
        ({"img": NO_FACE, "num_frames": 0}, "Failed to process media: num_frames is not a whole number from 1"),
        ({"img": NO_FACE, "single_face": "yes"}, "Failed to process media: single_face is neither true nor false"),
        (b"{", "Failed to process media: the body is not JSON"),
    ],
)
def test_a_wrong_field_is_refused_in_the_form_of_the_detector(wire: Wire, body: object, message: str):
    newer = wire.post(DETECT_FACES, body)
    assert (newer.status, newer.json) == (400, {"error_code": 1, "error_msg": message, "faces_obj": {}})
    if isinstance(body, dict) and "num_frames" not in body:
        body = {name.replace("url", "image_url"): value for name, value in body.items()}
        legacy = wire.post(DETECT, body)
        assert legacy.status == 200 and legacy.json["landmarks"] == []
        assert legacy.json["error_code"] == 1 and legacy.json["error_msg"] == message.replace("url", "image_url")


def test_detectors_refuse_an_unauthorized_call_as_other_endpoints_do(wire: Wire):
    assert [wire.post(path, {}, {}).code for path in (DETECT, DETECT_FACES)] == [1102, 1102]


def test_create_returns_the_documented_data(wire: Wire):
    data = wire.create().json["data"]
    example = json.loads(
        '{"_id":0,"faceswap_status":0,"front_user_id":0,"algorithm_user_id":0,"front_rtc_token":0,"channel_id":0,"app_id":0}'
    )
    assert list(data) == list(example)
    assert re.fullmatch(r"[0-9a-f]{24}", data["_id"]) and re.fullmatch(r"\d{17}_\d{4}", data["channel_id"])
    assert (data["faceswap_status"], data["front_user_id"], data["algorithm_user_id"]) == (1, "1", "3")
    assert data["app_id"] == ""


def test_the_rtc_token_is_a_valid_one_for_this_channel(wire: Wire):
    data = wire.create().json["data"]
    token = RtcToken.decode(data["front_rtc_token"])
    assert (token.channel, token.uid, token.expire) == (data["channel_id"], "1", 3600)
    assert token.privileges == {1: 3600, 2: 3600, 3: 3600, 4: 3600}


def test_a_hosted_crop_can_be_used_as_a_source(wire: Wire):
    frame = wire.post(DETECT_FACES, {"img": photo_base64(), "return_face_url": True}).json["faces_obj"]["0"]
    source = {"path": frame["face_urls"][0], "opts": frame["crop_landmarks"][0]}
    assert wire.post(f"{LIVE}/create", {"sourceImage": [source]}).code == 1000


@pytest.mark.parametrize(
    "source",
    [
        [],
        "text",
        [{}],
        [{"path": "", "opts": "1,2:3,4:5,6:7,8"}],
        [{"path": "nonsense", "opts": "1,2:3,4:5,6:7,8"}],
        [{"path": "https://127.0.0.1/x.png", "opts": "1,2:3,4:5,6:7,8"}],
        ["text"],
    ],
)
def test_an_invalid_source_is_refused_with_1003(wire: Wire, source: object):
    answer = wire.post(f"{LIVE}/create", {"sourceImage": source}).json
    assert answer["code"] == 1003 and len(answer["msg"]) > 20


@pytest.mark.parametrize("text", ["1,2:3,4:5,6:7,8", "400,400:410,400:405,410:405,415", "nonsense", "1,2"])
def test_opts_that_fit_no_face_are_refused_with_1003(wire: Wire, text: str):
    source = {**wire.source(), "opts": text}
    assert wire.post(f"{LIVE}/create", {"sourceImage": [source]}).code == 1003


def test_a_session_is_updated_and_closed_and_then_unknown(wire: Wire):
    named = {"_id": wire.session()["_id"]}
    assert wire.post(f"{LIVE}/update", {**named, "sourceImage": [wire.source()]}).json == {"code": 1000, "msg": "OK"}
    assert wire.post(f"{LIVE}/close", named).json == {"code": 1000, "msg": "OK"}
    again = wire.post(f"{LIVE}/close", named).json
    assert again["code"] == 1003 and "over" in again["msg"]


def test_the_refusal_of_an_unknown_id_says_where_ids_come_from(wire: Wire):
    answer = wire.post(f"{LIVE}/close", {"_id": "0" * 24}).json
    assert answer["code"] == 1003 and "create" in answer["msg"]


def test_info_returns_the_status_also_after_the_end(wire: Wire):
    named = {"_id": wire.session()["_id"]}
    assert wire.post(f"{LIVE}/info", named).json["data"]["faceswap_status"] == 2
    wire.post(f"{LIVE}/close", named)
    assert wire.post(f"{LIVE}/info", named).json["data"]["faceswap_status"] == 3


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_a_wrong_method_is_refused_with_405_in_json(wire: Wire, method: str):
    answer = wire.send(method, f"{LIVE}/create")
    assert (answer.status, answer.code, answer.headers["allow"]) == (405, 1003, "POST")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_an_unknown_path_is_refused_with_404_in_json(wire: Wire, method: str):
    answer = wire.send(method, "/api/open/v3/nothing", {})
    assert (answer.status, answer.code) == (404, 1014)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"_id": NaN}', b"\xff", b"[" * 100_000])
def test_a_body_that_is_not_a_json_object_is_refused_with_1003(wire: Wire, body: bytes):
    assert wire.post(f"{LIVE}/close", body).code == 1003
