"""Each exercise has a solution, and the learner's check accepts it."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from akool_nb import check

SOLUTIONS = Path(__file__).parents[2] / "notebooks" / "solutions"


def exercise_of(path: Path) -> str:
    return path.stem.replace("_", ".")


def test_each_exercise_has_a_solution_and_each_solution_an_exercise():
    assert sorted(exercise_of(path) for path in SOLUTIONS.glob("*.py")) == check.exercises()


@pytest.mark.parametrize("path", sorted(SOLUTIONS.glob("*.py")), ids=exercise_of)
def test_the_check_accepts_the_solution(path, monkeypatch):
    for name in ("AKOOL_API_KEY", "AKOOL_CLIENT_ID", "AKOOL_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    verdict = check.answer(exercise_of(path), runpy.run_path(str(path))["answer"])
    assert verdict.right, verdict
