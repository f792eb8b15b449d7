"""Every call against a server that misbehaves: it recovers, or it ends in one typed error, in time and in memory."""

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
    drip,
    half_closed,
    hang,
    hang_up,
    huge,
    redirect,
    reset,
    response,
    say,
    truncated,
)
from tests.replay import CREDENTIALS, Replay, sample

SOURCE = sample("create.request")["sourceImage"][0]
PICTURE = sample("detect.request")["image_url"]
ID = "685ea0bb5aa150dd8b7116b1"
SLACK = 1.5
"""Seconds that a busy machine may add to a limit where what is tested would take far longer, or for ever."""
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
    "503": say(503, {"code": 5000, "msg": "busy"}),
    "429": say(429, {"code": 4290, "msg": "slow down"}, "Retry-After: 0"),
    "1005": say(200, {"code": 1005, "msg": "too frequent"}),
    "reset": reset,
    "hang up": hang_up,
    "truncated": truncated(OK),
    "500": say(500, b"oops", kind="text/plain"),
    "502": say(502, b"<html>Bad Gateway</html>", kind="text/html"),
    "504": say(504, b"", kind="text/html"),
    "half closed": half_closed,
}
FOREVER = {
    **TRANSIENT,
    "hang": hang,
    "drip head": drip(response(200, OK), every=0.1),
    "drip body": drip(response(200, OK), from_byte=len(response(200, OK)) - len(OK), every=0.1),
    "late": after(30, say(200, OK)),
    "huge": huge(64 * MIB),
    "huge chunks": huge(64 * MIB, chunked=True),
    "bomb": bomb(64 * MIB),
    "html": say(200, b"<html><script>alert(1)</script></html>", kind="text/html"),
    "empty": say(200, b""),
    "list": say(200, b"[1, 2]"),
    "bad utf-8": say(200, b'{"code": 1000, "msg": "\xff\xfe"}'),
    "nan": say(200, b'{"code": NaN, "data": Infinity}'),
    "deep": say(200, b"[" * 200_000 + b"]" * 200_000),
    "wrong types": say(200, b'{"code": [], "msg": 7, "data": [], "token": {}}'),
    "no gzip": say(200, b"plain", "Content-Encoding: gzip"),
    "strange encoding": say(200, OK, "Content-Encoding: br"),
    "redirect": redirect(307, "http://127.0.0.1:1/elsewhere"),
    "huge redirect": redirect(307, "http://127.0.0.1:1/elsewhere", huge(64 * MIB)),
    "redirected bomb": redirect(302, "http://127.0.0.1:1/elsewhere", bomb(64 * MIB)),
    "no http": lambda connection, seen: connection.sendall(b"SSH-2.0-OpenSSH\r\n") is not None,
}


def make_client(server, **options) -> Client:
    return Client(**{"token": "a-token", **CREDENTIALS, "base_url": server.url, "timeout": 8, **options})


@pytest.mark.parametrize("fault", TRANSIENT)
@pytest.mark.parametrize("name", SAFE)
def test_a_safe_call_recovers_from_a_fault_that_passes(name, fault):
    with Replay(TRANSIENT[fault]) as server:
        server.open.add(ID)
        CALLS[name](make_client(server))
        assert len(server.seen) == 2


@pytest.mark.parametrize("fault", FOREVER)
@pytest.mark.parametrize("name", CALLS)
def test_a_fault_that_stays_is_one_typed_error_in_time(name, fault):
    with FaultServer(FOREVER[fault]) as server:
        client = make_client(server, timeout=0.25)
        begun = time.monotonic()
        with pytest.raises(errors.AkoolError) as caught:
            CALLS[name](client)
        assert time.monotonic() - begun < 3
    assert type(caught.value).__module__ == "akool_nb.errors"
    assert caught.value.__cause__ is None and caught.value.__context__ is None


@pytest.mark.parametrize("fault", ["drip head", "drip body", "hang"])
def test_the_deadline_is_total(fault):
    with FaultServer(FOREVER[fault]) as server:
        begun = time.monotonic()
        with pytest.raises(errors.DeadlineExceeded, match=r"the 1\.5 s it"):
            make_client(server, timeout=1.5).credits()
        # what is promised to a caller, generous enough for a busy machine
        assert 1.4 < time.monotonic() - begun < 1.5 + 0.25


