"""The client: credentials in, one method for each call of AKOOL's live face swap.

https://docs.akool.com/ai-tools-suite/live-faceswap and the later pages of docs.akool.com on detection and quota.
"""

from __future__ import annotations

import base64
import contextlib
import os
from contextlib import AbstractContextManager, ExitStack
from typing import Any
from urllib.parse import urlsplit

from akool_nb import errors
from akool_nb.agora import AgoraChannel
from akool_nb.api import arguments
from akool_nb.api.calls import CallLog
from akool_nb.api.models import Detection, FaceswapStatus, SourceImage
from akool_nb.api.photo import Photo, Source, small_face_advice
from akool_nb.api.service import Endpoint, Service
from akool_nb.api.session import LiveSession
from akool_nb.api.upkeep import Upkeep
from akool_nb.guard.guard import GUARD
from akool_nb.terminal import say
from akool_nb.wire import answers, daemon, redact
from akool_nb.wire.addresses import Proxies
from akool_nb.wire.answers import Answer
from akool_nb.wire.credentials import Credentials
from akool_nb.wire.redact import Secret

TIMEOUT = 30.0


class Client(AbstractContextManager["Client"]):
    """AKOOL's live face swap, or the sandbox, which has the same API.

    Args:
        client_id, client_secret: exchanged for a token when one is first needed, and again when it ends.
        api_key: sent as `x-api-key` instead; the same value as the client secret.
        token: an API token.
        base_url: the API's address; by default AKOOL_API_HOST of the environment, else AKOOL's.
        detect_url: the address of the older detector; by default AKOOL's, or `base_url` where that is another one.
        timeout: seconds that one call may take in all, with signing in and retries; above 0.
        retries: how often a call that is safe to repeat is tried again, 0 to 100.
        proxies: a proxy's address, or {"https": "http://proxy:3128"}; {} for none. By default the environment decides:
            HTTPS_PROXY, ALL_PROXY, NO_PROXY.
        ca: a file or folder of certificates to trust; by default REQUESTS_CA_BUNDLE, else those that requests brings.

    Attributes:
        calls: the `CallLog` of what was sent and answered, without secrets.
        sessions: the `LiveSession`s that this client opened and that are not closed.
        base_url, detect_url, timeout: as above; `timeout` may be set anew.
        is_sandbox: whether the service is a sandbox on this machine.
        has_credentials: whether there is something to sign in with.
        sandbox: the `Sandbox` that `connect()` started; None for any other service.
        upkeep: the sessions that a lost kernel left open; `upkeep.sweep()` closes them.

    Raises:
        MissingCredentials: at the first call, when there is nothing to sign in with, or half of it.
        ApiError: by any call that the service refuses, as the class of its code.
        TransportError: by any call without a usable answer; at once, for an address that is none, or that would get
            credentials unencrypted (http beyond this machine).
        TypeError, ValueError: a number out of its range.

    https://docs.akool.com/ai-tools-suite/live-faceswap

    Without any credential those of the environment are used, as they are when the client is made: AKOOL_API_KEY, else
    AKOOL_CLIENT_ID and AKOOL_CLIENT_SECRET. May be used from several threads.
    """

    def __init__(
        self,
        *,
        client_id: str | None = None,
        client_secret: str | None = None,
        api_key: str | None = None,
        token: str | None = None,
        base_url: str | None = None,
        detect_url: str | None = None,
        timeout: float = TIMEOUT,
        retries: int = 3,
        proxies: Proxies | None = None,
        ca: str | os.PathLike[str] | None = None,
    ) -> None:
        self._credentials = Credentials.found(client_id, client_secret, api_key, token)
        # From here on a verbose traceback shows dots in their place.
        del client_id, client_secret, api_key, token
        self.base_url = arguments.base_url(base_url)
        self.detect_url = arguments.detect_url(detect_url, self.base_url)
        self._service = Service(
            self._credentials,
            base_url=self.base_url,
            detect_url=self.detect_url,
            timeout=arguments.seconds(timeout),
            retries=arguments.whole("retries", retries, 0, 100),
            proxies=proxies,
            ca=ca,
        )
        self.calls: CallLog = self._service.calls
        # Set by `connect()`; its type is above this layer.
        self.sandbox: Any = None
        self.upkeep = Upkeep(self._service, is_guarded=lambda: self.sandbox is None)

    @property
    def timeout(self) -> float:
        return self._service.timeout

    @timeout.setter
    def timeout(self, seconds: float) -> None:
        self._service.timeout = arguments.seconds(seconds)

    @property
    def is_sandbox(self) -> bool:
        return self._service.is_sandbox

    @property
    def has_credentials(self) -> bool:
        return self._credentials.complete

    @property
    def sessions(self) -> list[LiveSession]:
        return list(self.upkeep.open.values())

    def get_token(self) -> str:
        """Sign in and return the API token; other calls do this by themselves. It is a secret: do not print it.

        POST /api/open/v3/getToken. Raises `AuthenticationError` for wrong credentials.
        """
        return self._service.get_token()

    def detect(
        self,
        photo: Source,
        *,
        single_face: bool = False,
        endpoint: Endpoint | None = None,
        return_face_url: bool | None = None,
    ) -> Detection:
        """Find the faces of a photo.

        Args:
            photo: whatever `Photo.open` takes.
            single_face: only the largest face.
            endpoint: "detect_faces", or "detect", the older one. By default "detect_faces", and "detect" on a service
                that does not know it.
            return_face_url: whether a cut-out of each face is hosted at a public address for 7 days ("detect_faces"
                only). By default only for a photo without a public address, because `create` needs one.

        Raises `NoFaceError` when there is none, `PhotoError` if it is not a picture.
        https://docs.akool.com: POST /interface/detect-api/detect_faces, and POST /detect.
        """
        if endpoint not in (None, "detect", "detect_faces"):
            raise ValueError(f'endpoint is "detect" or "detect_faces", not {endpoint!r}.')
        picture = Photo.open(photo, trusted=self._service.trusted)
        if return_face_url is None:
            return_face_url = not picture.url
        image = {"url": picture.url} if picture.url else {"img": Secret(base64.b64encode(picture.jpeg).decode())}
        try:
            answer = self._service.detect(
                image, single_face=single_face, endpoint=endpoint, return_face_url=return_face_url
            )
            return Detection.from_answer(answer, picture, trusted=self._service.trusted)
        except errors.NoFaceError as error:
            error.advice = f"{small_face_advice(picture)} {error.advice}".strip()
            raise

    def create(self, face: Any) -> LiveSession:
        """Open a live session with a face: one of a detection, a `SourceImage`, or several of them.

        POST …/faceswap/live/create. It is sent once: if its answer is lost, `OutcomeUnknown` is raised instead of
        opening a second session. Raises `InsufficientQuotaError` when the credits are used up. Prints one line when
        this process has another session open.
        """
        sources = SourceImage.several(face)
        self.upkeep.prepare()
        _warn_of_open(self.upkeep.sessions_here(), costs=not self.is_sandbox)
        return daemon.result_or_undo(lambda: self._create(sources), "akool_nb create", undo=LiveSession.close)

    def update(self, session_or_id: LiveSession | str, face: Any) -> None:
        """Swap another face into an open session. POST …/faceswap/live/update."""
        session = self.upkeep.find(session_or_id)
        if isinstance(session, LiveSession):
            session.update(face)
        else:
            self._service.send_update(session, SourceImage.several(face))

    def close(self, session_or_id: LiveSession | str) -> None:
        """End a session, and with it the billing. POST …/faceswap/live/close.

        An unknown id is an error; a session that is closed already is not. `close_all()` closes every open one.
        """
        session = self.upkeep.find(session_or_id)
        if isinstance(session, LiveSession):
            session.close()
        elif session not in self.upkeep.closed_ids:
            self._service.send_close(session)
            self.upkeep.closed_ids.append(session)

    def close_all(self) -> list[str]:
        """Close every session that this process has open with this service, whichever client opened it.

        Returns their ids. When some cannot be closed, the others are closed all the same, and the error is raised.
        """
        sessions = self.upkeep.sessions_here()
        with ExitStack() as stack:
            for session in sessions:
                stack.callback(session.close)
        return [session.id for session in sessions]

    def credits(self) -> float:
        """The credits that are left. GET /api/open/v3/faceswap/quota/info.

        While a session is open, the difference to an earlier balance is held or used: a service may take the whole
        hour in advance and give back the rest. After it is closed, the difference is used.
        """
        return self._service.credits()

    def info(self, session_or_id: LiveSession | str) -> FaceswapStatus | None:
        """The state of a session; None where it is not known.

        POST …/faceswap/live/info is not documented; one other client uses it. A service that refuses it for an open
        session of this client is not asked again. A refusal about another session says nothing about the call.
        """
        session = self.upkeep.find(session_or_id)
        with contextlib.suppress(errors.TransportError, errors.ServerError, errors.RateLimitError):
            if isinstance(session, LiveSession):
                return self._service.info(session.id)
            return self._service.info(session, is_ours=False)
        return None

    def _create(self, sources: tuple[SourceImage, ...]) -> LiveSession:
        with GUARD.expecting():
            answer = self._service.create(sources)
            try:
                created = answers.session(answer)
            except errors.BadResponse as lacks:
                raise self._close_stray(answer, sources, lacks) from None
            channel = AgoraChannel(
                created.app_id,
                created.channel_id,
                created.uid,
                created.token,
                created.remote_uid,
                is_sandbox=self.is_sandbox,
            )
            status = FaceswapStatus(created.status)
            session = LiveSession(self, created.id, channel, sources=sources, status=status, service=self._service)
            self.upkeep.watch(session)
        return session

    def _close_stray(
        self, answer: Answer, sources: tuple[SourceImage, ...], lacks: errors.BadResponse
    ) -> errors.TransportError:
        """Close a session that cannot be joined; the error says what became of it. Until it is closed it is watched."""
        problem = f"create worked, but {lacks.message[0].lower()}{lacks.message[1:].rstrip('.')}"
        status = answer.http_status
        stray = redact.plain(str(answer.data.get("_id") or ""), self._credentials.secrets(), longest=200)
        if not stray:
            return errors.OutcomeUnknown(f"{problem}.", http_status=status)
        session = LiveSession(self, stray, AgoraChannel("", "", "", "", ""), sources=sources, service=self._service)
        self.upkeep.watch(session)
        try:
            session.close()
        except errors.AkoolError as error:
            text = f"{problem}; it opened session {session.id}, which could not be closed: {error.message}"
            unknown = errors.OutcomeUnknown(text, http_status=status)
            unknown.advice = f'Close it: client.close("{session.id}"). What is open when Python ends is closed then.'
            return unknown
        return errors.BadResponse(f"{problem}. The session that it opened was closed again.", http_status=status)

    def __exit__(self, *raised: Any) -> None:
        """Close the sessions that this client opened and that are still open."""
        # A stack closes the others, too, when one of them cannot be closed, because each open session costs.
        stack = ExitStack()
        for session in self.sessions:
            stack.push(session)
        stack.__exit__(*raised)

    def __repr__(self) -> str:
        if "upkeep" not in vars(self):  # a traceback shows a client whose arguments were refused
            return "Client()"
        where = "sandbox" if self.is_sandbox else urlsplit(self.base_url).hostname
        return f"Client({where}, {len(self.sessions)} open sessions)"


def _warn_of_open(sessions: list[LiveSession], *, costs: bool) -> None:
    """Print which sessions are open already: a cell that is run twice opens two."""
    if not sessions:
        return
    names = ", ".join(f'"{session.id}"' for session in sessions)
    price = "Each open session costs credits. " if costs else ""
    say(f"akool_nb: open already: {names}. {price}Close one with client.close(id), all with client.close_all().")
