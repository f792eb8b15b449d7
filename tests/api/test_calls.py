"""The call log: a table, a curl command that works, a data frame; bounded, and without secrets."""

import json
import subprocess
import threading
from datetime import datetime, timezone

import pytest

from akool_nb import Client, errors, samples
from akool_nb.api.calls import Call, CallLog
from tests.faultserver import FaultServer, reply
from tests.replay import CREDENTIALS, sample

HOSTILE = "<script>alert(1)</script>"
SHELL = {
    "AKOOL_CLIENT_ID": "an id",
    "AKOOL_CLIENT_SECRET": "a secret",
    "AKOOL_API_KEY": "a key",
    "AKOOL_TOKEN": "a token",
    "PATH": "/usr/bin:/bin",
}


def call(**fields) -> Call:
    facts = {"at": datetime(2025, 6, 16, tzinfo=timezone.utc), "method": "POST", "url": "https://host/live/create"}
    return Call(**{**facts, "auth": "token", "request": {"a": 1}, "attempt": 1, "seconds": 0.25, **fields})


def run_as_shell(command: str, folder) -> tuple[list[str], str]:
    """The arguments and the standard input that curl would get."""
    script = f'curl() {{ for arg in "$@"; do printf "%s\\0" "$arg"; done; printf "\\1"; cat; }}\n{command} </dev/null'
    script = script.replace(" </dev/null", "") if "<<" in command else script
    out = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, env=SHELL, cwd=folder, check=True
    ).stdout
    arguments, _, stdin = out.partition("\1")
    return arguments.split("\0")[:-1], stdin


def test_every_call_is_logged_with_its_request_and_its_answer(client):
    client.detect(sample("detect.request")["image_url"], endpoint="detect")
    call = client.calls[-1]
    assert (call.method, call.endpoint, call.http_status, call.code, call.ok) == ("POST", "/detect", 200, 0, True)
    assert call.request == sample("detect.request")
    assert call.answer["landmarks_str"] == sample("detect.response")["landmarks_str"]
    assert call.trx_id == sample("detect.response")["trx_id"]
    assert call.seconds > 0


def test_each_attempt_of_a_call_has_its_row(client, replay):
    replay.replies.insert(0, reply(503, b"busy"))
    client.get_token()
    assert [(call.attempt, call.http_status, call.error) for call in client.calls] == [
        (1, 503, "BadResponse"),
        (2, 200, ""),
    ]


def test_a_call_without_an_answer_is_logged_too(client, replay):
    replay.__exit__()
    with pytest.raises(errors.ConnectionFailed):
        client.credits()
    assert (client.calls[-1].http_status, client.calls[-1].error) == (None, "ConnectionRefused")


def test_the_log_contains_no_secret(client, replay):
    client.detect(samples.photo("astronaut"))
    client.create(sample("create.request")["sourceImage"][0]).close()
    text = repr(list(client.calls)) + client.calls._repr_html_() + client.calls.to_pandas().to_csv()
    text += "".join(call._repr_html_() + call.to_curl() + str(vars(call)) for call in client.calls)
    token = sample("create.response")["data"]["front_rtc_token"]
    for secret in (*CREDENTIALS.values(), replay.good_token, token, replay.seen[1].json["img"][:100]):
        assert secret not in text


def test_a_secret_echoed_by_the_server_is_not_in_the_log():
    secret = CREDENTIALS["client_secret"]
    with FaultServer(reply(200, {"code": 1003, "msg": f"bad key {secret}", "debug": {"you sent": secret}})) as server:
        client = Client(**CREDENTIALS, base_url=server.url)
        with pytest.raises(errors.ParameterError) as caught:
            client.credits()
    assert secret not in client.calls._repr_html_() + str(client.calls[-1].answer) + str(caught.value)


@pytest.mark.parametrize("form", [lambda text: {"msg": text}, lambda text: {"msg": {"detail": text}},
                                  lambda text: {"msg": "no", "trx_id": text[160:]}])  # fmt: skip
