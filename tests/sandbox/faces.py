"""Pictures with and without faces for the engine's tests; the true points of every face are known."""

import json
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from akool_nb.sandbox.engine.detector import FaceDetector
from akool_nb.sandbox.engine.mesh import five_points
from akool_nb.sandbox.engine.swap import SourceFace
from akool_nb.sandbox.pictures import drawn_face
from akool_nb.sandbox.pictures.drawn_person import ADA, BO

ROOT = Path(__file__).parents[2]
ARTEFACTS = ROOT / "tests" / "artefacts"
FIVE = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")


@cache
def drawn(person=ADA, size=480, **pose):
    """A drawn person; the picture must not be written to."""
    image = drawn_face.draw(size, person=person, **pose)
    image.setflags(write=False)
    return image


@cache
def photo(name):
    image = cv2.imread(str(ROOT / "notebooks" / "photos" / f"{name}.png"))
    image.setflags(write=False)
    return image


def truth(size=480, **pose):
    known = drawn_face.truth(size, **pose)
    return np.array([known[name] for name in FIVE])


@cache
def known_faces(name):
    """The five points of each face on a committed photo: n×5×2."""
    known = json.loads((ROOT / "tests" / "samples" / "collage.truth.json").read_text())
    portrait = [known["portrait_landmarks"]]
    rows = {"collage": [face["landmarks"] for face in known["faces"]], "astronaut": portrait}
    if name in rows:
        return np.array([[row[point] for point in FIVE] for row in rows[name]])
    return truth()[None]


@cache
def detector():
    return FaceDetector()


@cache
def mesh_of(person=ADA, size=480, **pose):
    return detector().detect(drawn(person, size, **pose))[0].mesh


@cache
def source(person=BO):
    return SourceFace.from_opts(drawn(person), truth()[:4].tolist())


@cache
def portrait_source():
    return SourceFace.from_opts(photo("astronaut"), known_faces("astronaut")[0][:4].tolist())


def five(face):
    return np.array([face.points[name] for name in FIVE])


def miss(found, known):
    """Mean distance of the five points, in eye distances."""
    return np.linalg.norm(found - known, axis=1).mean() / np.linalg.norm(known[1] - known[0])


def eye_distance(mesh):
    """Pixels between the two eye centres."""
    left, right = five_points(mesh)[:2]
    return float(np.hypot(*(right - left)))


def turned(image, points, degrees, scale=1.0):
    """The picture and its points, rotated around its middle."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
    picture = cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    return picture, points @ matrix[:, :2].T + matrix[:, 2]


def hull(mesh, shape, grow=3):
    """True inside the mesh's outline and a few pixels around it."""
    inside = np.zeros(shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, cv2.convexHull(mesh[:, :2].astype(np.int32)), 255)
    return cv2.dilate(inside, None, iterations=grow) > 0


def passing(frames=140, side=260):
    """Ada and Bo walk past each other, she before him: each frame, and the x of her nose and of his."""
    heads = [cv2.resize(drawn(person), (side, side), interpolation=cv2.INTER_AREA) for person in (BO, ADA)]
    shapes = [np.abs(head.astype(int) - head[0, 0]).max(axis=2) > 10 for head in heads]
    for number in range(frames):
        frame = np.full((480, 640, 3), ADA.wall, np.uint8)
        way = round((640 - side) * number / (frames - 1))
        for head, shape, left in zip(heads, shapes, (640 - side - way, way), strict=True):
            frame[480 - side :, left : left + side][shape] = head[shape]
        yield frame, way + side / 2, 640 - way - side / 2


def scattered(share, size=(1280, 720), *, cut=True):
    """The portrait at six random places of a grey picture, its face `share` of the longer side wide, and its points."""
    portrait = photo("astronaut")[0:260, 95:355] if cut else photo("astronaut")
    scale = share * max(size) / np.ptp(portrait_source().mesh[:, 0])
    small = cv2.resize(portrait, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    points = (known_faces("astronaut")[0] - ((95, 0) if cut else (0, 0))) * scale
    picture, known, random = np.full((size[1], size[0], 3), 160, np.uint8), [], np.random.default_rng(1)
    across, down = size[0] // 3, size[1] // 2
    for place in range(6):
        x = place % 3 * across + int(random.integers(0, across - small.shape[1]))
        y = place // 3 * down + int(random.integers(0, down - small.shape[0]))
        picture[y : y + small.shape[0], x : x + small.shape[1]] = small
        known.append(points + np.array([x, y]))
    return picture, np.array(known)


def noisy(image, strength, seed):
    noise = np.random.default_rng(seed).normal(0, strength, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def faceless(seed):
    """Clouds, discs and boxes of random sizes and colours."""
    random = np.random.default_rng(seed)
    clouds = cv2.GaussianBlur(random.normal(128, 200, (480, 640, 3)), (0, 0), float(random.integers(2, 80)))
    image = cv2.normalize(clouds, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    for _ in range(random.integers(0, 40)):
        colour = random.integers(0, 255, 3).tolist()
        place, other = (tuple(random.integers(0, 480, 2).tolist()) for _ in range(2))
        if random.random() < 0.5:
            cv2.circle(image, place, int(random.integers(3, 90)), colour, -1)
        else:
            cv2.rectangle(image, place, other, colour, -1)
    return image
