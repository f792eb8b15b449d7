"""The clock whose speed can be changed."""

from __future__ import annotations

import time

from akool_nb.sandbox.service.clock import Clock


def test_time_passes_at_the_set_speed_and_does_not_jump():
    clock = Clock()
    started, before = time.monotonic(), clock.now()
    clock.speed = 1000
    assert 0 <= clock.now() - before <= 1000 * (time.monotonic() - started)
    started, counted = time.monotonic(), clock.now()
    time.sleep(0.05)
    assert clock.now() - counted >= 1000 * 0.05
    clock.speed = 1
    assert clock.now() - counted <= 1000 * (time.monotonic() - started) + 1


def test_an_hour_at_a_higher_speed_takes_less_real_time():
    clock = Clock()
    clock.speed = 60
    assert clock.real(3600) == 60
