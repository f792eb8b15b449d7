"""The account's tokens."""

from __future__ import annotations

import time

import pytest

from akool_nb.sandbox.service.account import Account, encode_jwt
from akool_nb.sandbox.service.refusal import Refusal
from akool_nb.sandbox.switches import Switches
from akool_nb.wire import credentials


@pytest.fixture
def account() -> Account:
    return Account(Switches())


def check(account: Account, token: str) -> None:
    account.check({"Authorization": f"Bearer {token}"})


def test_an_issued_token_is_a_jwt_that_is_accepted(account: Account):
    token = account.issue()
    check(account, token)
    assert credentials.claims(token)["id"] == account.client_id
    assert credentials.expiry(token) > 1e9


@pytest.mark.parametrize("token", [".", "..", "a.b.c", encode_jwt({"exp": 9**9}, b"other")])
def test_a_token_that_was_not_issued_is_refused(account: Account, token: str):
    with pytest.raises(Refusal, match="invalid"):
        check(account, token)


def test_tokens_that_were_made_to_expire_stay_expired(account: Account):
    before = account.issue()
    account.expire_tokens()
    check(account, account.issue())
    with pytest.raises(Refusal, match="expired"):
        check(account, before)


def test_a_token_with_a_short_life_is_valid_at_first_and_deleted_after_its_end(monkeypatch):
    now = 1000.9
    monkeypatch.setattr(time, "time", lambda: now)
    switches = Switches()
    switches.token_seconds = 1
    switches.time_speed = 10
    account = Account(switches)
    token = account.issue()
    check(account, token)
    now += 0.2
    kept = account.issue()
    assert list(account._ends) == [kept]
    with pytest.raises(Refusal, match="expired"):
        check(account, token)
