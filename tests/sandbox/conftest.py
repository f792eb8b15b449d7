"""Fixtures of the sandbox's tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from akool_nb.sandbox import Sandbox
from tests.sandbox.wire import Wire


@pytest.fixture
def wire(sandbox: Sandbox) -> Iterator[Wire]:
    with closing(Wire(sandbox)) as wire:
        yield wire
