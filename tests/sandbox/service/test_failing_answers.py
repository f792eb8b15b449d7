"""Faults on request, as a client receives them."""

from __future__ import annotations

import http.client
import socket
from urllib.parse import urlsplit

import pytest

from akool_nb.errors import CODES
from tests.sandbox.wire import CREDITS, DETECT, DETECT_FACES, LIVE, Wire, photo_base64


@pytest.mark.parametrize("code", sorted(set(CODES) - {1}))
def test_every_code_of_the_table_can_be_requested(wire: Wire, code: int):
    wire.sandbox.fail_next("credits", code=code)
    assert wire.get(CREDITS).json == {"code": code, "msg": CODES[code].meaning}
    assert wire.get(CREDITS).code == 1000


def test_a_fault_may_have_a_status_a_text_and_a_retry_after(wire: Wire):
    wire.sandbox.fail_next("credits", code=1005, status=429, message="slow down", retry_after=2)
    answer = wire.get(CREDITS)
    assert (answer.status, answer.headers["retry-after"], answer.json["msg"]) == (429, "2", "slow down")


@pytest.mark.parametrize(("status", "shown"), [(0, 400), (500, 500)])
def test_a_detector_code_has_the_form_of_the_detector(wire: Wire, status: int, shown: int):
    wire.sandbox.fail_next("detect_faces", code=1, status=status)
    answer = wire.post(DETECT_FACES, {"img": photo_base64()})
    failure = {"error_code": 1, "error_msg": "Failed to process media", "faces_obj": {}}
    assert (answer.status, answer.json) == (shown, failure)
    wire.sandbox.fail_next("detect", code=1, status=status, message="out of order")
    legacy = wire.post(DETECT, {"img": photo_base64()})
    assert legacy.status == (status or 200) and legacy.json["landmarks"] == []
    assert (legacy.json["error_code"], legacy.json["error_msg"]) == (1, "out of order")


def test_a_permanent_fault_lasts_until_heal(wire: Wire):
    wire.sandbox.fail_always("credits", code=1104)
    assert [wire.get(CREDITS).code for _ in range(3)] == [1104] * 3
    wire.sandbox.heal()
    assert wire.get(CREDITS).code == 1000


def test_a_fault_applies_only_to_its_call(wire: Wire):
    wire.sandbox.fail_next("create", code=1104)
    assert wire.get(CREDITS).code == 1000
    assert wire.create().code == 1104


def test_several_calls_can_have_faults(wire: Wire):
    wire.sandbox.fail_next("credits", code=1003, times=2)
    assert [wire.get(CREDITS).code for _ in range(3)] == [1003, 1003, 1000]


def test_the_page_of_a_proxy_may_replace_json(wire: Wire):
    wire.sandbox.fail_next("credits", kind="html")
    answer = wire.get(CREDITS)
    assert answer.status == 502 and answer.headers["content-type"] == "text/html" and b"<html>" in answer.raw


def test_a_reset_closes_the_connection_with_rst(wire: Wire):
    wire.sandbox.fail_next("credits", kind="reset")
    with pytest.raises(ConnectionResetError):
        wire.get(CREDITS)


def test_a_truncated_answer_is_incomplete(wire: Wire):
    wire.sandbox.fail_next("credits", kind="truncate")
    with pytest.raises(http.client.IncompleteRead):
        wire.get(CREDITS)


@pytest.mark.parametrize("kind", ["empty", "garbage"])
def test_an_answer_may_be_invalid_json(wire: Wire, kind: str):
    wire.sandbox.fail_next("credits", kind=kind)
    with pytest.raises(ValueError, match=r"Expecting|utf-8"):
        print(wire.get(CREDITS).json)


def test_a_hanging_answer_lasts_until_the_caller_closes(wire: Wire):
    wire.sandbox.fail_next("credits", kind="hang")
    connection = http.client.HTTPConnection(urlsplit(wire.sandbox.url).netloc, timeout=0.3)
    connection.request("GET", CREDITS, headers=wire.key)
    with pytest.raises(socket.timeout):
        connection.getresponse()
    connection.close()
    assert wire.get(CREDITS).code == 1000


def test_a_lost_answer_to_create_leaves_the_session_open(wire: Wire):
    wire.sandbox.fail_next("create", kind="reset", after=True)
    with pytest.raises(ConnectionResetError):
        wire.create()
    assert len(wire.sandbox.sessions) == 1


def test_one_lost_answer_to_close_has_closed_the_session(wire: Wire):
    session = wire.session()
    wire.sandbox.fail_next("close", kind="html", after=True)
    assert wire.post(f"{LIVE}/close", {"_id": session["_id"]}).status == 502
    assert wire.sandbox.sessions == []


@pytest.mark.parametrize(
    "order",
    [
        {"call": "nothing"},
        {"call": "create", "kind": "explode"},
        {"call": "create", "times": 0},
        {"call": "create", "status": 9},
        {"call": "create", "code": "x"},
        {"call": "create", "colour": "red"},
        {"call": "create", "times": True},
        {"call": "create", "status": 204},
        {"call": "create", "status": 304},
        {"call": "create", "code": 1000},
        {"call": "create", "code": -5},
        {"call": "create", "code": 0},
        {"call": "create", "retry_after": -1},
        {"call": "create", "retry_after": 1e300},
    ],
)
def test_an_invalid_fault_is_refused(wire: Wire, order: dict):
    with pytest.raises(ValueError, match=r"takes|is not a field"):
        wire.sandbox.fail_next(**order)
