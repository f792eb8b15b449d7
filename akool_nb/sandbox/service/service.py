"""The state of one running sandbox, and the work that its calls have in common."""

from __future__ import annotations

from typing import Any

from akool_nb import opts
from akool_nb.errors import OptsError
from akool_nb.sandbox.engine.arrays import Image
from akool_nb.sandbox.engine.detector import FoundFace
from akool_nb.sandbox.engine.swap import NoFaceAtOpts, SourceFace
from akool_nb.sandbox.faults import Faults
from akool_nb.sandbox.pictures.picture import PictureError
from akool_nb.sandbox.service import crops, fetch
from akool_nb.sandbox.service.account import FULL, Account
from akool_nb.sandbox.service.clock import Clock
from akool_nb.sandbox.service.detections import Crop
from akool_nb.sandbox.service.files import Files
from akool_nb.sandbox.service.rate_limiter import RateLimiter
from akool_nb.sandbox.service.refusal import DetectorRefusal, Refusal
from akool_nb.sandbox.service.request_body import Body
from akool_nb.sandbox.service.sessions import Sessions
from akool_nb.sandbox.service.stream import Stream
from akool_nb.sandbox.service.workers import Workers, from_base64
from akool_nb.sandbox.switches import CREDITS, Switches, check_value

MOST_FACES = 8


class Service:
    """The account, its sessions and pictures, the switches and the threads, at one address."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.switches = Switches()
        self.clock = Clock()
        self.faults = Faults()
        self.account = Account(self.switches)
        self.files = Files(url, self.clock, self.switches)
        self.sessions = Sessions(self.account, self.clock, self.switches)
        self.rate_limiter = RateLimiter(self.switches)
        self.workers = Workers()
        self.streams: list[Stream] = []

    def tick(self) -> None:
        """Apply the time that has passed: called several times a second, and before each call."""
        self.sessions.tick()

    def set(self, values: dict[str, Any]) -> None:
        """Set switches and `credits`, all or none; ValueError when one does not exist or does not take its value."""
        self.tick()
        switches = {name: value for name, value in values.items() if name != "credits"}
        credits = check_value("credits", CREDITS, values.get("credits", self.account.credits))
        self.switches.update(switches)
        self.account.credits = credits
        self.clock.speed = self.switches.time_speed

    def reset(self) -> None:
        """As after the start: no sessions, no crops, no failures, full credits; credentials and tokens stay."""
        self.sessions.end_all("reset")
        self.files.clear()
        self.faults.clear()
        self.switches.reset()
        self.clock.speed = self.switches.time_speed
        self.account.credits = FULL

    def state(self) -> dict[str, Any]:
        """The state for the panel and the tests; nothing in it is secret."""
        return {
            "credits": round(self.account.credits, 2),
            "sessions": [session.summary(self.clock.now()) for session in self.sessions.open],
            "streams": [stream.summary() for stream in self.streams],
            "switches": self.switches.to_json(),
            "faults": self.faults.to_json(),
            "crops": len(self.files),
        }

    async def picture(self, url: str) -> bytes:
        """The bytes of the picture at an address: our own from memory, others from the network."""
        path = self.files.own_path(url)
        if path is not None:
            content = self.files.get(path)
            if content is None and not self.switches.allow_local_urls:
                raise fetch.FetchError(
                    "Failed to download media from URL: this sandbox hosts no such picture; "
                    f"crops stay {self.switches.hosting_days:g} days"
                )
            if content is not None:
                return content
        most = self.switches.max_image_bytes
        local = self.switches.allow_local_urls
        return await self.workers.fetch(lambda: fetch.picture(url, most_bytes=most, allow_local=local))

    async def given(self, url: str, img: str) -> bytes:
        """The picture that a detector was given: by address, which wins, or as base64."""
        if not url:
            return await self.workers.still(lambda: from_base64(img))
        try:
            return await self.picture(url)
        except fetch.FetchError as error:
            raise DetectorRefusal(str(error)) from None

    async def detect(self, content: bytes, *, single_face: bool) -> tuple[Image, list[FoundFace]]:
        """The decoded picture and its faces; DetectorRefusal when it is too big or none."""
        if len(content) > self.switches.max_image_bytes:
            raise DetectorRefusal(
                f"Failed to process media: the picture is larger than {self.switches.max_image_bytes:,} bytes"
            )
        return await self.workers.detect(content, single_face=single_face)

    async def source(self, entries: list[Body]) -> SourceFace:
        """The face that a `sourceImage` list names, else 1003 and what is wrong with it."""
        if len(entries) > MOST_FACES:
            raise Refusal(1007, f"too many faces: at most {MOST_FACES} entries in sourceImage")
        if len(entries) > 1 and self.switches.several_sources == "refuse":
            raise Refusal(1003, "parameter error: sourceImage takes one entry")
        path = entries[0].text("path")
        text = entries[0].text("opts")
        if self.files.is_crop(path) and not self.switches.crop_accepted:
            raise Refusal(1003, "parameter error: path is a hosted crop; send the address of your own picture")
        try:
            points = opts.parse(text)
            return await self.workers.source(await self.picture(path), points)
        except OptsError as error:
            raise Refusal(1003, f"parameter error: {error.text}") from None
        except (NoFaceAtOpts, PictureError, fetch.FetchError) as error:
            raise Refusal(1003, f"parameter error: {error}") from None

    async def crops(self, image: Image, faces: list[FoundFace]) -> list[Crop]:
        """Each face cut out and hosted."""
        cuts = await self.workers.still(lambda: crops.cut_out_all(image, faces))
        return [
            Crop(*place, self.files.host(content, f"face_{number}.{_ending(content)}"))
            for number, (place, content) in enumerate(cuts)
        ]


def _ending(content: bytes) -> str:
    return "jpg" if content.startswith(b"\xff\xd8") else "png"
