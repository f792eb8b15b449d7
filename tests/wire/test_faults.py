"""Every call against a faulty server: it recovers, or raises one typed error within its time and memory limits."""

import contextlib
import itertools
import multiprocessing
import socket
import ssl
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
import trustme

from akool_nb import Client, errors
from akool_nb.wire.deadline import Deadline
from akool_nb.wire.exchange import LARGEST_ANSWER, Request
from akool_nb.wire.transport import Transport, retry_after
from tests.faultserver import (
    MIB,
    FaultServer,
    after,
    bomb,
    by_path,
    close_connection,
    drip,
    half_closed,
    hang,
    huge,
    redirect,
    reply,
    reset,
    response,
    truncated,
)
from tests.replay import CREDENTIALS, Replay, sample

SOURCE = sample("create.request")["sourceImage"][0]
PICTURE = sample("detect.request")["image_url"]
ID = "685ea0bb5aa150dd8b7116b1"
SLACK = 1.5
"""Seconds that a busy machine may add to a limit; without the limit the call would take far longer or never end."""
OK = b'{"code": 1000, "msg": "OK", "error_code": 0, "data": {"credit": 5}, "token": "abcdefgh"}'

CALLS = {
    "get_token": lambda client: client.get_token(),
    "detect": lambda client: client.detect(PICTURE),
    "detect_faces": lambda client: client.detect(PICTURE, endpoint="detect_faces"),
    "create": lambda client: client.create(SOURCE),
    "update": lambda client: client.update(ID, SOURCE),
    "close": lambda client: client.close(ID),
    "credits": lambda client: client.credits(),
}
SAFE = [name for name in CALLS if name != "create"]
TRANSIENT = {
    "503": reply(503, {"code": 5000, "msg": "busy"}),
    "429": reply(429, {"code": 4290, "msg": "slow down"}, "Retry-After: 0"),
    "1005": reply(200, {"code": 1005, "msg": "too frequent"}),
    "reset": reset,
    "hang up": close_connection,
    "truncated": truncated(OK),
    "500": reply(500, b"oops", kind="text/plain"),
    "502": reply(502, b"<html>Bad Gateway</html>", kind="text/html"),
    "504": reply(504, b"", kind="text/html"),
    "half closed": half_closed,
}
FOREVER = {
    **TRANSIENT,
    "hang": hang,
    "drip head": drip(response(200, OK), every=0.1),
    "drip body": drip(response(200, OK), from_byte=len(response(200, OK)) - len(OK), every=0.1),
    "late": after(30, reply(200, OK)),
    "huge": huge(64 * MIB),
    "huge chunks": huge(64 * MIB, chunked=True),
    "bomb": bomb(64 * MIB),
    "html": reply(200, b"<html><script>alert(1)</script></html>", kind="text/html"),
    "empty": reply(200, b""),
    "list": reply(200, b"[1, 2]"),
    "bad utf-8": reply(200, b'{"code": 1000, "msg": "\xff\xfe"}'),
    "nan": reply(200, b'{"code": NaN, "data": Infinity}'),
    "deep": reply(200, b"[" * 200_000 + b"]" * 200_000),
    "wrong types": reply(200, b'{"code": [], "msg": 7, "data": [], "token": {}}'),
    "no gzip": reply(200, b"plain", "Content-Encoding: gzip"),
    "strange encoding": reply(200, OK, "Content-Encoding: br"),
    "redirect": redirect(307, "http://127.0.0.1:1/elsewhere"),
    "huge redirect": redirect(307, "http://127.0.0.1:1/elsewhere", huge(64 * MIB)),
    "redirected bomb": redirect(302, "http://127.0.0.1:1/elsewhere", bomb(64 * MIB)),
    "no http": lambda connection, seen: connection.sendall(b"SSH-2.0-OpenSSH\r\n") is not None,
}


def make_client(server, **options) -> Client:
    return Client(**{"token": "a-token", **CREDENTIALS, "base_url": server.url, "timeout": 8, **options})


@pytest.mark.parametrize("fault", TRANSIENT)
@pytest.mark.parametrize("name", SAFE)
def test_a_safe_call_recovers_from_a_temporary_fault(name, fault):
    with Replay(TRANSIENT[fault]) as server:
        server.open.add(ID)
        CALLS[name](make_client(server))
        assert len(server.seen) == 2


