"""`python -m tests.pictures` makes the README's pictures anew, out of what the package really does."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import matplotlib
from PIL import Image, ImageSequence

from akool_nb import demo, samples
from akool_nb.client import connect
from tests.browser.harness import ARTEFACTS

PICTURES = Path(__file__).parents[1] / "notebooks" / "pictures"


def main() -> None:
    """All of them: the live swap, the plot of a detection, and the lesson if the browser tests left its picture."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        demo.run(out=Path(folder))
        shrink_clip(Path(folder) / "before_after.webp", PICTURES / "live.webp")
    plot(PICTURES / "faces.webp")
    lesson = ARTEFACTS / "first-lesson-camera.png"
    if lesson.exists():
        still(lesson, PICTURES / "lesson.webp")
    else:
        print("For the lesson's picture run the browser tests first.", file=sys.stderr)


def shrink_clip(clip: Path, out: Path) -> None:
    """Every second frame: ten a second are enough to see it move."""
    with Image.open(clip) as picture:
        first, *others = [frame.convert("RGB") for frame in ImageSequence.Iterator(picture)][::2]
    first.save(out, save_all=True, append_images=others, duration=100, loop=0, quality=60, method=6)


def plot(out: Path) -> None:
    """The six faces of the collage."""
    matplotlib.use("Agg")
    figure = connect(sandbox=True).detect(samples.photo("collage")).plot().get_figure(root=True)
    with tempfile.TemporaryDirectory() as folder:
        figure.savefig(Path(folder) / "faces.png", dpi=110)
        still(Path(folder) / "faces.png", out)


def still(picture: Path, out: Path) -> None:
    """A small file of a still picture."""
    with Image.open(picture) as image:
        image.convert("RGB").save(out, quality=80, method=6)


if __name__ == "__main__":
    main()
