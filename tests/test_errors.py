"""The tree of errors: its drawing is complete, each error can be pickled, and each documented code has an entry."""

import pickle
import re

import pytest

from akool_nb import errors
from akool_nb.errors import AkoolError, ApiError, from_code
from tests.replay import sample

CLASSES = [thing for thing in vars(errors).values() if isinstance(thing, type) and issubclass(thing, AkoolError)]
# AKOOL's page of all codes: the number and its meaning there. https://docs.akool.com
DOCUMENTED = sample("codes")


def made(cls):
    if issubclass(cls, ApiError):
        return cls(1234, "It did not work", trx_id="trx", http_status=418)
    return cls("It did not work.", trx_id="trx", http_status=418)


def test_every_class_is_in_the_drawn_tree():
    missing = [cls.__name__ for cls in CLASSES if f" {cls.__name__} " not in errors.__doc__.replace("\n", " ")]
    assert missing == []


def test_the_table_of_codes_matches_the_documentation():
    # 1 is not a code of that page: the detectors send it as `error_code`.
    assert {str(code) for code in errors.CODES} - {"1"} == set(DOCUMENTED)
    meanings = {code: errors.CODES[int(code)].meaning for code in DOCUMENTED}
    different = {code: meaning for code, meaning in meanings.items() if not words(DOCUMENTED[code]) <= words(meaning)}
    assert different == {}


def words(text):
    return set(re.findall("[a-z]+", text))


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (1003, "ParameterError"),
        (1101, "AuthenticationError"),
        (1102, "AuthenticationError"),
        (1104, "InsufficientQuotaError"),
        (1006, "InsufficientQuotaError"),
        (1005, "RateLimitError"),
    ],
)
def test_a_code_becomes_its_error(code, name):
    error = from_code(code, "said the server", trx_id="t-1", http_status=200)
    assert type(error).__name__ == name
    assert (error.code, error.message, error.trx_id, error.http_status) == (code, "said the server", "t-1", 200)


def test_an_unknown_code_becomes_an_error_by_its_http_status():
    assert type(from_code(4711)) is ApiError
    assert type(from_code(4711, http_status=500)) is errors.ServerError
    assert type(from_code(4711, http_status=429)) is errors.RateLimitError


def test_a_code_without_a_message_gets_the_documented_meaning():
    assert from_code(1104).message == "quota insufficient, or credit insufficient"


@pytest.mark.parametrize("cls", CLASSES)
def test_an_error_can_be_pickled(cls):
    error = made(cls)
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is cls
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)
    assert copy.code == error.code


@pytest.mark.parametrize("code", sorted(errors.CODES))
def test_the_text_contains_the_code_and_says_what_to_do_next(code):
    text = str(from_code(code))
    assert str(code) in text
    assert text.endswith(".")
    assert len(text.split(". ")) >= 2 or errors.CODES[code].error.advice


@pytest.mark.parametrize("cls", [errors.PhotoError, errors.OptsError, errors.TokenFormatError])
def test_an_error_about_a_value_is_a_value_error_too(cls):
    assert issubclass(cls, ValueError)


def test_without_a_transaction_id_the_advice_names_the_session():
    error = from_code(1016)
    error.session_id = "685ea0bb5aa150dd8b7116b1"
    assert "685ea0bb5aa150dd8b7116b1" in str(error) and "info@akool.com" in str(error)
    assert "trx_id t-1" in str(from_code(1016, trx_id="t-1"))
