"""The probe finds the switches of a sandbox by sending requests; it leaves no session open."""

from __future__ import annotations

import _thread
import json
import random
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from akool_nb.errors import SandboxError
from akool_nb.explore import probe
from akool_nb.sandbox import Sandbox, switches
from akool_nb.sandbox.profile import Profile
from tests.sandbox.wire import CREDITS, DETECT, DETECT_FACES, GET_TOKEN, LIVE, Wire, photo_base64

SEEDS = 40
PASSING = (
    {"status": 503, "code": 2001},
    {"status": 429, "code": 1005},
    {"kind": "html"},
    {"kind": "reset"},
    {"kind": "reset", "after": True},
    {"kind": "truncate", "after": True},
    {"kind": "empty"},
)
QUICK = {"max_credits": 1e9, "watch_seconds": 0.15}
CHOICES = (
    "token_shape",
    "error_status",
    "legacy_detector",
    "single_face_required",
    "single_face_form",
    "no_face",
    "fourth_point",
    "landmark_points",
    "crop_text",
    "info_known",
    "app_id_given",
    "crop_accepted",
    "several_sources",
    "metering",
    "pre_charge",
    "unknown_session_code",
)
ASKABLE = {
    **{name: switches.TABLE[name].choices for name in CHOICES},
    "parallel_sessions": (0, 1, 2, 3),
    "session_seconds": (900.0, 3600.0),
    "token_seconds": (7200.0, 34560000.0),
}


@pytest.fixture
def funded(sandbox: Sandbox) -> Iterator[Sandbox]:
    """A sandbox whose account has many credits and whose prices show at once."""
    sandbox.set(credits=1e9, credits_per_second=100, queue_seconds=0)
    yield sandbox


@pytest.fixture(scope="module")
def second_sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def random_settings(seed: int) -> dict[str, Any]:
    random_values = random.Random(seed)
    return {name: random_values.choice(values) for name, values in ASKABLE.items()}


def observable(values: dict[str, Any]) -> dict[str, Any]:
    """The settings that show in answers: without the legacy detector some do not, and "any number" has no limit."""
    hidden = set()
    if not values["legacy_detector"]:
        hidden |= {"single_face_required", "single_face_form"}
        hidden |= {"fourth_point"} if values["fourth_point"] != "corner" else set()
    if values["parallel_sessions"] == 0:
        hidden.add("parallel_sessions")
    return {name: value for name, value in values.items() if name not in hidden}


def inject_faults(sandbox: Sandbox, seed: int) -> None:
    """Temporary failures, lost answers and latency; a lost answer to `create` has its own test."""
    random_values = random.Random(1000 + seed)
    sandbox.set(latency=0.005, jitter=0.01)
    for call in random_values.sample(["get_token", "detect", "detect_faces", "update", "close", "info", "credits"], 3):
        sandbox.fail_next(call, **{"code": 1003, **random_values.choice(PASSING)})
    sandbox.fail_next("create", **random_values.choice([{"code": 1003}, {"status": 503, "code": 2001}]))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_the_probe_finds_the_switches_of_any_sandbox_despite_faults_and_leaves_no_session_open(
    seed: int, funded: Sandbox
):
    funded.set(**random_settings(seed))
    client = funded.client(timeout=10)
    if seed % 2:
        inject_faults(funded, seed)
    profile = probe(client, confirm=True, **QUICK)
    assert profile.switches == observable(random_settings(seed)), profile.notes
    assert funded.sessions == [] and profile.left_open == [] and client.sessions == []


def documented(wire: Wire) -> list[tuple[int, bytes]]:
    """The answers to every documented request, without ids, times, tokens and addresses."""
    credentials = {"clientId": wire.sandbox.client_id, "clientSecret": wire.sandbox.client_secret}
    img = {"img": photo_base64()}
    source = {"path": f"{wire.sandbox.url}/samples/astronaut.png", "opts": "203,102:247,104:223,131:201,139"}
    answers = [wire.post(GET_TOKEN, credentials, {}), wire.post(GET_TOKEN, {}, {}), wire.get(CREDITS, {})]
    answers += [wire.post(DETECT, {**img, **more}) for more in ({}, {"single_face": False}, {"single_face": True})]
    faces = wire.post(DETECT_FACES, {**img, "return_face_url": True})
    frame = faces.json["faces_obj"]["0"]
    crop = {"path": frame["face_urls"][0], "opts": "60,60:104,62:80,89:58,97"}
    created = wire.post(f"{LIVE}/create", {"sourceImage": [source]})
    named = {"_id": created.json["data"]["_id"]}
    answers += [faces, created, wire.post(f"{LIVE}/update", {"sourceImage": [crop], **named})]
    answers += [wire.post(f"{LIVE}/update", {"sourceImage": [source, source], **named})]
    answers += [wire.post(f"{LIVE}/{verb}", named) for verb in ("info", "close", "close", "update")]
    return [(answer.status, without_random_values(answer.raw)) for answer in answers]


