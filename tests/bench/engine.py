"""What the engine costs and how well it finds: python -m tests.bench.engine [--quick]

Times are CPU milliseconds of one thread a frame (the wall clock also counts what else the machine does).
"""

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from akool_nb.sandbox import clip, drawn_face
from akool_nb.sandbox.detector import FaceDetector
from akool_nb.sandbox.swap import FaceSwapper, SourceFace

ROOT = Path(__file__).parents[2]
PHOTOS = ROOT / "notebooks" / "photos"
NAMES = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")
FACE_WIDTH = 0.435
"""Width of the drawn face's mesh as a part of its picture."""

SCENES = {
    "640×480, one face of 166 px": ((640, 480), 1, 166, "5 / 10"),
    "640×480, one face of 295 px": ((640, 480), 1, 295, "9 / 15"),
    "640×480, two faces of 148 px": ((640, 480), 2, 148, "-"),
    "640×480, three faces of 148 px": ((640, 480), 3, 148, "-"),
    "640×480, four faces of 148 px": ((640, 480), 4, 148, "18 / 30"),
    "1280×720, one face of 567 px": ((1280, 720), 1, 567, "14 / 22"),
}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="a tenth of the frames")
    frames = 30 if arguments.parse_args().quick else 300
    cv2.setNumThreads(1)
    print(f"OpenCV {cv2.__version__}, one thread, {frames} frames a scene, drawn faces in motion\n")
    print_speed(frames)
    print_detection()


def print_speed(frames: int) -> None:
    print(f"{'swap, ms a frame':34}{'mean':>8}{'p50':>8}{'p95':>8}{'wall p50':>10}{'aim mean / p95':>17}")
    source = source_face()
    for name, (size, faces, width, aim) in SCENES.items():
        cpu, wall = timed(FaceSwapper(source), scene(size, faces, width, frames))
        middle, high = np.percentile(cpu, (50, 95))
        print(f"{name:34}{cpu.mean():8.1f}{middle:8.1f}{high:8.1f}{np.median(wall):10.1f}{aim:>17}")


def timed(swapper: FaceSwapper, frames: Iterator[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """CPU and wall milliseconds of each swap but the first five, in which the faces are still searched."""
    costs = []
    for frame in frames:
        wall, cpu = time.perf_counter(), time.thread_time()
        swapper.swap(frame)
        costs.append((time.thread_time() - cpu, time.perf_counter() - wall))
    cpu, wall = np.array(costs[5:]).T * 1000
    return cpu, wall


def scene(size: tuple[int, int], faces: int, width: int, frames: int) -> Iterator[np.ndarray]:
    """Drawn people side by side, each `width` pixels wide, in the motion of `clip.drawn`."""
    side = round(width / FACE_WIDTH / 0.92)
    moments = [clip.moment(number / 20, (480, 480)) for number in range(0, 160, 4 if frames < 100 else 1)]
    columns = 1 if faces == 1 else 2
    cell = (size[0] // columns, size[1] // (1 if faces < 3 else 2))
    for number in range(frames):
        frame = np.full((size[1], size[0], 3), drawn_face.ADA.wall, np.uint8)
        for face in range(faces):
            picture = cv2.resize(moments[(number + 13 * face) % len(moments)], (side, side))
            paste(frame, picture, (face % columns) * cell[0], (face // columns) * cell[1], cell)
        yield frame


def paste(frame: np.ndarray, picture: np.ndarray, left: int, top: int, cell: tuple[int, int]) -> None:
    """The middle of the picture into a cell of the frame."""
    width, height = min(cell[0], picture.shape[1]), min(cell[1], picture.shape[0])
    x, y = (picture.shape[1] - width) // 2, (picture.shape[0] - height) // 2
    at_x, at_y = left + (cell[0] - width) // 2, top + (cell[1] - height) // 2
    frame[at_y : at_y + height, at_x : at_x + width] = picture[y : y + height, x : x + width]


def source_face() -> SourceFace:
    truth = drawn_face.truth(480)
    photo = drawn_face.draw(480, person=drawn_face.BO)
    return SourceFace.from_opts(photo, [truth[name] for name in NAMES[:4]])


def print_detection() -> None:
    print(f"\n{'detection':34}{'recall':>8}{'error':>8}{'false':>8}{'ms':>8}   error: % of the eye distance")
    detector = FaceDetector()
    for picture, (image, truths) in pictures().items():
        for transform, change in TRANSFORMS.items():
            print_row(f"{picture}, {transform}", detector, *change(image, truths))
    large = cv2.resize(pictures()["collage"][0], (4608, 2592))
    print_row("collage at 12 MP", detector, large, pictures()["collage"][1] * 3.6)


def print_row(name: str, detector: FaceDetector, image: np.ndarray, truths: np.ndarray) -> None:
    start = time.thread_time()
    found = [np.array([face.points[name] for name in NAMES]) for face in detector.detect(image)]
    spent = 1000 * (time.thread_time() - start)
    errors = [min((miss(face, truth) for face in found), default=9) for truth in truths]
    hits = [error for error in errors if error < 0.35]
    false = len(found) - len(hits)
    error = 100 * float(np.mean(hits)) if hits else float("nan")
    print(f"{name:34}{len(hits)}/{len(truths):<6}{error:8.1f}{false:8}{spent:8.0f}")


def miss(face: np.ndarray, truth: np.ndarray) -> float:
    """Mean distance of the five points, in eye distances."""
    return float(np.linalg.norm(face - truth, axis=1).mean() / np.linalg.norm(truth[1] - truth[0]))


def pictures() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The committed pictures and the five points of each of their faces."""
    known = json.loads((ROOT / "tests/samples/collage.truth.json").read_text())
    portrait = np.array([[known["portrait_landmarks"][name] for name in NAMES]])
    collage = np.array([[face["landmarks"][name] for name in NAMES] for face in known["faces"]])
    drawn = np.array([[drawn_face.truth(480)[name] for name in NAMES]])
    files = {"drawn_face": drawn, "drawn_face_2": drawn, "astronaut": portrait, "collage": collage}
    return {name: (cv2.imread(str(PHOTOS / f"{name}.png")), truths) for name, truths in files.items()}


def affine(degrees: float, scale: float):
    def change(image, truths):
        height, width = image.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
        turned = cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
        return turned, truths @ matrix[:, :2].T + matrix[:, 2]

    return change


def filtered(function):
    return lambda image, truths: (function(image), truths)


def blurred(image):
    return cv2.GaussianBlur(image, (0, 0), max(image.shape) / 640)


def dark(image):
    noise = np.random.default_rng(1).normal(0, 6, image.shape)
    return np.clip(255 * (image / 255.0) ** 2.2 * 0.5 + noise, 0, 255).astype(np.uint8)


def worn(image):
    return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 12])[1], cv2.IMREAD_COLOR)


TRANSFORMS = {
    "as it is": affine(0, 1),
    "half size": affine(0, 0.5),
    "turned -30°": affine(-30, 0.8),
    "turned +30°": affine(30, 0.8),
    "blurred": filtered(blurred),
    "dark, noisy": filtered(dark),
    "JPEG 12": filtered(worn),
}

if __name__ == "__main__":
    main()
