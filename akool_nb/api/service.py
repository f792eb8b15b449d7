"""The calls of AKOOL's API: signed, sent and logged, one method for each, with plain values."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any, Literal
from urllib.parse import quote, urlencode, urlsplit

from akool_nb.agora import AgoraChannel, view_key
from akool_nb.api.calls import Call, CallLog
from akool_nb.api.models import FaceswapStatus, SourceImage
from akool_nb.errors import (
    AkoolError,
    ApiError,
    AuthenticationError,
    BadResponse,
    RateLimitError,
    ServerError,
)
from akool_nb.wire import answers, redact
from akool_nb.wire.addresses import Proxies, is_loopback, origin_of
from akool_nb.wire.answers import Answer
from akool_nb.wire.credentials import Credentials
from akool_nb.wire.deadline import Deadline
from akool_nb.wire.exchange import Exchange, Request
from akool_nb.wire.redact import Secret
from akool_nb.wire.transport import Transport

GET_TOKEN = "/api/open/v3/getToken"  # noqa: S105 - a path
DETECT = "/detect"
DETECT_FACES = "/interface/detect-api/detect_faces"
LIVE = "/api/open/v3/faceswap/live/"
QUOTA = "/api/open/v3/faceswap/quota/info"

SANDBOX_SERVER = "akool-nb-sandbox"
"""The header `Server` of the sandbox's responses."""

Endpoint = Literal["detect", "detect_faces"]

_UNKNOWN_CALL = (404, 405)


