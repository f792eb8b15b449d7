"""The page at `/`: its examples run unchanged, and it loads nothing from other hosts."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from akool_nb.sandbox import switches
from tests.sandbox import relight
from tests.sandbox.faces import photo, portrait_source
from tests.sandbox.wire import Wire


def page(wire: Wire) -> str:
    return wire.get("/", {}).raw.decode()


CURL = f"""#!{sys.executable}
import argparse, sys, urllib.request
options = argparse.ArgumentParser(prog="curl", allow_abbrev=False)
options.add_argument("-s", action="store_true")
options.add_argument("-X", default="GET")
options.add_argument("-H", action="append", default=[])
options.add_argument("-d")
options.add_argument("url")
given = options.parse_args()
headers = dict(header.split(": ", 1) for header in given.H)
request = urllib.request.Request(given.url, given.d and given.d.encode(), headers, method=given.X)
sys.stdout.write(urllib.request.build_opener(urllib.request.ProxyHandler({{}})).open(request).read().decode())
"""
"""The part of curl that the page uses, because some machines have no curl."""


@pytest.fixture(params=["as much of curl as is needed", *["curl itself"] * bool(shutil.which("curl"))])
def shell_path(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    path = os.environ["PATH"]
    if "itself" in request.param:
        return path
    (tmp_path / "curl").write_text(CURL)
    (tmp_path / "curl").chmod(0o700)
    return f"{tmp_path}{os.pathsep}{path}"


def test_the_examples_run_unchanged_in_a_shell(wire: Wire, shell_path: str):
    commands = [html.unescape(text) for text in re.findall(r"<pre>(.*?)</pre>", page(wire), re.DOTALL)]
    credentials = {
        "AKOOL_CLIENT_ID": wire.sandbox.client_id, "AKOOL_CLIENT_SECRET": wire.sandbox.client_secret,
        "PATH": shell_path,
    }  # fmt: skip
    script = "; echo; ".join(commands)
    done = subprocess.run(["bash", "-c", script], env={**os.environ, **credentials}, capture_output=True, text=True)
    detected, updated, closed, left = (line for line in done.stdout.splitlines() if line)
    assert '"error_code": 0' in detected and '"code": 1000' in done.stderr
    assert updated == closed == '{"code": 1000, "msg": "OK"}' and '"credit"' in left


def test_every_switch_is_listed_with_its_current_value(wire: Wire):
    wire.sandbox.latency = 0.125
    assert all(f"<code>{name}</code>" in page(wire) for name in switches.NAMES)
    assert "<td><code>latency</code><td><code>0.125</code>" in page(wire)


def test_the_page_contains_no_credential(wire: Wire):
    assert wire.sandbox.client_secret not in page(wire) and wire.sandbox.client_id not in page(wire)


def test_the_page_loads_nothing_from_other_hosts(wire: Wire):
    links = re.findall(r"(?:src|href|action)\s*=\s*[\"']?([^\"'\s>]+)", page(wire))
    assert links and not any(":" in link or link.startswith("//") for link in links)
    assert "@import" not in page(wire) and "url(" not in page(wire)
    assert "default-src 'none'" in wire.get("/", {}).headers["content-security-policy"]


def test_the_live_state_needs_no_credentials_and_contains_none(wire: Wire):
    session = wire.session()
    answer = wire.get("/state.json", {})
    assert answer.json["sessions"][0]["id"] == session["_id"]
    assert answer.json["sessions"][0]["warnings"] == []
    assert session["front_rtc_token"].encode() not in answer.raw and session["channel_id"].encode() not in answer.raw


def test_the_live_state_says_why_the_swap_of_a_session_may_look_bad(wire: Wire):
    small = relight.shrunk(photo("astronaut"), 60, portrait_source().mesh)
    source = wire.hosted(cv2.imencode(".jpg", small)[1].tobytes())
    wire.create(sourceImage=[source])
    (sentence,) = wire.get("/state.json", {}).json["sessions"][0]["warnings"]
    assert "use a photo in which it has at least 80×80" in sentence
