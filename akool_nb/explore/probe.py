"""Asks a service the questions that AKOOL's pages leave open; the answers set the switches of a sandbox.

profile = probe(client)                 # asks before each step that may cost
profile.save("profile.json")            # no secret, no picture, no address
Sandbox(profile="profile.json")         # a sandbox that answers like that service
"""

from __future__ import annotations

import base64
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from akool_nb import opts, samples
from akool_nb.agora import RtcToken
from akool_nb.api.arguments import A_CLIENT, having
from akool_nb.api.client import Client
from akool_nb.api.models import SourceImage
from akool_nb.api.photo import Photo
from akool_nb.api.service import DETECT, DETECT_FACES, GET_TOKEN, LIVE
from akool_nb.api.session import LiveSession
from akool_nb.errors import AkoolError, NoFaceError, OptsError, RateLimitError, TokenFormatError
from akool_nb.explore.probe_service import MISSING, Budget, ProbeService, Unclear
from akool_nb.sandbox import switches
from akool_nb.sandbox.profile import Profile
from akool_nb.wire import credentials
from akool_nb.wire.answers import Answer
from akool_nb.wire.redact import Secret

MAX_CREDITS = 50.0
MAX_SECONDS = 300.0
WATCH_SECONDS = 35.0
"""How long a session stays open so that its price shows: other clients report steps of 30 seconds."""
CREDITS_PER_SECOND = 1 / 3
MOST_SESSIONS = 4
SMALLEST_CHANGE = 0.005
UNKNOWN_ID = "f" * 24

# https://docs.akool.com/ai-tools-suite/live-faceswap, the example of `create`
DOCUMENTED = SourceImage(
    "https://d21ksh0k4smeql.cloudfront.net/crop_1695201165222-7514-0-1695201165485-8149.png",
    "262,175:363,175:313,215:272,279",
)

Confirm = Callable[[str], bool]


def probe(
    client: Client,
    *,
    confirm: Confirm | bool | None = None,
    photo: str | None = None,
    max_credits: float = MAX_CREDITS,
    max_seconds: float = MAX_SECONDS,
    watch_seconds: float = WATCH_SECONDS,
) -> Profile:
    """Ask a service every open question that a client can ask.

    Args:
        client: asks with its credentials. AKOOL's service opens up to `MOST_SESSIONS` billed sessions for it.
        confirm: called with the question before each step that may cost; True or False answers all of them. By default
            the question is put on the terminal; where there is none, as in a notebook, such steps are left out.
        photo: public https address of a picture with a face that may be used, for a service that takes no hosted
            crop; by default the picture of the documentation.
        max_credits, max_seconds: a step that would exceed either is left out.
        watch_seconds: how long one session stays open so that its price shows.

    Returns a `Profile`: what was not asked, or not answered clearly, is missing in `switches` and has a note. Every
    session that was opened is closed, also after Ctrl-C; `left_open` lists those that could not be closed.
    """
    having("client", client, "create", A_CLIENT)
    budget = Budget(max_credits, time.monotonic() + max_seconds)
    service = ProbeService(client, budget)
    try:
        _Questions(service, _confirmation(confirm), photo, watch_seconds).ask_all()
    finally:
        service.close_all()
        if service.profile.left_open:
            ids = ", ".join(service.profile.left_open)
            advice = "Close with client.close(id); a session ends by itself after an hour."
            print(f"Still open: {ids}. {advice}", file=sys.stderr)
    return service.profile


def _confirmation(confirm: Confirm | bool | None) -> Confirm:
    if callable(confirm):
        return confirm
    if confirm is None and sys.stdin is not None and sys.stdin.isatty() and "ipykernel" not in sys.modules:
        return _ask_on_terminal
    return lambda question: confirm is True


def _ask_on_terminal(question: str) -> bool:
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


