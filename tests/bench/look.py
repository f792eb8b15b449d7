"""The look of the swap in numbers and on contact sheets: python -m tests.bench.look [--photos FOLDER] [--quick]

Sources are the portrait and the drawn faces in hard light, badly exposed, turned, tiny, blurred, with an open mouth;
targets are drawn faces and the portrait in several poses. The contact sheets are written to tests/artefacts. With
--photos the faces in a folder's pictures are further sources, which are measured and shown but not saved.

Columns, each the median and the worst over all targets and poses:
    blown: percentage points of pixels inside the face with a channel of 253 or more, beyond those of the camera picture
    colour: CIEDE2000 between the smoothed skin along the inside of the mask, and the same skin in the camera picture;
        without scikit-image the plain distance in Lab, which is up to twice as large ("colour, Lab")
    edge: grey levels that the swap adds to the gradient on the mask's outline (95th percentile along the outline)
    flicker: change of the face from frame to frame with noise, divided by that of the camera picture (median only)
Below the table: the distance of the mask's outline from a smooth line, for heads turned by 0 to 45 degrees.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from akool_nb.sandbox.engine.detector import FaceDetector
from akool_nb.sandbox.engine.swap import FaceSwapper, SourceFace, draw
from tests.sandbox import relight
from tests.sandbox.faces import ADA, ARTEFACTS, BO, drawn, hull, noisy, photo

try:
    from skimage.color import deltaE_ciede2000 as ciede2000
except ImportError:
    ciede2000 = None

COLOUR = "colour" if ciede2000 else "colour, Lab"
BLOWN = 253
TILE = 200


@dataclass(frozen=True)
class Given:
    """A source: its name, its photo and its flat face."""

    name: str
    image: np.ndarray
    face: SourceFace


@dataclass(frozen=True)
class Target:
    """A camera picture and the mesh of its face."""

    name: str
    frame: np.ndarray
    mesh: np.ndarray


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--photos", type=Path, help="a folder of pictures whose faces are further sources")
    arguments.add_argument("--quick", action="store_true", help="fewer targets, no flicker")
    arguments.add_argument("--name", default="look", help="how the files in tests/artefacts begin")
    options = arguments.parse_args()
    cv2.setNumThreads(1)
    aims = list(targets())[:: 3 if options.quick else 1]
    given = list(sources())
    report(given, aims, "made sources", options.name, flicker=not options.quick)
    print_outline()
    if options.photos:
        report(list(photos(options.photos)), aims, "photos", f"{options.name}_photos", flicker=False)


def report(given: list[Given], aims: list[Target], title: str, name: str, *, flicker: bool) -> None:
    print(
        f"\n{title + f' ({len(given)}) on {len(aims)} targets':44}{'blown':>14}{COLOUR:>14}{'edge':>14}{'flicker':>9}"
    )
    rows, results = [], {}
    for source in given:
        results[source.name] = [FaceSwapper(source.face).swap(target.frame) for target in aims]
        measured = np.array([measure(*pair) for pair in zip(results[source.name], aims, strict=True)])
        rows.append(measured)
        print_row(source.name, measured, flicker_of(source) if flicker else None)
    print_row("all", np.concatenate(rows), None)
    worst_first = sorted(range(len(given)), key=lambda index: -rows[index][:, 0].max() - rows[index][:, 2].max() / 4)
    write_sheet(name, [(given[index], results[given[index].name]) for index in worst_first], aims)


def print_row(name: str, measured: np.ndarray, flicker: float | None) -> None:
    cells = "".join(f"{np.median(column):7.2f}{column.max():7.2f}" for column in measured.T)
    print(f"{name:44}{cells}" + (f"{flicker:9.2f}" if flicker is not None else ""))


def measure(swapped: np.ndarray, target: Target) -> tuple[float, float, float]:
    """Blown pixels, colour difference and edge energy of one swapped picture."""
    inside = hull(target.mesh, swapped.shape, grow=0)
    return blown(swapped, inside) - blown(target.frame, inside), skin_gap(swapped, target), edge(swapped, target)


def blown(picture: np.ndarray, inside: np.ndarray) -> float:
    return 100 * float((picture.max(axis=2) >= BLOWN)[inside].mean())


def skin_gap(swapped: np.ndarray, target: Target) -> float:
    width = np.ptp(target.mesh[:, 0])
    changed = cv2.morphologyEx(
        (swapped != target.frame).any(axis=2).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)
    )
    depth = cv2.distanceTransform(changed, cv2.DIST_L2, 3)
    band = (depth > 0.05 * width) & (depth < 0.14 * width)
    if not band.any():
        return 0.0
    first, second = (lab(cv2.GaussianBlur(picture, (0, 0), width / 25))[band] for picture in (swapped, target.frame))
    gaps = ciede2000(first, second) if ciede2000 else np.linalg.norm(first - second, axis=1)
    return float(np.median(gaps))


def lab(picture: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_BGR2LAB)


def edge(swapped: np.ndarray, target: Target) -> float:
    changed = (np.abs(swapped.astype(int) - target.frame).max(axis=2) > 2).astype(np.uint8)
    closed = cv2.morphologyEx(changed, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    reach = max(3, round(0.06 * np.ptp(target.mesh[:, 0])))
    band = (closed > 0) & (cv2.erode(closed, np.ones((reach, reach), np.uint8)) == 0)
    if not band.any():
        return 0.0
    gained = gradient(swapped)[band] - gradient(target.frame)[band]
    return float(np.percentile(gained, 95))


def gradient(picture: np.ndarray) -> np.ndarray:
    grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32), (0, 0), 1)
    return np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)) / 4


def print_outline() -> None:
    face = SourceFace.from_mesh(drawn(BO), FaceDetector().detect(drawn(BO))[0].mesh)
    rough = {}
    portrait = photo("astronaut")
    mesh = FaceDetector().detect(portrait)[0].mesh
    for degrees in range(0, 50, 5):
        moved = relight.turned_in_depth(portrait, mesh, degrees)[1] * np.float32(166 / np.ptp(mesh[:, 0]))
        local = moved - moved.min(axis=0) + 8
        rough[degrees] = roughness(draw(face, local, tuple(np.ptp(local[:, :2], axis=0).astype(int) + 17))[1])
    print("\noutline, pixels off a smooth line, at degrees of turn: ", end="")
    print(", ".join(f"{degrees}: {pixels:.2f}" for degrees, pixels in rough.items()))


def roughness(weight: np.ndarray) -> float:
    """Root mean square distance in pixels of the mask's right side, at the cheek, from a smooth line."""
    fine = cv2.resize(weight, None, fx=4, fy=1) > 128
    rows = np.arange(len(fine) * 2 // 5, len(fine) * 3 // 4)
    side = fine[rows, ::-1].argmax(axis=1) / 4
    return float((side - np.polyval(np.polyfit(rows - rows[0], side, 5), rows - rows[0])).std())


def flicker_of(source: Given) -> float:
    swapper, changes = FaceSwapper(source.face), []
    inside = hull(FaceDetector().detect(drawn(ADA))[0].mesh, drawn(ADA).shape, grow=0)
    before = None
    for seed in range(12):
        frame = noisy(drawn(ADA), 4, seed)
        pair = [cv2.GaussianBlur(picture, (0, 0), 2).astype(float)[inside] for picture in (swapper.swap(frame), frame)]
        if before is not None and seed > 3:
            changes.append(np.abs(pair[0] - before[0]).mean() / np.abs(pair[1] - before[1]).mean())
        before = pair
    return float(np.mean(changes))


def sources() -> Iterator[Given]:
    portrait = photo("astronaut")
    mesh = FaceDetector().detect(portrait)[0].mesh
    bo = FaceDetector().detect(drawn(BO))[0].mesh
    pictures = {
        "portrait": portrait,
        "portrait, side light": relight.side_light(portrait, mesh),
        "portrait, side light from the right": relight.side_light(portrait, mesh, direction=(0.8, -0.3, -0.6)),
        "portrait, red lamp from one side": relight.side_light(portrait, mesh, colour=(0.35, 0.5, 1.3)),
        "portrait, blue light": relight.exposed(portrait, (2.2, 1.0, 0.4)),
        "portrait, flash": relight.flash(portrait, mesh),
        "portrait, underexposed": relight.exposed(portrait, 0.08, noise=3),
        "portrait, overexposed": relight.exposed(portrait, 3.0),
        "portrait, turned 25°": relight.turned_in_depth(portrait, mesh, 25)[0],
        "portrait, turned 45°": relight.turned_in_depth(portrait, mesh, 45)[0],
        "portrait, turned 45° in side light": relight.turned_in_depth(
            relight.side_light(portrait, mesh), mesh, 45
        )[0],
        "portrait, 40 px": relight.shrunk(portrait, 40, mesh),
        "portrait, blurred": cv2.GaussianBlur(portrait, (0, 0), 4),
        "portrait, cut by the border": portrait[:, round(float(mesh[:, 0].min() + 0.3 * np.ptp(mesh[:, 0]))) :],
        "drawn": drawn(BO),
        "drawn, side light": relight.side_light(drawn(BO), bo),
        "drawn, flash": relight.flash(drawn(BO), bo),
        "drawn, mouth open": drawn(BO, mouth=1.0),
        "drawn, turned": drawn(BO, turn=1.0),
    }  # fmt: skip
    for name, image in pictures.items():
        yield from faces_of(name, image, most=1)


def faces_of(name: str, image: np.ndarray, *, most: int) -> Iterator[Given]:
    found = FaceDetector().detect(image)
    if not found:
        print(f"{name}: no face found")
    for number, face in enumerate(found[:most], 1):
        label = name if len(found) == 1 else f"{name} {number}"
        yield Given(label, cut(image, face.mesh), SourceFace.from_mesh(image, face.mesh))


def cut(image: np.ndarray, mesh: np.ndarray) -> np.ndarray:
    """The surroundings of a face, for the contact sheet."""
    x, y = mesh[:, :2].mean(axis=0)
    half = 0.85 * np.ptp(mesh[:, 1])
    matrix = np.array([[TILE / 2 / half, 0, TILE / 2 - x * TILE / 2 / half], [0, TILE / 2 / half, 0]])
    matrix[1, 2] = TILE / 2 - y * TILE / 2 / half
    return cv2.warpAffine(image, matrix, (TILE, TILE), flags=cv2.INTER_AREA)


def photos(folder: Path) -> Iterator[Given]:
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        image = cv2.imread(str(path))
        if image is not None:
            yield from faces_of(path.stem[:24], image, most=9)


def targets() -> Iterator[Target]:
    portrait = cv2.resize(photo("astronaut")[0:260, 95:355], (480, 480), interpolation=cv2.INTER_CUBIC)
    mesh = FaceDetector().detect(portrait)[0].mesh
    ada = FaceDetector().detect(drawn(ADA))[0].mesh
    frames = {
        "Ada": drawn(ADA),
        "Ada, smiling": drawn(ADA, smile=1.0),
        "Ada, speaking": drawn(ADA, mouth=0.8),
        "Ada, turned": drawn(ADA, turn=1.0),
        "Ada, side light": relight.side_light(drawn(ADA), ada),
        "Bo": drawn(BO),
        "portrait": portrait,
        "portrait, 22°": relight.turned_in_depth(portrait, mesh, 22)[0],
        "portrait, 45°": relight.turned_in_depth(portrait, mesh, -45)[0],
        "portrait, dim": relight.exposed(portrait, 0.2, noise=2),
        "portrait, bright": relight.exposed(portrait, 1.6),
    }
    for name, frame in frames.items():
        found = FaceDetector().detect(frame)
        if found:
            yield Target(name, frame, found[0].mesh)
        else:
            print(f"target {name}: no face found")


def write_sheet(name: str, rows: list[tuple[Given, list[np.ndarray]]], aims: list[Target]) -> None:
    """Each source and its swap on each target, the worst first; ten sources per sheet."""
    ARTEFACTS.mkdir(exist_ok=True)
    head = [np.full((TILE, TILE, 3), 255, np.uint8), *[cut(target.frame, target.mesh) for target in aims]]
    for start in range(0, len(rows), 10):
        lines = [head]
        for given, results in rows[start : start + 10]:
            pictures = [cut(result, target.mesh) for result, target in zip(results, aims, strict=True)]
            lines.append([labelled(given.image, given.name), *pictures])
        sheet = np.vstack([np.hstack(line) for line in lines])
        path = ARTEFACTS / f"{name}_{start // 10 + 1}.png"
        cv2.imwrite(str(path), sheet)
        print(path)


def labelled(picture: np.ndarray, text: str) -> np.ndarray:
    picture = picture.copy()
    cv2.putText(picture, text[:34], (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.36, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.putText(picture, text[:34], (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.36, (255, 255, 255), 1, cv2.LINE_AA)
    return picture


if __name__ == "__main__":
    main()
