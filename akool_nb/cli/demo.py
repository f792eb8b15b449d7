"""All steps without a browser: photo, faces, session, a clip through the live video, another face, close.

It uses the sandbox, whose live video any program can join. AKOOL's live video is Agora's and needs a browser.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from akool_nb import connect, samples
from akool_nb.api.photo import Photo
from akool_nb.cli.player import Player, Take
from akool_nb.errors import AkoolError, PhotoError
from akool_nb.terminal import say

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from akool_nb.api.client import Client
    from akool_nb.api.models import Detection, Face
    from akool_nb.api.session import LiveSession

FPS = 20
"""Frames a second, as AKOOL recommends for the live swap. https://docs.akool.com/ai-tools-suite/live-faceswap"""
SIZE = (640, 480)
SECONDS = 6.0
MOST_SECONDS = 20.0
"""How much of a video is used."""


class Demo:
    """One run through all steps. Each prints a line; the results are files in a folder.

    Args:
        client: a client of a sandbox.
        photo: the picture with the face to put on; by default the shipped portrait.
        video: the clip that is used as the camera; by default the moving drawn face.
        out: the folder for `faces.png`, `swapped.webp`, `before_after.webp` and `report.md`; made if it is not there.
    """

    def __init__(self, client: Client, *, photo: Path | None = None, video: Path | None = None, out: Path) -> None:
        self.client = client
        self.photo = photo.expanduser() if photo else samples.photo("astronaut")
        self.video = video.expanduser() if video else None
        self.out = out.expanduser()
        self._warnings: list[str] = []

    def run(self) -> Path:
        """Take all steps; returns the report's path. Raises `AkoolError` and `OSError`."""
        self.out.mkdir(parents=True, exist_ok=True)
        found = self._detect()
        frames = self._frames()
        with self.client.create(found[0]) as session:
            say(f"- Session {session.id} is open: {session.wait().name.lower()}")
            take = self._play(session, frames, self._other(found))
        say("- The session is closed")
        self._save(take)
        return self._report(found, take)

    def _detect(self) -> Detection:
        from akool_nb.plot import save_faces, warning_lines  # matplotlib takes a second to load

        found = self.client.detect(Photo.open(self.photo))
        save_faces(found, self.out / "faces.png")
        say(f"- {self.photo.name}: {_faces(len(found))} found, drawn in faces.png")
        self._warnings = warning_lines(found)
        for line in self._warnings:
            say(f"  {line}", indent="  ")
        return found

    def _other(self, found: Detection) -> Face:
        """The face to put on later: the photo's second one, else the largest of another sample."""
        if len(found) > 1:
            return found[1]
        other = next(path for path in reversed(samples.photos()) if path.resolve() != self.photo.resolve())
        return self.client.detect(Photo.open(other), single_face=True)[0]

    def _frames(self) -> list[bytes]:
        name = self._camera
        most = int(MOST_SECONDS * FPS)
        frames = [_jpeg(image) for image in islice(_pictures(self.video), most + 1)]
        if len(frames) > most:
            name += f", the first {MOST_SECONDS:.0f} s of it"
            frames = frames[:most]
        say(f"- The camera is {name}: {len(frames)} frames, {len(frames) / FPS:.1f} s")
        return frames

    def _play(self, session: LiveSession, frames: list[bytes], other: Face) -> Take:
        assert session.view_url is not None, "the demo runs on the sandbox"
        take = Player(session.view_url, fps=FPS).run(frames, lambda: session.update(other))
        if not take.swapped:
            raise AkoolError("No frame came back. Run 'akool-nb doctor' to find out why.")
        say(f"- {len(take.swapped)} swapped frames, {take.fps:.1f} a second, {take.delay(50):.0f} ms after the camera")
        return take

    def _save(self, take: Take) -> None:
        _write_clip(self.out / "swapped.webp", (_open(frame) for frame in take.swapped))
        pairs = zip(take.sent, take.swapped, strict=True)
        _write_clip(self.out / "before_after.webp", (_beside(_open(a), _open(b)) for a, b in pairs))
        say("- The clip is in swapped.webp, and beside the camera's picture in before_after.webp")

    def _report(self, found: Detection, take: Take) -> Path:
        rows = {
            "photo": f"{self.photo.name}, {_faces(len(found))}",
            "camera": self._camera,
            "frames sent · swapped · skipped": f"{len(take.sent)} · {len(take.swapped)} · {take.skipped}",
            "swapped frames a second": f"{take.fps:.1f} of {FPS}",
            "delay, median": f"{take.delay(50):.0f} ms",
            "delay, 95 of 100 under": f"{take.delay(95):.0f} ms",
            "second face": "from the middle of the clip on, without a new session",
        }
        table = "\n".join(f"| {name} | {value} |" for name, value in rows.items())
        warnings = "".join(f"\n- {line}" for line in self._warnings)
        text = f"# akool-nb demo\n\n| what | value |\n|---|---|\n{table}\n"
        if warnings:
            text += f"\nWhy the swap may look bad:\n{warnings}\n"
        path = self.out / "report.md"
        path.write_text(text, encoding="utf-8")
        say(f"- The report is {path}")
        return path

    @property
    def _camera(self) -> str:
        return self.video.name if self.video else "the moving drawn face"


def run(*, photo: Path | None = None, video: Path | None = None, out: Path = Path("akool-demo")) -> Path:
    """Take all steps on the sandbox and return the report's path. `akool-nb demo` calls this; notebooks may, too."""
    return Demo(connect(sandbox=True), photo=photo, video=video, out=out).run()


def _pictures(video: Path | None) -> Iterator[Image.Image]:
    """The camera's pictures, within 640×480. PhotoError when the video cannot be read."""
    from akool_nb.sandbox.pictures.picture import PictureError

    try:
        for frame in _camera_frames(video):
            picture = Image.fromarray(frame[:, :, ::-1])
            picture.thumbnail(SIZE)
            yield picture
    except PictureError as error:
        raise PhotoError(str(error)) from None


def _camera_frames(video: Path | None) -> Iterator[NDArray[Any]]:
    from akool_nb.sandbox.pictures import clip

    if video is None:
        return clip.drawn(SECONDS, fps=FPS, size=SIZE)
    return clip.read(video, fps=FPS)


def _jpeg(picture: Image.Image) -> bytes:
    with BytesIO() as file:
        picture.save(file, "JPEG", quality=80)
        return file.getvalue()


def _open(jpeg: bytes) -> Image.Image:
    with Image.open(BytesIO(jpeg)) as picture:
        return picture.convert("RGB")


def _beside(left: Image.Image, right: Image.Image) -> Image.Image:
    """Two pictures side by side at half their size."""
    width = left.width // 2
    height = left.height // 2
    both = Image.new("RGB", (2 * width, height))
    both.paste(left.resize((width, height)), (0, 0))
    both.paste(right.resize((width, height)), (width, 0))
    return both


def _write_clip(path: Path, pictures: Iterator[Image.Image]) -> None:
    """An animated WebP, which every browser and most viewers play."""
    first, *others = pictures
    duration = round(1000 / FPS)
    first.save(path, save_all=True, append_images=others, duration=duration, loop=0, quality=70, method=0)


def _faces(count: int) -> str:
    return "1 face" if count == 1 else f"{count} faces"