@pytest.mark.parametrize("before", range(205, 245, 5))
def test_a_message_that_is_cut_inside_a_secret_contains_no_part_of_it(before, form):
    secret = CREDENTIALS["client_secret"]
    with FaultServer(reply(200, {"code": 1003, **form("x" * before + secret)})) as server:
        client = Client(**CREDENTIALS, token="a-token", base_url=server.url)
        with pytest.raises(errors.ParameterError) as caught:
            client.credits()
    assert secret[:8] not in str(caught.value) + repr(vars(caught.value)) + client.calls._repr_html_()
    assert secret[:8] not in repr(client.calls[-1].trx_id)


def test_the_curl_command_of_a_logged_call_sends_the_same_request(client, replay, tmp_path):
    client.detect(sample("detect.request")["image_url"], endpoint="detect")
    arguments, _ = run_as_shell(client.calls.to_curl(), tmp_path)
    assert arguments[:3] == ["-X", "POST", f"{replay.url}/detect"]
    assert "Authorization: Bearer a token" in arguments
    assert json.loads(arguments[arguments.index("-d") + 1]) == sample("detect.request")


def test_credentials_are_shell_variables_in_the_curl_command(client, tmp_path):
    client.get_token()
    _, stdin = run_as_shell(client.calls.to_curl(), tmp_path)
    assert json.loads(stdin) == {"clientId": "an id", "clientSecret": "a secret"}


def test_the_curl_command_reads_a_picture_from_a_file(client, tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"x" * 500_000)
    client.detect(samples.photo("astronaut"))
    _, stdin = run_as_shell(client.calls.to_curl(), tmp_path)
    assert len(json.loads(stdin)["img"]) > 600_000


@pytest.mark.parametrize(
    "hostile",
    ["$(touch pwned)", "`touch pwned`", "'; touch pwned; '", "\\$(touch pwned)", "\nAKOOL\ntouch pwned\n"],
)
@pytest.mark.parametrize("beside", ["plain", "${AKOOL_TOKEN}"])
def test_a_curl_command_does_not_run_text_from_the_request(hostile, beside, tmp_path):
    request = {"image_url": hostile, "beside": beside}
    arguments, stdin = run_as_shell(call(request=request, url=f"https://host/{hostile}").to_curl(), tmp_path)
    sent = json.loads(stdin or arguments[arguments.index("-d") + 1])
    assert sent["image_url"] == hostile
    assert not (tmp_path / "pwned").exists()


def test_the_table_escapes_foreign_text():
    log = CallLog()
    log.add(call(said=HOSTILE, answer={HOSTILE: HOSTILE}, url=f"https://host/{HOSTILE}", error=HOSTILE))
    for html in (log._repr_html_(), log[0]._repr_html_()):
        assert "<script" not in html
        assert "&lt;script&gt;" in html


def test_the_table_shows_the_newest_calls_and_how_many_are_left_out():
    log = CallLog(kept=60)
    for number in range(100):
        log.add(call(said=f"number {number}."))
    html = log._repr_html_()
    assert len(log) == 60
    assert "number 99." in html and "number 49." not in html
    assert "50 older calls" in html


def test_the_log_is_a_sequence():
    log = CallLog()
    for number in range(5):
        log.add(call(attempt=number, error="BadResponse" if number % 2 else "", url=f"https://host/{number}"))
    assert [one.attempt for one in log[1:3]] == [1, 2]
    assert len(log.failed()) == 2
    assert [one.attempt for one in log.find("host/3")] == [3]
    assert repr(log) == "<CallLog: 5 calls, 2 failed>"
    with pytest.raises(IndexError, match="holds 5"):
        log[7]


def test_the_log_becomes_a_data_frame(client):
    client.credits()
    frame = client.calls.to_pandas()
    assert list(frame["http_status"]) == [200, 200]
    assert CallLog().to_pandas().empty


def test_a_command_is_shown_without_quotes():
    assert repr(call().to_curl()) == str(call().to_curl())


def test_the_log_can_be_read_while_calls_are_added():
    log = CallLog(kept=50)
    stop = threading.Event()

    def grow():
        while not stop.is_set():
            log.add(call())

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        for _ in range(50):
            assert log._repr_html_()
            assert len(list(log)) <= 50
    finally:
        stop.set()
        writer.join()
