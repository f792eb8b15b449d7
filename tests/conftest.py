"""Fixtures for every test: one sandbox process for the whole run, as good as new for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from akool_nb.sandbox import Sandbox


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[Sandbox]:
    """The one sandbox of the run, for fixtures that live as long; tests take `sandbox`."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared_sandbox: Sandbox) -> Iterator[Sandbox]:
    """The sandbox with its switches, credits and sessions as after the start."""
    yield shared_sandbox
    shared_sandbox.reset()
