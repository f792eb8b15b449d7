"""Both behaviours of every switch, seen over HTTP."""

from __future__ import annotations

import asyncio
import itertools
import time

import pytest

from akool_nb import opts
from akool_nb.agora import RtcToken
from akool_nb.errors import OptsError
from akool_nb.sandbox import switches
from akool_nb.wire import credentials
from tests.sandbox.service.test_endpoints import NO_FACE
from tests.sandbox.wire import DETECT, DETECT_FACES, GET_TOKEN, LIVE, Wire, photo_base64


def refused(wire: Wire) -> tuple[int, int]:
    answer = wire.post(f"{LIVE}/close", {})
    return answer.status, answer.code


def test_the_token_is_at_the_top_level_or_in_data(wire: Wire):
    credentials = {"clientId": wire.sandbox.client_id, "clientSecret": wire.sandbox.client_secret}
    assert "token" in wire.post(GET_TOKEN, credentials, {}).json
    wire.sandbox.token_shape = "data"
    assert set(wire.post(GET_TOKEN, credentials, {}).json["data"]) == {"token", "expire"}


def test_a_refusal_has_status_200_or_4xx(wire: Wire):
    assert refused(wire) == (200, 1003)
    wire.sandbox.error_status = "4xx"
    assert refused(wire) == (400, 1003)
    assert wire.get("/api/open/v3/faceswap/quota/info", {}).status == 401


def test_too_many_calls_are_refused_with_429_and_retry_after(wire: Wire):
    wire.sandbox.rate_limit = 0.01
    answers = [wire.post(f"{LIVE}/close", {}) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 429, 429]
    assert answers[1].code == 1005 and 50 < int(answers[1].headers["retry-after"]) <= 100


def test_a_tiny_limit_gives_a_retry_after_of_an_hour(wire: Wire):
    wire.sandbox.rate_limit = 1e-320
    answers = [wire.post(f"{LIVE}/close", {}) for _ in range(2)]
    assert answers[1].headers["retry-after"] == "3600"


def test_too_many_calls_may_be_refused_in_a_200_answer(wire: Wire):
    wire.sandbox.set(rate_limit=0.01, rate_limit_status="200")
    answers = [wire.post(f"{LIVE}/close", {}) for _ in range(2)]
    assert (answers[1].status, answers[1].code) == (200, 1005) and "retry-after" not in answers[1].headers


def test_a_caller_that_waits_for_retry_after_is_accepted_again(wire: Wire):
    wire.sandbox.rate_limit = 1
    while (answer := wire.post(f"{LIVE}/close", {})).status == 200:
        pass
    assert answer.headers["retry-after"] == "1"
    time.sleep(1)
    assert wire.post(f"{LIVE}/close", {}).status == 200


def test_a_limit_that_is_removed_and_set_again_starts_from_zero(wire: Wire):
    for limit in (0.01, 0, 0.01):
        wire.sandbox.rate_limit = limit
        assert wire.post(f"{LIVE}/close", {}).status == 200


def test_single_face_is_optional_or_required(wire: Wire):
    body = {"img": photo_base64()}
    assert wire.post(DETECT, body).json["error_code"] == 0
    wire.sandbox.single_face_required = True
    assert wire.post(DETECT, body).json["error_msg"] == "Failed to process media: single_face is missing"
    assert wire.post(DETECT, {**body, "single_face": False}).json["error_code"] == 0
    assert wire.post(DETECT_FACES, body).json["error_code"] == 0


def test_the_landmarks_of_a_single_face_are_a_list_a_string_or_flat(wire: Wire):
    shapes = {}
    for form in ("list", "string", "flat"):
        wire.sandbox.single_face_form = form
        answer = wire.post(DETECT, {"img": photo_base64(), "single_face": True}).json
        shapes[form] = answer["landmarks"], answer["landmarks_str"], answer["region"]
    (points, [text], region), string, flat = shapes["list"], shapes["string"], shapes["flat"]
    assert string == (points, text, region) and flat == (points[0], text, region[0])


def test_no_face_is_an_error_an_empty_object_or_empty_lists(wire: Wire):
    answers = {}
    for form in ("error", "empty_object", "empty_lists"):
        wire.sandbox.no_face = form
        answers[form] = [wire.post(path, {"img": NO_FACE}).json for path in (DETECT, DETECT_FACES)]
    assert [answer["error_code"] for answer in answers["error"]] == [1, 1]
    assert answers["empty_object"][1]["faces_obj"] == {}
    assert answers["empty_lists"][0]["landmarks"] == answers["empty_lists"][1]["faces_obj"]["0"]["landmarks"] == []


def test_the_fourth_point_can_be_the_same_on_both_detectors(wire: Wire):
    for choice in ("corner", "centre"):
        wire.sandbox.fourth_point = choice
        [legacy] = wire.post(DETECT, {"img": photo_base64()}).json["landmarks_str"]
        [newer] = wire.post(DETECT_FACES, {"img": photo_base64()}).json["faces_obj"]["0"]["landmarks_str"]
        assert opts.parse(legacy) == opts.parse(newer)


