"""The speed of the sandbox: `python -m tests.bench.sandbox` prints a table.

Wall times on a shared machine vary by a third; compare only rows of the same run.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle, islice

from akool_nb.sandbox import Sandbox
from akool_nb.sandbox.pictures import clip, picture
from tests.sandbox.wire import DETECT, Viewer, Wire, photo_base64

FPS, SECONDS, IN_FLIGHT = 20, 8, 2


@dataclass
class Run:
    """The measurements of one viewer."""

    delays: list[float] = field(default_factory=list)
    skipped: int = 0
    dropped: int = 0
    seconds: float = 0.0

    @property
    def fps(self) -> float:
        return len(self.delays) / self.seconds

    def row(self, name: str) -> str:
        cuts = statistics.quantiles(self.delays, n=20)
        p50, p95 = statistics.median(self.delays) * 1000, cuts[18] * 1000
        return f"| {name} | {self.fps:.1f} | {p50:.0f} | {p95:.0f} | {self.skipped} | {self.dropped} |"


async def watch(viewer: Viewer, frames: Iterator[bytes], run: Run) -> None:
    """Send at 20 frames per second with at most two in flight, as the browser does; record each answer's delay."""
    sent: list[float] = []
    receiver = asyncio.ensure_future(_receive(viewer, sent, run))
    started = time.perf_counter()
    for number in range(FPS * SECONDS):
        await asyncio.sleep(max(0.0, started + number / FPS - time.perf_counter()))
        if len(sent) >= IN_FLIGHT:
            run.skipped += 1
            continue
        sent.append(time.perf_counter())
        await viewer.send(next(frames))
    run.seconds = time.perf_counter() - started
    receiver.cancel()


async def _receive(viewer: Viewer, sent: list[float], run: Run) -> None:
    while await viewer.frame() is not None:
        reported = sum(text.get("dropped", 0) for text in viewer.texts)
        del sent[: reported - run.dropped]
        run.dropped = reported
        run.delays.append(time.perf_counter() - sent.pop(0))


async def streams(wire: Wire, count: int) -> list[Run]:
    """This number of viewers at once, each with its own session."""
    clips = [cycle(_clip()) for _ in range(count)]
    viewers = [await wire.join(wire.session()) for _ in range(count)]
    runs = [Run() for _ in range(count)]
    await asyncio.gather(*(watch(*each) for each in zip(viewers, clips, runs, strict=True)))
    return runs


def _clip() -> list[bytes]:
    return [picture.encode(frame) for frame in islice(clip.drawn(3), 60)]


def ready() -> list[float]:
    """Seconds from the call to a sandbox that answers, five times."""
    times = []
    for _ in range(5):
        started = time.perf_counter()
        with Sandbox() as sandbox:
            Wire(sandbox).credits()
            times.append(time.perf_counter() - started)
    return times


def _calls(wire: Wire) -> Iterator[str]:
    body = {"img": photo_base64(), "single_face": True}
    works = {"quota/info": wire.credits, "detect, 512×512": lambda: wire.post(DETECT, body), "create": wire.create}
    for name, work in works.items():
        times = []
        for _ in range(20):
            started = time.perf_counter()
            work()
            times.append((time.perf_counter() - started) * 1000)
        yield f"| {name} | {statistics.median(times):.1f} | {statistics.quantiles(times, n=20)[18]:.1f} |"


def main() -> None:
    """Print the tables."""
    times = ready()
    middle = statistics.median(times)
    print(f"ready after {min(times):.2f} s at best, {middle:.2f} s median, {max(times):.2f} s at worst")
    with Sandbox(credits=1e6) as sandbox:
        wire = Wire(sandbox)
        print("\n| call | p50 ms | p95 ms |\n|---|---|---|", *_calls(wire), sep="\n")
        sandbox.reset()
        print("\n| viewers, 640×480 at 20 fps | fps | p50 ms | p95 ms | skipped | dropped |\n|---|---|---|---|---|---|")
        for count in (1, 2, 5):
            for number, run in enumerate(asyncio.run(streams(wire, count)), 1):
                print(run.row(f"{number} of {count}"))


if __name__ == "__main__":
    main()
