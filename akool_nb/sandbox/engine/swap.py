"""The face swap: takes a source face from a photo and draws it on the faces of a video.

This is texture transfer on a mesh, not a neural identity model: the target keeps its outline and its expression, the
source gives eyes, brows, nose, lips and skin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from akool_nb.sandbox.engine import blend, topology, warp
from akool_nb.sandbox.engine.appearance import Appearance
from akool_nb.sandbox.engine.arrays import Image, Mask, Mesh, Points
from akool_nb.sandbox.engine.detector import FaceDetector
from akool_nb.sandbox.engine.expression import eye_opening, ramp, turn
from akool_nb.sandbox.engine.mesh import FaceMesh, MeshFit, five_points
from akool_nb.sandbox.engine.opencv import cv2
from akool_nb.sandbox.engine.pyramid import Pyramid
from akool_nb.sandbox.engine.source_warnings import source_warnings
from akool_nb.sandbox.engine.square import Square
from akool_nb.sandbox.engine.texture import Texture, texture
from akool_nb.sandbox.engine.tracker import FaceTracker
from akool_nb.sandbox.engine.warp import Window

LEAST_CERTAINTY = 0.9
MOST_DISTANCE = 0.25
"""Points may miss the mesh by this part of the eye distance; exchanged eyes or a wrong place miss by more."""

SETTLED = 0.01
MOST_FITS = 8
"""SETTLED: the fit ends when the points move less, as part of the face's height. MOST_FITS: limit of fits."""

FRONT = 38.0
PROFILE = 58.0
"""Degrees of turn at which the swap begins to fade, and is invisible: in profile half of the texture would smear."""

LEAST_SCALE = 2.0
"""Points of a smaller face (pixels, see `_scale`) are all at one place."""

MOST_DRAWN = 448
"""Pixels. A larger face is drawn with this longer side and enlarged, because its texture has 384."""

MARGIN = 0.02
"""Space around a face as a part of its height: the soft edge of the mask needs a cell of `warp` outside the face."""

SMALLEST = 16
"""Faces narrower than this many pixels are left alone."""


class NoFaceAtOpts(ValueError):  # noqa: N818 (named like AKOOL's own NoFace answers)
    """The picture holds no face that fits the given landmarks."""


@dataclass(frozen=True)
class SourceFace:
    """One face of a photo, flattened once so that it can be drawn on every frame.

    `warnings` are sentences that say why its swap may look bad, as in `Face.warnings`.
    """

    mesh: Mesh
    texture: Texture
    warnings: tuple[str, ...]

    @classmethod
    def from_mesh(cls, image: Image, mesh: Mesh) -> SourceFace:
        """From a photo (H×W×3 BGR uint8) and the mesh of one of its faces."""
        return cls(mesh, texture(image, mesh), source_warnings(image, mesh))

    @classmethod
    def from_opts(cls, image: Image, landmarks: Sequence[tuple[float, float]]) -> SourceFace:
        """From a photo and the API's `opts` points in its pixels: left eye, right eye, nose, mouth (corner or middle).

        The points choose the face; its exact place is measured on the photo, because the points are not exact.

        Raises:
            NoFaceAtOpts: fewer than four points, or no face whose eyes, nose and mouth are near them.
        """
        return cls.from_mesh(image, find_face(image, landmarks))


class FaceSwapper:
    """Draws one source face on every face of a video, frame by frame; `source` may be replaced at any time."""

    def __init__(self, source: SourceFace, *, most_faces: int = 4, rate: float = 20.0) -> None:
        self.source = source
        self._tracker = FaceTracker(most=most_faces, rate=rate)

    def swap(self, frame: Image) -> Image:
        """A new frame (H×W×3 BGR uint8) with the source's face on each face; every other bit stays the same."""
        swapped = frame.copy()
        for face in self._tracker.update(frame):
            paint(swapped, self.source, face.mesh, face.appearance, strength=face.strength)
        return swapped


def paint(
    frame: Image, source: SourceFace, mesh: Mesh, appearance: Appearance | None = None, *, strength: float = 1.0
) -> None:
    """Draw the source on one face of the frame, in place: warp, colour match, blend.

    Args:
        frame: H×W×3 BGR uint8.
        source: the face to draw.
        mesh: the target face's mesh (468×3, pixels of the frame).
        appearance: what earlier frames showed of the target; it takes in this frame. None for a still picture.
        strength: 0 to 1, how visible the swap is.
    """
    appearance = appearance or Appearance()
    usual = appearance.eyes.update(eye_opening(mesh))
    seen = appearance.memory.seen(frame, mesh)
    visible = strength * ramp(abs(turn(mesh)), PROFILE, FRONT)
    window = Window.around(mesh[topology.reduced()[0]], frame, margin=2 + MARGIN * float(np.ptp(mesh[:, 1])))
    if visible == 0 or min(window.size) < SMALLEST:
        return
    size = _drawn_size(window)
    local = _in_picture(mesh, window, size)
    drawn, weight = draw(source, local, size, seen=seen)
    blend.spare_mouth(weight, local)
    blend.spare_eyes(weight, local, usual=usual)
    if visible < 1:
        weight = cv2.multiply(weight, visible)
    part = window.of(frame)
    face = appearance.light.match(drawn, part, weight, drawn=source)
    if size != window.size:
        face = cv2.resize(face, window.size)
        weight = cv2.resize(weight, window.size)
    blend.lay_over(part, face, weight)


