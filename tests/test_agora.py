"""Agora's token: each field of the documented one, round trips, and hostile ones."""

import base64
import json
import pickle
import struct
import zlib
from datetime import datetime, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from akool_nb.agora import AgoraChannel, RtcToken, view_key
from akool_nb.errors import TokenFormatError

CREATED = json.loads((Path(__file__).parent / "samples" / "create.response.json").read_text())["data"]
DOCUMENTED = CREATED["front_rtc_token"]
NAME = st.text(st.characters(codec="utf-8"), max_size=64)
U32 = st.integers(0, 2**32 - 1)


def packed(body: bytes) -> str:
    return "007" + base64.b64encode(zlib.compress(body)).decode()


def test_each_field_of_the_documented_token_is_parsed():
    assert RtcToken.decode(DOCUMENTED) == RtcToken(
        app_id="ea4df2d20e43424ab4a8028e1883b17f",
        channel="20250616032959101_8224",
        uid="1",
        issued=1750044599,
        expire=3600,
        salt=20365522,
        privileges={1: 3600, 2: 3600, 3: 3600, 4: 3600},
    )


def test_the_documented_token_matches_the_answer_that_contains_it():
    token = RtcToken.decode(DOCUMENTED)
    assert (token.channel, token.uid) == (CREATED["channel_id"], CREATED["front_user_id"])


def test_the_documented_token_expires_an_hour_after_it_was_issued():
    token = RtcToken.decode(DOCUMENTED)
    assert token.expires_at == datetime(2025, 6, 16, 4, 29, 59, tzinfo=timezone.utc)
    assert token.seconds_left() == 0


def test_encoding_the_documented_token_changes_only_the_signature():
    def signed_part(text):
        body = zlib.decompress(base64.b64decode(text[3:]))
        return body[2 + struct.unpack_from("<H", body)[0] :]

    assert signed_part(RtcToken.decode(DOCUMENTED).encode("certificate")) == signed_part(DOCUMENTED)


def test_the_signature_depends_on_the_certificate():
    token = RtcToken.decode(DOCUMENTED)
    assert token.encode("one") == token.encode("one") != token.encode("two")


@settings(deadline=None)
@given(NAME, NAME, NAME, U32, U32, U32, st.dictionaries(st.integers(0, 65535), U32, max_size=8))
def test_decoding_reverses_encoding(app_id, channel, uid, issued, expire, salt, privileges):
    token = RtcToken(app_id, channel, uid, issued, expire, salt, privileges)
    assert RtcToken.decode(token.encode("certificate")) == token


@pytest.mark.parametrize(
    "text",
    [
        "", "007", "006" + DOCUMENTED[3:], DOCUMENTED[:60], "007!" + DOCUMENTED[4:], packed(b""), packed(b"\xff\xff"),
        packed(struct.pack("<H", 0) * 2 + struct.pack("<IIIHH", 1, 1, 1, 1, 2)), packed(b"\0" * 9000), None, 7, b"007",
        packed(struct.pack("<H", 0) * 2 + struct.pack("<IIIHHH", 1, 1, 1, 1, 1, 65535)), "007" + "A" * 5000,
        packed(struct.pack("<HH", 0, 1) + b"\xff" + struct.pack("<IIIHHHHH", 1, 1, 1, 1, 1, 0, 0, 0)),
    ],
)  # fmt: skip
def test_a_hostile_token_raises_token_format_error(text):
    with pytest.raises(TokenFormatError):
        RtcToken.decode(text)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_token_or_token_format_error(body):
    try:
        RtcToken.decode(packed(body))
    except TokenFormatError as error:
        assert len(str(error)) < 200


def test_a_token_that_unpacks_to_too_many_bytes_is_refused():
    with pytest.raises(TokenFormatError, match="far more"):
        RtcToken.decode(packed(b"\0" * 2_000_000))


@pytest.fixture
def channel():
    return AgoraChannel("app", "20250616032959101_8224", "1", DOCUMENTED, "3")


def test_a_channel_does_not_show_its_token(channel):
    assert "20250616032959101_8224" in repr(channel)
    assert DOCUMENTED not in repr(channel) + str(channel) + f"{channel}"


def test_a_channel_cannot_be_pickled(channel):
    with pytest.raises(TypeError, match="holds a token"):
        pickle.dumps(channel)


def test_a_channel_has_no_dictionary_of_attributes(channel):
    with pytest.raises(TypeError):
        vars(channel)


def test_the_view_key_is_short_stable_and_not_the_token():
    assert view_key(DOCUMENTED) == view_key(DOCUMENTED)
    assert len(view_key(DOCUMENTED)) == 32
    assert view_key(DOCUMENTED) not in DOCUMENTED
