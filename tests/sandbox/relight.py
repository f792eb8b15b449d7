"""Photos in other light and other poses, made with the mesh, so that the correct result is known."""

import cv2
import numpy as np

from akool_nb.sandbox.engine import topology, warp
from tests.sandbox.faces import noisy

LIGHT_FROM_LEFT = (-0.85, -0.2, -0.5)
LIGHT_FROM_CAMERA = (0.0, -0.1, -1.0)


def vertex_normals(mesh):
    """Unit normals of the 468 points, towards the camera where z is negative."""
    numbers, triangles = topology.reduced(len(mesh))
    corners = mesh[numbers][triangles]
    faces = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    flat = topology.LAYOUT[numbers][triangles]
    first = flat[:, 1] - flat[:, 0]
    second = flat[:, 2] - flat[:, 0]
    turns = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    faces[turns > 0] *= -1
    normals = np.zeros_like(mesh)
    for corner in range(3):
        np.add.at(normals, numbers[triangles[:, corner]], faces)
    return normals / np.maximum(1e-6, np.linalg.norm(normals, axis=1, keepdims=True))


def per_pixel(mesh, values, shape):
    """Values of the 468 points (468×2) interpolated over the face, and continued smoothly around it."""
    numbers, triangles = topology.reduced(len(mesh))
    size = (shape[1], shape[0])
    found, inside = warp.position_map(mesh[numbers], triangles, values[numbers], size, cells=max(size))
    known = (inside > 0).astype(np.float32)
    reach = np.ptp(mesh[:, 0]) / 6
    found = found * known[..., None]
    amount = known.copy()
    total = found.copy()
    for _ in range(4):
        total = np.where(known[..., None] > 0, found, cv2.GaussianBlur(total, (0, 0), reach))
        amount = np.where(known > 0, known, cv2.GaussianBlur(amount, (0, 0), reach))
    return total / np.maximum(amount, 1e-3)[..., None]


def facing(mesh, shape, direction):
    """How far each pixel of the face is turned to a light: cosine of the angle, H×W."""
    direction = np.array(direction) / np.linalg.norm(direction)
    values = vertex_normals(mesh) @ direction
    return per_pixel(mesh, np.column_stack([values, values]).astype(np.float32), shape)[..., 0]


def exposed(image, gain, *, noise=0.0):
    """The picture with a gain (one number, per channel or per pixel) in linear light, clipped as by a camera."""
    linear = (image / 255.0) ** 2.2 * gain
    return noisy(255 * np.clip(linear, 0, 1) ** (1 / 2.2), noise, seed=1)


def side_light(image, mesh, *, colour=(1, 1, 1), direction=LIGHT_FROM_LEFT):
    """One hard light: the other side is nearly dark, and the lit side close to white."""
    lit = np.clip((facing(mesh, image.shape, direction) + 0.1) / 0.35, 0, 1)[..., None]
    return exposed(image, 0.12 + 1.7 * lit * np.array(colour))


def flash(image, mesh):
    """A flash beside the lens: forehead, nose and cheeks are overexposed."""
    glare = np.clip(facing(mesh, image.shape, LIGHT_FROM_CAMERA), 0, 1)[..., None] ** 6
    return exposed(image, 0.8 + 2.2 * glare)


def turned_in_depth(image, mesh, degrees, *, background=None):
    """The face of a photo rotated around its vertical axis, drawn over the photo or a background, and its new mesh."""
    angle = np.radians(degrees)
    middle = mesh.mean(axis=0) + np.array([0, 0, 0.35 * np.ptp(mesh[:, 0])])
    off = mesh - middle
    moved = mesh.copy()
    moved[:, 0] = middle[0] + off[:, 0] * np.cos(angle) - off[:, 2] * np.sin(angle)
    moved[:, 2] = middle[2] + off[:, 0] * np.sin(angle) + off[:, 2] * np.cos(angle)
    numbers, triangles = topology.reduced(len(mesh))
    size = (image.shape[1], image.shape[0])
    # One cell a pixel: the silhouette must not show the cells of the swap's own map.
    places = mesh[numbers, :2].astype(np.float32)
    positions, inside = warp.position_map(moved[numbers], triangles, places, size, cells=max(size))
    share = cv2.GaussianBlur(cv2.erode(inside, np.ones((5, 5))), (0, 0), 1.5)[..., None] / 255
    drawn = cv2.remap(image, positions, None, cv2.INTER_LINEAR)
    canvas = image if background is None else background
    return (share * drawn + (1 - share) * canvas).astype(np.uint8), moved


def shrunk(image, pixels, mesh):
    """The photo scaled so that its face is this number of pixels wide."""
    scale = pixels / np.ptp(mesh[:, 0])
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
