"""Loading and running the networks that are shipped in `models/`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from akool_nb.errors import SandboxError
from akool_nb.sandbox.engine.arrays import Image, Mask
from akool_nb.sandbox.engine.opencv import REINSTALL, cv2, engine_choice

MODELS = Path(__file__).parents[1] / "models"
"""The folder of the networks; its NOTICE names the source of each file."""

RESTORE = (
    "Bring it back with: git checkout -- akool_nb/sandbox/models (in the clone), "
    "or install akool_nb again from where it came."
)


class Network:
    """One TFLite network with two outputs, run by OpenCV on one square picture at a time.

    Not for several threads at once: OpenCV keeps a network's input and output inside it.
    """

    def __init__(self, name: str, *, size: int, scale: float, mean: float = 0.0) -> None:
        self.size = size
        self._scale = scale
        self._mean = (mean, mean, mean)
        self._net = _read(model_path(name))
        self._outputs = self._net.getUnconnectedOutLayersNames()
        self._assert_two_outputs(name)

    def run(self, square: Image) -> tuple[Mask, Mask]:
        """Both outputs, flat, the longer first, for a `size`×`size` picture."""
        blob = cv2.dnn.blobFromImage(square, self._scale, mean=self._mean, swapRB=True)
        self._net.setInput(blob)
        first, second = (np.ravel(output) for output in self._net.forward(self._outputs))
        return (first, second) if first.size > second.size else (second, first)

    def _assert_two_outputs(self, name: str) -> None:
        if len(self._outputs) != 2:
            raise SandboxError(
                f"OpenCV {cv2.__version__} reads {name} with {len(self._outputs)} outputs instead of 2. "
                f"Install a build that reads it: {REINSTALL}"
            )


def model_path(name: str) -> Path:
    """The path of a shipped file; SandboxError, with the command that restores it, when it is missing."""
    path = MODELS / name
    if not path.is_file():
        raise SandboxError(f"The file {name} in {MODELS} is missing. {RESTORE}")
    return path


def _read(path: Path) -> Any:
    try:
        return cv2.dnn.readNetFromTFLite(str(path), **engine_choice(cv2))
    except cv2.error:
        raise SandboxError(f"The file {path.name} in {path.parent} is damaged. {RESTORE}") from None


def sigmoid(logits: Mask) -> Mask:
    """The logistic function, clipped so that float32 never overflows."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -80, 80))))
