"""The client: credentials in, one method for each call of AKOOL's live face swap.

https://docs.akool.com/ai-tools-suite/live-faceswap and the later pages of docs.akool.com on detection and quota.
"""

from __future__ import annotations

import hashlib
import threading
import time
import weakref
from collections import deque
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, NoReturn
from urllib.parse import quote, urlencode, urlsplit

import certifi

from akool_nb.agora import AgoraChannel, RtcToken, view_key
from akool_nb.api.calls import Call, CallLog
from akool_nb.api.models import Detection, FaceswapStatus, SourceImage
from akool_nb.api.photo import Photo, Source, small_face_advice
from akool_nb.api.session import LiveSession
from akool_nb.errors import (
    AkoolError,
    ApiError,
    AuthenticationError,
    BadResponse,
    ContentError,
    MissingCredentials,
    NoFaceError,
    OutcomeUnknown,
    ParameterError,
    RateLimitError,
    ServerError,
    TokenFormatError,
    TransportError,
)
from akool_nb.guard.guard import GUARD
from akool_nb.guard.journal import LONGEST_SECONDS, Journal, JournalEntry
from akool_nb.guard.process import process_mark
from akool_nb.wire import answers, daemon, redact
from akool_nb.wire.addresses import ca_file, is_loopback, origin_of
from akool_nb.wire.answers import Answer, SessionAnswer
from akool_nb.wire.credentials import Credentials
from akool_nb.wire.deadline import Deadline
from akool_nb.wire.redact import Secret
from akool_nb.wire.transport import Exchange, Request, Transport

if TYPE_CHECKING:
    from akool_nb.sandbox import Sandbox

BASE_URL = "https://openapi.akool.com"
DETECT_URL = "https://sg3.akool.com"
TIMEOUT = 30.0
SWEEP_SECONDS = 3.0
"""How long a new session may be held up by closing what others have left open."""

GET_TOKEN = "/api/open/v3/getToken"  # noqa: S105 - a path
DETECT = "/detect"
DETECT_FACES = "/interface/detect-api/detect_faces"
LIVE = "/api/open/v3/faceswap/live/"
QUOTA = "/api/open/v3/faceswap/quota/info"

NOWHERE = AgoraChannel("", "", "", "", "")
"""The channel of a session that cannot be joined."""

Endpoint = Literal["detect", "detect_faces"]
_CLIENTS: weakref.WeakSet[Client] = weakref.WeakSet()
_CLIENTS_LOCK = threading.Lock()
"""A panel goes through the clients every second, from a thread of its own; a set that grows cannot be gone through."""


