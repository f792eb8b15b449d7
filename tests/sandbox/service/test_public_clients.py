"""Three kinds of public clients: what they send, and how they read each form of the answers."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from akool_nb import samples
from tests.sandbox.wire import DETECT, DETECT_FACES, GET_TOKEN, LIVE, Wire, photo_base64

SAMPLE = samples.photo("astronaut").name


def first(value: str | list[str]) -> str:
    """These clients accept `landmarks_str` as a text and as a list."""
    return value if isinstance(value, str) else value[0]


def four(text: str) -> str:
    """AKOOL's pages advised to cut the text after the fourth point."""
    return ":".join(text.split(":")[:4])


def swapped_frame(wire: Wire, session: dict[str, Any]) -> bytes | None:
    async def scene() -> bytes | None:
        viewer = await wire.join(session)
        await viewer.send(samples.photo("astronaut").read_bytes())
        return await viewer.frame()

    return asyncio.run(scene())


def done(answer: Any) -> dict[str, Any]:
    assert answer.status == 200 and answer.code == 1000, answer
    return answer.json


@pytest.mark.parametrize("shape", ["top", "data"])
@pytest.mark.parametrize("form", ["list", "string", "flat"])
def test_clients_that_sign_in_and_call_the_legacy_detector_by_address(wire: Wire, shape: str, form: str):
    wire.sandbox.set(token_shape=shape, single_face_form=form, queue_seconds=0)
    credentials = {"clientId": wire.sandbox.client_id, "clientSecret": wire.sandbox.client_secret}
    answer = done(wire.post(GET_TOKEN, credentials, {}))
    token = answer.get("token") or answer["data"]["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    url = f"{wire.sandbox.url}/samples/{SAMPLE}"
    found = wire.post(DETECT, {"single_face": True, "image_url": url}, bearer).json
    assert found["error_code"] == 0
    source = {"sourceImage": [{"path": url, "opts": first(found["landmarks_str"])}]}
    session = done(wire.post(f"{LIVE}/create", source, bearer))["data"]
    # They join at once and do not wait for status 2.
    assert swapped_frame(wire, session).startswith(b"\xff\xd8")
    named = {"_id": session["_id"]}
    assert done(wire.post(f"{LIVE}/update", {**source, **named}, bearer)) == {"code": 1000, "msg": "OK"}
    assert done(wire.post(f"{LIVE}/close", named, bearer)) == {"code": 1000, "msg": "OK"}


@pytest.mark.parametrize("points", [4, 5, 6])
@pytest.mark.parametrize("fourth", ["documented", "corner", "centre"])
@pytest.mark.parametrize("prefix", ["", "data:image/png;base64,"])
def test_clients_with_an_api_key_that_let_the_newer_detector_host_a_crop(
    wire: Wire, points: int, fourth: str, prefix: str
):
    wire.sandbox.set(landmark_points=points, fourth_point=fourth)
    body = {"img": prefix + photo_base64(), "single_face": True, "return_face_url": True, "num_frames": 5}
    frame = wire.post(DETECT_FACES, body).json["faces_obj"]["0"]
    assert len(frame["landmarks_str"][0].split(":")) == points
    source = {"path": frame["face_urls"][0], "opts": four(frame["crop_landmarks"][0])}
    session = done(wire.post(f"{LIVE}/create", {"sourceImage": [source]}))["data"]
    done(wire.post(f"{LIVE}/close", {"_id": session["_id"]}))


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("quality", [1, 2, 3])
def test_clients_that_poll_the_status_and_send_more_fields_to_create(wire: Wire, known: bool, quality: int):
    wire.sandbox.set(info_known=known, queue_seconds=0.2)
    extra = {"face_enhance": 1, "faceswap_quality": quality}
    session = done(wire.create(**extra))["data"]
    seen = []
    for _ in range(100):
        answer = wire.post(f"{LIVE}/info", {"_id": session["_id"]})
        data = answer.json.get("data") or {}
        seen.append(data.get("faceswap_status") or data.get("status"))
        if seen[-1] == 2 or seen[-3:] == [None] * 3:
            break
        time.sleep(0.02)
    # After three answers without a status they join anyway.
    assert (seen[-1] == 2) is known and (answer.status == 404) is not known
    assert swapped_frame(wire, session).startswith(b"\xff\xd8")
    done(wire.post(f"{LIVE}/close", {"_id": session["_id"]}))


@pytest.mark.parametrize("error_status", ["200", "4xx"])
def test_each_client_sees_a_refusal_by_its_code_with_any_http_status(wire: Wire, error_status: str):
    wire.sandbox.set(error_status=error_status, crop_accepted=False)
    crop = wire.hosted(samples.photo("astronaut").read_bytes())
    refused = wire.post(f"{LIVE}/create", {"sourceImage": [crop]})
    assert (refused.status, refused.code) == (200 if error_status == "200" else 400, 1003)
    assert wire.post(f"{LIVE}/create", {"sourceImage": [crop]}, {}).code == 1102
