"""Secrets are masked when printed and still work in requests; texts from servers are made harmless."""

import copy
import json
import pickle

import pytest

from akool_nb.wire import redact
from akool_nb.wire.redact import DOTS, Secret, SecretBytes
from tests.replay import sample

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3ODAwMDAwMDB9.c2lnbmF0dXJlLWhlcmU"
RTC = sample("create.response")["data"]["front_rtc_token"]


@pytest.mark.parametrize("show", [repr, str, format, "{}".format, "{!r:>8}".format, "%s".__mod__, ascii])
def test_a_printed_secret_is_masked(show):
    assert TOKEN not in show(Secret(TOKEN))
    assert TOKEN not in show([Secret(TOKEN)])
    assert "body" not in show(SecretBytes(b"body"))


def test_a_secret_is_sent_unchanged():
    secret = Secret(TOKEN)
    assert "Bearer " + secret == f"Bearer {TOKEN}"
    assert secret.encode() == TOKEN.encode()
    assert json.loads(json.dumps({"a": secret})) == {"a": TOKEN}
    assert Secret(secret).reveal() == secret.reveal() == TOKEN
    assert type(secret.reveal()) is str


@pytest.mark.parametrize("secret", [Secret(TOKEN), SecretBytes(b"body")])
@pytest.mark.parametrize("carry", [pickle.dumps, copy.deepcopy])
def test_a_secret_cannot_be_pickled_or_copied(secret, carry):
    with pytest.raises(TypeError):
        carry(secret)


@pytest.mark.parametrize(
    "text", [TOKEN, RTC, f"Bearer {TOKEN}", "bearer abc-def", "data:image/png;base64," + "A" * 200]
)
def test_a_text_that_looks_like_a_secret_is_masked(text):
    shown = redact.plain(f"before {text} after")
    assert text not in shown
    assert shown == f"before {DOTS} after"


def test_a_known_secret_is_masked_in_any_text():
    assert redact.plain("echo: hunter2hunter2!", ["hunter2hunter2"]) == f"echo: {DOTS}!"


def test_an_empty_secret_masks_nothing():
    assert redact.plain("echo", ["", "e"]) == "echo"


def test_ids_addresses_and_opts_stay_readable():
    text = "684f8fb744b8795862e45cbe 20250616032959101_8224 262,175:363,175:313,215:272,279"
    assert redact.plain(text) == text
    assert redact.plain(sample("detect.request")["image_url"]) == sample("detect.request")["image_url"]


def test_json_is_shown_without_secrets_and_pictures():
    body = {"clientId": "id", "clientSecret": "secret", "img": "A" * 9999, "single_face": False}
    assert redact.shown(body) == {
        "clientId": "${AKOOL_CLIENT_ID}",
        "clientSecret": "${AKOOL_CLIENT_SECRET}",
        "img": "$(base64 <photo.jpg | xargs printf %s)",
        "single_face": False,
    }
    assert RTC not in json.dumps(redact.shown(sample("create.response")))


def test_shown_data_has_a_bounded_size():
    wide, deep = {"list": list(range(10_000)), "text": "x " * 10_000}, []
    for _ in range(500):
        deep = [deep]
    bushy = 0
    for _ in range(5):
        bushy = [bushy] * 24
    assert len(json.dumps(redact.shown(bushy))) < 10_000
    assert len(json.dumps(redact.shown(wide))) < 1000
    assert len(json.dumps(redact.shown(deep))) < 1000


def test_a_signed_address_is_shown_in_full_except_for_tokens():
    signed = f"https://host/a.jpg?signature={'Ab1+' * 100}"
    assert redact.shown({"image_url": signed}) == {"image_url": signed}
    assert RTC not in redact.shown({"path": f"https://host/{RTC}"})["path"]


def test_a_known_secret_is_masked_in_a_key_too():
    assert redact.shown({"my-very-own-secret": 1}, ["my-very-own-secret"]) == {"•••": 1}


def test_an_ordinary_answer_is_shown_in_full():
    faces = {"landmarks": [[[1, 2]] * 6] * 8, "region": [[1, 2, 3, 4]] * 8, "landmarks_str": ["1,2:3,4:5,6:7,8"] * 8}
    assert redact.shown({"error_code": 0, **faces}) == {"error_code": 0, **faces}


def test_control_characters_are_removed():
    assert redact.plain("a\x1b[2J\x00\u202eb\ud800c").isprintable()