class Service:
    """One service with one account: AKOOL or a sandbox. Every method raises `AkoolError` and nothing else."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        base_url: str,
        detect_url: str,
        timeout: float,
        retries: int,
        proxies: Proxies | None,
        ca: str | os.PathLike[str] | None,
    ) -> None:
        self.credentials = credentials
        self.base_url = base_url
        self.detect_url = detect_url
        self.timeout = timeout
        self.calls = CallLog()
        self.transport = Transport(
            retries=retries, proxies=proxies, ca=ca, secrets=credentials.secrets, on_exchange=self._record
        )
        # None until the first response; until then a server of this machine is taken for the sandbox.
        self._server: str | None = None
        # Whether the service has `live/info` and `detect_faces`; None until it was asked.
        self._has_info: bool | None = None
        self._has_detect_faces: bool | None = None

    @property
    def is_sandbox(self) -> bool:
        """Whether this is a sandbox: it runs on this machine, and its responses say so."""
        is_local = is_loopback(self.base_url) and self.base_url.startswith("http://")
        return is_local and self._server in (None, SANDBOX_SERVER)

    @property
    def trusted(self) -> frozenset[str]:
        """The origins from which pictures may be fetched although they are private: our own sandbox."""
        if self.is_sandbox:
            return frozenset({origin_of(self.base_url)})
        return frozenset()

    def get_token(self) -> str:
        """Sign in and return the token. POST /api/open/v3/getToken."""
        deadline = Deadline(self.timeout)
        who = self.credentials
        who.renew(who.token, lambda: self._sign_in(deadline), deadline)
        return (who.token or Secret("")).reveal()

    def detect(
        self, image: dict[str, Any], *, single_face: bool, endpoint: Endpoint | None, return_face_url: bool
    ) -> Answer:
        """Ask a detector: `image` is {"url": …} or {"img": …}. Without an endpoint the older one is the fallback.

        POST /interface/detect-api/detect_faces, and POST /detect.
        """
        if endpoint == "detect_faces" or (endpoint is None and self._has_detect_faces is not False):
            body = {"single_face": single_face, "return_face_url": return_face_url, **image}
            try:
                return self.call("POST", self.base_url + DETECT_FACES, body)
            except (ApiError, BadResponse) as error:
                if endpoint is not None or not _is_unknown_call(error):
                    raise
            self._has_detect_faces = False
        if "url" in image:
            image = {"image_url": image["url"]}
        return self.call("POST", self.detect_url + DETECT, {"single_face": single_face, **image})

    def create(self, sources: tuple[SourceImage, ...]) -> Answer:
        """Open a session; sent once. POST …/faceswap/live/create."""
        return self.call("POST", self.live("create"), _wire(sources), repeatable=False)

    def send_update(self, session_id: str, sources: tuple[SourceImage, ...]) -> None:
        """Change the face of a session. POST …/faceswap/live/update."""
        self.call("POST", self.live("update"), {**_wire(sources), "_id": session_id})

    def send_close(self, session_id: str, seconds: float | None = None) -> None:
        """End a session within `seconds`, or within the client's time limit. POST …/faceswap/live/close."""
        self.call("POST", self.live("close"), {"_id": session_id}, seconds=seconds)

    def credits(self) -> float:
        """The balance. GET /api/open/v3/faceswap/quota/info."""
        return answers.credit(self.call("GET", self.base_url + QUOTA))

    def info(self, session_id: str, *, seconds: float | None = None, is_ours: bool = True) -> FaceswapStatus | None:
        """The state of a session; None where the service has no such call. POST …/faceswap/live/info.

        A fault that may pass is raised. Only a refusal about a session that this client has open (`is_ours`) shows
        that the service has no such call: about another one it may just as well be about the id.
        """
        if self._has_info is False:
            return None
        limit = self.timeout if seconds is None else min(seconds, self.timeout)
        try:
            status = answers.status(self.call("POST", self.live("info"), {"_id": session_id}, seconds=limit))
        except (ApiError, BadResponse) as error:
            self._judge_info(error, is_ours=is_ours)
            return None
        self._has_info = True
        if status is None:
            return None
        return FaceswapStatus(status)

    def view_url(self, channel: AgoraChannel) -> str | None:
        """The sandbox's video socket for a channel, opened by a key that is not the token; None on AKOOL."""
        if not self.is_sandbox:
            return None
        query = urlencode({"uid": channel.uid, "token": view_key(channel.token)})
        return f"ws://{urlsplit(self.base_url).netloc}/live/{quote(channel.channel_id, safe='')}?{query}"

    def live(self, verb: str) -> str:
        return f"{self.base_url}{LIVE}{verb}"

    def call(
        self,
        method: str,
        url: str,
        body: dict[str, Any] | None = None,
        *,
        repeatable: bool = True,
        seconds: float | None = None,
    ) -> Answer:
        """One call, signed. An error knows the id of the session that the call was about."""
        deadline = Deadline(self.timeout if seconds is None else seconds)
        request = Request(method, url, body, repeatable=repeatable)
        try:
            return self._send_signed(request, deadline)
        except AkoolError as error:
            # The live calls have no transaction id to send to AKOOL's support.
            error.session_id = (body or {}).get("_id")
            raise

    def _send_signed(self, request: Request, deadline: Deadline) -> Answer:
        """Send a request. After code 1101 (the token has expired), renew the token once and send the request again."""
        headers = self.credentials.headers(lambda: self._sign_in(deadline), deadline)
        try:
            return self.transport.send(replace(request, headers=headers), deadline)
        except AuthenticationError as error:
            if error.code != 1101 or not self.credentials.can_renew or "Authorization" not in headers:
                raise
        # Renew the token that was sent, not the current one, because another thread may have renewed it already.
        stale = Secret(headers["Authorization"].reveal().removeprefix("Bearer "))
        self.credentials.renew(stale, lambda: self._sign_in(deadline), deadline)
        headers = self.credentials.headers(lambda: self._sign_in(deadline), deadline)
        return self.transport.send(replace(request, headers=headers), deadline)

    def _judge_info(self, error: ApiError | BadResponse, *, is_ours: bool) -> None:
        """Raise the error, or note that the service has no such call.

        A refusal that concerns the session, or that may pass, is raised.
        """
        is_refusal = isinstance(error, ApiError) and not isinstance(error, (ServerError, RateLimitError))
        if self._has_info or isinstance(error, AuthenticationError):
            raise error
        if _is_unknown_call(error) or (is_refusal and is_ours):
            self._has_info = False
        elif not is_refusal:
            raise error

    def _sign_in(self, deadline: Deadline) -> Secret:
        who = self.credentials
        body = {"clientId": who.client_id, "clientSecret": who.client_secret}
        answer = self.transport.send(Request("POST", self.base_url + GET_TOKEN, body), deadline)
        return answers.token(answer)

    def _record(self, exchange: Exchange) -> None:
        if exchange.http is not None:
            self._server = exchange.http.headers.get("Server", "")
        self.calls.add(_logged(exchange, self.credentials.secrets()))


def _logged(exchange: Exchange, secrets: list[str]) -> Call:
    request = exchange.request
    error = exchange.error
    answer = exchange.answer
    call = Call(
        at=exchange.at,
        method=request.method,
        url=request.url,
        auth=_auth(request),
        request=redact.shown(request.fields, secrets),
        attempt=exchange.attempt,
        seconds=exchange.seconds,
        http_status=exchange.http_status,
        error=type(error).__name__ if error else "",
        said=redact.plain(error.message, secrets) if error else "",
    )
    if answer is None:
        return call
    return replace(
        call,
        code=answer.code,
        said=redact.plain(answer.message, secrets),
        answer=redact.shown(answer.fields, secrets),
        trx_id=answer.trx_id and redact.plain(answer.trx_id, secrets),
    )


def _auth(request: Request) -> str:
    if "Authorization" in request.headers:
        return "token"
    if "x-api-key" in request.headers:
        return "api key"
    return ""


def _is_unknown_call(error: AkoolError) -> bool:
    """Whether a refusal says that the service has no such call."""
    return error.http_status in _UNKNOWN_CALL or error.code in _UNKNOWN_CALL


def _wire(sources: tuple[SourceImage, ...]) -> dict[str, Any]:
    return {"sourceImage": [source.to_wire() for source in sources]}
