"""What earlier frames of a video showed of one face."""

from __future__ import annotations

from dataclasses import dataclass, field

from akool_nb.sandbox.engine.colour import Light
from akool_nb.sandbox.engine.expression import UsualEyes
from akool_nb.sandbox.engine.occlusion import FaceMemory


@dataclass
class Appearance:
    """The light on a face, its colours when nothing covers it, and how far its eyes are usually open."""

    light: Light = field(default_factory=Light)
    memory: FaceMemory = field(default_factory=FaceMemory)
    eyes: UsualEyes = field(default_factory=UsualEyes)