def test_the_deadline_covers_signing_in():
    with Replay(after(0.8, say(200, {"code": 1000, "token": "abcdefgh"})), hang) as server:
        client = Client(**CREDENTIALS, base_url=server.url, timeout=1.2)
        begun = time.monotonic()
        with pytest.raises(errors.DeadlineExceeded):
            client.credits()
        assert time.monotonic() - begun < 1.7


def test_a_host_that_never_accepts_is_given_up_in_time():
    # a listener with a full queue: connecting hangs
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
def test_a_host_of_many_addresses_that_never_accept_is_given_up_in_time(work, monkeypatch):
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
        names_are_found(monkeypatch, lambda: found)
        begun = time.monotonic()
        with pytest.raises(errors.DeadlineExceeded):
            work(Client(token="t", base_url=f"https://many.invalid:{port}", timeout=1.0))
        assert time.monotonic() - begun < 1.0 + SLACK


def test_a_name_that_is_not_found_in_time_is_given_up(monkeypatch):
    names_are_found(monkeypatch, lambda: time.sleep(4))
    begun = time.monotonic()
    with pytest.raises(errors.DeadlineExceeded):
        Client(token="t", base_url="https://slow.invalid", timeout=0.5).credits()
    assert time.monotonic() - begun < 0.5 + SLACK


def test_when_the_first_address_of_a_host_is_dead_the_next_one_is_taken(monkeypatch):
    with Replay() as server:
        port = int(server.url.rpartition(":")[2])
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port)) for host in ("127.0.0.9", "127.0.0.1")]
        names_are_found(monkeypatch, lambda: found)
        assert Client(token="t", base_url=server.url).credits() == 123


def test_a_call_works_while_python_ends_and_starts_no_more_threads(monkeypatch):
    """From Python 3.12 on that is how `atexit` finds it, where the last sessions are closed."""

    def refuse(thread):
        raise RuntimeError("can't create new thread at interpreter shutdown")

    with Replay() as server:
        client = make_client(server, timeout=2)
        client.credits()
        ours = {"akool_nb name look-up"}
        wait_until(lambda: not ours & {thread.name for thread in threading.enumerate()}, 40)
        server.open.add(ID)
        started = threading.Thread.start
        # The server's own threads go on.
        monkeypatch.setattr(threading.Thread, "start", lambda self: (refuse if self.name in ours else started)(self))
        client.close(ID)
        assert server.open == set()


def names_are_found(monkeypatch, look):
    """What the system's name service does for every host."""
    real = socket.getaddrinfo
    ours = "akool_nb name look-up"

    def found(*args, **kwargs):
        return look() if threading.current_thread().name == ours else real(*args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", found)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A certificate authority of our own: its file, and a server's side of TLS that it vouches for."""
    ours = trustme.CA()
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    ours.cert_pem.write_to_path(path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.issue_cert("127.0.0.1").configure_cert(context)
    return path, context


def test_a_certificate_that_nobody_vouches_for_ends_before_anything_is_sent(authority):
    _, context = authority
    with FaultServer(say(200, OK), tls=context) as server:
        for name in CALLS:
            with pytest.raises(errors.CertificateError):
                CALLS[name](make_client(server))
        assert server.seen == []


def test_an_authority_that_is_named_on_purpose_is_trusted(authority, monkeypatch):
    path, context = authority
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))
    with FaultServer(say(200, OK), tls=context) as server:
        assert make_client(server).credits() == 5


@pytest.mark.parametrize(
    "fault", ["hang", "drip head", "drip body", "reset", "hang up", "huge", "bomb", "huge redirect"]
)
def test_a_fault_behind_tls_ends_the_same_way(authority, fault, monkeypatch):
    path, context = authority
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))
    with FaultServer(FOREVER[fault], tls=context) as server:
        begun = time.monotonic()
        with pytest.raises(errors.TransportError):
            make_client(server, timeout=1.0).credits()
        assert time.monotonic() - begun < 1.0 + SLACK


def test_a_handshake_that_never_ends_is_given_up_in_time():
    with socket.create_server(("127.0.0.1", 0)) as mute:
        begun = time.monotonic()
        with pytest.raises(errors.DeadlineExceeded):
            Client(token="t", base_url=f"https://127.0.0.1:{mute.getsockname()[1]}", timeout=1.0).credits()
        assert time.monotonic() - begun < 1.0 + SLACK


