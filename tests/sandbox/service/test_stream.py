"""Live frames: delays, losses, several viewers."""

from __future__ import annotations

import asyncio
import socket
import time

import cv2
import numpy as np

from akool_nb import samples
from akool_nb.sandbox.pictures import picture
from tests.sandbox.service.test_video_socket import frames
from tests.sandbox.wire import DETECT, Viewer, Wire, photo_base64

PHOTOS = 10


async def exchange(viewer: Viewer, sent: list[bytes]) -> list[float]:
    """Seconds that each frame took; the next is sent when the previous one is back."""
    times = []
    for frame in sent:
        started = time.perf_counter()
        await viewer.send(frame)
        await viewer.frame()
        times.append(time.perf_counter() - started)
    return times


def test_latency_delays_the_frames(wire: Wire):
    async def scene() -> list[float]:
        wire.sandbox.set(frame_latency=0.2, frame_jitter=0.1)
        return await exchange(await wire.join(wire.session()), frames(3))

    assert min(asyncio.run(scene())) >= 0.2


def test_jitter_keeps_the_order(wire: Wire):
    async def scene() -> list[int]:
        wire.sandbox.frame_jitter = 0.3
        viewer = await wire.join(wire.session())
        await exchange(viewer, frames(1))
        sizes = [(64 + 16 * number) for number in range(6)]
        for size in sizes:
            await viewer.send(picture.encode(picture.decode(frames(1)[0])[:size, :64]))
            await asyncio.sleep(0.05)
        came = []
        while len(came) + dropped(viewer) < len(sizes):
            came.append(picture.decode(await viewer.frame()).shape[0])
        return came

    heights = asyncio.run(scene())
    assert len(heights) > 1 and heights == sorted(heights)


def test_a_viewer_that_reads_slowly_gets_fewer_frames_but_not_older_ones(wire: Wire):
    """20 frames per second are sent and 4 are read. Each has its own width, which identifies it when it is back."""
    photo = picture.decode(samples.photo("astronaut").read_bytes())
    noisy = cv2.resize(photo, (900, 900)) // 2 + np.random.default_rng(1).integers(0, 128, (900, 900, 3), np.uint8)
    clip = [picture.encode(noisy[:, : 700 + 2 * number]) for number in range(80)]

    async def scene() -> tuple[list[float], int, int]:
        viewer = await wire.join(wire.session())
        # The socket's own buffer delays frames too; keep it small.
        viewer.socket.stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        await exchange(viewer, clip[:1])
        sent, ages, numbers = [0.0] * len(clip), [], [0]

        async def send() -> None:
            for number in range(1, len(clip)):
                sent[number] = time.perf_counter()
                await viewer.send(clip[number])
                await asyncio.sleep(0.05)

        sending = asyncio.ensure_future(send())
        while len(ages) + dropped(viewer) < len(clip) - 1:
            await asyncio.sleep(0 if sending.done() else 0.25)
            numbers.append((picture.decode(await viewer.frame()).shape[1] - 700) // 2)
            ages.append(time.perf_counter() - sent[numbers[-1]])
            # A viewer that counts answers and losses in order knows which frame this is.
            assert numbers[-1] == len(ages) + dropped(viewer)
        return ages, dropped(viewer), wire.sandbox.state()["streams"][0]["dropped"]

    ages, identified, counted = asyncio.run(scene())
    assert identified == counted > len(ages), (identified, counted, len(ages))
    # Frames that were kept for the viewer would be four seconds old.
    assert max(ages[len(ages) // 2 :]) < 2, [round(age, 2) for age in ages]


def dropped(viewer: Viewer) -> int:
    return sum(text.get("dropped", 0) for text in viewer.texts)


def test_a_giant_frame_is_refused_by_its_header_and_the_next_one_is_swapped(wire: Wire):
    giant = cv2.imencode(".jpg", np.zeros((6000, 8000, 3), np.uint8))[1].tobytes()
    assert len(giant) < 1_000_000

    async def scene() -> tuple[str, float, bytes | None]:
        viewer = await wire.join(wire.session())
        await exchange(viewer, frames(1))
        started = time.perf_counter()
        await viewer.send(giant)
        await viewer.text("dropped")
        seconds = time.perf_counter() - started
        await viewer.send(frames(1)[0])
        return next(text["error"] for text in viewer.texts if "error" in text), seconds, await viewer.frame()

    error, seconds, after = asyncio.run(scene())
    assert "4 megapixels" in error and after is not None
    assert seconds < 1.5


def test_lost_frames_are_reported(wire: Wire):
    async def scene() -> int:
        wire.sandbox.frame_loss = 1
        viewer = await wire.join(wire.session())
        await viewer.send(frames(1)[0])
        return await viewer.text("dropped")

    assert asyncio.run(scene()) == 1


def test_the_viewer_receives_frame_rate_streams_and_credits(wire: Wire):
    async def scene() -> list[dict]:
        viewer = await wire.join(wire.session())
        await viewer.send(frames(1)[0])
        await viewer.text("streams")
        await viewer.text("credit")
        return viewer.texts

    texts = asyncio.run(scene())
    report = next(text for text in texts if "streams" in text)
    assert report["streams"] == 1 and report["fps"] >= 0


def test_a_viewer_that_reconnects_leaves_no_second_stream(wire: Wire):
    async def scene() -> int:
        session = wire.session()
        first = await wire.join(session)
        first.socket.close()
        second = await wire.join(session)
        await exchange(second, frames(1))
        return len(wire.sandbox.state()["streams"])

    assert asyncio.run(scene()) == 1


def test_five_viewers_share_the_frame_rate(wire: Wire):
    async def scene() -> list[int]:
        viewers = [await wire.join(wire.session()) for _ in range(5)]
        counts, clip = [0] * 5, frames(20)

        async def watch(number: int) -> None:
            while sum(counts) < 200:
                await exchange(viewers[number], clip[counts[number] % 20 :][:1])
                counts[number] += 1

        await asyncio.gather(*map(watch, range(5)))
        return counts

    counts = asyncio.run(scene())
    assert min(counts) > 0.6 * max(counts)


def test_video_continues_while_photos_are_searched(wire: Wire):
    async def scene() -> int:
        viewer = await wire.join(wire.session())
        await exchange(viewer, frames(2))
        searching = asyncio.get_running_loop().run_in_executor(None, search)
        came = 0
        while not searching.done():
            await exchange(viewer, frames(1))
            came += 1
        return came

    def search() -> None:
        for _ in range(PHOTOS):
            wire.post(DETECT, {"img": photo_base64("collage")})

    # Video that waited for photos would get one frame through after each.
    assert asyncio.run(scene()) > 2 * PHOTOS
