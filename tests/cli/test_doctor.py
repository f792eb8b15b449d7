"""The doctor reports what works and what does not, says what to do, and never prints a secret."""

from __future__ import annotations

import json
import sys

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import akool_nb
from akool_nb import Client, MissingCredentials, TransportError, samples
from akool_nb.cli import cli, doctor, packages
from akool_nb.cli.finding import Finding
from akool_nb.cli.live_checkup import LiveCheckup

SENTINEL = "sEcReT-vAlUe-that-must-not-be-printed"


@pytest.fixture
def no_credentials(monkeypatch):
    for name in doctor.CREDENTIALS:
        monkeypatch.delenv(name, raising=False)


def states(findings) -> dict[str, str]:
    return {finding.name: finding.state for finding in findings}


def test_all_checks_pass_in_this_environment(no_credentials, capsys):
    assert cli.main(["doctor", "--json"]) == 0
    found = {finding["name"]: finding for finding in json.loads(capsys.readouterr().out)}
    for name in ("Python", "packages", "OpenCV", "widgets", "notebook hosts", "sandbox"):
        assert found[name]["state"] == "ok", found[name]
    assert found["credentials"]["state"] == "note"
    assert "1 face found" in found["sandbox"]["found"]


def test_credentials_are_named_but_their_values_are_not_printed(no_credentials, monkeypatch, capsys):
    monkeypatch.setenv("AKOOL_API_KEY", SENTINEL)
    findings = list(doctor._credentials())
    assert states(findings) == {"credentials": "ok"}
    assert "AKOOL_API_KEY" in str(findings[0])
    assert SENTINEL not in f"{findings} {findings[0]}"


@pytest.mark.parametrize("name", ["AKOOL_CLIENT_ID", "AKOOL_CLIENT_SECRET"])
def test_a_half_pair_of_credentials_is_a_failure_that_names_the_other_half(no_credentials, monkeypatch, name):
    monkeypatch.setenv(name, SENTINEL)
    (finding,) = doctor._credentials()
    assert finding.state == "fail"
    assert all(half in str(finding) for half in ("AKOOL_CLIENT_ID", "AKOOL_CLIENT_SECRET"))


