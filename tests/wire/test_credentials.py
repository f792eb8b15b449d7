"""Credentials: pasted ones are cleaned, tokens are renewed before they expire."""

import base64
import json
import pickle
import time

import pytest

from akool_nb import Client
from akool_nb.wire.credentials import Credentials, clean, expiry
from akool_nb.wire.deadline import Deadline
from akool_nb.wire.redact import Secret
from tests.faultserver import FaultServer, by_path, reply
from tests.replay import CREDENTIALS, sample


def jwt(claims) -> str:
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'HS256'})}.{part(claims)}.c2lnbmF0dXJl"


def credentials() -> Credentials:
    return Credentials(**CREDENTIALS, api_key=None, token=None)


@pytest.mark.parametrize("text", ["abc", " abc ", "\tabc\r\n", "Bearer abc", "bearer\tabc", "'abc'", '"abc"'])
def test_characters_added_by_pasting_are_removed(text):
    assert clean(text) == "abc"


@pytest.mark.parametrize("text", [None, "", "   ", '""'])
def test_an_empty_credential_is_none(text):
    assert clean(text) is None


def test_the_expiry_of_a_jwt_is_read_from_its_claims():
    assert expiry(jwt({"exp": 1780000000})) == 1780000000


@pytest.mark.parametrize(
    "token",
    ["", "abc", "a.b.c", jwt([]), jwt({}), jwt({"exp": "soon"}), jwt({"exp": True}), jwt({"exp": 1e300}), "..", "a.ÿ.c",
     "a." + "A" * 7 + ".c"],
)  # fmt: skip
def test_a_token_without_a_readable_expiry_has_none(token):
    assert expiry(token) is None


def test_a_token_is_renewed_before_it_expires():
    fresh, old = jwt({"exp": time.time() + 9999}), jwt({"exp": time.time() + 61})
    who, tokens = credentials(), [old, fresh]
    deadline = Deadline(5)
    sign_in = lambda: Secret(tokens.pop(0))  # noqa: E731
    assert who.headers(sign_in, deadline)["Authorization"] == f"Bearer {old}"
    who._renew_at -= 2
    assert who.headers(sign_in, deadline)["Authorization"] == f"Bearer {fresh}"


class Watched(Secret):
    """A token that calls `on_reading` when its expiry is parsed."""

    def split(self, *args):
        self.on_reading()
        return super().split(*args)


def test_a_new_token_is_used_only_after_its_expiry_is_known():
    who, seen = credentials(), []
    who.keep(Secret(jwt({"exp": time.time() + 61})))
    old, new = who.token, Watched(jwt({"exp": time.time() + 9999}))
    Watched.on_reading = lambda self: seen.append(who.token)
    who.keep(new)
    assert seen == [old]
    assert who.token is new


def test_the_expiry_of_a_token_given_by_the_caller_is_read_too():
    old, fresh = jwt({"exp": time.time() + 30}), jwt({"exp": time.time() + 9999})
    who = Credentials(**CREDENTIALS, api_key=None, token=old)
    assert who.headers(lambda: Secret(fresh), Deadline(5))["Authorization"] == f"Bearer {fresh}"
    alone = Credentials(client_id=None, client_secret=None, api_key=None, token=old)
    assert alone.headers(lambda: Secret(fresh), Deadline(5))["Authorization"] == f"Bearer {old}"


def test_a_renewal_calls_the_callback_with_each_new_token():
    who, renewed = credentials(), []
    who.on_renewal = lambda: renewed.append(who.in_hand()["Authorization"].reveal())
    assert who.in_hand() == {}
    for token in ("one", "two"):
        who.renew(who.token, lambda token=token: Secret(token), Deadline(5))
    assert renewed == ["Bearer one", "Bearer two"]


def test_a_token_that_is_about_to_expire_on_arrival_is_still_used():
    with FaultServer(
        by_path(
            getToken=reply(200, {"code": 1000, "token": jwt({"exp": 1})}), info=reply(200, sample("quota.response"))
        )
    ) as server:
        client = Client(**CREDENTIALS, base_url=server.url)
        client.credits()
        client.credits()
        assert server.count("getToken") == 1


def test_credentials_show_no_secret_and_cannot_be_pickled():
    who = credentials()
    assert repr(who) == "Credentials(token)"
    with pytest.raises(TypeError):
        pickle.dumps(who)
