"""The real service, checked as far as a program can: sign in, detect, create, wait, update, close.

What is left for a person, camera and swapped video in a browser, is lesson 05.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from akool_nb import connect, samples
from akool_nb.agora import RtcToken
from akool_nb.api.models import FaceswapStatus
from akool_nb.cli.finding import Finding, State
from akool_nb.errors import AkoolError, TokenFormatError

if TYPE_CHECKING:
    from akool_nb.agora import AgoraChannel
    from akool_nb.api.client import Client
    from akool_nb.api.models import Face
    from akool_nb.api.session import LiveSession

PATIENCE = 45.0
"""Seconds that a session may queue; other clients of the service wait as long."""
PAUSE = 2.5
AGORA_HOSTS = tuple(
    (host, 443)
    for host in (
        "webrtc2-ap-web-1.agora.io",
        "webrtc2-2.ap.sd-rtn.com",
        "webrtc2-ap-web-3.agora.io",
        "webrtc2-4.ap.sd-rtn.com",
    )
)
"""Where the SDK asks when it joins a channel; one that answers is enough."""
HOST_SECONDS = 4.0


class LiveCheckup:
    """One walk with the credentials of the environment; it stops at the first step that fails and closes its session.

    Args:
        client: whom to ask; by default the real service.
        patience, pause: seconds that the session may queue, and between two questions.
        hosts: where Agora is looked for; by default nowhere when the client is the sandbox's.
    """

    def __init__(
        self,
        client: Client | None = None,
        *,
        patience: float = PATIENCE,
        pause: float = PAUSE,
        hosts: Sequence[tuple[str, int]] | None = None,
    ) -> None:
        self._client = client
        self._patience, self._pause = patience, pause
        self._hosts = hosts
        self._step = "credentials"

    def findings(self) -> Iterator[Finding]:
        """What each step found; the error of a step is its finding."""
        try:
            yield from self._walk()
        except AkoolError as error:
            yield Finding(self._step, "fail", str(error))

    def _walk(self) -> Iterator[Finding]:
        client = self._client or connect(sandbox=False)
        yield self._found("credentials", "AKOOL's own service" if not client.is_sandbox else "the sandbox")
        self._step = "credits"
        before = client.credits()
        yield self._found("credits", f"signed in; the balance is {before:g}")
        self._step = "detect"
        faces = client.detect(samples.photo("astronaut"))
        yield self._found("detect", f"{len(faces)} face in the portrait")
        if hosts := (() if client.is_sandbox else AGORA_HOSTS) if self._hosts is None else self._hosts:
            yield agora_reached(hosts)
        yield from self._session(client, faces[0])
        self._step = "credits used"
        yield self._found("credits used", f"{before - client.credits():g}")
        yield Finding("video", "note", "not looked at", "open lesson 05 in a browser and join")

    def _session(self, client: Client, face: Face) -> Iterator[Finding]:
        self._step = "create"
        with client.create(face) as session:
            channel = session.channel
            yield self._found(
                "create", f"app id {channel.app_id}, user {channel.uid}, remote user {channel.remote_uid}"
            )
            yield app_ids(channel)
            yield self._found("time", f"the token lasts {session.seconds_left / 60:.0f} minutes")
            self._step = "status"
            yield self._wait(client, session)
            self._step = "update"
            session.update(face)
            yield self._found("update", "accepted")
            self._step = "close"
        yield self._found("close", f"accepted; status {session.status.name}")

    def _wait(self, client: Client, session: LiveSession) -> Finding:
        """Whether the session gets its turn, where the service tells; AKOOL documents no such call."""
        started = time.monotonic()
        while (
            status := client.info(session)
        ) is FaceswapStatus.QUEUING and time.monotonic() - started < self._patience:
            time.sleep(self._pause)
        if status is None:
            return Finding(
                "status", "note", "the service does not answer live/info", "the first swapped frame is the proof"
            )
        seconds = time.monotonic() - started
        state: State = "ok" if status is FaceswapStatus.PROCESSING else "fail"
        return Finding("status", state, f"{status.name} after {seconds:.1f} s")

    def _found(self, name: str, text: str) -> Finding:
        self._step = name
        return Finding(name, "ok", text)


def app_ids(channel: AgoraChannel) -> Finding:
    """Whether the channel's app id is the one that the token was made for: with another one Agora lets nobody in."""
    try:
        signed = RtcToken.decode(channel.token).app_id
    except TokenFormatError as error:
        return Finding("app id", "note", f"the token cannot be read: {error}", "Agora itself will judge it")
    if signed == channel.app_id:
        return Finding("app id", "ok", "the token is made for this one")
    advice = "joining will fail with one of the two; tell AKOOL both"
    return Finding("app id", "note", f"the answer says {channel.app_id}, the token {signed}", advice)


def agora_reached(hosts: Sequence[tuple[str, int]] = AGORA_HOSTS) -> Finding:
    """Whether this machine finds a way to Agora: it is the browser that joins, but it often runs here, too."""
    with ThreadPoolExecutor(len(hosts)) as threads:
        problems = list(threads.map(_unreached, hosts))
    missed = [f"{host} ({problem})" for (host, _), problem in zip(hosts, problems, strict=True) if problem]
    if not missed:
        return Finding("Agora", "ok", f"all {len(hosts)} join hosts answer")
    names = ", ".join(host for host, _ in hosts)
    if len(missed) < len(hosts):
        return Finding("Agora", "ok", f"{len(hosts) - len(missed)} of {len(hosts)} join hosts answer; not {missed[0]}")
    advice = f"a browser on this machine will not get the picture: allow {names} (TCP and UDP) in proxy and firewall"
    return Finding("Agora", "note", f"no join host was reached: {missed[0]}", advice)


def _unreached(host: tuple[str, int]) -> str:
    """Why there is no encrypted connection to a host; empty when there is one."""
    try:
        with (
            socket.create_connection(host, timeout=HOST_SECONDS) as connection,
            ssl.create_default_context().wrap_socket(connection, server_hostname=host[0]),
        ):
            return ""
    except OSError as error:
        return error.strerror or str(error) or type(error).__name__