def test_info_answers_or_is_an_unknown_path(wire: Wire):
    named = {"_id": wire.session()["_id"]}
    assert wire.post(f"{LIVE}/info", named).code == 1000
    wire.sandbox.info_known = False
    assert wire.post(f"{LIVE}/info", named).status == 404


def test_the_app_id_is_empty_or_that_of_the_token(wire: Wire):
    assert wire.create().json["data"]["app_id"] == ""
    wire.sandbox.app_id_given = True
    data = wire.create().json["data"]
    assert data["app_id"] == RtcToken.decode(data["front_rtc_token"]).app_id


def test_a_crop_is_accepted_or_refused_with_1003(wire: Wire):
    frame = wire.post(DETECT_FACES, {"img": photo_base64(), "return_face_url": True}).json["faces_obj"]["0"]
    source = {"path": frame["face_urls"][0], "opts": frame["crop_landmarks"][0]}
    assert wire.post(f"{LIVE}/create", {"sourceImage": [source]}).code == 1000
    wire.sandbox.crop_accepted = False
    assert wire.post(f"{LIVE}/create", {"sourceImage": [source]}).code == 1003


def test_of_several_sources_the_first_is_used_or_all_are_refused(wire: Wire):
    two = {"sourceImage": [wire.source(), wire.source("collage")]}
    assert wire.post(f"{LIVE}/create", two).code == 1000
    wire.sandbox.several_sources = "refuse"
    assert wire.post(f"{LIVE}/create", two).code == 1003


def test_more_than_eight_sources_are_refused_with_1007(wire: Wire):
    assert wire.post(f"{LIVE}/create", {"sourceImage": [wire.source()] * 9}).code == 1007


def test_a_second_session_is_opened_or_refused(wire: Wire):
    assert wire.create().code == wire.create().code == 1000
    wire.sandbox.reset()
    wire.sandbox.parallel_sessions = 1
    assert (wire.create().code, wire.create().code) == (1000, 1005)


def test_an_unknown_session_is_refused_with_1003_or_1014(wire: Wire):
    assert wire.post(f"{LIVE}/close", {"_id": "x"}).code == 1003
    wire.sandbox.unknown_session_code = 1014
    assert wire.post(f"{LIVE}/close", {"_id": "x"}).code == 1014


def test_credits_are_used_from_create_or_from_the_first_frame(wire: Wire):
    wire.sandbox.set(credits_per_second=100, credits=1000, metering="first_frame")
    wire.session()
    time.sleep(0.1)
    assert wire.credits() == 1000
    wire.sandbox.metering = "create"
    time.sleep(0.1)
    assert wire.credits() < 1000


def ended(wire: Wire) -> str:
    """The reason with which the one session of the sandbox ends, as its viewer receives it."""

    async def scene() -> str:
        viewer = await wire.join(wire.session())
        return await asyncio.wait_for(viewer.text("end"), 10)

    return asyncio.run(scene())


def test_the_credits_run_out_during_a_session_and_create_is_refused_with_1104(wire: Wire):
    wire.sandbox.set(credits=1, credits_per_second=4)
    assert ended(wire) == "quota"
    assert wire.create().code == 1104


def test_a_session_ends_after_its_time_and_the_time_can_be_sped_up(wire: Wire):
    wire.sandbox.set(time_speed=7200, credits_per_second=0)
    assert ended(wire) == "hour"


def test_the_token_of_a_sped_up_session_has_the_real_expiry(wire: Wire):
    wire.sandbox.time_speed = 60
    token = RtcToken.decode(wire.session()["front_rtc_token"])
    assert token.expire == 60


def test_a_session_may_last_longer_than_its_token(wire: Wire):
    wire.sandbox.set(session_seconds=1, time_speed=20, end_with_token=False)
    session = wire.session()
    time.sleep(0.3)
    assert wire.post(f"{LIVE}/info", {"_id": session["_id"]}).json["data"]["faceswap_status"] == 2


def test_a_session_without_a_viewer_ends_after_the_idle_time(wire: Wire):
    wire.sandbox.set(idle_seconds=0.1)
    session = wire.session()
    time.sleep(0.3)
    assert "idle" in wire.post(f"{LIVE}/close", {"_id": session["_id"]}).json["msg"]


def test_a_session_may_stay_queued_or_fail(wire: Wire):
    for after_queue, status in (("stuck", 1), ("fail", 4)):
        wire.sandbox.set(after_queue=after_queue, queue_seconds=0)
        named = {"_id": wire.create().json["data"]["_id"]}
        assert wire.post(f"{LIVE}/info", named).json["data"]["faceswap_status"] == status


def test_tokens_expire_after_the_set_time(wire: Wire):
    wire.sandbox.set(token_seconds=1, time_speed=1e6)
    assert wire.get("/api/open/v3/faceswap/quota/info", wire.bearer()).code == 1101


