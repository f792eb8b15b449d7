"""The widgets, each loaded when first used: importing this package imports neither ipywidgets nor anywidget."""

from __future__ import annotations

import importlib
from typing import Any

_HOME = {
    "FacePicker": "face_picker",
    "ImageUploader": "image_uploader",
    "LiveView": "live_view",
    "SessionPanel": "session_panel",
    "Studio": "studio",
}
"""Which module each widget lives in."""

__all__ = ["FacePicker", "ImageUploader", "LiveView", "SessionPanel", "Studio"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
