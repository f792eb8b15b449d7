"""The real service, checked as far as a program can: sign in, detect, create, wait, update, close.

A person must check the rest, the camera and the swapped video in a browser: lesson 05.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from akool_nb import samples
from akool_nb.agora import AgoraChannel
from akool_nb.api.client import Client
from akool_nb.api.models import Face, FaceswapStatus
from akool_nb.api.session import LiveSession
from akool_nb.cli.finding import Finding, State
from akool_nb.cli.reach import seconds_to
from akool_nb.errors import AkoolError, MissingCredentials, TransportError

PATIENCE = 45.0
"""Seconds that a session may queue; other clients of the service wait as long."""
AGORA_HOSTS = (
    "webrtc2-ap-web-1.agora.io",
    "webrtc2-2.ap.sd-rtn.com",
    "webrtc2-ap-web-3.agora.io",
    "webrtc2-4.ap.sd-rtn.com",
)
"""The hosts that the SDK asks when it joins a channel; one that answers is enough."""
HOST_SECONDS = 4.0


class LiveCheckup:
    """All calls once, with the credentials of the environment; the first that fails ends it. It closes its session.

    Args:
        client: the client that makes the calls; by default one of the real service.
        patience: seconds that the session may queue.
        hosts: Agora's hosts to reach; by default `AGORA_HOSTS`, and none when the client is a sandbox's.
    """

    def __init__(
        self,
        client: Client | None = None,
        *,
        patience: float = PATIENCE,
        hosts: Sequence[str] | None = None,
    ) -> None:
        self._client = client
        self._patience = patience
        self._hosts = hosts
        self._step = "credentials"

    def findings(self) -> Iterator[Finding]:
        """One finding for each step; the error of a step is its finding."""
        try:
            yield from self._steps()
        except AkoolError as error:
            yield Finding(self._step, "fail", error.text)

    def _steps(self) -> Iterator[Finding]:
        client = self._client or real_client()
        service = "the sandbox" if client.is_sandbox else "AKOOL's own service"
        yield self._found("credentials", service)
        self._step = "credits"
        before = client.credits()
        yield self._found("credits", f"signed in; the balance is {before:g}")
        self._step = "detect"
        faces = client.detect(samples.photo("astronaut"))
        yield self._found("detect", f"{len(faces)} face in the portrait")
        if hosts := self._agora_hosts(client):
            yield agora_reached(hosts)
        yield from self._session(client, faces[0])
        self._step = "credits used"
        yield self._found("credits used", f"{before - client.credits():g}")
        yield Finding("video", "note", "not checked", "open lesson 05 in a browser and join")

    def _agora_hosts(self, client: Client) -> Sequence[str]:
        if self._hosts is not None:
            return self._hosts
        return () if client.is_sandbox else AGORA_HOSTS

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
        yield self._found("close", f"accepted; the last status was {session.status.name}")

    def _wait(self, client: Client, session: LiveSession) -> Finding:
        """Whether the session leaves the queue, where the service says so; AKOOL documents no such call."""
        started = time.monotonic()
        if client.info(session) is None:
            advice = "the first swapped frame shows that the session works"
            return Finding("status", "note", "the service does not answer live/info", advice)
        session.wait(self._patience)
        seconds = time.monotonic() - started
        state: State = "ok" if session.status is FaceswapStatus.PROCESSING else "fail"
        return Finding("status", state, f"{session.status.name} after {seconds:.1f} s")

    def _found(self, name: str, text: str) -> Finding:
        self._step = name
        return Finding(name, "ok", text)


def real_client() -> Client:
    """A client of AKOOL with the credentials of the environment; MissingCredentials when there are none."""
    client = Client()
    if not client.has_credentials:
        raise MissingCredentials("There are no credentials for AKOOL.")
    return client


def app_ids(channel: AgoraChannel) -> Finding:
    """Whether the channel's app id is the one in the token; with another one, Agora refuses to let the browser join."""
    if channel.claims is None:
        return Finding("app id", "note", "the token cannot be read", "join, and Agora says whether it is right")
    signed = channel.claims.app_id
    if signed == channel.app_id:
        return Finding("app id", "ok", "the token is made for this one")
    advice = "joining fails with one of the two; send both to AKOOL's support"
    return Finding("app id", "note", f"the answer says {channel.app_id}, the token {signed}", advice)


def agora_reached(hosts: Sequence[str] = AGORA_HOSTS) -> Finding:
    """Whether this machine reaches Agora. The browser is what joins, but it often runs on the same machine."""
    with ThreadPoolExecutor(len(hosts)) as threads:
        problems = list(threads.map(_problem, hosts))
    missed = [f"{host} ({problem})" for host, problem in zip(hosts, problems, strict=True) if problem]
    if not missed:
        return Finding("Agora", "ok", f"all {len(hosts)} join hosts answer")
    if len(missed) < len(hosts):
        return Finding("Agora", "ok", f"{len(hosts) - len(missed)} of {len(hosts)} join hosts answer; not {missed[0]}")
    names = ", ".join(hosts)
    advice = f"a browser on this machine would show no picture: allow {names} (TCP and UDP) in proxy and firewall"
    return Finding("Agora", "note", f"no join host was reached: {missed[0]}", advice)


def _problem(host: str) -> str:
    """Why a host cannot be reached; empty when it can."""
    try:
        seconds_to(host, timeout=HOST_SECONDS)
    except TransportError as error:
        return error.message
    return ""
