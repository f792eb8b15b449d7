"""3,000 malformed requests: no 5xx, no crash, no growth."""

from __future__ import annotations

import asyncio
import base64
import json
import random
import socket
import struct
import zlib
from collections import Counter
from dataclasses import fields
from urllib.parse import urlsplit

import cv2
import psutil
import pytest

from akool_nb import samples
from akool_nb.sandbox import Sandbox, switches
from akool_nb.sandbox.faults import Fault
from akool_nb.sandbox.pictures import picture
from akool_nb.sandbox.service import endpoints
from tests.sandbox.service.test_endpoints import NO_FACE
from tests.sandbox.wire import CREDITS, DETECT, LIVE, Wire, photo_base64

REQUESTS, SEED, MOST_GROWTH = 3000, 20250616, 12_000_000

ODD = [
    None,
    True,
    -1,
    0,
    1e308,
    "",
    "x",
    "\ud800",
    "\x00",
    "007",
    "a" * 5000,
    [],
    {},
    [[]],
    [None],
    {"path": None},
    {"": ""},
    "1,2:3,4:5,6:7,8",
    "0,0:0,0:0,0:0,0",
    "https://127.0.0.1/x",
    "https://[::1]/",
    "http://a/",
    "data:,",
    "data:image/png;base64,AAAA",
    [{"path": "x", "opts": "1,2:3,4:5,6:7,8"}],
    [{"path": "https://10.0.0.1/", "opts": "262,175:363,175:313,215:272,279"}],
]
FIELDS = (
    "clientId",
    "clientSecret",
    "image_url",
    "img",
    "url",
    "single_face",
    "return_face_url",
    "num_frames",
    "sourceImage",
    "_id",
    "extra",
)
METHODS = ("POST",) * 60 + ("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "BREW", "post")
PATHS = [path for path, _ in endpoints.ROUTES] * 3 + [
    "/",
    "//",
    "/%",
    "/%00",
    "/live/",
    "/live/x",
    "/live/x?uid=1&token=%ff",
    "/files/x",
    "/samples/../x",
    "/state.json",
    "/openapi.json",
    "/_sandbox/nothing",
    "/_sandbox/state",
    "*",
    "http://a/",
    "/" + "a" * 3000,
    "/detect?single_face=%GG",
    "/detect/",
    "/detect#x",
]
HEADERS = [
    b"Authorization: Bearer",
    b"Authorization: Bearer a.b.c",
    b"Authorization: \xff\xfe",
    b"Authorization: Basic eA==",
    b"x-api-key: \xff",
    b"x-api-key:",
    b"Content-Encoding: gzip",
    b"Expect: 100-continue",
    b"Upgrade: websocket",
    b"Content-Type: text/plain",
    b"Content-Type: multipart/form-data; boundary=",
    b"Cookie: a=b; =;;",
    b"Range: bytes=9-1",
    b"Origin: null",
    b"Origin: http://[",
    b"Sec-WebSocket-Version: 99",
    b"Accept-Encoding: \x7f",
    b"No colon at all",
    b": empty",
]


def body(dice: random.Random) -> bytes:
    kind = dice.random()
    if kind < 0.7:
        values = {dice.choice(FIELDS): dice.choice(ODD) for _ in range(dice.randrange(4))}
        return json.dumps(values).encode()
    if kind < 0.85:
        return dice.randbytes(dice.randrange(200))
    return dice.choice(
        [b"[" * 20_000, b"{" * 500, b'{"_id": 1e999}', b'{"a":1,"a":2}', b"\xef\xbb\xbf{}", b'"text"', b"-"]
    )


def request(dice: random.Random, host: str, secret: str) -> bytes:
    content = body(dice)
    length = dice.choice([len(content)] * 12 + [0, len(content) + 5, -1, "x", 10**12])
    lines = [f"{dice.choice(METHODS)} {dice.choice(PATHS)} HTTP/1.1".encode(), f"Host: {host}".encode()]
    lines += [f"x-api-key: {secret}".encode()] if dice.random() < 0.8 else []
    lines += dice.sample(HEADERS, dice.choice([0, 0, 0, 1, 2]))
    lines += [f"Content-Length: {length}".encode(), b"Connection: close"]
    return b"\r\n".join(lines) + b"\r\n\r\n" + content


def status(address: tuple[str, int], raw: bytes) -> int:
    """The answer's HTTP status; 0 if the server closed the connection, as it may after a broken request."""
    with socket.create_connection(address, timeout=10) as connection:
        try:
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
            first = connection.makefile("rb").readline()
        except ConnectionError:
            return 0
    return int(first.split()[1]) if first else 0


@pytest.fixture(scope="module")
def own_sandbox():
    """A separate sandbox, because its memory is measured."""
    with Sandbox() as sandbox:
        yield sandbox


def test_malformed_requests_are_answered_without_5xx_or_growth(own_sandbox: Sandbox):
    dice, url = random.Random(SEED), urlsplit(own_sandbox.url)
    child, counts = psutil.Process(own_sandbox._child.pid), Counter()
    for number in range(REQUESTS):
        raw = request(dice, url.netloc, own_sandbox.client_secret)
        code = status((url.hostname, url.port), raw)
        assert code < 500, raw[:400]
        counts[code] += 1
        if number == REQUESTS // 10:
            before, opened = child.memory_info().rss, child.num_fds()
    assert child.memory_info().rss - before < MOST_GROWTH
    assert child.num_fds() <= opened + 5
    assert counts[200] > REQUESTS / 4 and len(counts) > 5
    assert Wire(own_sandbox).credits() == 1000


VALUES = [
    -5,
    1,
    204,
    304,
    1000,
    10**30,
    1e-320,
    1e-3,
    1e6,
    5e9,
    1e12,
    1e300,
    None,
    True,
    "",
    "x",
    "\ud800",
    [],
    [None],
    {},
]
LATER = {"latency", "jitter", "frame_latency", "frame_jitter"}
"""These take long on purpose."""


def orders() -> list[tuple[str, dict[str, object]]]:
    """Each thing that can be set, with each odd value, the others as usual."""
    names = [each.name for each in fields(Fault)]
    switched = [("switches", {name: value}) for name in switches.NAMES for value in VALUES]
    failed = [("fail", {"call": "create", name: value}) for name in names for value in VALUES]
    credited = [("switches", {"credits": value}) for value in VALUES]
    ends = [("end", {name: value}) for name in ("id", "reason", "failed") for value in VALUES]
    return switched + failed + credited + ends


def test_orders_with_odd_values_are_refused_or_executed_and_break_no_call(own_sandbox: Sandbox):
    wire, carried_out = Wire(own_sandbox), Counter()
    source = [wire.source()]
    for order, values in orders():
        answer = wire.post(f"/_sandbox/{order}", values)
        assert answer.status in (200, 400), (order, values)
        if answer.status == 400:
            assert answer.code == 1003 and len(answer.json["msg"]) > 10, (order, values)
            continue
        carried_out[order] += 1
        if LATER & set(values):
            wire.post("/_sandbox/reset")
            continue
        ordered = values.get("status", 0) if order == "fail" else 0
        calls = (f"{LIVE}/create", {"sourceImage": source}), (DETECT, {"img": NO_FACE}), (CREDITS, None)
        for path, body in calls if order == "switches" else calls[:1]:
            status = wire.send("POST" if body else "GET", path, body).status
            assert status < 500 or status == ordered, (order, values, path)
        wire.post("/_sandbox/reset")
    assert carried_out["switches"] > 50 and carried_out["fail"] > 10


def test_the_reason_of_the_end_of_a_session_may_be_a_long_text(own_sandbox: Sandbox):
    wire = Wire(own_sandbox)

    async def scene(reason: str) -> str:
        viewer = await wire.join(session := wire.session())
        wire.sandbox.end(session["_id"], reason)
        return await viewer.text("end")

    for reason in ("x" * 100, "ü" * 100, "顔" * 100):
        assert asyncio.run(scene(reason)) == reason
    with pytest.raises(ValueError, match="100 letters"):
        wire.sandbox.end(wire.session()["_id"], "x" * 101)


def test_broken_video_frames_are_reported_as_dropped_and_do_no_harm(own_sandbox: Sandbox):
    wire, dice = Wire(own_sandbox), random.Random(SEED)

    async def scene() -> int:
        viewer = await wire.join(wire.session())
        for _ in range(100):
            await viewer.send(dice.randbytes(dice.randrange(1, 3000)))
        while sum(text.get("dropped", 0) for text in viewer.texts) < 100:
            await viewer.text("dropped")
        return sum(text["dropped"] for text in viewer.texts if "error" in text)

    assert asyncio.run(scene()) > 0


def test_a_viewer_that_reads_nothing_does_not_fill_the_memory(own_sandbox: Sandbox):
    wire, child = Wire(own_sandbox), psutil.Process(own_sandbox._child.pid)
    picture_sent = samples.photo("astronaut").read_bytes()

    async def scene() -> int:
        viewer = await wire.join(wire.session())
        await viewer.send(picture_sent)
        await viewer.frame()
        before = child.memory_info().rss
        for _ in range(300):
            await viewer.send(picture_sent)
            await asyncio.sleep(0.01)
        return child.memory_info().rss - before

    assert asyncio.run(scene()) < 40_000_000


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1), (16, 16), (2000, 30), (1080, 1920)])
def test_frames_of_any_size_come_back_in_the_same_size(own_sandbox: Sandbox, size: tuple[int, int]):
    wire = Wire(own_sandbox)
    photo = picture.decode(samples.photo("astronaut").read_bytes())

    async def scene() -> tuple[int, int]:
        viewer = await wire.join(wire.session())
        await viewer.send(picture.encode(cv2.resize(photo, size[::-1])))
        return picture.decode(await viewer.frame()).shape[:2]

    assert asyncio.run(scene()) == size


def test_a_body_above_the_limit_is_refused_before_it_is_read(own_sandbox: Sandbox):
    url = urlsplit(own_sandbox.url)
    head = f"POST {DETECT} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: {10**9}\r\n\r\n".encode()
    assert status((url.hostname, url.port), head) in (0, 400, 413)


def giant_png(side: int = 12_000) -> bytes:
    """A grey picture of side × side pixels in about 150 KB."""
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes((side + 1) * side), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def test_a_picture_that_unpacks_to_a_giant_one_is_refused_without_growth(own_sandbox: Sandbox):
    wire, child = Wire(own_sandbox), psutil.Process(own_sandbox._child.pid)
    wire.post(DETECT, {"img": photo_base64()})
    before = child.memory_info().rss
    answer = wire.post(DETECT, {"img": base64.b64encode(giant_png()).decode()}).json
    assert answer["error_msg"].startswith("Failed to process media")
    assert child.memory_info().rss - before < 50_000_000