class _Questions:
    """The open questions; each method sets the switches that its answers decide."""

    def __init__(self, service: ProbeService, confirm: Confirm, photo: str | None, watch_seconds: float) -> None:
        self._service = service
        self._client = service.client
        self._profile = service.profile
        self._confirm = confirm
        self._photo = photo
        self._watch = watch_seconds
        self._frame: dict[str, Any] = {}
        self._calls_before = len(service.client.calls)

    def ask_all(self) -> None:
        """Ask everything, the free questions first."""
        price = self._watch * CREDITS_PER_SECOND
        self._step("sign_in", self._sign_in)
        self._step("refusals", self._refusals)
        pictures = "Send the shipped portrait to the detectors, about ten calls? AKOOL documents no price for them."
        self._step("detectors", self._detectors, pictures, seconds=5)
        one = f"Open one live session for {self._watch:.0f} s? It may cost about {price:.0f} credits."
        self._step("session", self._session, one, price, self._watch + 5)
        several = (
            f"Open up to {MOST_SESSIONS} sessions at a time for some seconds? They may cost about {price:.0f} credits."
        )
        self._step("parallel_sessions", self._parallel, several, price, 10)
        self._measure()

    def _step(
        self, name: str, ask: Callable[[], None], question: str = "", credits: float = 0.0, seconds: float = 0.0
    ) -> None:
        try:
            self._service.check_budget(credits, seconds)
            if question and not self._confirm(question):
                raise Unclear("not confirmed, so not asked")
            ask()
        except Unclear as reason:
            self._profile.notes[name] = str(reason)
        except AkoolError as error:
            # Only the kind of the error: a message may name an address.
            self._profile.notes[name] = f"{type(error).__name__}, code {error.code}, HTTP {error.http_status}"

    def _set(self, name: str, value: Any) -> None:
        try:
            self._profile.switches[name] = switches.check(name, value)
        except ValueError:
            self._profile.facts[name] = "another value"
            if isinstance(value, int | float):
                self._profile.facts[name] = value

    def _sign_in(self) -> None:
        token = self._service.outcome(self._client.get_token)
        if isinstance(token, AkoolError):
            raise token
        answer = _last_answer(self._client, GET_TOKEN)
        self._set("token_shape", "top" if answer.get("token") else "data")
        claims = credentials.claims(token)
        if "iat" in claims and "exp" in claims:
            self._set("token_seconds", claims["exp"] - claims["iat"])

    def _refusals(self) -> None:
        empty = self._service.live("close", {"_id": ""})
        if isinstance(empty, AkoolError):
            self._set("error_status", "4xx" if 400 <= (empty.http_status or 0) < 500 else "200")
        unknown = self._service.live("close", {"_id": UNKNOWN_ID})
        if isinstance(unknown, AkoolError):
            self._set("unknown_session_code", unknown.code)

    def _detectors(self) -> None:
        portrait = _img(samples.photo("astronaut"))
        url = self._client.base_url + DETECT_FACES
        found = self._service.post(url, {"img": portrait, "single_face": False, "return_face_url": True})
        if isinstance(found, AkoolError):
            raise found
        self._frame = dict(found.fields["faces_obj"]["0"])
        self._set("landmark_points", len(self._frame["landmarks_str"][0].split(":")))
        self._set("crop_text", "points" if _is_readable(self._frame["crop_landmarks"][0]) else "unreadable")
        legacy = self._legacy_detector(portrait)
        self._fourth_point(_fourth(self._frame["landmarks_str"][0]), legacy)
        self._no_face(url)

    def _legacy_detector(self, portrait: Secret) -> tuple[int, int] | None:
        """The fourth point of `/detect`; None when there is no such call."""
        url = self._client.detect_url + DETECT
        found = self._service.post(url, {"img": portrait, "single_face": False})
        if isinstance(found, AkoolError):
            if found.http_status not in MISSING:
                raise found
            self._set("legacy_detector", False)
            return None
        self._set("legacy_detector", True)
        self._set("single_face_required", isinstance(self._service.post(url, {"img": portrait}), AkoolError))
        single = self._service.post(url, {"img": portrait, "single_face": True})
        if isinstance(single, Answer):
            self._set("single_face_form", _single_face_form(single.fields))
        return _fourth(found.fields["landmarks_str"][0])

    def _fourth_point(self, newer: tuple[int, int], legacy: tuple[int, int] | None) -> None:
        centre, corner = (tuple(point) for point in self._frame["landmarks"][0][3:5])
        kinds: dict[Any, str] = {centre: "centre", corner: "corner"}
        pair = (kinds.get(legacy), kinds.get(newer))
        if pair == ("corner", "centre"):
            self._set("fourth_point", "documented")
        elif pair[1] and (pair[0] == pair[1] or pair == (None, "corner")):
            self._set("fourth_point", pair[1])
        else:
            self._profile.notes["fourth_point"] = f"legacy {pair[0]}, newer {pair[1]}: both settings are possible"

    def _no_face(self, url: str) -> None:
        from PIL import Image

        blank = _img(Image.new("RGB", (320, 240), "grey"))
        answer = self._service.post(url, {"img": blank, "single_face": False})
        if isinstance(answer, NoFaceError):
            self._set("no_face", "error")
        elif isinstance(answer, Answer):
            self._set("no_face", "empty_lists" if answer.fields.get("faces_obj") else "empty_object")

    def _session(self) -> None:
        before = self._service.balance()
        session = self._open()
        opened = time.monotonic()
        try:
            self._look_at(session)
            time.sleep(max(0.0, self._watch - (time.monotonic() - opened)))
            held = self._service.balance()
        finally:
            self._service.close(session)
        seconds = time.monotonic() - opened
        after = self._service.balance()
        used = before - after
        self._set("pre_charge", after - held > SMALLEST_CHANGE)
        self._set("metering", "create" if used > SMALLEST_CHANGE else "first_frame")
        self._profile.facts |= {"session_seconds_watched": round(seconds, 1), "session_credits": round(used, 2)}

    def _open(self) -> LiveSession:
        """A session with the hosted crop; with a picture on the web where the crop is refused."""
        session: LiveSession | AkoolError | None = None
        if self._frame:
            session = self._service.create(_crop_source(self._frame))
            self._set("crop_accepted", isinstance(session, LiveSession))
        if not isinstance(session, LiveSession):
            session = self._service.create(self._web_source())
        if not isinstance(session, LiveSession):
            self._profile.switches.pop("crop_accepted", None)
            raise session
        return session

    def _web_source(self) -> SourceImage:
        if self._photo:
            return self._client.detect(self._photo)[0].source
        if self._client.is_sandbox and self._frame:
            address = f"{self._client.base_url}/samples/{samples.photo('astronaut').name}"
            return SourceImage(address, opts.first_four(self._frame["landmarks_str"][0]))
        return DOCUMENTED

    def _look_at(self, session: LiveSession) -> None:
        data = _last_answer(self._client, f"{LIVE}create").get("data") or {}
        self._set("app_id_given", bool(data.get("app_id")))
        try:
            self._set("session_seconds", RtcToken.decode(session.channel.token).expire)
        except TokenFormatError:
            self._profile.notes["session_seconds"] = "the RTC token cannot be read"
        self._set("info_known", isinstance(self._service.live("info", {"_id": session.id}), Answer))
        two = [source.to_wire() for source in session.sources] * 2
        taken = self._service.live("update", {"sourceImage": two, "_id": session.id})
        self._set("several_sources", "first" if isinstance(taken, Answer) else "refuse")

    def _parallel(self) -> None:
        sessions = [self._open()]
        try:
            while len(sessions) < MOST_SESSIONS:
                another = self._service.create(sessions[0].source)
                if isinstance(another, RateLimitError):
                    self._set("parallel_sessions", len(sessions))
                    return
                if isinstance(another, AkoolError):
                    raise another
                sessions.append(another)
            self._profile.facts["parallel_sessions_at_least"] = len(sessions)
        finally:
            for session in sessions:
                self._service.close(session)

    def _measure(self) -> None:
        """Note the median time of each call in seconds."""
        seconds = defaultdict(list)
        for call in list(self._client.calls)[self._calls_before :]:
            if call.ok:
                seconds[call.endpoint.rpartition("/")[2]].append(call.seconds)
        self._profile.facts["seconds"] = {
            name: round(statistics.median(values), 3) for name, values in sorted(seconds.items())
        }


def _last_answer(client: Client, path: str) -> dict[str, Any]:
    """The last successful answer of a call as the log keeps it, without its secrets."""
    found: dict[str, Any] = {}
    for call in client.calls:
        if call.endpoint == path and call.ok:
            found = dict(call.answer)
    return found


def _img(source: Any) -> Secret:
    return Secret(base64.b64encode(Photo.open(source).jpeg).decode())


def _fourth(text: str) -> tuple[int, int]:
    return opts.parse(opts.first_four(text))[3]


def _is_readable(text: Any) -> bool:
    try:
        return bool(opts.first_four(text))
    except OptsError:
        return False


def _single_face_form(fields: dict[str, Any]) -> str:
    if not isinstance(fields["landmarks_str"], str):
        return "list"
    return "string" if isinstance(fields["region"][0], list) else "flat"


def _crop_source(frame: dict[str, Any]) -> SourceImage:
    """The hosted crop of the first face, with the points of the picture moved into it."""
    left, top = frame["crop_region"][0][:2]
    points = opts.parse(opts.first_four(frame["landmarks_str"][0]))
    return SourceImage(frame["face_urls"][0], ":".join(f"{x - left},{y - top}" for x, y in points))
