"""What the sandbox's own tests share."""

from __future__ import annotations

import pytest

from akool_nb.sandbox import Sandbox
from tests.sandbox.wire import Wire


@pytest.fixture
def wire(sandbox: Sandbox) -> Wire:
    return Wire(sandbox)
