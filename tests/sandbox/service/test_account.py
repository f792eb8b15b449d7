"""JSON Web Tokens with HS256."""

from __future__ import annotations

import base64
import json

import pytest

from akool_nb.sandbox.service.account import decode_jwt, encode_jwt

KEY = b"k" * 32


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_claims_come_back():
    assert decode_jwt(encode_jwt({"exp": 5, "id": "é"}, KEY), KEY) == {"exp": 5, "id": "é"}


def test_the_example_of_the_rfc_has_its_signature():
    # RFC 7515, appendix A.1.
    key = base64.urlsafe_b64decode(
        "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow=="
    )
    token = (
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
        ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    )
    assert decode_jwt(token, key)["iss"] == "joe"


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "a.b.c", part({"alg": "none"}) + "." + part({"exp": 9**9}) + ".", encode_jwt({}, b"other")],
)
def test_a_token_without_our_signature_is_refused(token: str):
    with pytest.raises(ValueError, match="signature"):
        decode_jwt(token, KEY)
