"""Pictures are fetched only from public addresses; each redirect is checked; bytes and time are limited."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from akool_nb import samples
from akool_nb.sandbox.service import fetch
from akool_nb.sandbox.service.refusal import NO_VIDEOS
from akool_nb.wire import fetch as guarded
from tests.sandbox.wire import DETECT, DETECT_FACES, LIVE, Wire

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "255.255.255.255",
    "224.0.0.1",
    "::1",
    "::",
    "fe80::1%eth0",
    "fc00::1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "2002:7f00:1::",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "192.0.2.1",
    "198.18.0.1",
    "240.0.0.1",
    "ff02::1",
]


@pytest.mark.parametrize("ip", PRIVATE)
def test_addresses_of_this_network_are_refused(ip: str):
    assert not guarded.is_allowed(ip)


@pytest.mark.parametrize("ip", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111"])
def test_public_addresses_are_accepted(ip: str):
    assert guarded.is_allowed(ip)


@pytest.mark.parametrize("ip", PRIVATE)
def test_allow_local_accepts_only_loopback(ip: str):
    assert guarded.is_allowed(ip, allow_local=True) == (
        ip in ("127.0.0.1", "::1", "::ffff:127.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1")
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/x.png",
        "file:///etc/passwd",
        "ftp://example.org/x",
        "https://",
        "https://[::1",
        "https://a:b:c",
        "nonsense",
        "https://example.org/a b",
        "https://example.org/\r\nHost: x",
        "https://exämple.org/",
        "https://127.0.0.1/x.png",
        "https://localhost/x.png",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://user:pass@127.0.0.1/",
        "https://example.org:99999/",
    ],
)
def test_a_foreign_address_is_refused_without_a_request(url: str):
    with pytest.raises(fetch.FetchError):
        fetch.picture(url, most_bytes=1000)


class Host(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        name = self.path.rpartition("/")[2]
        if name.startswith("to-"):
            self.send_response(302)
            self.send_header("Location", {"to-photo": "/photo", "to-self": "/to-self"}.get(name, "http://10.0.0.1/x"))
            self.end_headers()
            return
        content = samples.photo("astronaut").read_bytes()
        if name.startswith("video-"):
            content = (b"\x00\x00\x00\x18ftypmp42" + bytes(16)).ljust(int(name.partition("-")[2]), b"\0")
        self.send_response(404 if name == "missing" else 200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def host() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Host)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_a_local_picture_is_fetched_only_if_local_is_allowed():
    with host() as url:
        content = fetch.picture(f"{url}/photo", most_bytes=1_000_000, allow_local=True)
        with pytest.raises(fetch.FetchError):
            fetch.picture(f"{url}/photo", most_bytes=1_000_000)
    assert content == samples.photo("astronaut").read_bytes()


def test_a_redirect_is_followed_and_each_hop_is_checked():
    with host() as url:
        assert fetch.picture(f"{url}/to-photo", most_bytes=1_000_000, allow_local=True)
        with pytest.raises(fetch.FetchError, match=r"10\.0\.0\.1"):
            fetch.picture(f"{url}/to-private", most_bytes=1_000_000, allow_local=True)
        with pytest.raises(fetch.FetchError, match="redirects"):
            fetch.picture(f"{url}/to-self", most_bytes=1_000_000, allow_local=True)


@pytest.mark.parametrize(("name", "most", "reason"), [("photo", 1000, "larger"), ("missing", 10**6, "404")])
def test_a_large_answer_and_an_error_are_refused(name: str, most: int, reason: str):
    with host() as url, pytest.raises(fetch.FetchError, match=reason):
        fetch.picture(f"{url}/{name}", most_bytes=most, allow_local=True)


DRIPS = {
    "header": (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
    "body": (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"a"),
    "status": (b"", b"H"),
    "nothing": (b"", b""),
    "handshake": (b"\x16\x03\x03\x40\x00", b"\x02"),
}


@contextmanager
def dripping(kind: str) -> Iterator[str]:
    """A server that sends one byte at a time without end."""
    start, drop = DRIPS[kind]
    listener, over = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def drip(caller: socket.socket) -> None:
        with caller, suppress(OSError):
            caller.recv(1000)
            caller.sendall(start)
            while drop and not over.wait(0.1):
                caller.sendall(drop)
            over.wait()

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=drip, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        scheme = "https" if kind == "handshake" else "http"
        yield f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/x.png"
    finally:
        over.set()
        listener.close()


@pytest.mark.parametrize("kind", DRIPS)
def test_a_download_that_drips_ends_at_its_time_limit(kind: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fetch, "SECONDS", 1.0)
    with dripping(kind) as url:
        started = time.perf_counter()
        with pytest.raises(fetch.FetchError, match=r"Failed to download.* 1 s it was given"):
            fetch.picture(url, most_bytes=1_000_000, allow_local=True)
    assert 0.9 < time.perf_counter() - started < 4


def test_a_name_lookup_that_hangs_does_not_block_the_download(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fetch, "SECONDS", 0.5)
    never = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: never.wait(20) and [])
    with pytest.raises(fetch.FetchError, match=r"0\.5 s it was given"):
        fetch.picture("https://example.org/x.png", most_bytes=1000)
    never.set()


def test_an_answer_that_ends_early_is_not_a_picture():
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listener.accept()[0] as caller:
            caller.recv(1000)
            caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

    threading.Thread(target=serve, daemon=True).start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/x.png"
    with listener, pytest.raises(fetch.FetchError, match=r"Failed to download.*complete"):
        fetch.picture(url, most_bytes=1000, allow_local=True)


def test_downloads_that_drip_do_not_block_another_one(wire: Wire):
    wire.sandbox.allow_local_urls = True
    with ThreadPoolExecutor(4) as pool, dripping("header") as slow, host() as url:
        waiting = [pool.submit(wire.post, DETECT, {"image_url": slow}) for _ in range(4)]
        time.sleep(0.3)
        assert wire.post(DETECT, {"image_url": f"{url}/photo"}).json["error_code"] == 0
        assert not any(each.done() for each in waiting)


@pytest.mark.parametrize("size", [1000, 11_000_000])
def test_a_video_by_address_is_refused_at_any_size(wire: Wire, size: int):
    wire.sandbox.allow_local_urls = True
    with host() as url:
        answers = [wire.post(DETECT, {"image_url": f"{url}/video-{size}"})]
        answers.append(wire.post(DETECT_FACES, {"url": f"{url}/video-{size}", "num_frames": 3}))
    assert [answer.status for answer in answers] == [200, 400]
    assert {answer.json["error_msg"] for answer in answers} == {NO_VIDEOS}


def test_a_large_picture_by_address_is_refused_with_the_message_of_the_detector(wire: Wire):
    wire.sandbox.set(allow_local_urls=True, max_image_bytes=1000)
    with host() as url:
        message = wire.post(DETECT_FACES, {"url": f"{url}/photo"}).json["error_msg"]
    assert message == "Failed to process media: the picture is larger than 1,000 bytes"


def test_the_switch_allows_detect_and_create_to_fetch_from_loopback(wire: Wire):
    with host() as url:
        body = {"image_url": f"{url}/photo"}
        assert wire.post(DETECT, body).json["error_code"] == 1
        wire.sandbox.allow_local_urls = True
        found = wire.post(DETECT, body).json
        source = {"path": f"{url}/photo", "opts": found["landmarks_str"][0]}
        assert wire.post(f"{LIVE}/create", {"sourceImage": [source]}).code == 1000
