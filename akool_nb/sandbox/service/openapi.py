"""The OpenAPI description of what the sandbox speaks: `openapi.json` in this folder, with the address filled in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("openapi.json")


def description(url: str) -> dict[str, Any]:
    """The description (OpenAPI 3.1) of the sandbox at `url`."""
    values: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8").replace("{url}", url))
    return {**values, "servers": [{"url": url}]}
