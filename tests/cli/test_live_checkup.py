"""The live checkup and Agora: whether its hosts answer, and whether app id and token match."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time

import pytest
import trustme

from akool_nb.agora import AgoraChannel, RtcToken
from akool_nb.cli.live_checkup import LiveCheckup, agora_reached, app_ids

APP_ID = "ea4df2d20e43424ab4a8028e1883b17f"
CLOSED = "127.0.0.1:9"


@pytest.fixture
def host(tmp_path, monkeypatch):
    """A host on this machine with a certificate that is trusted here."""
    ours = trustme.CA()
    ours.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.issue_cert("127.0.0.1").configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=answer_not_found, args=(listener, context), daemon=True).start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def answer_not_found(listener, context):
    """Answer every request with 404, until the listener is closed."""
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as secure:
                secure.recv(65536)
                secure.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")


def channel(app_id, token=None):
    signed = RtcToken(APP_ID, "channel", "1", int(time.time()), 3600).encode("a certificate")
    return AgoraChannel(app_id, "channel", "1", signed if token is None else token, "3")


def test_a_host_that_answers_is_reached(host):
    finding = agora_reached([host])
    assert (finding.state, finding.found) == ("ok", "all 1 join hosts answer")


def test_one_host_of_several_is_enough_and_the_others_are_named(host):
    finding = agora_reached([CLOSED, host])
    assert finding.state == "ok"
    assert "1 of 2" in finding.found and "refused" in finding.found


def test_without_a_network_the_advice_lists_the_hosts_to_allow():
    finding = agora_reached([CLOSED, "no-such-host.invalid"])
    assert finding.state == "note"
    assert finding.found.startswith("no join host was reached: 127.0.0.1:9 (")
    assert "refused" in finding.found
    assert "127.0.0.1:9, no-such-host.invalid" in finding.advice


def test_a_host_with_an_untrusted_certificate_does_not_count_as_reached(host, monkeypatch, tmp_path):
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "other.pem"))
    assert agora_reached([host]).state == "note"


def test_app_id_and_token_are_compared():
    assert app_ids(channel(APP_ID)).state == "ok"
    differ = app_ids(channel("f" * 32))
    assert differ.state == "note"
    assert "f" * 32 in differ.found and APP_ID in differ.found
    assert "cannot be read" in app_ids(channel(APP_ID, token="007nonsense")).found


def test_app_id_and_agora_are_findings_of_the_checkup(sandbox):
    findings = {finding.name: finding for finding in LiveCheckup(sandbox.client(), hosts=[CLOSED]).findings()}
    assert (findings["app id"].state, findings["Agora"].state) == ("ok", "note")
    assert findings["close"].state == "ok"
