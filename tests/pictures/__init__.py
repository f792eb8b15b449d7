"""`python -m tests.pictures` makes the README's pictures again, with the current package.

The tests make them on every run, in `tests/artefacts/pictures`; this command also copies them to the place where the
README shows them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import matplotlib
from PIL import Image

from akool_nb import Client, connect, samples
from tests.browser.harness import ARTEFACTS, NotebookPage
from tests.pictures import diagrams, folders, hero

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "notebooks" / "pictures"
MADE = ARTEFACTS / "pictures"
WINDOW = {"width": 1280, "height": 900}


def main() -> int:
    """Make all pictures, those of the browser by its tests, and replace the old ones."""
    shutil.rmtree(MADE, ignore_errors=True)
    (PICTURES / "folders.svg").write_text(folders.svg(), encoding="utf-8")
    for name, draw in diagrams.DIAGRAMS.items():
        (PICTURES / f"{name}.svg").write_text(draw().to_svg(), encoding="utf-8")
    client = connect(sandbox=True)
    live(client)
    faces(client)
    newcomer = ["-m", "pytest", "-q", "tests/browser/test_newcomer_walk.py", "-k", "picture"]
    # These tests fail if a picture has changed, which is expected here.
    subprocess.run([sys.executable, *newcomer], cwd=ROOT)
    for picture in MADE.glob("*.webp"):
        shutil.copy(picture, PICTURES)
    return 0


def difference(name: str) -> float:
    """The difference of the README's picture from the new one, from 0 to 255; fonts and moments may differ a little."""
    committed = _small(PICTURES / f"{name}.webp")
    made = _small(MADE / f"{name}.webp")
    return sum(abs(one - other) for one, other in zip(committed, made, strict=True)) / len(made)


def _small(path: Path) -> bytes:
    with Image.open(path) as picture:
        return picture.convert("L").resize((48, 36), Image.Resampling.BOX).tobytes()


def live(client: Client) -> None:
    """The moving portrait, with two drawn faces."""
    hero.clip(client, _made("live"))


def faces(client: Client) -> None:
    """The plot of the six faces of the collage."""
    matplotlib.use("Agg")
    figure = client.detect(samples.photo("collage")).plot().figure
    with tempfile.TemporaryDirectory() as folder:
        figure.savefig(Path(folder) / "faces.png", dpi=110, bbox_inches="tight")
        still(Path(folder) / "faces.png", _made("faces"))


def lesson(page: NotebookPage, name: str, seen: str) -> None:
    """JupyterLab as a reader sees it, the lesson under its own name, the widget `seen` (a selector) in the middle."""
    page.page.set_viewport_size(WINDOW)  # type: ignore[arg-type]
    page.page.evaluate(
        """async name => {
            const app = window.jupyterapp;
            await app.shell.currentWidget.context.rename(name);
            await app.commands.execute('statusbar:toggle');
        }""",
        name,
    )
    page.page.locator(seen).first.evaluate("element => element.scrollIntoView({ block: 'center' })")
    page.page.wait_for_timeout(1000)
    still(page.screenshot("picture-lesson"), _made("lesson"))


def picker(page: NotebookPage, seen: str) -> None:
    """The picker alone, as in the lesson."""
    page.page.mouse.move(0, 0)
    still(page.screenshot("picture-picker", seen), _made("picker"))


def still(picture: Path, out: Path) -> None:
    """A small file of a still picture."""
    with Image.open(picture) as image:
        image.convert("RGB").save(out, quality=80, method=6)


def _made(name: str) -> Path:
    MADE.mkdir(parents=True, exist_ok=True)
    return MADE / f"{name}.webp"
