"""Video in Python with aiortc, for comparison: two peers in one process, without a swap.

Needs `pip install aiortc`; if it is missing, the live bench says so.
"""

import asyncio
import time

import aiortc
import av
import numpy as np

RATE, SIZE = 20, (480, 640)
BITS, SIDE = 12, 40
"""Each frame has its number as black and white squares, which the codec preserves."""


class Numbered(aiortc.VideoStreamTrack):
    """Frames of noise at `RATE`, each marked with its number; `sent` has the time at which each was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[int, float] = {}
        self._began = time.monotonic()
        self._picture = np.random.default_rng(1).integers(60, 200, (*SIZE, 3), np.uint8)

    async def recv(self) -> av.VideoFrame:
        number = len(self.sent)
        await asyncio.sleep(max(0.0, self._began + number / RATE - time.monotonic()))
        for bit in range(BITS):
            self._picture[:SIDE, bit * SIDE : (bit + 1) * SIDE] = 255 * (number >> bit & 1)
        frame = av.VideoFrame.from_ndarray(self._picture, format="bgr24")
        frame.pts, frame.time_base = number * 90_000 // RATE, aiortc.mediastreams.VIDEO_TIME_BASE
        self.sent[number] = time.monotonic()
        return frame


def delays(seconds: float) -> list[float]:
    """Milliseconds from sending each frame to having it as an array."""
    return asyncio.run(_delays(seconds))


async def _delays(seconds: float) -> list[float]:
    near, far, track = aiortc.RTCPeerConnection(), aiortc.RTCPeerConnection(), Numbered()
    arrived: asyncio.Future[aiortc.MediaStreamTrack] = asyncio.get_running_loop().create_future()
    far.on("track", arrived.set_result)
    near.addTrack(track)
    await near.setLocalDescription(await near.createOffer())
    await far.setRemoteDescription(near.localDescription)
    await far.setLocalDescription(await far.createAnswer())
    await near.setRemoteDescription(far.localDescription)
    measured, remote, end = [], await arrived, time.monotonic() + seconds
    while time.monotonic() < end:
        picture = (await remote.recv()).to_ndarray(format="bgr24")
        measured.append(1000 * (time.monotonic() - track.sent[_number(picture)]))
    await near.close()
    await far.close()
    return measured


def _number(picture: np.ndarray) -> int:
    squares = [picture[SIDE // 2, bit * SIDE + SIDE // 2].mean() > 127 for bit in range(BITS)]
    return sum(lit << bit for bit, lit in enumerate(squares))