def test_two_opencv_packages_that_overwrite_each_other_are_reported(tmp_path, monkeypatch):
    for name in ("opencv_python", "opencv_contrib_python"):
        info = tmp_path / f"{name}-4.10.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: 4.10\n")
        (info / "top_level.txt").write_text("cv2\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    (finding,) = packages.check_opencv()
    assert finding.state == "fail"
    assert "pip uninstall -y opencv-contrib-python opencv-python" in finding.advice


def test_the_advice_about_a_missing_package_is_a_command(tmp_path, monkeypatch):
    monkeypatch.setattr(packages, "version_of", lambda name: "")
    monkeypatch.setattr(packages, "opencv_version", lambda: "")
    monkeypatch.setattr(packages, "opencv_owners", list)
    monkeypatch.setattr(packages, "find_spec", lambda name: None)
    monkeypatch.setattr(doctor, "version_of", lambda name: "")
    monkeypatch.setattr(doctor, "_PACKAGE", tmp_path)
    monkeypatch.setattr(samples, "_HERE", tmp_path / "elsewhere")
    checks = (packages.check_packages, doctor._lessons, doctor._hosts)
    failed = [finding for check in checks for finding in check() if finding.state == "fail"]
    advice = {finding.name: finding.advice for finding in failed}
    assert len(failed) == 5 and all(advice.values()), failed
    assert "pip install" in advice["packages"] and '"requests>=' in advice["packages"]
    assert "pip install 'akool_nb[sandbox]'" in advice["packages [sandbox]"]
    assert "pip install 'akool_nb[lab]'" in advice["packages [lab]"]
    assert "pip install jupyterlab" in advice["notebook hosts"]
    assert "git checkout -- notebooks" in advice["lessons"]


def test_any_opencv_package_is_accepted_and_no_second_one_is_advised(monkeypatch):
    monkeypatch.setattr(packages, "opencv_owners", lambda: ["opencv-contrib-python"])
    versions = {"opencv-contrib-python": "4.12.0.88", "numpy": "2.1"}
    monkeypatch.setattr(packages, "version_of", lambda name: versions.get(name, ""))
    (finding,) = [one for one in packages.check_packages() if one.name == "packages [sandbox]"]
    assert "opencv-python-headless 4.12.0.88" in finding.found
    assert finding.state == "fail" and finding.advice.endswith('pip install "tornado>=6.4"')
    versions["tornado"] = "6.5"
    (finding,) = [one for one in packages.check_packages() if one.name == "packages [sandbox]"]
    assert (finding.state, finding.advice) == ("ok", "")


def test_a_package_that_is_too_old_fails_its_check(monkeypatch):
    monkeypatch.setattr(packages, "opencv_owners", lambda: ["opencv-python-headless"])
    versions = {"opencv-python-headless": "4.9.0.80", "anywidget": "0.11"}
    monkeypatch.setattr(packages, "version_of", lambda name: versions.get(name, "9999"))
    failed = {one.name: one.found for one in packages.check_packages() if one.state == "fail"}
    assert list(failed) == ["packages [sandbox]", "packages [lab]"]
    assert all("opencv-python-headless 4.9.0.80 (needed: >=4.10)" in found for found in failed.values())


def test_a_module_that_cannot_be_imported_fails_only_its_check(monkeypatch):
    monkeypatch.setitem(sys.modules, "akool_nb.wire.credentials", None)
    monkeypatch.setattr(doctor, "_CHECKS", {"credentials": doctor._credentials, "Python": doctor._python})
    assert states(doctor.examine()) == {"credentials": "fail", "Python": "ok"}


KEYS = st.text(alphabet=st.sampled_from(" \t\"'\ufeff\u200bkK4-_") | st.characters(codec="utf-8"), max_size=12)


@settings(max_examples=60, deadline=None)
@given(key=KEYS, client_id=KEYS, secret=KEYS)
def test_the_doctor_accepts_exactly_the_credentials_that_a_client_sends(key, client_id, secret):
    values = dict(zip(doctor.CREDENTIALS, (key, client_id, secret), strict=True))
    assume(not any("\0" in value for value in values.values()))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setenv(name, value)
        (finding,) = doctor._credentials()
        try:
            is_used = akool_nb.Client().has_credentials
            Client(base_url="http://127.0.0.1:9", retries=0, timeout=1).credits()
        except MissingCredentials:
            is_used = False
        except TransportError:
            pass  # the request was sent, but nothing listens there
    assert (finding.state == "ok") == is_used


def test_the_hosts_are_checked_through_the_proxy_and_a_failure_names_it(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://user:pass-word@127.0.0.1:9")
    for finding in doctor._network():
        assert finding.state == "note"
        assert "proxy" in finding.found and "127.0.0.1:9" in finding.found
        assert "pass-word" not in str(finding)


def test_a_failed_check_sets_the_exit_status(no_credentials, monkeypatch, capsys):
    monkeypatch.setenv("AKOOL_CLIENT_ID", SENTINEL)
    assert cli.main(["doctor"]) == 1
    output = capsys.readouterr().out
    assert "FAIL  credentials" in output
    assert SENTINEL not in output


@given(st.text(alphabet="abc /:", max_size=300), st.text(alphabet="abc /:", max_size=300))
def test_a_report_is_wrapped_at_blanks_and_fits_80_columns(found, advice):
    text = str(Finding("packages [sandbox]", "fail", found, advice))
    assert set(f"{found} {advice}".split()) <= set(text.split())
    assert all(len(line) <= 80 or len(line.split()) == 1 for line in text.splitlines()[1:])


def test_a_finding_is_one_line_and_its_advice_another():
    assert str(Finding("browser", "note", "none", "get one")).splitlines() == [
        "note  browser              none",
        "       -> get one",
    ]


def test_the_live_checkup_needs_credentials(no_credentials, capsys):
    assert cli.main(["doctor", "--live"]) == 1
    assert "AKOOL_API_KEY" in capsys.readouterr().out


def test_the_live_checkup_with_json_prints_only_json(no_credentials, sandbox, monkeypatch, capsys):
    monkeypatch.setenv("AKOOL_API_KEY", sandbox.client_secret)
    monkeypatch.setitem(Client.__init__.__kwdefaults__, "base_url", sandbox.url)
    sandbox.reset()
    client = sandbox.client()
    # While a session is open, `create` prints a line.
    with client.create(client.detect(samples.photo("drawn_face"))[0]):
        capsys.readouterr()
        assert cli.main(["doctor", "--live", "--json"]) == 0
    found = {finding["name"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert found["status"]["found"].startswith("PROCESSING")
    assert found["close"]["found"] == "accepted; the last status was PROCESSING"


def test_the_live_checkup_makes_every_call_and_closes_its_session(sandbox):
    findings = list(LiveCheckup(sandbox.client()).findings())
    assert set(states(findings).values()) == {"ok", "note"}
    assert list(states(findings))[-3:] == ["close", "credits used", "video"]
    assert sandbox.sessions == []


@pytest.mark.parametrize("call", ["create", "update", "close"])
def test_the_live_checkup_stops_at_the_step_that_fails(sandbox, call):
    sandbox.fail_next(call, code=1104)
    *_, last = LiveCheckup(sandbox.client()).findings()
    assert (last.name, last.state) == (call, "fail")
    assert "quota insufficient" in last.found
    assert sandbox.sessions == [] or call == "close"


def test_the_live_checkup_has_a_time_limit(sandbox):
    sandbox.queue_seconds = 60
    found = states(LiveCheckup(sandbox.client(), patience=0.2).findings())
    assert found["status"] == "fail"
    assert sandbox.sessions == []


def test_the_probed_profile_is_written_and_each_answer_is_a_finding(sandbox, tmp_path):
    file = tmp_path / "profile.json"
    findings = {each.name: each for each in doctor.save_profile(file, sandbox.client(), confirm=False)}
    assert findings["error_status"].state == "ok" and findings["session"].state == "note"
    assert json.loads(file.read_text())["switches"]["error_status"] == "200"


def test_save_without_live_is_refused(capsys):
    assert cli.main(["doctor", "--save", "profile.json"]) == 1
    assert "--live --save" in capsys.readouterr().err


def test_without_credentials_no_profile_is_written(tmp_path, capsys):
    assert cli.main(["doctor", "--live", "--save", str(tmp_path / "profile.json")]) == 1
    assert not (tmp_path / "profile.json").exists() and "AKOOL_API_KEY" in capsys.readouterr().err