def without_random_values(raw: bytes) -> bytes:
    text = re.sub(r'"(token|front_rtc_token|_id|channel_id|trx_id)": "[^"]*"', r'"\1": ""', raw.decode())
    text = re.sub(r'"app_id": "[0-9a-f]{32}"', '"app_id": "given"', text)
    text = re.sub(r'"seconds": [0-9.e-]+', '"seconds": 0', text)
    return re.sub(r"http://127[^\"]*", "address", text).encode()


@pytest.mark.parametrize("seed", range(6))
def test_a_sandbox_with_the_saved_profile_gives_the_same_answers(seed: int, funded: Sandbox, tmp_path: Path):
    funded.set(**random_settings(seed))
    file = probe(funded.client(), confirm=True, **QUICK).save(tmp_path / "profile.json")
    with Sandbox(profile=file, queue_seconds=0) as second:
        assert documented(Wire(second)) == documented(Wire(funded))


def test_a_profile_contains_no_secret_picture_or_address(funded: Sandbox, tmp_path: Path):
    client = funded.client()
    profile = probe(client, confirm=True, **QUICK)
    text = profile.save(tmp_path / "p.json").read_text()
    for secret in (
        funded.client_secret,
        funded.client_id,
        client.get_token(),
        "http",
        "127.0.0.1",
        "/files/",
        "007eJ",
    ):
        assert secret not in text
    assert len(text) < 5000 and Profile.load(tmp_path / "p.json") == profile


def test_a_step_that_is_not_confirmed_is_missing_and_noted_and_costs_nothing(funded: Sandbox):
    asked: list[str] = []
    profile = probe(funded.client(), confirm=lambda question: asked.append(question) is not None, **QUICK)
    assert len(asked) == 3 and all(question.endswith((".", "?")) for question in asked)
    assert set(profile.switches) == {"token_shape", "token_seconds", "error_status", "unknown_session_code"}
    assert set(profile.notes) == {"detectors", "session", "parallel_sessions"} and funded.credits == 1e9


def test_without_a_terminal_no_step_that_costs_credits_runs(funded: Sandbox):
    assert "session" in probe(funded.client(), **QUICK).notes and funded.credits == 1e9


@pytest.mark.parametrize(("name", "budget"), [("credits", {"max_credits": 1}), ("seconds", {"max_seconds": 2})])
def test_a_step_above_the_budget_is_skipped(name: str, budget: dict[str, float], funded: Sandbox):
    profile = probe(funded.client(), confirm=True, **budget)
    assert "budget" in profile.notes["session"] and funded.credits == 1e9, name


def test_ctrl_c_closes_the_open_sessions(funded: Sandbox):
    client = funded.client()
    threading.Thread(target=interrupt_once_open, args=(funded,), daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        probe(client, confirm=True, max_credits=1e9, watch_seconds=30)
    assert funded.sessions == [] and client.sessions == []


def interrupt_once_open(sandbox: Sandbox) -> None:
    while not sandbox.sessions:
        pass
    _thread.interrupt_main()


def test_a_session_that_cannot_be_closed_is_listed(funded: Sandbox, capsys: pytest.CaptureFixture[str]):
    client = funded.client(timeout=3, retries=0)
    funded.fail_always("close", code=1108, status=500)
    profile = probe(client, confirm=True, **QUICK)
    assert sorted(profile.left_open) == sorted(session["id"] for session in funded.sessions) and profile.left_open
    assert profile.left_open[0] in capsys.readouterr().err
    funded.heal()
    for session in client.sessions:
        session.close()


def test_a_lost_answer_to_create_is_reported_and_the_other_steps_still_run(funded: Sandbox):
    funded.fail_next("create", kind="reset", after=True)
    profile = probe(funded.client(), confirm=True, **QUICK)
    assert profile.switches["metering"] == "create" and profile.switches["crop_accepted"] is True
    assert "unknown id" in profile.left_open[0] and len(funded.sessions) == 1


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"version": 2}', '{"version": 1}', "x" * 200_000,
     '{"version": 1, "switches": {"latncy": 1}, "facts": {}, "notes": {}}',
     '{"version": 1, "switches": {"no_face": "maybe"}, "facts": {}, "notes": {}}'],
)  # fmt: skip
def test_a_file_that_is_not_a_profile_is_refused_in_one_sentence(text: str, tmp_path: Path):
    (tmp_path / "p.json").write_text(text)
    with pytest.raises(SandboxError, match=r"(?s)is\s+not\s+a\s+profile:.*akool-nb\s+doctor"):
        Sandbox(profile=tmp_path / "p.json")
    with pytest.raises(SandboxError, match=r"cannot\s+be\s+read"):
        Profile.load(tmp_path / "missing.json")


def test_switches_given_with_a_profile_override_it(tmp_path: Path):
    file = Profile({"no_face": "empty_lists", "error_status": "4xx"}).save(tmp_path / "p.json")
    assert json.loads(file.read_text())["version"] == 1
    with Sandbox(profile=file, error_status="200") as sandbox:
        assert (sandbox.no_face, sandbox.error_status) == ("empty_lists", "200")
