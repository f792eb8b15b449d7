"""The cache of results: one calculation for each picture and option, and the oldest results are dropped."""

from __future__ import annotations

import pytest

from akool_nb.sandbox.service.recent import Recent


class Counted:
    """A calculation that counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> int:
        self.calls += 1
        return self.calls


def test_the_same_picture_with_the_same_options_is_calculated_once():
    recent, calculate = Recent[int](2), Counted()
    assert [recent.of(b"photo", option, calculate) for option in (True, True, False)] == [1, 1, 2]
    assert recent.of(b"another photo", True, calculate) == 3


def test_of_too_many_results_the_least_recently_used_is_dropped():
    recent, calculate = Recent[int](2), Counted()
    for photo in (b"a", b"b", b"a", b"c"):
        recent.of(photo, None, calculate)
    assert [recent.of(photo, None, calculate) for photo in (b"a", b"b")] == [1, 4]


def test_an_error_is_not_cached():
    recent, calculate = Recent[int](2), Counted()
    with pytest.raises(ZeroDivisionError):
        recent.of(b"photo", None, lambda: 1 // 0)
    assert recent.of(b"photo", None, calculate) == 1
