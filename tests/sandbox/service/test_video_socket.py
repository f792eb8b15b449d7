"""The live WebSocket, as a viewer uses it."""

from __future__ import annotations

import asyncio
from functools import cache

import pytest
from tornado.httpclient import HTTPClientError

from akool_nb import samples
from akool_nb.agora import view_key
from akool_nb.sandbox.engine.arrays import Image
from akool_nb.sandbox.pictures import clip, drawn_face, picture
from tests.sandbox.wire import LIVE, Wire


@cache
def frames(count: int) -> list[bytes]:
    return [picture.encode(frame) for _, frame in zip(range(count), clip.drawn(count / 20), strict=False)]


async def swapped(wire: Wire, session: dict, sent: list[bytes]) -> list[Image]:
    viewer = await wire.join(session)
    answers = []
    for frame in sent:
        await viewer.send(frame)
        answers.append(picture.decode(await viewer.frame()))
    return answers


def test_frames_are_swapped_inside_the_face_and_marked_in_a_corner(wire: Wire):
    sent = frames(3)
    for jpeg, answer in zip(sent, asyncio.run(swapped(wire, wire.session(), sent)), strict=True):
        before = picture.decode(jpeg)
        assert answer.shape == before.shape
        changed = abs(answer.astype(int) - before.astype(int)).max(axis=2)
        face, corner = changed[120:420, 160:480], changed[455:, :240]
        assert (face[:240, 40:280] > 40).mean() > 0.05
        assert (corner > 20).mean() > 0.8, "the mark is missing"
        face[:] = 0
        changed[440:, :280] = 0
        assert changed.max() <= 20, "pixels outside the face and the mark have changed"


def test_a_frame_that_is_not_a_picture_is_reported_as_dropped(wire: Wire):
    async def scene() -> dict:
        viewer = await wire.join(wire.session())
        await viewer.send(b"no picture")
        await viewer.text("dropped")
        return viewer.texts[-1]

    assert asyncio.run(scene())["error"]


def test_the_newest_frame_is_swapped_and_the_others_are_reported_as_dropped(wire: Wire):
    async def scene() -> tuple[int, int]:
        viewer = await wire.join(wire.session())
        for frame in frames(12):
            await viewer.send(frame)
        came = 0
        while came + sum(text.get("dropped", 0) for text in viewer.texts) < 12:
            came += await viewer.frame() is not None
        return came, sum(text.get("dropped", 0) for text in viewer.texts)

    came, dropped = asyncio.run(scene())
    assert dropped > 0 and came > 0


def test_update_changes_the_face_during_the_stream(wire: Wire):
    async def scene() -> tuple[Image, Image]:
        session, [frame] = wire.session(), frames(1)
        drawn = wire.hosted(picture.encode(drawn_face.draw()))
        viewer = await wire.join(session)
        await viewer.send(frame)
        first = picture.decode(await viewer.frame())
        wire.post(f"{LIVE}/update", {"_id": session["_id"], "sourceImage": [drawn]})
        for _ in range(10):
            await viewer.send(frame)
            second = picture.decode(await viewer.frame())
        return first, second

    first, second = asyncio.run(scene())
    assert (abs(first.astype(int) - second.astype(int)).max(axis=2) > 30).sum() > 500


def test_close_ends_the_stream_with_the_reason(wire: Wire):
    async def scene() -> str:
        session = wire.session()
        viewer = await wire.join(session)
        wire.post(f"{LIVE}/close", {"_id": session["_id"]})
        reason = await viewer.text("end")
        assert await viewer.frame() is None
        return reason

    assert asyncio.run(scene()) == "closed"


def test_frames_wait_while_the_session_is_queued(wire: Wire):
    async def scene() -> list[dict]:
        wire.sandbox.queue_seconds = 600
        viewer = await wire.join(wire.create().json["data"])
        await viewer.send(frames(1)[0])
        await asyncio.sleep(0.3)
        assert wire.sandbox.state()["streams"][0]["frames"] == 0
        wire.sandbox.queue_seconds = 0
        await viewer.frame()
        return viewer.texts

    texts = asyncio.run(scene())
    assert [text["status"] for text in texts if "status" in text] == [1, 2]


def test_the_view_key_is_accepted_instead_of_the_token(wire: Wire):
    async def scene() -> bytes | None:
        session = wire.session()
        viewer = await wire.join(session, token=view_key(session["front_rtc_token"]))
        await viewer.send(frames(1)[0])
        return await viewer.frame()

    assert asyncio.run(scene())


@pytest.mark.parametrize("token", ["", "wrong", "007"])
def test_another_token_is_refused(wire: Wire, token: str):
    async def scene() -> str:
        viewer = await wire.join(wire.session(), token=token or "-")
        return await viewer.text("end")

    assert "token" in asyncio.run(scene())


def test_the_last_viewer_to_join_has_the_channel(wire: Wire):
    async def scene() -> str:
        session = wire.session()
        first = await wire.join(session)
        await wire.join(session)
        return await first.text("end")

    assert asyncio.run(scene()) == "joined elsewhere"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example"])
def test_a_page_of_another_origin_cannot_join(wire: Wire, origin: str):
    with pytest.raises(HTTPClientError) as refused:
        asyncio.run(wire.join(wire.session(), Origin=origin))
    assert refused.value.code == 403


def test_a_page_from_loopback_or_an_allowed_origin_can_join(wire: Wire):
    wire.sandbox.allow_origins = ["https://hub.example.org"]
    for origin in ("http://localhost:8888", "http://127.0.0.1:8888", "https://hub.example.org"):
        asyncio.run(wire.join(wire.session(), Origin=origin))


def test_a_page_behind_a_proxy_of_its_own_server_can_join_with_the_right_token(wire: Wire):
    behind = {"Origin": "https://hub.example.org", "Host": "hub.example.org"}
    session = wire.session()
    asyncio.run(wire.join(session, **behind))
    with pytest.raises(HTTPClientError):
        asyncio.run(wire.join(session, token="wrong", **behind))


def test_all_sample_faces_can_be_used_as_sources(wire: Wire):
    for photo in samples.photos():
        assert wire.post(f"{LIVE}/create", {"sourceImage": [wire.source(photo.stem)]}).code == 1000
