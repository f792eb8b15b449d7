"""Hosted pictures."""

from __future__ import annotations

import pytest

from akool_nb.sandbox.service.clock import Clock
from akool_nb.sandbox.service.files import Files, content_type
from akool_nb.sandbox.switches import Switches

URL = "http://127.0.0.1:5000"


@pytest.fixture
def files() -> Files:
    return Files(URL, Clock(), Switches())


def test_a_hosted_picture_has_an_address_that_cannot_be_guessed(files: Files):
    first, second = files.host(b"a", "face_0.jpg"), files.host(b"b", "face_0.jpg")
    assert first != second and len(first) > len(URL) + 30
    assert files.get(first.removeprefix(URL)) == b"a" and files.is_crop(first)


@pytest.mark.parametrize("url", [f"{URL}/x", "http://localhost:5000/x", "http://[::1]:5000/x"])
def test_the_own_address_is_recognised_by_every_loopback_name(files: Files, url: str):
    assert files.own_path(url) == "/x"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:5001/x", "https://127.0.0.1:5000/x", "http://a:5000/x", "", "http://["]
)
def test_other_addresses_are_not_recognised(files: Files, url: str):
    assert files.own_path(url) is None


def test_the_oldest_files_are_deleted_when_memory_is_short(files: Files, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Files, "MOST_BYTES", 100)
    urls = [files.host(bytes(40), "face_0.jpg") for _ in range(4)]
    kept = [files.get(url.removeprefix(URL)) is not None for url in urls]
    assert kept == [False, False, True, True]


def test_the_type_of_a_picture_follows_from_its_name():
    assert content_type("/samples/a.PNG") == "image/png" and content_type("/files/x/y") == "application/octet-stream"
