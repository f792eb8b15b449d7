"""The exercises of lesson 08: what a swap changes, and what it costs."""

from __future__ import annotations

from typing import Any

from akool_nb.check.exercise import Exercise

# Pixels that a swap changes in the drawn face at 480 × 480: fewer are not a face, more are the whole picture.
FACE_PIXELS = range(10_000, 100_000)
LEAST_MILLISECONDS = 0.5
MOST_MILLISECONDS = 2_000.0


def _unchanged_outside(value: Any) -> str:
    outside, inside = (int(count) for count in value)
    if outside:
        return f"You counted {outside} outside. Leave out the region, with 5 pixels around it for the soft edge."
    return "" if inside in FACE_PIXELS else f"{inside} pixels inside are not a swapped face. Swap first, then compare."


def _milliseconds(value: Any) -> str:
    time = float(value)
    if time < LEAST_MILLISECONDS:
        return f"{time:g} ms is too fast. perf_counter() gives seconds: multiply by 1000, and divide by the swaps."
    if time > MOST_MILLISECONDS:
        return f"{time:g} ms is too slow for one swap. Divide by the number of swaps."
    return ""


EXERCISES = {
    "08.1": Exercise(
        "a pair of numbers, the pixels changed outside and inside",
        _unchanged_outside,
        "None outside: the rest of the frame keeps its exact pixels.",
    ),
    "08.2": Exercise("a number of milliseconds", _milliseconds, "At 20 frames per second there are 50 ms for each."),
}