def test_a_forked_child_shares_no_connection_with_its_parent():
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
def test_a_time_limit_may_be_as_good_as_none(seconds):
    with Replay() as server:
        assert make_client(server, timeout=seconds).credits() == 123


def test_429_without_a_word_is_too_many_calls():
    with FaultServer(say(429, b"", kind="text/plain")) as server, pytest.raises(errors.RateLimitError):
        make_client(server, retries=0).credits()


def test_a_token_that_fits_no_header_is_a_bad_answer_and_no_unknown_outcome():
    with Replay(say(200, {"code": 1000, "token": "tökén-aus-dem-Netz"})) as server:
        with pytest.raises(errors.BadResponse, match="no token"):
            Client(**CREDENTIALS, base_url=server.url).create(SOURCE)
        assert server.count("create") == 0


def test_a_token_that_another_thread_renewed_meanwhile_is_not_renewed_again():
    """The refusal of an old token comes after the new one is there."""
    with Replay() as server:
        client = make_client(server)
        client.credits()
        slow = after(0.5, say(200, {"code": 1101, "msg": "Invalid authorization"}))
        server.ways.insert(0, slow)
        late = threading.Thread(target=client.credits)
        late.start()
        wait_until(lambda: server.seen[-1].path.endswith("quota/info") and len(server.ways) == 1)
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
def test_a_create_that_may_have_arrived_is_executed_once_and_its_outcome_is_unknown(fault):
    with FaultServer(FOREVER[fault]) as server:
        with pytest.raises(errors.OutcomeUnknown, match=r"akool-nb\s+sessions\s+--close"):
            make_client(server, timeout=0.4).create(SOURCE)
        assert server.count("create") == 1


@pytest.mark.parametrize("fault", ["503", "429"])
def test_a_create_that_was_turned_away_is_sent_again(fault):
    with Replay(TRANSIENT[fault]) as server:
        make_client(server).create(SOURCE).close()
        assert (server.count("create"), len(server.closed)) == (2, 1)


def test_a_create_that_was_refused_at_the_door_never_arrived():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(errors.ConnectionFailed):
        Client(token="t", base_url=f"http://127.0.0.1:{port}", timeout=5).create(SOURCE)


def test_a_refusal_with_a_code_is_no_unknown_outcome():
    with FaultServer(say(500, {"code": 1104, "msg": "no credits"})) as server:
        with pytest.raises(errors.InsufficientQuotaError):
            make_client(server).create(SOURCE)
        assert server.count("create") == 1


def test_a_create_never_uses_a_kept_connection_that_may_be_dead():
    with Replay() as server:
        client = make_client(server)
        client.credits()
        before = server.connections
        for _ in range(3):
            client.create(SOURCE).close()
        assert server.connections == before + 3
        create = next(seen for seen in server.seen if seen.path.endswith("create"))
        assert create.headers["connection"] == "close"


def test_an_interrupted_create_is_closed_when_its_answer_comes():
    main = threading.main_thread().ident

    def created(connection, seen):
        signal_interrupt(main)  # it has arrived, and its answer is on the way
        return after(0.5, say(200, sample("create.response")))(connection, seen)

    with FaultServer(by_path(create=created, close=say(200, sample("close.response")))) as server:
        client = make_client(server)
        with pytest.raises(KeyboardInterrupt):
            client.create(SOURCE)
        wait_until(lambda: server.count("close") == 1)
        assert client.sessions == []


def signal_interrupt(thread_id):
    import signal

    signal.pthread_kill(thread_id, signal.SIGINT)


