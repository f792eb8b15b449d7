"""A failed connection is reported with its reason; proxies and certificates come from arguments or the environment."""

import contextlib
import re
import socket
import ssl
import threading

import pytest
import trustme

from akool_nb import Client, errors
from akool_nb.wire import fetch
from tests.faultserver import FaultServer, close_connection, hang, reply, response, tunnel

HOST = "openapi.corp-only.invalid"
"""A host name that only the proxy can resolve."""
OK = b'{"code": 1000, "msg": "OK", "data": {"credit": 5}}'
PICTURE = b"\xff\xd8\xff and so on"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """The file of a certificate authority, and the TLS side of a server that has its certificate for `HOST`."""
    ours = trustme.CA()
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    ours.cert_pem.write_to_path(path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.issue_cert(HOST).configure_cert(context)
    return path, context


@pytest.fixture(autouse=True)
def clear_proxy_settings(monkeypatch):
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def client_of(url, **options):
    return Client(**{"token": "t", "base_url": url, "timeout": 5, "retries": 0, **options})


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def fails(client):
    with pytest.raises(errors.TransportError) as caught:
        client.credits()
    assert len(str(caught.value)) > len(caught.value.message), "the error says nothing about what to do next"
    return caught.value


def through_proxy(*replies):
    """A client whose proxy sends these replies."""

    @contextlib.contextmanager
    def opened(authority):
        with FaultServer(*replies) as proxy:
            yield client_of(f"https://{HOST}", proxies=proxy.url)

    return opened


@contextlib.contextmanager
def nothing_listens(authority):
    yield client_of(f"http://127.0.0.1:{closed_port()}")


@contextlib.contextmanager
def an_unknown_name(authority):
    yield client_of(f"https://{HOST}")


@contextlib.contextmanager
def a_proxy_of_unknown_name(authority):
    yield client_of(f"https://{HOST}", proxies="http://proxy.corp-only.invalid:3128")


@contextlib.contextmanager
def a_proxy_that_is_off(authority):
    yield client_of(f"https://{HOST}", proxies=f"http://127.0.0.1:{closed_port()}")


@contextlib.contextmanager
def a_certificate_of_an_unknown_authority(authority):
    with FaultServer(reply(200, OK), tls=authority[1]) as server:
        yield client_of(server.url)


@contextlib.contextmanager
def a_certificate_file_without_certificates(authority):
    with FaultServer(reply(200, OK), tls=authority[1]) as server:
        empty = authority[0].with_name("empty.pem")
        empty.write_text("nothing\n")
        yield client_of(server.url, ca=empty)


@contextlib.contextmanager
def a_server_without_tls(authority):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=answer_without_tls, args=(listener,), daemon=True).start()
        yield client_of(f"https://127.0.0.1:{listener.getsockname()[1]}")


def answer_without_tls(listener):
    with listener.accept()[0] as connection:
        connection.recv(1 << 16)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


@contextlib.contextmanager
def a_server_that_does_not_answer(authority):
    with FaultServer(hang) as server:
        yield client_of(server.url, timeout=0.5)


REASONS = [
    (nothing_listens, errors.ConnectionRefused, r"^127\.0\.0\.1:\d+ refused the connection"),
    (an_unknown_name, errors.ConnectionFailed, rf"^{HOST} was not found: the name server \(DNS\)"),
    (a_proxy_of_unknown_name, errors.ConnectionFailed, r"^The proxy proxy\.corp-only\.invalid:3128 was not found"),
    (a_proxy_that_is_off, errors.ConnectionRefused, r"^The proxy 127\.0\.0\.1:\d+ refused the connection"),
    (through_proxy(reply(407, b"")), errors.ConnectionFailed, "asks for a name and a password"),
    (through_proxy(close_connection), errors.ConnectionFailed, rf"did not answer when it was asked for {HOST}"),
    (through_proxy(reply(502, b"")), errors.ConnectionFailed, rf"does not connect to {HOST} \(HTTP 502\)"),
    (
        a_certificate_of_an_unknown_authority,
        errors.CertificateError,
        r"^The certificate of 127\.0\.0\.1 could not be checked",
    ),
    (a_certificate_file_without_certificates, errors.CertificateError, "^The certificate file holds no certificates"),
    (a_server_without_tls, errors.ConnectionFailed, r"no encrypted connection \(TLS\) to 127\.0\.0\.1"),
    (a_server_that_does_not_answer, errors.DeadlineExceeded, r"longer than the 0\.5 s"),
]


