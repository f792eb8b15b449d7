"""`Face.warnings` for a source face in the sandbox, from its mesh."""

from __future__ import annotations

import PIL.Image

from akool_nb.api.face_warnings import warnings_of
from akool_nb.sandbox.engine.arrays import Image, Mesh
from akool_nb.sandbox.engine.mesh import five_points
from akool_nb.sandbox.engine.opencv import cv2
from akool_nb.sandbox.engine.warp import Window


def source_warnings(image: Image, mesh: Mesh) -> tuple[str, ...]:
    """Why the swap of the face under the mesh (468×3, pixels of the BGR photo) may look bad, as sentences."""
    window = Window.around(mesh, image, margin=0)
    picture = PIL.Image.fromarray(cv2.cvtColor(window.of(image), cv2.COLOR_BGR2RGB))
    return warnings_of((window.left, window.top, *window.size), five_points(mesh)[:4].tolist(), picture)