@pytest.mark.parametrize("fault", FOREVER)
@pytest.mark.parametrize("name", CALLS)
def test_a_permanent_fault_raises_one_typed_error_within_the_time_limit(name, fault):
    with FaultServer(FOREVER[fault]) as server:
        client = make_client(server, timeout=0.25)
        begun = time.monotonic()
        with pytest.raises(errors.AkoolError) as caught:
            CALLS[name](client)
        assert time.monotonic() - begun < 3
    assert type(caught.value).__module__ == "akool_nb.errors"
    assert caught.value.__cause__ is None and caught.value.__context__ is None


@pytest.mark.parametrize("fault", ["drip head", "drip body", "hang"])
def test_the_deadline_covers_the_whole_call(fault):
    with FaultServer(FOREVER[fault]) as server:
        begun = time.monotonic()
        with pytest.raises(errors.DeadlineExceeded, match=r"the 1\.5 s it"):
            make_client(server, timeout=1.5).credits()
        # The documented limit, with a margin for a busy machine.
        assert 1.4 < time.monotonic() - begun < 1.5 + 0.25


def test_the_deadline_includes_signing_in():
    with Replay(after(0.8, reply(200, {"code": 1000, "token": "abcdefgh"})), hang) as server:
        client = Client(**CREDENTIALS, base_url=server.url, timeout=1.2)
        begun = time.monotonic()
        with pytest.raises(errors.DeadlineExceeded):
            client.credits()
        assert time.monotonic() - begun < 1.7


def test_a_host_that_never_accepts_a_connection_exceeds_the_deadline():
    # A listener with a full queue: connecting hangs.
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        fillers = [_connecting(address) for _ in range(4)]
        client = Client(token="t", base_url=f"http://127.0.0.1:{address[1]}", timeout=1.0)
        with pytest.raises(errors.DeadlineExceeded):
            client.credits()
        for filler in fillers:
            filler.close()


@pytest.mark.parametrize("work", [lambda client: client.credits(), lambda client: client.create(SOURCE)])
def test_a_host_with_many_addresses_that_never_accept_exceeds_one_deadline(work, monkeypatch):
    with contextlib.ExitStack() as stack:
        port = 0
        for last in range(1, 5):
            listener = stack.enter_context(socket.socket())
            listener.bind((f"127.0.0.{last}", port))
            listener.listen(0)
            port = listener.getsockname()[1]
            for _ in range(4):
                stack.enter_context(_connecting(listener.getsockname()))
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{last}", port)) for last in range(1, 5)]
        replace_name_lookup(monkeypatch, lambda: found)
        begun = time.monotonic()
        with pytest.raises(errors.DeadlineExceeded):
            work(Client(token="t", base_url=f"https://many.invalid:{port}", timeout=1.0))
        assert time.monotonic() - begun < 1.0 + SLACK


def test_a_name_lookup_that_takes_too_long_exceeds_the_deadline(monkeypatch):
    replace_name_lookup(monkeypatch, lambda: time.sleep(4))
    begun = time.monotonic()
    with pytest.raises(errors.DeadlineExceeded):
        Client(token="t", base_url="https://slow.invalid", timeout=0.5).credits()
    assert time.monotonic() - begun < 0.5 + SLACK


def test_if_the_first_address_of_a_host_is_dead_the_next_one_is_used(monkeypatch):
    with Replay() as server:
        port = int(server.url.rpartition(":")[2])
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port)) for host in ("127.0.0.9", "127.0.0.1")]
        replace_name_lookup(monkeypatch, lambda: found)
        assert Client(token="t", base_url=server.url).credits() == 123


def test_a_call_works_while_python_shuts_down_and_starts_no_more_threads(monkeypatch):
    """From Python 3.12 on no thread can start during `atexit`, where the last sessions are closed."""

    def refuse(thread):
        raise RuntimeError("can't create new thread at interpreter shutdown")

    with Replay() as server:
        client = make_client(server, timeout=2)
        client.credits()
        ours = {"akool_nb name look-up"}
        wait_until(lambda: not ours & {thread.name for thread in threading.enumerate()}, 40)
        server.open.add(ID)
        started = threading.Thread.start
        # The server's own threads may still start.
        monkeypatch.setattr(threading.Thread, "start", lambda self: (refuse if self.name in ours else started)(self))
        client.close(ID)
        assert server.open == set()