class Client:
    """AKOOL's live face swap, or the sandbox that speaks the same.

    Args:
        client_id, client_secret: exchanged for a token when one is first needed, and again when it ends.
        api_key: sent as `x-api-key` instead; the same value as the client secret.
        token: an API token that is at hand already.
        base_url, detect_url: the two hosts; a `base_url` of one's own is taken for both.
        timeout: seconds that one call may take in all, with signing in and trying again.
        retries: how often a call that is safe to repeat is tried again.

    Attributes:
        calls: the `CallLog` of what was sent and answered, without secrets.
        sessions: the `LiveSession`s that this client opened and that are not closed.
        base_url, detect_url, timeout: as above; `timeout` may be set anew.
        is_sandbox: whether the service runs on this machine.
        has_credentials: whether there is something to sign in with.
        sandbox: the `Sandbox` that `connect()` started; None for any other service.

    Raises:
        MissingCredentials: at the first call, when there is nothing to sign in with.
        ApiError: by any call that the service refuses, as the class that its code stands for.
        TransportError: by any call without a usable answer; at once, for a host that would get credentials in the clear
            (http beyond this machine).

    https://docs.akool.com/ai-tools-suite/live-faceswap

    Without any credential those of the environment are used, when they are first needed: AKOOL_API_KEY, else
    AKOOL_CLIENT_ID and AKOOL_CLIENT_SECRET. May be used from several threads.
    """

    def __init__(
        self,
        *,
        client_id: str | None = None,
        client_secret: str | None = None,
        api_key: str | None = None,
        token: str | None = None,
        base_url: str = BASE_URL,
        detect_url: str | None = None,
        timeout: float = TIMEOUT,
        retries: int = 3,
    ) -> None:
        self._credentials = Credentials.found(client_id, client_secret, api_key, token)
        # A traceback shows this object, also when the next lines fail.
        self.base_url, self._open = "", dict[str, LiveSession]()
        # From here on only the veiled ones are in reach of a verbose traceback.
        del client_id, client_secret, api_key, token
        self.base_url = _checked(base_url)
        self.detect_url = _checked(detect_url or (DETECT_URL if self.base_url == BASE_URL else base_url))
        self.timeout = timeout
        self.calls = CallLog()
        self.sandbox: Sandbox | None = None
        self._credentials.on_renewal = self._tell_guard
        self._transport = Transport(retries=retries, secrets=self._credentials.secrets, on_exchange=self._record)
        self._over: deque[str] = deque(maxlen=1000)
        """The ids that were closed from here, as far back as anybody may ask."""
        self._knows_info: bool | None = None
        """Whether the service tells the state of a session; None while nobody has asked."""
        self._swept = False
        with _CLIENTS_LOCK:
            _CLIENTS.add(self)

    @staticmethod
    def sessions_here() -> list[LiveSession]:
        """The open sessions of this Python process, whichever client opened them."""
        with _CLIENTS_LOCK:
            clients = list(_CLIENTS)
        return [session for client in clients for session in client.sessions]

    @property
    def is_sandbox(self) -> bool:
        """Whether the service runs on this machine."""
        return is_loopback(self.base_url) and self.base_url.startswith("http://")

    @property
    def has_credentials(self) -> bool:
        """Whether there is something to sign in with."""
        return self._credentials.complete

    @property
    def sessions(self) -> list[LiveSession]:
        """The sessions that this client opened and that are not closed."""
        return list(self._open.values())

    def get_token(self) -> str:
        """Sign in and return the API token; other calls do this by themselves. It is a secret: do not print it.

        POST /api/open/v3/getToken. Raises `AuthenticationError` for wrong credentials.
        """
        deadline = Deadline(self.timeout)
        self._credentials.renew(self._credentials.token, lambda: self._sign_in(deadline), deadline)
        return self._credentials.token.reveal() if self._credentials.token else ""

    def detect(
        self, photo: Source, *, single_face: bool = False, endpoint: Endpoint | None = None, hosted: bool = True
    ) -> Detection:
        """Find the faces of a photo.

        Args:
            photo: whatever `Photo.open` takes.
            single_face: only the largest face.
            endpoint: "detect" (takes an address; the default for one) or "detect_faces" (also hosts a cut-out of
                each face for 7 days; the default for local photos, which have no address otherwise).
            hosted: False asks "detect_faces" for no hosted cut-outs. A face of a local photo then has no `source`.

        Raises `NoFaceError` when there is none, `PhotoError` when it is no picture.
        https://docs.akool.com: POST /detect, and POST /interface/detect-api/detect_faces.
        """
        picture = Photo.open(photo, trusted=self._trusted)
        chosen = endpoint or ("detect" if picture.url else "detect_faces")
        if chosen not in ("detect", "detect_faces"):
            raise ValueError(f'endpoint is "detect" or "detect_faces", not {chosen!r}.')
        legacy = chosen == "detect"
        url = self.detect_url + DETECT if legacy else self.base_url + DETECT_FACES
        try:
            body = {"single_face": single_face, **_wire_photo(picture, legacy=legacy, hosted=hosted)}
            answer = self._call("POST", url, body)
            return Detection.from_answer(answer, picture, trusted=self._trusted)
        except NoFaceError as error:
            error.advice = f"{small_face_advice(picture)} {error.advice}".strip()
            raise

    def create(self, face: Any) -> LiveSession:
        """Open a live session with a face: one of a detection, a `SourceImage`, or several of them.

        POST …/faceswap/live/create. It is sent once: if its answer is lost, `OutcomeUnknown` is raised rather than a
        second session opened. Raises `InsufficientQuotaError` when the credits are used up.
        """
        sources = SourceImage.several(face)
        self.sweep(once=True)
        if self._is_guarded:
            GUARD.prepare()
        return daemon.result_or_undo(lambda: self._create(sources), "akool_nb create", undo=LiveSession.close)

    def update(self, session_or_id: LiveSession | str, face: Any) -> None:
        """Put another face on in an open session. POST …/faceswap/live/update."""
        if isinstance(session_or_id, LiveSession):
            return session_or_id.update(face)
        return self.send_update(_checked_id(session_or_id), SourceImage.several(face))

    def close(self, session_or_id: LiveSession | str) -> None:
        """End a session, and with it the billing. POST …/faceswap/live/close.

        An unknown id is an error; a session that is closed already is not.
        """
        if isinstance(session_or_id, LiveSession):
            return session_or_id.close()
        known = self._open.get(_checked_id(session_or_id))
        if known:
            return known.close()
        if session_or_id not in self._over:
            self.send_close(session_or_id)
            self._over.append(session_or_id)
        return None

    def credits(self) -> float:
        """The credits that are left. GET /api/open/v3/faceswap/quota/info."""
        return answers.credit(self._call("GET", self.base_url + QUOTA))

    def info(self, session_or_id: LiveSession | str) -> FaceswapStatus | None:
        """The state of a session, or None where the service does not tell it.

        POST …/faceswap/live/info is seen in one other client only and documented nowhere: it is believed when it
        answers, and never asked again when its first answer is a refusal, in whatever form it comes.
        """
        if self._knows_info is False:
            return None
        session_id = session_or_id.id if isinstance(session_or_id, LiveSession) else _checked_id(session_or_id)
        try:
            told = answers.status(self._call("POST", self._live("info"), {"_id": session_id}))
        except (ApiError, TransportError) as error:
            self._without_info(error)
            return None
        self._knows_info = True
        return FaceswapStatus(told) if told else None

    def lost(self, *, journal: Journal | None = None) -> list[str]:
        """The ids of this account's sessions that no process of this machine uses.

        A lost kernel or machine left them open, or another machine with the same home uses them.
        """
        return [entry.session_id for entry in journal or Journal() if self.owns(entry) and entry.state != "in use"]

    def sweep(self, *, once: bool = False, journal: Journal | None = None, only: str = "") -> list[str]:
        """Close this account's sessions that a lost kernel or machine left open; returns their ids.

        Before the first session of a client is opened, this is done automatically, in a few seconds. What cannot be
        closed now stays noted. `only` closes the session with that id, even when another process uses it. Raises
        `AuthenticationError` and `MissingCredentials`.
        """
        if once and self._swept:
            return []
        limit = Deadline(SWEEP_SECONDS) if once else None
        notes = journal or Journal()
        entries = [entry for entry in notes if entry.session_id == only] if only else notes.orphans()
        mine = [entry for entry in entries if self.owns(entry)]
        outcomes = {entry.session_id: self._swept_away(entry, notes, limit) for entry in mine}
        # What nobody answered to, or no time was left for, is tried again before the next session.
        self._swept = self._swept or not (only or None in outcomes.values())
        return [session_id for session_id, closed in outcomes.items() if closed]

    def owns(self, entry: JournalEntry) -> bool:
        """Whether a noted session belongs to this service and, as far as can be known, to this account."""
        same_service = origin_of(entry.close_url) == origin_of(self.base_url)
        return same_service and entry.account in ("", self._account)

    # What a LiveSession asks of its client (session.Service).

    def send_update(self, session_id: str, sources: tuple[SourceImage, ...]) -> None:
        """Send `update` for a session by its id."""
        self._call("POST", self._live("update"), {**_wire(sources), "_id": session_id})

    def send_close(self, session_id: str, seconds: float | None = None) -> None:
        """Send `close` for a session by its id, and take no longer than `seconds`."""
        self._call("POST", self._live("close"), {"_id": session_id}, seconds=seconds)

    def view_url(self, channel: AgoraChannel) -> str | None:
        """The sandbox's video socket for a channel, opened by a key that is not the token; None on AKOOL."""
        if not self.is_sandbox:
            return None
        query = urlencode({"uid": channel.uid, "token": view_key(channel.token)})
        return f"ws://{urlsplit(self.base_url).netloc}/live/{quote(channel.channel_id, safe='')}?{query}"

    def forget(self, session: LiveSession) -> None:
        """Take note that a session is over."""
        self._open.pop(session.id, None)
        self._over.append(session.id)
        GUARD.closed(session.id)

    def _without_info(self, error: AkoolError) -> None:
        """A refusal is about the session where the call is known to exist, and about the call where it is not."""
        if isinstance(error, AuthenticationError) or (self._knows_info and _is_refusal(error)):
            raise error
        if _is_refusal(error) or error.http_status in (404, 405):
            self._knows_info = False

    def _create(self, sources: tuple[SourceImage, ...]) -> LiveSession:
        with GUARD.expecting():
            answer = self._call("POST", self._live("create"), _wire(sources), repeatable=False)
            created = self._created(answer, sources)
            status = FaceswapStatus(created.status)
            session = LiveSession(self, created.id, _channel(created), sources=sources, status=status)
            self._watch(session)
        return session

    def _call(
        self,
        method: str,
        url: str,
        body: dict[str, Any] | None = None,
        *,
        repeatable: bool = True,
        seconds: float | None = None,
    ) -> Answer:
        """One call, signed; when the token turns out to be over, one renewal and one more try."""
        deadline = Deadline(self.timeout if seconds is None else seconds)
        if not self._credentials.complete:
            raise MissingCredentials("There are no credentials.")
        headers = self._credentials.headers(lambda: self._sign_in(deadline), deadline)
        request = Request(method, url, body, headers, repeatable)
        try:
            return self._transport.send(request, deadline)
        except AuthenticationError as error:
            if error.code != 1101 or not self._credentials.can_renew or "Authorization" not in headers:
                raise
        # The token that was sent, not the one in use by now: another thread may have renewed it meanwhile.
        stale = Secret(headers["Authorization"].reveal().removeprefix("Bearer "))
        self._credentials.renew(stale, lambda: self._sign_in(deadline), deadline)
        headers = self._credentials.headers(lambda: self._sign_in(deadline), deadline)
        return self._transport.send(Request(method, url, body, headers, repeatable), deadline)

    def _sign_in(self, deadline: Deadline) -> Secret:
        who = self._credentials
        body = {"clientId": who.client_id, "clientSecret": who.client_secret}
        answer = self._transport.send(Request("POST", self.base_url + GET_TOKEN, body), deadline)
        return answers.token(answer)

    def _created(self, answer: Answer, sources: tuple[SourceImage, ...]) -> SessionAnswer:
        try:
            return answers.session(answer)
        except BadResponse as error:
            problem = f"create worked, but {error.message[0].lower()}{error.message[1:].rstrip('.')}"
        stray = redact.plain(str(answer.data.get("_id") or ""), self._credentials.secrets(), longest=200)
        if not stray:
            raise OutcomeUnknown(f"{problem}.", http_status=answer.http_status)
        raise self._put_away(LiveSession(self, stray, NOWHERE, sources=sources), problem, answer.http_status)

    def _put_away(self, session: LiveSession, problem: str, http_status: int) -> TransportError:
        """Close a session that nobody can join, and say what became of it; until it is closed it is watched."""
        self._watch(session)
        try:
            session.close()
        except AkoolError as error:
            text = f"{problem}; it opened session {session.id}, which could not be closed: {error.message}"
            unknown = OutcomeUnknown(text, http_status=http_status)
            unknown.advice = f'Close it: client.close("{session.id}"). What is open when Python ends is closed then.'
            return unknown
        return BadResponse(f"{problem}. The session that it opened was closed again.", http_status=http_status)

    def _watch(self, session: LiveSession) -> None:
        """Have the guard close the session in whatever way Python ends."""
        if not self._is_guarded:
            self._open[session.id] = session
            return
        ticket = JournalEntry(session.id, self._live("close"), time.time(), process_mark(), self._account)
        how = self._how_to_close()
        GUARD.opened(ticket, how, session.close_within)
        # Only now may others find and close it: the guard would not hear of the end of what it does not know yet.
        self._open[session.id] = session
        if how["headers"] != self._credentials.in_hand():
            self._tell_guard()  # renewed between the two

    def _how_to_close(self) -> dict[str, Any]:
        proxy = self._transport.proxy_for(self.base_url)
        proxies = {urlsplit(self.base_url).scheme: proxy} if proxy else {}
        # The headers in hand have just opened a session: signing in here could fail, and leave it without a guard.
        return {"headers": self._credentials.in_hand(), "proxies": proxies, "ca": ca_file() or certifi.where()}

    def _tell_guard(self) -> None:
        for session in self.sessions:
            GUARD.renewed(session.id, self._credentials.in_hand())

    def _swept_away(self, ticket: JournalEntry, journal: Journal, limit: Deadline | None) -> bool | None:
        """Whether it was closed; None when nobody has answered."""
        if limit and limit.left() <= 0:
            return None
        try:
            self.send_close(ticket.session_id, limit.left() if limit else None)
        except (ParameterError, ContentError):
            # The service knows no such session: it is over, unless it may be another account's and still running.
            if ticket.account or ticket.age > LONGEST_SECONDS:
                journal.strike(ticket)
            return False
        except (AuthenticationError, MissingCredentials):
            raise
        except TransportError:
            return None
        except AkoolError:
            return False
        journal.strike(ticket)
        return True

    @property
    def _is_guarded(self) -> bool:
        """Whether open sessions outlive this process; those of the shared sandbox end with it."""
        return self.sandbox is None

    @property
    def _account(self) -> str:
        """A mark that tells accounts apart without naming them; none when only a secret is known."""
        who = self._credentials.client_id
        return hashlib.sha256(("akool_nb " + who).encode()).hexdigest()[:16] if who else ""

    @property
    def _trusted(self) -> frozenset[str]:
        """Our own sandbox may serve pictures from this machine; nobody else may."""
        return frozenset({origin_of(self.base_url)}) if self.is_sandbox else frozenset()

    def _live(self, verb: str) -> str:
        return f"{self.base_url}{LIVE}{verb}"

    def _record(self, exchange: Exchange) -> None:
        secrets = self._credentials.secrets()
        request, answer, error = exchange.request, exchange.answer, exchange.error
        said = answer.message if answer else error.message if error else ""
        self.calls.add(
            Call(
                at=exchange.at,
                method=request.method,
                url=request.url,
                auth=_auth(request),
                request=redact.shown(request.fields, secrets),
                attempt=exchange.attempt,
                seconds=exchange.seconds,
                http_status=exchange.http.http_status if exchange.http else None,
                code=answer.code if answer else None,
                said=redact.plain(said, secrets),
                answer=redact.shown(answer.fields, secrets) if answer else None,
                trx_id=redact.plain(answer.trx_id, secrets) if answer and answer.trx_id else None,
                error=type(error).__name__ if error else "",
            )
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the sessions that this client opened and that are still open."""
        # A stack goes on when one of them cannot be closed: the others would go on costing.
        stack = ExitStack()
        for session in self.sessions:
            stack.push(session)
        stack.__exit__(kind, error, trace)

    def __repr__(self) -> str:
        where = "sandbox" if self.is_sandbox else urlsplit(self.base_url).hostname
        return f"Client({where}, {len(self._open)} open sessions)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A Client holds credentials and cannot be pickled; call akool_nb.connect() where it is needed.")


def _checked(url: str) -> str:
    """A host's address: https, or this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(url)):
        return url.rstrip("/")
    raise TransportError(f"{parts.scheme or 'no scheme'} would send credentials in the clear. Use https.")


def _is_refusal(error: AkoolError) -> bool:
    """Whether the service said no, and not only that it cannot at the moment."""
    return isinstance(error, ApiError) and not isinstance(error, (ServerError, RateLimitError))


def _checked_id(session_id: Any) -> str:
    if not isinstance(session_id, str) or not session_id.strip():
        raise TypeError(f"A session is a LiveSession or its id, not {type(session_id).__name__}.")
    return session_id


def _wire_photo(photo: Photo, *, legacy: bool, hosted: bool) -> dict[str, Any]:
    """The photo as either detector expects it, and for the newer one whether it hosts a cut-out of each face."""
    told = {"image_url" if legacy else "url": photo.url} if photo.url else {"img": Secret(photo.base64)}
    return {"return_face_url": True, **told} if hosted and not legacy else told


def _wire(sources: tuple[SourceImage, ...]) -> dict[str, Any]:
    return {"sourceImage": [source.to_wire() for source in sources]}


def _auth(request: Request) -> str:
    if "Authorization" in request.headers:
        return "token"
    return "api key" if "x-api-key" in request.headers else ""


def _channel(created: SessionAnswer) -> AgoraChannel:
    """The channel to join. An answer without app id, such as the documented example, is helped out by the token."""
    token = created.token.reveal()
    return AgoraChannel(created.app_id or _app_id_of(token), created.channel_id, created.uid, token, created.remote_uid)


def _app_id_of(token: str) -> str:
    try:
        return RtcToken.decode(token).app_id
    except TokenFormatError:
        return ""
