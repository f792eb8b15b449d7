"""The doctor finds what works and what does not, says what to do, and never says a secret."""

from __future__ import annotations

import json
import sys

import pytest

from akool_nb import samples
from akool_nb.cli import cli, doctor
from akool_nb.cli.finding import Finding
from akool_nb.cli.live_checkup import LiveCheckup

SENTINEL = "sEcReT-vAlUe-that-must-not-be-said"


@pytest.fixture
def no_credentials(monkeypatch):
    for name in doctor.CREDENTIALS:
        monkeypatch.delenv(name, raising=False)


def states(findings) -> dict[str, str]:
    return {finding.name: finding.state for finding in findings}


def test_everything_needed_works_here(no_credentials, capsys):
    assert cli.main(["doctor", "--json"]) == 0
    found = {finding["name"]: finding for finding in json.loads(capsys.readouterr().out)}
    for name in ("Python", "packages", "OpenCV", "model files", "widgets", "notebook hosts", "local ports", "sandbox"):
        assert found[name]["state"] == "ok", found[name]
    assert found["credentials"]["state"] == "note"
    assert "1 face found" in found["sandbox"]["found"]


def test_credentials_are_named_and_never_said(no_credentials, monkeypatch, capsys):
    monkeypatch.setenv("AKOOL_API_KEY", SENTINEL)
    findings = list(doctor._credentials())
    assert states(findings) == {"credentials": "ok"}
    assert "AKOOL_API_KEY" in str(findings[0])
    assert SENTINEL not in f"{findings} {findings[0]}"


@pytest.mark.parametrize("name", ["AKOOL_CLIENT_ID", "AKOOL_CLIENT_SECRET"])
def test_half_a_pair_of_credentials_is_a_failure_that_names_the_other_half(no_credentials, monkeypatch, name):
    monkeypatch.setenv(name, SENTINEL)
    (finding,) = doctor._credentials()
    assert finding.state == "fail"
    assert all(half in str(finding) for half in ("AKOOL_CLIENT_ID", "AKOOL_CLIENT_SECRET"))


def test_two_builds_of_opencv_that_overwrite_each_other_are_found(tmp_path, monkeypatch):
    for name in ("opencv_python", "opencv_contrib_python"):
        info = tmp_path / f"{name}-4.10.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: 4.10\n")
        (info / "top_level.txt").write_text("cv2\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    (finding,) = doctor._opencv()
    assert finding.state == "fail"
    assert "pip uninstall -y opencv-contrib-python opencv-python" in finding.advice


def test_a_changed_model_file_is_found(tmp_path, monkeypatch):
    (tmp_path / "sandbox" / "models").mkdir(parents=True)
    for file in (doctor._PACKAGE / "sandbox" / "models").iterdir():
        (tmp_path / "sandbox" / "models" / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(doctor, "_PACKAGE", tmp_path)
    assert states(doctor._models()) == {"model files": "ok"}
    with (tmp_path / "sandbox" / "models" / "topo.npz").open("ab") as file:
        file.write(b"!")
    (finding,) = doctor._models()
    assert finding.state == "fail"
    assert "topo.npz" in finding.found
    (tmp_path / "sandbox" / "models" / "NOTICE").unlink()
    (finding,) = doctor._models()
    assert (finding.state, finding.found) == ("fail", "missing or changed: NOTICE")


def test_no_advice_names_a_package_that_no_index_has(tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "_version", lambda name: None)
    monkeypatch.setattr(doctor, "_PACKAGE", tmp_path)
    monkeypatch.setattr(samples, "_HERE", tmp_path / "elsewhere")
    checks = (doctor._packages, doctor._models, doctor._lessons, doctor._hosts)
    told = [finding for check in checks for finding in check() if finding.state == "fail"]
    advice = " | ".join(finding.advice for finding in told)
    assert len(told) == 6 and all(finding.advice for finding in told), told
    assert "pip install anywidget ipywidgets matplotlib pillow requests |" in advice
    assert "pip install jupyterlab" in advice
    assert "git checkout -- akool_nb/sandbox/models" in advice and "git checkout -- notebooks" in advice
    assert "akool_nb[" not in advice and "install akool_nb" not in advice


def test_a_failure_is_an_exit_status(no_credentials, monkeypatch, capsys):
    monkeypatch.setenv("AKOOL_CLIENT_ID", SENTINEL)
    assert cli.main(["doctor"]) == 1
    told = capsys.readouterr().out
    assert "FAIL  credentials" in told
    assert SENTINEL not in told


def test_a_finding_is_a_line_and_its_advice_another():
    assert str(Finding("browser", "note", "none", "get one")).splitlines() == [
        "note  browser              none",
        "       → get one",
    ]


def test_the_live_checkup_needs_credentials(no_credentials, capsys):
    assert cli.main(["doctor", "--live"]) == 1
    assert "AKOOL_API_KEY" in capsys.readouterr().out


def test_the_live_checkup_walks_the_whole_road_and_closes_its_session(sandbox):
    findings = list(LiveCheckup(sandbox.client(), pause=0.05).findings())
    assert set(states(findings).values()) == {"ok", "note"}
    assert list(states(findings))[-3:] == ["close", "credits used", "video"]
    assert sandbox.sessions == []


@pytest.mark.parametrize("call", ["create", "update", "close"])
def test_the_live_checkup_stops_at_the_step_that_fails(sandbox, call):
    sandbox.fail_next(call, code=1104)
    *_, last = LiveCheckup(sandbox.client(), pause=0.05).findings()
    assert (last.name, last.state) == (call, "fail")
    assert "quota insufficient" in last.found
    assert sandbox.sessions == [] or call == "close"


def test_the_live_checkup_does_not_wait_for_ever(sandbox):
    sandbox.queue_seconds = 60
    found = states(LiveCheckup(sandbox.client(), patience=0.2, pause=0.05).findings())
    assert found["status"] == "fail"
    assert sandbox.sessions == []