def replace_name_lookup(monkeypatch, look):
    """Replace the system's name lookup for every host."""
    real = socket.getaddrinfo
    ours = "akool_nb name look-up"

    def found(*args, **kwargs):
        return look() if threading.current_thread().name == ours else real(*args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", found)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A certificate authority of our own: its file, and the TLS context of a server with its certificate."""
    ours = trustme.CA()
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    ours.cert_pem.write_to_path(path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.issue_cert("127.0.0.1").configure_cert(context)
    return path, context


def test_with_an_untrusted_certificate_nothing_is_sent(authority):
    _, context = authority
    with FaultServer(reply(200, OK), tls=context) as server:
        for name in CALLS:
            with pytest.raises(errors.CertificateError):
                CALLS[name](make_client(server))
        assert server.seen == []


def test_an_authority_named_in_the_environment_is_trusted(authority, monkeypatch):
    path, context = authority
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))
    with FaultServer(reply(200, OK), tls=context) as server:
        assert make_client(server).credits() == 5


@pytest.mark.parametrize(
    "fault", ["hang", "drip head", "drip body", "reset", "hang up", "huge", "bomb", "huge redirect"]
)
def test_a_fault_behind_tls_raises_a_transport_error_in_time(authority, fault, monkeypatch):
    path, context = authority
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))
    with FaultServer(FOREVER[fault], tls=context) as server:
        begun = time.monotonic()
        with pytest.raises(errors.TransportError):
            make_client(server, timeout=1.0).credits()
        assert time.monotonic() - begun < 1.0 + SLACK


def test_a_tls_handshake_that_never_ends_exceeds_the_deadline():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        with pytest.raises(errors.DeadlineExceeded):
            Client(token="t", base_url=f"https://127.0.0.1:{silent.getsockname()[1]}", timeout=1.0).credits()
        assert time.monotonic() - begun < 1.0 + SLACK


def test_a_forked_child_opens_its_own_connection():
    with Replay() as server:
        client = make_client(server)
        client.credits()
        context = multiprocessing.get_context("fork")
        child = context.Process(target=client.credits)
        before = server.connections
        child.start()
        child.join()
        assert (child.exitcode, server.connections) == (0, before + 1)


@pytest.mark.parametrize("seconds", [1e12, float("inf")])
def test_a_timeout_may_be_infinite(seconds):
    with Replay() as server:
        assert make_client(server, timeout=seconds).credits() == 123


def test_a_429_without_a_body_is_a_rate_limit_error():
    with FaultServer(reply(429, b"", kind="text/plain")) as server, pytest.raises(errors.RateLimitError):
        make_client(server, retries=0).credits()


def test_a_token_that_fits_no_header_is_a_bad_response_and_create_is_not_sent():
    with Replay(reply(200, {"code": 1000, "token": "tökén-aus-dem-Netz"})) as server:
        with pytest.raises(errors.BadResponse, match="no token"):
            Client(**CREDENTIALS, base_url=server.url).create(SOURCE)
        assert server.count("create") == 0


def test_a_token_that_another_thread_has_renewed_is_not_renewed_again():
    """The refusal of the old token arrives after the new token."""
    with Replay() as server:
        client = make_client(server)
        client.credits()
        slow = after(0.5, reply(200, {"code": 1101, "msg": "Invalid authorization"}))
        server.replies.insert(0, slow)
        late = threading.Thread(target=client.credits)
        late.start()
        wait_until(lambda: server.seen[-1].path.endswith("quota/info") and len(server.replies) == 1)
        client.get_token()
        late.join()
        assert server.signed_in == 1


def _connecting(address):
    filler = socket.socket()
    filler.setblocking(False)
    filler.connect_ex(address)
    return filler


@pytest.mark.parametrize(
    "fault", ["hang", "drip head", "drip body", "reset", "hang up", "truncated", "half closed", "500", "502", "504",
              "html", "empty", "list", "bad utf-8", "nan", "deep", "wrong types", "huge", "bomb"],
)  # fmt: skip
def test_a_create_that_may_have_arrived_is_sent_once_and_raises_outcome_unknown(fault):
    with FaultServer(FOREVER[fault]) as server:
        with pytest.raises(errors.OutcomeUnknown, match=r"akool-nb\s+sessions\s+--close"):
            make_client(server, timeout=0.4).create(SOURCE)
        # On a busy machine the call may end before the server has read it.
        wait_until(lambda: server.count("create"))
        assert server.count("create") == 1