@pytest.mark.parametrize(("fault", "kind", "reason"), REASONS)
def test_a_failed_connection_is_reported_with_its_reason_and_the_next_step(fault, kind, reason, authority):
    with fault(authority) as client:
        error = fails(client)
    assert type(error) is kind
    assert re.search(reason, error.message)


def test_a_proxy_and_a_certificate_file_are_used_even_if_they_are_set_after_a_failure(authority, monkeypatch):
    path, context = authority
    client = client_of(f"https://{HOST}")
    with FaultServer(reply(200, OK), tls=context) as server, FaultServer(tunnel(server.url)) as proxy:
        assert "DNS" in fails(client).message
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        assert isinstance(fails(client), errors.CertificateError)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))
        assert client.credits() == 5


def test_proxies_and_ca_given_to_the_client_override_the_environment(authority, monkeypatch):
    path, context = authority
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{closed_port()}")
    with FaultServer(reply(200, OK), tls=context) as server, FaultServer(tunnel(server.url)) as proxy:
        for proxies in (proxy.url, {"https": proxy.url}, {"all": proxy.url.removeprefix("http://")}):
            assert client_of(f"https://{HOST}", proxies=proxies, ca=path).credits() == 5
        assert [seen.path for seen in proxy.seen] == [f"{HOST}:443"] * 3
    assert "DNS" in fails(client_of(f"https://{HOST}", proxies={})).message


@pytest.mark.parametrize(
    ("wrong", "kind", "named"),
    [
        ({"proxies": "socks5://host:1"}, errors.TransportError, "proxies names a SOCKS proxy"),
        ({"proxies": {"https": "ftp://host:1"}}, errors.TransportError, "proxies names a proxy of an unknown kind"),
        ({"proxies": "http://u:p#w@host:1"}, errors.TransportError, "proxies holds an address that cannot be read"),
        ({"proxies": 3128}, TypeError, "proxies is an address or"),
        ({"proxies": {"https": 3128}}, TypeError, "proxies is an address or"),
        ({"ca": "missing.pem"}, errors.CertificateError, r"ca names .* not exist: missing\.pem"),
        ({"timeout": 0}, ValueError, "timeout is a number of seconds above 0, not 0"),
        ({"timeout": float("nan")}, ValueError, "timeout is a number of seconds above 0, not nan"),
        ({"timeout": "30"}, TypeError, "timeout is a number of seconds"),
        ({"timeout": None}, TypeError, "timeout is a number of seconds"),
        ({"timeout": True}, TypeError, "timeout is a number of seconds"),
        ({"retries": -1}, ValueError, "retries is a whole number from 0 to 100, not -1"),
        ({"retries": 101}, ValueError, "retries is a whole number from 0 to 100, not 101"),
        ({"retries": 1.5}, TypeError, "retries is a whole number"),
        ({"retries": None}, TypeError, "retries is a whole number"),
    ],
)
def test_a_wrong_argument_is_refused_by_the_constructor_with_its_name_and_range(wrong, kind, named):
    with pytest.raises(kind, match=named):
        Client(token="t", **wrong)


def test_a_picture_is_fetched_through_a_proxy_that_alone_can_resolve_its_host(authority, monkeypatch):
    path, context = authority
    url = f"https://{HOST}/x.jpg"
    with FaultServer(only_for_pictures, tls=context) as server, FaultServer(tunnel(server.url)) as proxy:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))
        with pytest.raises(errors.PhotoError, match="is not known"):
            fetch.picture(url, timeout=5)
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        assert fetch.picture(url, timeout=5) == PICTURE
        assert [seen.path for seen in proxy.seen] == [f"{HOST}:443"]
        for private in ("https://10.0.0.1/x.jpg", "https://169.254.169.254/", "https://[::1]/"):
            with pytest.raises(errors.PhotoError, match="private"):
                fetch.picture(private, timeout=5)
        assert len(proxy.seen) == 1


def test_a_picture_request_accepts_images_and_names_the_program_and_its_version():
    with FaultServer(only_for_pictures) as server:
        assert fetch.picture(f"{server.url}/x.jpg", trusted={server.url}) == PICTURE


def only_for_pictures(connection, seen):
    """Answer as servers that negotiate do: 406 without `image/*`, 403 for a program without a version."""
    agent = seen.headers["user-agent"]
    status = 200
    if "image/*" not in seen.headers["accept"]:
        status = 406
    elif not agent.startswith("akool_nb/") or agent.startswith("akool_nb/ "):
        status = 403
    connection.sendall(response(status, PICTURE, kind="image/jpeg"))
    return True
