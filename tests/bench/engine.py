"""Speed and accuracy of the engine: python -m tests.bench.engine [--quick]

Times are CPU milliseconds of one thread per frame (wall time would include other programs).
"""

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from akool_nb.sandbox.engine.detector import FaceDetector
from akool_nb.sandbox.engine.mesh import five_points
from akool_nb.sandbox.engine.swap import FaceSwapper, SourceFace
from akool_nb.sandbox.engine.tracker import FaceTracker
from akool_nb.sandbox.pictures import clip, drawn_face, picture
from akool_nb.sandbox.pictures.drawn_person import ADA, BO
from tests.sandbox.faces import faceless, scattered

ROOT = Path(__file__).parents[2]
PHOTOS = ROOT / "notebooks" / "photos"
NAMES = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")
FACE_WIDTH = 0.435
"""Width of the drawn face's mesh as a share of its picture."""

SCENES = {
    "640×480, one face of 166 px": ((640, 480), 1, 166, "4.5 / 9"),
    "640×480, one face of 295 px": ((640, 480), 1, 295, "9 / 15"),
    "640×480, one face of 148 px": ((640, 480), 1, 148, "-"),
    "640×480, two faces of 148 px": ((640, 480), 2, 148, "-"),
    "640×480, three faces of 148 px": ((640, 480), 3, 148, "-"),
    "640×480, four faces of 148 px": ((640, 480), 4, 148, "16 / 22"),
    "1280×720, one face of 567 px": ((1280, 720), 1, 567, "14 / 22"),
    "1920×1080, one face of 800 px": ((1920, 1080), 1, 800, "14 / -"),
    "640×480, no face": ((640, 480), 0, 0, "2.5 / -"),
}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="a tenth of the frames")
    frames = 30 if arguments.parse_args().quick else 300
    cv2.setNumThreads(1)
    print(f"OpenCV {cv2.__version__}, one thread, {frames} frames a scene, drawn faces in motion\n")
    print_speed(frames)
    print_jitter(frames // 3)
    print_detection()
    print_large(max(5, frames // 15))


def print_speed(frames: int) -> None:
    print(
        f"{'swap, ms a frame':32}{'mean':>7}{'p50':>7}{'p95':>7}{'wall p50':>10}{'wall p95':>10}{'aim mean / p95':>16}"
    )
    source, means = source_face(), {}
    for name, (size, faces, width, aim) in SCENES.items():
        cpu, wall = timed(FaceSwapper(source), scene(size, faces, width, frames))
        (middle, high), (wall_middle, wall_high) = (np.percentile(times, (50, 95)) for times in (cpu, wall))
        means[width, faces] = cpu.mean()
        print(f"{name:32}{cpu.mean():7.1f}{middle:7.1f}{high:7.1f}{wall_middle:10.1f}{wall_high:10.1f}{aim:>16}")
    more = [means[148, faces + 1] - means[148, faces] for faces in (1, 2, 3)]
    print(f"{'each further face of 148 px':32}{np.mean(more):7.1f}{'second, third, fourth: ':>30}", end="")
    print(", ".join(f"{cost:.1f}" for cost in more) + "   aim 5")


def print_jitter(frames: int) -> None:
    """How far a still face's points are from their mean, and move between frames, with changing camera noise."""
    print(f"\n{'a still face, % of eye distance':34}{'wanders':>8}{'leaps':>8}   aim 0.1")
    for name, strength, quality in (("no noise", 0, None), ("noise 4", 4, None), ("noise 6, JPEG 70", 6, 70)):
        tracker, still = FaceTracker(), clip.moment(0)
        seen = [five_points(tracker.update(degraded(still, strength, quality, seed))[0].mesh) for seed in range(frames)]
        points = np.array(seen[len(seen) // 4 :])
        unit = np.linalg.norm(points[0, 1] - points[0, 0]) / 100
        gaps = (points - points.mean(axis=0), np.diff(points, axis=0))
        wanders, leaps = (np.sqrt((gap**2).sum(axis=2).mean()) / unit for gap in gaps)
        print(f"{name:34}{wanders:8.3f}{leaps:8.3f}")


def degraded(image: np.ndarray, strength: float, quality: int | None, seed: int) -> np.ndarray:
    """With noise, and as a JPEG if a quality is given."""
    noise = np.random.default_rng(seed).normal(0, strength, image.shape)
    noisy = np.clip(image + noise, 0, 255).astype(np.uint8)
    return noisy if quality is None else as_jpeg(noisy, quality)


def timed(swapper: FaceSwapper, frames: Iterator[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """CPU and wall milliseconds of each swap except the first five, in which the faces are still searched."""
    costs = []
    for frame in frames:
        wall, cpu = time.perf_counter(), time.thread_time()
        swapper.swap(frame)
        costs.append((time.thread_time() - cpu, time.perf_counter() - wall))
    cpu, wall = np.array(costs[5:]).T * 1000
    return cpu, wall


def scene(size: tuple[int, int], faces: int, width: int, frames: int) -> Iterator[np.ndarray]:
    """Drawn people side by side, each `width` pixels wide, with the motion of `clip.drawn`."""
    side = max(1, round(width / FACE_WIDTH / 0.92))
    moments = [clip.moment(number / 20, (480, 480)) for number in range(0, 160, 4 if frames < 100 else 1)]
    columns = 1 if faces <= 1 else 2
    cell = (size[0] // columns, size[1] // (1 if faces < 3 else 2))
    for number in range(frames):
        frame = np.full((size[1], size[0], 3), ADA.wall, np.uint8)
        for face in range(faces):
            person = cv2.resize(moments[(number + 13 * face) % len(moments)], (side, side))
            paste(frame, person, (face % columns) * cell[0], (face // columns) * cell[1], cell)
        yield frame


def paste(frame: np.ndarray, person: np.ndarray, left: int, top: int, cell: tuple[int, int]) -> None:
    """Copy the middle of the person's picture into a cell of the frame."""
    width, height = min(cell[0], person.shape[1]), min(cell[1], person.shape[0])
    x, y = (person.shape[1] - width) // 2, (person.shape[0] - height) // 2
    at_x, at_y = left + (cell[0] - width) // 2, top + (cell[1] - height) // 2
    frame[at_y : at_y + height, at_x : at_x + width] = person[y : y + height, x : x + width]


def source_face() -> SourceFace:
    truth = drawn_face.truth(480)
    photo = drawn_face.draw(480, person=BO)
    return SourceFace.from_opts(photo, [truth[name] for name in NAMES[:4]])


def print_detection() -> None:
    print(f"\n{'detection':34}{'recall':>8}{'error':>8}{'false':>8}{'ms':>8}   error: % of the eye distance")
    detector = FaceDetector()
    found = {transform: [] for transform in TRANSFORMS}
    for name, (image, truths) in pictures().items():
        for transform, change in TRANSFORMS.items():
            found[transform].append(print_row(f"{name}, {transform}", detector, *change(image, truths)))
    for transform, rows in found.items():
        print(f"{'all, ' + transform:34}{sum(hits for hits, _ in rows)}/{sum(all_ for _, all_ in rows)}")
    for share in (0.025, 0.03, 0.035):
        print_row(f"portrait of {100 * share:.1f} %, six places", detector, *scattered(share))
    spent = [print_empty(detector, seed) for seed in range(25)]
    print(f"{'25 pictures without faces':34}{'-':>8}{'-':>8}{sum(false for false, _ in spent):8}", end="")
    print(f"{np.median([time_ for _, time_ in spent]):8.0f}")


def print_row(name: str, detector: FaceDetector, image: np.ndarray, truths: np.ndarray) -> tuple[int, int]:
    """Print a row; returns the number of found faces and of all faces."""
    start = time.thread_time()
    found = [np.array([face.points[name] for name in NAMES]) for face in detector.detect(image)]
    spent = 1000 * (time.thread_time() - start)
    errors = [min((miss(face, truth) for face in found), default=9) for truth in truths]
    hits = [error for error in errors if error < 0.35]
    false = len(found) - len(hits)
    error = 100 * float(np.mean(hits)) if hits else float("nan")
    print(f"{name:34}{len(hits)}/{len(truths):<6}{error:8.1f}{false:8}{spent:8.0f}")
    return len(hits), len(truths)


def print_empty(detector: FaceDetector, seed: int) -> tuple[int, float]:
    """The number of faces found in a picture without any, and the milliseconds that the search takes."""
    start = time.thread_time()
    return len(detector.detect(faceless(seed))), 1000 * (time.thread_time() - start)


def print_large(times: int) -> None:
    """One call with a photo of 12 megapixels, from the JPEG's bytes to the faces."""
    print(f"\n{'12 megapixels, ms':34}{'p50':>8}{'p95':>8}   aim 250")
    content = cv2.imencode(".jpg", cv2.resize(pictures()["collage"][0], (4000, 3000)))[1].tobytes()
    detector, costs = FaceDetector(), []
    for _ in range(times):
        start, wall = time.thread_time(), time.perf_counter()
        image = picture.decode(content)
        decoded = time.thread_time()
        detector.detect(image)
        costs.append((decoded - start, time.thread_time() - decoded, time.perf_counter() - wall))
    for name, spent in zip(("decoding, CPU", "detection, CPU", "both, wall"), 1000 * np.array(costs).T, strict=True):
        print(f"{name:34}{np.median(spent):8.0f}{np.percentile(spent, 95):8.0f}")


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


def as_jpeg(image, quality=12):
    return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)


TRANSFORMS = {
    "as it is": affine(0, 1),
    "half size": affine(0, 0.5),
    "turned -30°": affine(-30, 0.8),
    "turned +30°": affine(30, 0.8),
    "blurred": filtered(blurred),
    "dark, noisy": filtered(dark),
    "JPEG 12": filtered(as_jpeg),
}

if __name__ == "__main__":
    main()