@pytest.mark.parametrize("fault", ["503", "429"])
def test_a_create_that_the_server_rejected_is_sent_again(fault):
    with Replay(TRANSIENT[fault]) as server:
        make_client(server).create(SOURCE).close()
        assert (server.count("create"), len(server.closed)) == (2, 1)


def test_a_create_whose_connection_was_refused_raises_connection_failed():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(errors.ConnectionFailed):
        Client(token="t", base_url=f"http://127.0.0.1:{port}", timeout=5).create(SOURCE)


def test_a_create_refused_with_a_code_does_not_raise_outcome_unknown():
    with FaultServer(reply(500, {"code": 1104, "msg": "no credits"})) as server:
        with pytest.raises(errors.InsufficientQuotaError):
            make_client(server).create(SOURCE)
        assert server.count("create") == 1


def test_a_create_always_uses_a_new_connection():
    with Replay() as server:
        client = make_client(server)
        client.credits()
        before = server.connections
        for _ in range(3):
            client.create(SOURCE).close()
        assert server.connections == before + 3
        create = next(seen for seen in server.seen if seen.path.endswith("create"))
        assert create.headers["connection"] == "close"


def test_an_interrupted_create_is_closed_when_its_answer_arrives():
    main = threading.main_thread().ident

    def created(connection, seen):
        signal_interrupt(main)  # The request has arrived; the answer is not sent yet.
        return after(0.5, reply(200, sample("create.response")))(connection, seen)

    with FaultServer(by_path(create=created, close=reply(200, sample("close.response")))) as server:
        client = make_client(server)
        with pytest.raises(KeyboardInterrupt):
            client.create(SOURCE)
        wait_until(lambda: server.count("close") and not client.sessions)
        assert server.count("close") == 1


def signal_interrupt(thread_id):
    import signal

    signal.pthread_kill(thread_id, signal.SIGINT)


def wait_until(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition is still false"
        time.sleep(0.02)


def test_retry_after_in_seconds_is_respected():
    with Replay(reply(429, {"code": 1005, "msg": "slow down"}, "Retry-After: 1")) as server:
        make_client(server).credits()
        # Without the header the pause is half a second at most.
        assert server.seen[1].at - server.seen[0].at >= 1.0


def test_retry_after_as_a_date_is_parsed():
    soon = datetime.now(timezone.utc) + timedelta(seconds=2)
    assert 0 < retry_after(format_datetime(soon, usegmt=True)) <= 2
    assert retry_after("Sun, 06 Nov 1994 08:49:37 GMT") == 0
    assert retry_after("soon") is None
    assert retry_after("²") is None


def test_a_retry_after_beyond_the_deadline_raises_at_once():
    with FaultServer(reply(429, {"code": 1005, "msg": "slow down"}, "Retry-After: 3600")) as server:
        begun = time.monotonic()
        with pytest.raises(errors.RateLimitError):
            make_client(server).credits()
        assert time.monotonic() - begun < 1


def test_a_documented_refusal_is_not_retried():
    with FaultServer(reply(500, {"error_code": 1, "error_msg": "Invalid URL format", "faces_obj": {}})) as server:
        with pytest.raises(errors.DetectionError):
            make_client(server).detect(PICTURE)
        assert len(server.seen) == 1


def test_pauses_between_retries_are_jittered():
    with FaultServer(close_connection) as server:
        with pytest.raises(errors.ConnectionFailed):
            make_client(server).credits()
        times = [seen.at for seen in server.seen]
    pauses = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert len(pauses) == 3
    assert len({round(pause, 3) for pause in pauses}) > 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status):
    with FaultServer(reply(200, OK)) as other, FaultServer(redirect(status, other.url + "/api")) as server:
        with pytest.raises(errors.BadResponse, match="elsewhere"):
            Client(**CREDENTIALS, base_url=server.url, timeout=5).get_token()
        assert (len(other.seen), other.connections) == (0, 0)


def test_netrc_is_ignored(tmp_path, monkeypatch):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login thief password thief\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with Replay() as server:
        Client(token="mine", base_url=server.url).credits()
        assert server.seen[-1].headers["authorization"] == "Bearer mine"


def test_cookies_are_not_stored():
    with Replay(reply(200, sample("quota.response"), "Set-Cookie: id=1")) as server:
        client = make_client(server)
        client.credits()
        client.credits()
        assert "cookie" not in server.seen[-1].headers