def wait_until(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def test_retry_after_in_seconds_is_kept():
    with Replay(say(429, {"code": 1005, "msg": "slow down"}, "Retry-After: 1")) as server:
        make_client(server).credits()
        # our own pause would be half a second at most
        assert server.seen[1].at - server.seen[0].at >= 1.0


def test_retry_after_as_a_date_is_kept():
    soon = datetime.now(timezone.utc) + timedelta(seconds=2)
    assert 0 < retry_after(format_datetime(soon, usegmt=True)) <= 2
    assert retry_after("Sun, 06 Nov 1994 08:49:37 GMT") == 0
    assert retry_after("soon") is None
    assert retry_after("²") is None


def test_a_retry_after_beyond_the_deadline_is_not_waited_for():
    with FaultServer(say(429, {"code": 1005, "msg": "slow down"}, "Retry-After: 3600")) as server:
        begun = time.monotonic()
        with pytest.raises(errors.RateLimitError):
            make_client(server).credits()
        assert time.monotonic() - begun < 1


def test_a_documented_refusal_is_not_asked_for_again():
    with FaultServer(say(500, {"error_code": 1, "error_msg": "Invalid URL format", "faces_obj": {}})) as server:
        with pytest.raises(errors.DetectionError):
            make_client(server).detect(PICTURE)
        assert len(server.seen) == 1


def test_pauses_are_jittered():
    with FaultServer(hang_up) as server:
        with pytest.raises(errors.ConnectionFailed):
            make_client(server).credits()
        times = [seen.at for seen in server.seen]
    pauses = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert len(pauses) == 3
    assert len({round(pause, 3) for pause in pauses}) > 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nothing_is_sent_to_where_a_redirect_leads(status):
    with FaultServer(say(200, OK)) as other, FaultServer(redirect(status, other.url + "/api")) as server:
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


def test_cookies_are_not_kept():
    with Replay(say(200, sample("quota.response"), "Set-Cookie: id=1")) as server:
        client = make_client(server)
        client.credits()
        client.credits()
        assert "cookie" not in server.seen[-1].headers


def test_a_proxy_of_the_environment_is_used_on_purpose(monkeypatch):
    with FaultServer(say(502, b"")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(errors.ConnectionFailed):
            Client(token="t", base_url="https://openapi.akool.invalid", timeout=3, retries=0).credits()
        assert [(seen.method, seen.path) for seen in proxy.seen] == [("CONNECT", "openapi.akool.invalid:443")]
        assert "authorization" not in proxy.seen[0].headers


def test_no_proxy_stands_between_us_and_this_machine(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with Replay() as server:
        assert make_client(server).credits() == 123


def giant(connection, seen):
    """A bomb that takes seconds to pack: only when it is sent, not by each process that imports these tests."""
    return bomb(512 * MIB)(connection, seen)


LARGE = {
    "huge": huge(256 * MIB),
    "huge chunks": huge(256 * MIB, chunked=True),
    "bomb": giant,
    "huge redirect": redirect(307, "http://127.0.0.1:1/x", huge(256 * MIB)),
    "redirected bomb": redirect(307, "http://127.0.0.1:1/x", giant),
    "many little things": say(200, b'{"code": 1000, "data": [' + b"{}," * (LARGEST_ANSWER // 3 - 20) + b"{}]}"),
}
# In a process of its own: the highest mark of this one may have been reached by an earlier test.
MEASURED = """
import resource, sys
from akool_nb import Client, errors
client = Client(token="t", base_url=sys.argv[1], timeout=20, retries=0)
try: client.info("warm up what is imported late")
except errors.AkoolError: pass
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
before = peak()
try: client.credits()
except errors.BadResponse as error: print(peak() - before, error.message)
"""


@pytest.mark.parametrize("fault", LARGE)
def test_memory_stays_flat_against_a_large_answer(fault):
    with FaultServer(say(503, b""), LARGE[fault]) as server:
        command = [sys.executable, "-c", MEASURED, server.url]
        more, _, message = subprocess.check_output(command, text=True, timeout=60).partition(" ")
    assert float(more) <= 32
    assert f"larger than {LARGEST_ANSWER // MIB} MiB" in message or "holds no credit" in message


def test_32_threads_on_an_expired_token_renew_it_once():
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


def test_a_token_that_cannot_be_renewed_is_an_authentication_error():
    with Replay() as server:
        server.expire()
        with pytest.raises(errors.AuthenticationError) as caught:
            Client(token="old", base_url=server.url).credits()
        assert caught.value.code == 1101
        assert server.signed_in == 0


def test_a_create_refused_with_1101_is_replayed_once_after_signing_in():
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


def test_a_server_that_reads_slowly_is_given_up_in_time(authority, monkeypatch):
    path, context = authority
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))
    with FaultServer(hang, tls=context) as server:
        # The server reads nothing of a body that fits in no buffer.
        monkeypatch.setattr("tests.faultserver._read", lambda stream: time.sleep(4))
        begun = time.monotonic()
        with pytest.raises(errors.DeadlineExceeded):
            Transport().send(Request("POST", server.url, {"img": "x" * (16 * MIB)}), Deadline(1.0))
        assert time.monotonic() - begun < 1.0 + SLACK