def _drawn_size(window: Window) -> tuple[int, int]:
    """Width and height in pixels in which the face in the window is drawn."""
    width, height = window.size
    shrink = max(1.0, max(width, height) / MOST_DRAWN)
    return round(width / shrink) or 1, round(height / shrink) or 1


def _in_picture(mesh: Mesh, window: Window, size: tuple[int, int]) -> Mesh:
    """The mesh in pixels of a `size` (width, height) picture of the window."""
    across, down = np.array(size) / window.size
    scale = np.array([across, down, across], np.float32)
    # A pixel's centre is at a half, so that a picture and its shrunk form show the same place.
    half = np.array([0.5, 0.5, 0], np.float32)
    corner = np.append(window.corner, np.float32(0))
    return np.asarray((mesh - corner + half) * scale - half)


def draw(source: SourceFace, mesh: Mesh, size: tuple[int, int], *, seen: Mask | None = None) -> tuple[Image, Mask]:
    """The source's face on another's mesh: a `size` (width, height) picture (BGR uint8) and its weight (uint8)."""
    kept, triangles = topology.reduced()
    flat = source.texture.for_size(float(np.ptp(mesh[:, 1])))
    if seen is not None:
        flat = _covered(flat, seen)
    drawn = warp.render(flat, mesh[kept], triangles, topology.LAYOUT[kept], size)
    return cv2.cvtColor(drawn, cv2.COLOR_BGRA2BGR), cv2.extractChannel(drawn, 3)


def _covered(flat: Image, seen: Mask) -> Image:
    """The texture with its mask cut down to what is seen."""
    alpha = cv2.min(cv2.extractChannel(flat, 3), cv2.resize(seen, flat.shape[1::-1]))
    covered: Image = flat.copy()
    cv2.insertChannel(alpha, covered, 3)
    return covered


def find_face(image: Image, landmarks: Sequence[tuple[float, float]], network: FaceMesh | None = None) -> Mesh:
    """The mesh of the face whose eyes, nose and mouth are at the four points; see `SourceFace.from_opts`."""
    points = np.array([point for point in landmarks if tuple(point) != (0, 0)][:4], np.float32)
    if len(points) < 4:
        raise NoFaceAtOpts("opts needs four points: both eyes, the nose and the mouth. Pass on what detect answered.")
    if _scale(points) < LEAST_SCALE:
        raise NoFaceAtOpts("The points in opts are all at one place. Detect the faces again and pass on their opts.")
    network = network or FaceMesh()
    picture = Pyramid(image)
    first = network.fit(picture, Square.around_eyes(points[0], points[1]))
    fit = network.refine(picture, first)
    if fit.certainty >= LEAST_CERTAINTY and _distance(fit.mesh, points) <= MOST_DISTANCE:
        settled = _settled(network, picture, fit)
        return settled if _distance(settled, points) <= MOST_DISTANCE else fit.mesh
    # The mesh network alone does not find blurred faces; the detector does.
    near = [face.mesh for face in FaceDetector().detect(image) if _distance(face.mesh, points) <= MOST_DISTANCE]
    if not near:
        raise NoFaceAtOpts(
            "No face of this picture fits the points in opts. Detect again and pass on the answer's opts."
        )
    return min(near, key=lambda mesh: _distance(mesh, points))


def _settled(network: FaceMesh, picture: Pyramid, fit: MeshFit) -> Mesh:
    """The mesh fitted again around itself until it stays: that of a turned head is at first far off."""
    for _ in range(MOST_FITS):
        again = network.refine(picture, fit)
        moved = np.linalg.norm(again.mesh[:, :2] - fit.mesh[:, :2], axis=1).mean()
        if moved < SETTLED * np.ptp(fit.mesh[:, 1]):
            break
        fit = again
    return fit.mesh


def _distance(mesh: Mesh, points: Points) -> float:
    """Mean gap between the mesh and the four points, in units of `_scale`; the mouth is its corner or middle."""
    # The detectors answer no number below 1, because AKOOL pads with [0, 0].
    left_eye, right_eye, nose, left, right = np.maximum(five_points(mesh), 1)
    gaps = np.linalg.norm(np.stack([left_eye, right_eye, nose]) - points[:3], axis=1)
    mouth = min(float(np.hypot(*(place - points[3]))) for place in (left, (left + right) / 2))
    return (float(gaps.sum()) + mouth) / 4 / _scale(points)


def _scale(points: Points) -> float:
    """The size of a face in pixels: the distance between the eyes, or from the eyes to the mouth.

    The larger of the two, because the eyes of a profile are close together.
    """
    across = points[1] - points[0]
    down = points[3] - (points[0] + points[1]) / 2
    return max(float(np.hypot(*across)), 0.8 * float(np.hypot(*down)))