def test_a_proxy_from_the_environment_is_used(monkeypatch):
    with FaultServer(reply(502, b"")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(errors.ConnectionFailed):
            Client(token="t", base_url="https://openapi.akool.invalid", timeout=3, retries=0).credits()
        assert [(seen.method, seen.path) for seen in proxy.seen] == [("CONNECT", "openapi.akool.invalid:443")]
        assert "authorization" not in proxy.seen[0].headers


def test_no_proxy_is_used_for_loopback_addresses(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with Replay() as server:
        assert make_client(server).credits() == 123


def giant(connection, seen):
    """A bomb that takes a second to compress: build it only when it is sent, not in each process that imports this."""
    return bomb(128 * MIB)(connection, seen)


LARGE = {
    "huge": huge(128 * MIB),
    "huge chunks": huge(128 * MIB, chunked=True),
    "bomb": giant,
    "huge redirect": redirect(307, "http://127.0.0.1:1/x", huge(128 * MIB)),
    "redirected bomb": redirect(307, "http://127.0.0.1:1/x", giant),
    "many little things": reply(200, b'{"code": 1000, "data": [' + b"{}," * (LARGEST_ANSWER // 3 - 20) + b"{}]}"),
}
# In a process of its own, because an earlier test may have raised the peak of this one.
MEASURED = """
import resource, sys
from akool_nb import Client, errors
client = Client(token="t", base_url=sys.argv[1], timeout=50, retries=0)
try: client.info("warm up what is imported late")
except errors.AkoolError: pass
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before = peak()
try: client.credits()
except errors.BadResponse as error: print(peak() - before, error.message)
"""


@pytest.mark.parametrize("fault", LARGE)
def test_a_large_answer_needs_little_memory(fault):
    with FaultServer(reply(503, b""), LARGE[fault]) as server:
        command = [sys.executable, "-c", MEASURED, server.url]
        more, _, message = subprocess.check_output(command, text=True, timeout=60).partition(" ")
    assert float(more) <= 32
    assert f"larger than {LARGEST_ANSWER // MIB} MiB" in message or "holds no credit" in message


def test_32_threads_with_an_expired_token_renew_it_once():
    with Replay() as server:
        client = make_client(server)
        client.credits()
        for _ in range(3):
            server.expire()
            before = server.signed_in
            results = in_threads(32, client.credits)
            assert results == [123] * 32
            assert server.signed_in == before + 1


def test_32_threads_without_a_token_sign_in_once():
    with Replay() as server:
        client = Client(**CREDENTIALS, base_url=server.url, timeout=10)
        assert in_threads(32, client.credits) == [123] * 32
        assert server.signed_in == 1


def in_threads(number, work):
    together = threading.Barrier(number)
    results = []

    def run():
        together.wait()
        results.append(work())

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_a_token_that_cannot_be_renewed_raises_authentication_error():
    with Replay() as server:
        server.expire()
        with pytest.raises(errors.AuthenticationError) as caught:
            Client(token="old", base_url=server.url).credits()
        assert caught.value.code == 1101
        assert server.signed_in == 0


def test_a_create_refused_with_1101_is_sent_again_once_after_signing_in():
    with Replay() as server:
        client = make_client(server)
        server.expire()
        client.create(SOURCE).close()
        assert (server.count("create"), server.signed_in, len(server.closed)) == (2, 1, 1)


def test_a_call_leaves_no_thread_behind():
    with Replay() as server:
        before = set(threading.enumerate())
        Client(token="t", base_url=server.url, timeout=0.5).credits()
        ours = {"akool_nb name look-up"}
        wait_until(lambda: not [one for one in threading.enumerate() if one not in before and one.name in ours], 40)


def test_a_server_that_reads_slowly_exceeds_the_deadline(authority, monkeypatch):
    path, context = authority
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))
    with FaultServer(hang, tls=context) as server:
        # The server does not read a body that is larger than every buffer.
        monkeypatch.setattr("tests.faultserver._read", lambda stream: time.sleep(4))
        begun = time.monotonic()
        with pytest.raises(errors.DeadlineExceeded):
            Transport().send(Request("POST", server.url, {"img": "x" * (16 * MIB)}), Deadline(1.0))
        assert time.monotonic() - begun < 1.0 + SLACK
