"""The clock that can be sped up."""

from __future__ import annotations

import time

from akool_nb.sandbox.service.clock import Clock


def test_time_passes_as_fast_as_told_and_never_jumps():
    clock = Clock()
    started, before = time.monotonic(), clock.now()
    clock.speed = 1000
    assert 0 <= clock.now() - before <= 1000 * (time.monotonic() - started)
    started, counted = time.monotonic(), clock.now()
    time.sleep(0.05)
    assert clock.now() - counted >= 1000 * 0.05
    clock.speed = 1
    assert clock.now() - counted <= 1000 * (time.monotonic() - started) + 1


def test_a_sped_up_hour_really_takes_less():
    clock = Clock()
    clock.speed = 60
    assert clock.real(3600) == 60
