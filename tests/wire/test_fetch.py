"""Fetching pictures for a preview and saving them: private addresses are refused, existing files are kept."""

import socket

import pytest

from akool_nb import errors
from akool_nb.api.photo import Photo
from akool_nb.wire import fetch
from akool_nb.wire.transport import Transport
from tests.faultserver import FaultServer, huge, redirect, reply

JPEG = b"\xff\xd8\xff and so on"


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/a", "https://localhost/a", "https://[::1]/a", "https://2130706433/a", "https://0x7f000001/a",
     "https://127.1/a", "https://169.254.169.254/latest/meta-data", "https://[::ffff:127.0.0.1]/a", "https://0/a",
     "https://user@127.0.0.1/a", "http://example.com/a", "file:///etc/passwd", "ftp://example.com/a", "gopher://x/",
     "https://", "https:///a", "https://no-such-host.invalid/a", "https://a b/", "https://\u2460\u2461/", "//x/y", ""],
)  # fmt: skip
def test_an_address_that_must_not_be_fetched_is_refused(url):
    with pytest.raises(errors.PhotoError):
        fetch.picture(url, timeout=5)


def test_a_name_that_resolves_to_a_private_address_is_refused(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lookup({"pictures.example": ["93.184.216.34", "10.0.0.1"]}))
    with pytest.raises(errors.PhotoError, match="private"):
        fetch.picture("https://pictures.example/a.jpg")


def test_a_name_that_changes_its_address_between_two_lookups_is_refused_before_anything_is_sent(monkeypatch):
    with FaultServer(reply(200, b"secret", kind="image/png")) as server:
        port = int(server.url.rpartition(":")[2])
        looks, real = iter([["93.184.216.34"], ["127.0.0.1"]]), socket.getaddrinfo

        def look(host, *rest, **named):
            return entries(next(looks), port) if "example" in host else real(host, *rest, **named)

        monkeypatch.setattr(socket, "getaddrinfo", look)
        monkeypatch.setattr(fetch, "_transport", lambda: Transport(retries=0))
        # Proxy settings for other hosts must not disable the check.
        monkeypatch.setenv("NO_PROXY", "localhost")
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        with pytest.raises(errors.PhotoError, match="private"):
            fetch.picture(f"https://rebinding.example:{port}/a.jpg")
        assert server.seen == []


def entries(addresses, port):
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]


def lookup(table):
    return lambda host, port, *rest, **named: entries(table[host], port)


@pytest.mark.parametrize(
    "to", ["https://[abc/x", "https://127.0.0.1/b", "http://169.254.169.254/", "file:///etc/passwd", "//10.0.0.1/", "/"]
)
def test_each_redirect_is_checked_again(to):
    with FaultServer(redirect(302, to)) as server:
        with pytest.raises(errors.PhotoError):
            fetch.picture(f"{server.url}/a", trusted={server.url}, timeout=5)
        assert len(server.seen) == 1


def test_a_picture_from_a_trusted_address_is_fetched():
    with FaultServer(reply(200, b"bytes", kind="image/png")) as server:
        assert fetch.picture(f"{server.url}/a.png", trusted={server.url}) == b"bytes"
        assert "authorization" not in server.seen[0].headers


@pytest.mark.parametrize(
    ("bad_reply", "problem"),
    [
        (reply(404, b"gone", kind="image/png"), "7 days"),
        (reply(200, b"<html>", kind="text/html"), "text/html"),
        (huge(64 << 20), "larger than"),
    ],
)
def test_an_answer_that_is_not_a_picture_is_refused(bad_reply, problem):
    with FaultServer(bad_reply) as server, pytest.raises(errors.PhotoError, match=problem):
        fetch.picture(f"{server.url}/a", trusted={server.url})


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://host/a/face.jpg?x=1", "face.jpg"),
        ("../../etc/passwd", "passwd"),
        ("https://host/..%2f..%2fetc%2fpasswd", "passwd"),
        ("https://host/..", "picture"),
        ("https://host/", "picture"),
        ("C:\\windows\\system32\\x.dll", "x.dll"),
        ("https://host/.bashrc", "bashrc"),
        ("https://host/a\0b\nc.png", "a_bc.png"),
        ("https://host/" + "x" * 500 + ".jpg", "x" * 76 + ".jpg"),
    ],
)
def test_a_foreign_file_name_becomes_a_plain_one(address, name):
    assert fetch.safe_name(address) == name


@pytest.mark.parametrize("name", ["../up.jpg", "/etc/up.jpg", "a/b/up.jpg", "..\\up.jpg"])
def test_a_saved_file_stays_in_its_folder(tmp_path, name):
    assert fetch.save(JPEG, name, tmp_path) == tmp_path / "up.jpg"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("json.py", "json.py.jpg"),
        ("face", "face.jpg"),
        ("face.png", "face.png.jpg"),
        ("a.JPEG", "a.JPEG"),
        ("", "picture.jpg"),
    ],
)
def test_a_saved_picture_gets_the_ending_of_a_picture(tmp_path, name, kept):
    """A downloaded `json.py` in the notebook's folder would be imported by the next kernel."""
    assert fetch.save(JPEG, name, tmp_path).name == kept


def test_data_that_is_not_a_picture_is_not_saved(tmp_path):
    with pytest.raises(errors.PhotoError, match="not a picture"):
        fetch.save(b"import os", "face.jpg", tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["https://[abc/x", "https://\u2100.com/", "https://host:port/"])
def test_an_address_that_cannot_be_parsed_raises_photo_error(url):
    photo = Photo.open(url)
    assert "Photo(" in repr(photo) and photo._repr_html_()
    with pytest.raises(errors.PhotoError):
        _ = photo.jpeg


def test_an_existing_file_is_not_overwritten_even_through_a_link(tmp_path):
    target = tmp_path / "target"
    target.write_text("mine")
    (tmp_path / "face.jpg").symlink_to(target)
    with pytest.raises(errors.PhotoError, match="is not changed"):
        fetch.save(JPEG, "face.jpg", tmp_path)
    assert target.read_text() == "mine"


def test_a_missing_folder_raises_photo_error(tmp_path):
    with pytest.raises(errors.PhotoError, match="could not be written"):
        fetch.save(JPEG, "face.jpg", tmp_path / "missing")