def test_a_crop_is_deleted_after_the_set_days(wire: Wire):
    frame = wire.post(DETECT_FACES, {"img": photo_base64(), "return_face_url": True}).json["faces_obj"]["0"]
    path = frame["face_urls"][0].removeprefix(wire.sandbox.url)
    assert wire.get(path).status == 200
    wire.sandbox.hosting_days = 0
    assert wire.get(path).status == 404
    source = {"path": frame["face_urls"][0], "opts": frame["crop_landmarks"][0]}
    assert "hosts no such picture" in wire.post(f"{LIVE}/create", {"sourceImage": [source]}).json["msg"]


def test_a_picture_above_the_limit_is_refused(wire: Wire):
    wire.sandbox.max_image_bytes = 1000
    assert "larger than 1,000 bytes" in wire.post(DETECT, {"img": photo_base64()}).json["error_msg"]


def test_latency_and_jitter_delay_a_call(wire: Wire):
    wire.sandbox.set(latency=0.2, jitter=0.1)
    started = time.perf_counter()
    wire.credits()
    assert time.perf_counter() - started >= 0.2


def test_the_expiry_of_a_token_is_written_in_it(wire: Wire):
    assert "exp" in credentials.claims(wire.token())


@pytest.mark.parametrize("count", [4, 5, 6])
@pytest.mark.parametrize("fourth", ["corner", "centre"])
def test_the_texts_of_detect_faces_have_four_five_or_six_points(wire: Wire, count: int, fourth: str):
    wire.sandbox.set(landmark_points=count, fourth_point=fourth)
    frame = wire.post(DETECT_FACES, {"img": photo_base64(), "return_face_url": True}).json["faces_obj"]["0"]
    [points] = frame["landmarks"]
    places = [0, 1, 2, *([4, 3, 5] if fourth == "corner" else [3, 4, 5])][:count]
    assert frame["landmarks_str"] == [":".join("{},{}".format(*points[place]) for place in places)]
    left, top = frame["crop_region"][0][:2]
    moved = [f"{points[place][0] - left},{points[place][1] - top}" for place in places]
    assert frame["crop_landmarks"] == [":".join(moved)]


def test_the_text_of_a_crop_may_be_unreadable(wire: Wire):
    wire.sandbox.crop_text = "unreadable"
    frame = wire.post(DETECT_FACES, {"img": photo_base64(), "return_face_url": True}).json["faces_obj"]["0"]
    with pytest.raises(OptsError):
        opts.parse(frame["crop_landmarks"][0])
    assert opts.parse(frame["landmarks_str"][0]) and frame["face_urls"][0]


def test_the_legacy_detector_may_be_an_unknown_path(wire: Wire):
    assert wire.post(DETECT, {"img": photo_base64()}).status == 200
    wire.sandbox.legacy_detector = False
    answer = wire.post(DETECT, {"img": photo_base64()})
    assert (answer.status, answer.code) == (404, 1014)
    assert wire.post(DETECT_FACES, {"img": photo_base64()}).json["error_code"] == 0


def test_a_pre_charge_takes_an_hour_at_create_and_returns_the_rest_at_close(wire: Wire):
    wire.sandbox.set(credits=1_000_000, pre_charge=True, credits_per_second=100)
    session = wire.session()
    assert wire.credits() == 1_000_000 - 360_000
    wire.post(f"{LIVE}/close", {"_id": session["_id"]})
    assert 999_000 < wire.credits() < 1_000_000


def test_every_switch_is_listed_with_its_help_in_80_columns():
    lines = switches.listing().splitlines()
    names = [line.split(" = ")[0] for line in lines if not line.startswith(" ")]
    assert names == list(switches.NAMES)
    assert all(below.startswith("    ") for line, below in itertools.pairwise(lines) if not line.startswith(" "))
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("latency=0.5", 0.5),
        ("info_known=false", False),
        ("no_face=empty_lists", "empty_lists"),
        ("parallel_sessions=2", 2),
        ("allow_origins=https://a,https://b", ("https://a", "https://b")),
        ("allow_origins=", ()),
        ("allow_origins=*", ("*",)),
        ("rate_limit=0", 0.0),
        ("rate_limit=0.001", 0.001),
        ("landmark_points=6", 6),
        ("token_shape=data", "data"),
        ("legacy_detector=False", False),
    ],
)
def test_a_switch_can_be_written_on_the_command_line(text: str, value: object):
    assert switches.parse(text) == (text.partition("=")[0], value)


@pytest.mark.parametrize(
    "text",
    [
        "latency",
        "latency=",
        "latency=nan",
        "latency=inf",
        "info_known=perhaps",
        "parallel_sessions=1.5",
        "x=1",
        "session_seconds=5e9",
        "rate_limit=-1",
        "landmark_points=7",
        "landmark_points=true",
        "allow_origins=hub.example.org",
    ],
)
def test_an_invalid_switch_on_the_command_line_is_refused(text: str):
    with pytest.raises(ValueError, match=r"switch|takes"):
        switches.parse(text)


def test_several_values_are_set_together_or_not_at_all(wire: Wire):
    with pytest.raises(ValueError, match="jitter"):
        wire.sandbox.set(latency=1, jitter="much")
    assert wire.sandbox.latency == 0
