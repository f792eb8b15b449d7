"""The sandbox without our client: plain HTTP and WebSocket."""

from __future__ import annotations

import base64
import http.client
import json
import socket
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from akool_nb import samples
from akool_nb.sandbox import Sandbox

LIVE = "/api/open/v3/faceswap/live"
_OPTS: dict[str, str] = {}
CREDITS = "/api/open/v3/faceswap/quota/info"
GET_TOKEN = "/api/open/v3/getToken"
DETECT, DETECT_FACES = "/detect", "/interface/detect-api/detect_faces"


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def code(self) -> int:
        return self.json["code"]


class Wire:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.netloc = urlsplit(sandbox.url).netloc
        self.key = {"x-api-key": sandbox.client_secret}
        self.sockets: list[socket.socket] = []

    def send(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        connection = http.client.HTTPConnection(self.netloc, timeout=30)
        try:
            connection.request(method, path, raw, self.key if headers is None else headers)
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        return self.send("POST", path, body, headers)

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        return self.send("GET", path, None, headers)

    def token(self) -> str:
        credentials = {"clientId": self.sandbox.client_id, "clientSecret": self.sandbox.client_secret}
        return self.post(GET_TOKEN, credentials, {}).json["token"]

    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token()}"}

    def source(self, name: str = "astronaut") -> dict[str, str]:
        """A sourceImage entry for the largest face of a sample photo."""
        url = f"{self.sandbox.url}/samples/{samples.photo(name).name}"
        if name not in _OPTS:
            _OPTS[name] = self.post(DETECT, {"single_face": True, "image_url": url}).json["landmarks_str"][0]
        return {"path": url, "opts": _OPTS[name]}

    def hosted(self, jpeg: bytes) -> dict[str, str]:
        """A sourceImage entry for the face of a picture that is not hosted: the detector's own crop."""
        img = base64.b64encode(jpeg).decode()
        frame = self.post(DETECT_FACES, {"img": img, "return_face_url": True}).json["faces_obj"]["0"]
        return {"path": frame["face_urls"][0], "opts": frame["crop_landmarks"][0]}

    def create(self, **fields: Any) -> Answer:
        return self.post(f"{LIVE}/create", {"sourceImage": [self.source()], **fields})

    def session(self) -> dict[str, Any]:
        """`data` of a new session that is processing."""
        self.sandbox.queue_seconds = 0
        return self.create().json["data"]

    def credits(self) -> float:
        return self.get(CREDITS).json["data"]["credit"]

    async def join(self, session: dict[str, Any], token: str | None = None, **headers: str) -> Viewer:
        query = urlencode({"uid": session["front_user_id"], "token": token or session["front_rtc_token"]})
        url = f"ws://{self.netloc}/live/{session['channel_id']}?{query}"
        viewer = Viewer(await websocket_connect(HTTPRequest(url, headers=headers)))
        self.sockets.append(viewer.socket.stream.socket)
        return viewer

    def close(self) -> None:
        """Close the sockets that a scene left open; its event loop has ended, so the bare sockets are closed."""
        for left in self.sockets:
            left.close()


class Viewer:
    """One end of the live WebSocket; keeps the received texts."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self.socket = socket
        self.texts: list[dict[str, Any]] = []

    async def send(self, frame: bytes) -> None:
        await self.socket.write_message(frame, binary=True)

    async def frame(self) -> bytes | None:
        """The next frame; None at the end of the stream."""
        while (message := await self.socket.read_message()) is not None:
            if isinstance(message, bytes):
                return message
            self.texts.append(json.loads(message))
        return None

    async def text(self, key: str) -> Any:
        """The value of the next text that has this key."""
        while (message := await self.socket.read_message()) is not None:
            if isinstance(message, str):
                self.texts.append(json.loads(message))
                if key in self.texts[-1]:
                    return self.texts[-1][key]
        raise AssertionError(f"the stream ended without {key!r}: {self.texts}")


def photo_base64(name: str = "astronaut") -> str:
    return base64.b64encode(samples.photo(name).read_bytes()).decode()
