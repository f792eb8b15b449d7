"""Which clients may send requests to the sandbox."""

from __future__ import annotations

import pytest

from akool_nb.sandbox.service.access import host_allowed, same_host
from akool_nb.sandbox.switches import Switches
from tests.sandbox.wire import CREDITS, GET_TOKEN, LIVE, Wire


def test_the_sandbox_listens_only_on_loopback(wire: Wire):
    assert wire.sandbox.url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "192.168.1.5", "", "["])
@pytest.mark.parametrize("path", ["/", "/state.json", CREDITS, "/samples/astronaut.png", "/live/x"])
def test_a_foreign_host_is_refused_on_every_path(wire: Wire, host: str, path: str):
    assert wire.get(path, {**wire.key, "Host": host}).status in (400, 403)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:80", "[::1]:8888", "LOCALHOST:1"])
def test_loopback_names_are_accepted(wire: Wire, host: str):
    assert wire.get(CREDITS, {**wire.key, "Host": host}).code == 1000


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "file://"])
def test_a_foreign_page_cannot_change_anything(wire: Wire, origin: str):
    for path in (GET_TOKEN, f"{LIVE}/close", "/_sandbox/reset"):
        answer = wire.post(path, {}, {**wire.key, "Origin": origin})
        assert (answer.status, answer.code) == (403, 1009)


def test_a_hub_is_accepted_after_its_origin_is_allowed(wire: Wire):
    as_hub = {**wire.key, "Origin": "https://hub.example.org", "Host": "hub.example.org"}
    assert wire.post(f"{LIVE}/close", {}, as_hub).status == 403
    wire.sandbox.allow_origins = ["https://hub.example.org"]
    assert wire.post(f"{LIVE}/close", {}, as_hub).code == 1003


@pytest.mark.parametrize("host", ["", "[", "evil.example"])
def test_an_allowed_origin_does_not_allow_another_host(wire: Wire, host: str):
    wire.sandbox.allow_origins = ["https://hub.example.org"]
    assert wire.get("/state.json", {"Host": host}).status in (400, 403)


@pytest.mark.parametrize("host", ["[", "[::1", "::1]"])
@pytest.mark.parametrize("allowed", [[], ["https://hub.example.org"], ["*"]])
def test_a_host_that_cannot_be_parsed_is_refused(host: str, allowed: list[str]):
    switches = Switches()
    switches.update({"allow_origins": allowed})
    assert host_allowed(host, switches) is False
    assert host_allowed("other.example:80", switches) is ("*" in allowed)


@pytest.mark.parametrize(
    ("origin", "is_same"),
    [
        ("https://hub.example.org", True),
        ("http://hub.example.org", True),
        ("https://hub.example.org:8888", False),
        ("https://evil.example", False),
        ("https://hub.example.org.evil.example", False),
        ("hub.example.org", False),
        ("null", False),
        ("", False),
        (None, False),
    ],
)
def test_a_request_is_from_the_own_page_only_if_its_origin_is_the_requested_host(origin: str | None, is_same: bool):
    assert same_host(origin, "hub.example.org") is is_same


@pytest.mark.parametrize(
    "wrong",
    ["hub.example.org", "", "//hub.example.org", "https://", "https://hub.example.org/lab", "file:///x", "null"],
)
def test_an_invalid_origin_is_refused(wire: Wire, wrong: str):
    with pytest.raises(ValueError, match=r"allow_origins takes .*https://hub\.example\.org"):
        wire.sandbox.allow_origins = ["https://good.example.org", wrong]
    assert wire.sandbox.allow_origins == []


@pytest.mark.parametrize("key", [{}, {"x-api-key": "x"}, {"x-api-key": ""}])
@pytest.mark.parametrize("order", ["state", "reset", "switches", "nothing"])
def test_orders_need_the_secret(wire: Wire, key: dict[str, str], order: str):
    assert wire.post(f"/_sandbox/{order}", {}, key).status == 401


def test_an_api_token_is_not_a_key_for_orders(wire: Wire):
    assert wire.post("/_sandbox/reset", {}, wire.bearer()).status == 401


@pytest.mark.parametrize(
    "path", ["/files/../../etc/passwd", "/files/%2e%2e/x", "/samples/../SOURCES.md", "/samples/SOURCES.md", "/files//"]
)
def test_a_path_outside_the_offered_files_is_refused(wire: Wire, path: str):
    assert wire.get(path).status == 404


def test_no_answer_allows_other_origins(wire: Wire):
    answers = [wire.get("/state.json", {"Origin": "http://localhost:1"}), wire.post(f"{LIVE}/close", {})]
    assert not any("access-control-allow-origin" in answer.headers for answer in answers)
