"""What happens to live frames on their way: delays, losses, many viewers at once."""

from __future__ import annotations

import asyncio
import time

from akool_nb.sandbox import picture
from tests.sandbox.test_live import frames
from tests.sandbox.wire import DETECT, Viewer, Wire, photo_base64


async def exchange(viewer: Viewer, sent: list[bytes]) -> list[float]:
    """Seconds that each frame took; the next is sent when one is back."""
    times = []
    for frame in sent:
        started = time.perf_counter()
        await viewer.send(frame)
        await viewer.frame()
        times.append(time.perf_counter() - started)
    return times


def test_frames_come_back_later_when_told_so(wire: Wire):
    async def scene() -> list[float]:
        wire.sandbox.set(frame_latency=0.2, frame_jitter=0.1)
        return await exchange(await wire.join(wire.session()), frames(3))

    assert min(asyncio.run(scene())) >= 0.2


def test_jitter_keeps_the_order(wire: Wire):
    async def scene() -> list[int]:
        wire.sandbox.frame_jitter = 0.3
        viewer = await wire.join(wire.session())
        sizes = [(64 + 16 * number) for number in range(6)]
        for size in sizes:
            await viewer.send(picture.encode(picture.decode(frames(1)[0])[:size, :64]))
            await asyncio.sleep(0.05)
        return [picture.decode(await viewer.frame()).shape[0] for _ in range(6 - dropped(viewer))]

    heights = asyncio.run(scene())
    assert heights == sorted(heights)


def dropped(viewer: Viewer) -> int:
    return sum(text.get("dropped", 0) for text in viewer.texts)


def test_lost_frames_are_told(wire: Wire):
    async def scene() -> int:
        wire.sandbox.frame_loss = 1
        viewer = await wire.join(wire.session())
        await viewer.send(frames(1)[0])
        return await viewer.text("dropped")

    assert asyncio.run(scene()) == 1


def test_the_viewer_is_told_frame_rate_streams_and_credits(wire: Wire):
    async def scene() -> list[dict]:
        viewer = await wire.join(wire.session())
        await viewer.send(frames(1)[0])
        await viewer.text("streams")
        await viewer.text("credit")
        return viewer.texts

    texts = asyncio.run(scene())
    report = next(text for text in texts if "streams" in text)
    assert report["streams"] == 1 and report["fps"] >= 0


def test_a_viewer_that_comes_back_leaves_no_second_stream_behind(wire: Wire):
    async def scene() -> int:
        session = wire.session()
        first = await wire.join(session)
        first.socket.close()
        second = await wire.join(session)
        await exchange(second, frames(1))
        return len(wire.sandbox.state()["streams"])

    assert asyncio.run(scene()) == 1


def test_five_viewers_at_once_all_get_their_share(wire: Wire):
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


def test_video_goes_on_while_photos_are_searched(wire: Wire):
    async def scene() -> tuple[int, float]:
        viewer = await wire.join(wire.session())
        await exchange(viewer, frames(2))
        searching = asyncio.get_running_loop().run_in_executor(
            None, wire.post, DETECT, {"img": photo_base64("collage")}
        )  # fmt: skip
        came, started = 0, time.perf_counter()
        while not searching.done():
            await exchange(viewer, frames(1))
            came += 1
        return came, time.perf_counter() - started

    came, seconds = asyncio.run(scene())
    assert came >= 3, f"only {came} frames in {seconds:.1f} s"
