"""OpenCV, imported once and checked: every module of the engine takes `cv2` from here."""

from __future__ import annotations

from typing import Any

from akool_nb.errors import SandboxError

INSTALL = 'pip install "akool_nb[sandbox]"'
"""The command that installs a suitable OpenCV."""

UPDATE = 'pip install "opencv-python-headless>=4.10"'
"""The command that replaces an OpenCV which is too old."""

REINSTALL = "pip install --force-reinstall opencv-python-headless"
"""The command that replaces an incomplete build."""

OLDEST = (4, 10)
"""OpenCV before 4.10 reads these networks wrongly."""

try:
    import cv2 as _cv2
except ImportError as error:
    raise SandboxError(
        f"The sandbox needs OpenCV, and it can't be imported here ({error}). Install it with: {INSTALL}"
    ) from error

__all__ = ["INSTALL", "OLDEST", "REINSTALL", "check", "cv2", "engine_choice"]


def check(module: Any) -> None:
    """Raise SandboxError, naming the command that helps, unless this OpenCV can run TFLite networks."""
    version = getattr(module, "__version__", "0.0")
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
        raise SandboxError(f"The sandbox needs OpenCV 4.10 or newer; this one is {version}. Update it with: {UPDATE}")
    if not hasattr(getattr(module, "dnn", None), "readNetFromTFLite"):
        raise SandboxError(
            f"This build of OpenCV ({version}) can't read TFLite networks. "
            f"Replace it with the wheel from PyPI: {REINSTALL}"
        )


def engine_choice(module: Any) -> dict[str, int]:
    """Keywords for `readNetFromTFLite`: OpenCV 5's default engine drops one of two outputs (opencv/opencv#29569)."""
    return {"engine": module.dnn.ENGINE_CLASSIC} if hasattr(module.dnn, "ENGINE_CLASSIC") else {}


check(_cv2)

cv2: Any = _cv2
"""Any, because OpenCV's own stubs refuse arguments that its manual documents, and differ between releases."""
