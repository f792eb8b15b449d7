"""AKOOL's endpoints, at the documented paths of both its hosts.

https://docs.akool.com/ai-tools-suite/live-faceswap
"""

from __future__ import annotations

import time
from typing import Any

from tornado.web import HTTPError

from akool_nb.sandbox.engine.arrays import Image
from akool_nb.sandbox.engine.detector import FoundFace
from akool_nb.sandbox.faults import DETECTOR_ERROR
from akool_nb.sandbox.service import detections
from akool_nb.sandbox.service.endpoint import ApiCall
from akool_nb.sandbox.service.refusal import Broken, DetectorRefusal, NoFace, Refusal, WrongField
from akool_nb.sandbox.service.request_body import Body

DONE = {"code": 1000, "msg": "OK"}
LIVE = "/api/open/v3/faceswap/live"


class GetToken(ApiCall):
    """Credentials in, an API token out."""

    call = "get_token"
    is_public = True

    async def respond(self, body: Body) -> dict[str, Any]:
        token = self.service.account.sign_in(body.text("clientId"), body.text("clientSecret"))
        if self.service.switches.token_shape == "data":  # noqa: S105 - a shape, no password
            life = round(self.service.switches.token_seconds)
            return {**DONE, "data": {"token": token, "expire": life}}
        return {"code": 1000, "token": token}


class Detector(ApiCall):
    """What both detectors share: they report a bad picture or field in a form of their own."""

    def failure(self, message: str) -> dict[str, Any]:
        """The answer with the reason why there are no faces."""
        raise NotImplementedError

    def failure_status(self, refusal: Refusal) -> int:
        return refusal.http_status(self.service.switches.error_status)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """A crash in the detector's own form, anything else as everywhere."""
        if status_code < 500:
            super().write_error(status_code, **kwargs)
        else:
            self.answer(status_code, self.failure("Failed to process media"))

    def _refused(self, refusal: Refusal) -> tuple[int, dict[str, Any]]:
        status, values = super()._refused(refusal)
        if isinstance(refusal, WrongField):
            kind = "Invalid URL format" if refusal.name in ("url", "image_url") else "Failed to process media"
            return self.failure_status(refusal), self.failure(f"{kind}: {refusal.name} {refusal.what}")
        if isinstance(refusal, Broken) or refusal.code == DETECTOR_ERROR:
            return self.failure_status(refusal), self.failure(refusal.message)
        return status, values


class Detect(Detector):
    """The detector of the live page: four points of each face."""

    call = "detect"

    def failure(self, message: str) -> dict[str, Any]:
        return detections.detect_failure(message, 0.0)

    async def respond(self, body: Body) -> dict[str, Any]:
        """Faces of `image_url`, or of `img` when there is no address."""
        if not self.service.switches.legacy_detector:
            raise HTTPError(404)
        if self.service.switches.single_face_required and body.values.get("single_face") is None:
            raise WrongField("single_face", "is missing")
        started = time.perf_counter()
        single_face = body.flag("single_face")
        try:
            image, faces = await self._faces(body, single_face)
        except DetectorRefusal as refusal:
            return detections.detect_failure(str(refusal), time.perf_counter() - started)
        seconds = time.perf_counter() - started
        return detections.detect_answer(image, faces, seconds, self.service.switches, single_face=single_face)

    async def _faces(self, body: Body, single_face: bool) -> tuple[Image, list[FoundFace]]:
        url = body.maybe_text("image_url")
        img = body.maybe_text("img")
        if not url and not img:
            raise Refusal(DETECTOR_ERROR, "Either 'image_url' or 'img' parameter must be provided")
        content = await self.service.given(url, img)
        image, faces = await self.service.detect(content, single_face=single_face)
        if not faces and self.service.switches.no_face == "error":
            raise NoFace
        return image, faces


class DetectFaces(Detector):
    """The newer detector: six points of each face and, if wanted, a hosted crop."""

    call = "detect_faces"

    def failure(self, message: str) -> dict[str, Any]:
        return detections.faces_failure(message)

    def failure_status(self, refusal: Refusal) -> int:
        """400 as documented, 500 where that was ordered or the sandbox is at fault."""
        return refusal.status or 400

    async def respond(self, body: Body) -> dict[str, Any]:
        """Faces of `url`, else of `img`; problems with the picture are HTTP 400 as documented."""
        try:
            return await self._answer(body)
        except DetectorRefusal as refusal:
            self.set_status(400)
            return self.failure(str(refusal))

    async def _answer(self, body: Body) -> dict[str, Any]:
        body.count("num_frames", 5)
        single_face = body.flag("single_face")
        crops = body.flag("return_face_url")
        url = body.maybe_text("url")
        img = body.maybe_text("img")
        if not url and not img:
            raise DetectorRefusal("Either 'url' or 'img' parameter must be provided")
        content = await self.service.given(url, img)
        image, faces = await self.service.detect(content, single_face=single_face)
        if not faces and self.service.switches.no_face != "empty_lists":
            return self._no_faces()
        hosted = await self.service.crops(image, faces) if crops else None
        return detections.faces_answer(image, faces, hosted, self.service.switches)

    def _no_faces(self) -> dict[str, Any]:
        if self.service.switches.no_face == "error":
            raise NoFace
        return detections.no_faces_answer()


class Create(ApiCall):
    """A new live session."""

    call = "create"

    async def respond(self, body: Body) -> dict[str, Any]:
        entries = body.objects("sourceImage")
        self.service.sessions.check_quota()
        source = await self.service.source(entries)
        self.service.sessions.check_quota()
        return {**DONE, "data": self.service.sessions.create(source).to_json()}


class Update(ApiCall):
    """Another face for an open session."""

    call = "update"

    async def respond(self, body: Body) -> dict[str, Any]:
        session = self.service.sessions.get(body.text("_id"))
        number = session.count_update()
        source = await self.service.source(body.objects("sourceImage"))
        self.service.sessions.get(session.id).set_source(source, number)
        return DONE


class Close(ApiCall):
    """The end of a session."""

    call = "close"

    async def respond(self, body: Body) -> dict[str, Any]:
        self.service.sessions.end(self.service.sessions.get(body.text("_id")), "closed")
        return DONE


class Info(ApiCall):
    """The status of a session; AKOOL documents no such call, so a switch makes it an unknown path."""

    call = "info"

    async def respond(self, body: Body) -> dict[str, Any]:
        if not self.service.switches.info_known:
            raise HTTPError(404)
        session = self.service.sessions.find(body.text("_id"))
        if session is None:
            raise Refusal(self.service.switches.unknown_session_code, "no session has this _id")
        return {**DONE, "data": {"_id": session.id, "faceswap_status": session.status}}


class Credits(ApiCall):
    """The account's balance."""

    call = "credits"
    allow = "GET"

    async def respond(self, body: Body) -> dict[str, Any]:
        return {**DONE, "data": {"credit": round(self.service.account.credits, 2)}}


ROUTES: list[tuple[str, type[ApiCall]]] = [
    ("/api/open/v3/getToken", GetToken),
    ("/detect", Detect),
    ("/interface/detect-api/detect_faces", DetectFaces),
    (f"{LIVE}/create", Create),
    (f"{LIVE}/update", Update),
    (f"{LIVE}/close", Close),
    (f"{LIVE}/info", Info),
    ("/api/open/v3/faceswap/quota/info", Credits),
]
"""Every endpoint and the class that answers it."""
