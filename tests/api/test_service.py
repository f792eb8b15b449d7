"""The default detector and its fallback, the time limit of `wait`, open sessions, arguments and pasted text."""

import json
import time

import numpy as np
import pytest

from akool_nb import Client, connect, errors, opts
from akool_nb.wire import answers
from akool_nb.wire.addresses import base_address, proxy_for
from akool_nb.wire.credentials import Credentials, clean
from tests.faultserver import after, by_path, reply, response
from tests.replay import CREDENTIALS, Replay, sample

PICTURE = sample("detect.request")["image_url"]
SOURCE = sample("create.request")["sourceImage"][0]


def test_an_unknown_newer_detector_is_requested_once_and_then_the_older_one():
    with Replay(by_path(detect=reply(200, sample("detect.response")))) as server:
        server.replies = server.replies[:1]
        client = Client(token="t", base_url=server.url)
        for _ in range(2):
            assert len(client.detect(PICTURE)) == 1
        assert [seen.path.rpartition("/")[2] for seen in server.seen] == ["detect_faces", "detect", "detect"]


def test_a_refusal_about_a_foreign_session_does_not_disable_the_info_call(client, replay):
    replay.replies.insert(0, reply(200, {"code": 1000, "token": "x" * 20}))
    replay.replies.insert(1, reply(200, {"code": 1003, "msg": "no such session"}))
    assert client.info("0" * 24) is None
    with client.create(SOURCE) as session:
        assert session.wait(5) == 2


def test_wait_respects_its_own_time_limit(client, replay):
    with client.create(SOURCE) as session:
        replay.replies.insert(0, after(3, reply(200, {"code": 1000})))
        begun = time.monotonic()
        session.wait(0.5)
        assert time.monotonic() - begun < 2


def test_a_second_session_is_announced_and_close_all_closes_both(client, replay, capsys):
    first = client.create(SOURCE)
    second = Client(**CREDENTIALS, base_url=replay.url).create(SOURCE)
    assert f'open already: "{first.id}"' in capsys.readouterr().out
    assert set(client.close_all()) == {first.id, second.id}
    assert (replay.open, first.closed, second.closed) == (set(), True, True)


def test_an_ended_sandbox_is_named_in_the_error_and_its_sessions_count_as_closed():
    with Replay() as server:
        client = Client(token="t", base_url=server.url)
        sessions = [client.create(SOURCE) for _ in range(2)]
    begun = time.monotonic()
    for call in (client.credits, lambda: sessions[0].update(SOURCE), lambda: client.detect(PICTURE)):
        before = len(client.calls)
        with pytest.raises(
            errors.ConnectionRefused, match=r"sandbox, it has ended, .* Call akool_nb\.connect\(\) again"
        ):
            call()
        assert len(client.calls) - before == 1, "a call to an ended sandbox is not retried"
    sessions[0].close()
    client.close(sessions[1].id)
    assert time.monotonic() - begun < 1
    assert (client.sessions, [session.closed for session in sessions]) == ([], [True, True])


def test_a_local_gateway_is_not_treated_as_the_sandbox():
    def answer(connection, seen):
        body = json.dumps(server._body(seen)).encode()
        connection.sendall(response(200, body).replace(b"akool-nb-sandbox", b"gateway"))
        return True

    with Replay(answer) as server:
        server.replies = server.replies[:1]
        client = Client(token="t", base_url=server.url)
        session = client.create(SOURCE)
        assert (client.is_sandbox, session.view_url, session.channel.is_sandbox) == (False, None, False)
    # Its session is open at AKOOL, so it stays open while the gateway is off.
    with pytest.raises(errors.ConnectionRefused):
        session.close()
    assert not session.closed
    client.upkeep._forget(session)


def test_connect_with_a_base_url_but_no_credentials_does_not_start_the_sandbox():
    with pytest.raises(errors.MissingCredentials, match="gateway"):
        connect(base_url="https://gateway.example")
    with pytest.raises(TypeError, match="credentials"):
        connect(sandbox=True, api_key="a-key")


def test_akool_api_host_sets_the_default_address(monkeypatch):
    monkeypatch.setenv("AKOOL_API_HOST", "https://test.example/")
    assert Client(token="t").base_url == "https://test.example"


@pytest.mark.parametrize("wrong", ["https://[x", "https://u:p@host", "https://host?q", "http://host", "https://a b"])
def test_a_wrong_base_address_is_refused(wrong):
    with pytest.raises(errors.TransportError, match="base_url"):
        base_address(wrong, "base_url")


@pytest.mark.parametrize("proxy", ["socks5h://127.0.0.1:9", "http://u:a#b@host:1", "ftp://host:1"])
def test_an_unusable_proxy_is_named_by_its_setting(proxy, monkeypatch):
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(errors.TransportError, match="ALL_PROXY"):
        proxy_for("https://openapi.akool.com")


@pytest.mark.parametrize(
    "pasted", ["\ufeff{}", "“{}”", '"Bearer {}"', "AKOOL_API_KEY={}", "export AKOOL_API_KEY='{}'", "{}\u200b"]
)
def test_characters_and_variable_names_around_a_pasted_key_are_removed(pasted):
    assert clean(pasted.format("AKX5brZQ=")) == "AKX5brZQ="


def test_a_wrong_character_is_named_with_its_position():
    assert "(AKOOL_API_KEY) holds 'ö'" in Credentials.found(api_key="abö").problem
    assert "place 3" in Credentials.found(api_key="abö").problem


def test_only_four_of_six_points_are_kept_and_an_invalid_face_is_skipped():
    text = "294,65:316,64:304,76:305,86:296,86:314,85"
    body = {"error_code": 0, "region": [[1, 1, 9, 9], [1, 1, 0, 9]], "landmarks_str": [text, "5,5:5,5:1,1:2,2"]}
    (face,) = answers.faces(answers.Answer(body, 200))
    assert face.opts == text[:27]


def test_numpy_numbers_are_valid_landmarks():
    points = [[262, 175], [363, 175], [313, 215], [312, 279]]
    for kind in (np.int64, np.int32, np.float32, np.uint16):
        assert opts.build(np.array(points, kind)) == opts.build(points)


def test_the_demo_page_is_shown_without_the_token(client):
    with client.create(SOURCE) as session:
        demo = session.channel.demo()
        shown = repr(demo) + demo._repr_html_() + demo.url
        assert session.channel.token not in shown
        assert f"channel={session.channel.channel_id}&uid={session.channel.uid}" in demo.url
        assert "sandbox" in shown
        assert f'<a href="{demo.source_url}"' in demo._repr_html_()
