"""The demo runs all steps with the shipped pictures and with the user's own, and its files show the result."""

from __future__ import annotations

import asyncio
import re

import numpy as np
import pytest
from PIL import Image, ImageOps, ImageSequence

from akool_nb import samples
from akool_nb.cli import cli, demo
from akool_nb.cli.player import Player
from akool_nb.sandbox.pictures import clip


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """The files of the demo without any option."""
    out = tmp_path_factory.mktemp("demo")
    assert cli.main(["demo", "--out", str(out)]) == 0
    return out


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """The files of the demo with the user's photo and video: mirrored, cropped, JPEG, and a GIF of another size."""
    folder = tmp_path_factory.mktemp("own")
    with Image.open(samples.photo("astronaut")) as portrait:
        ImageOps.mirror(portrait.convert("RGB").crop((60, 0, 420, 420))).save(folder / "me.jpg")
    first, *others = [Image.fromarray(frame[:, :, ::-1]) for frame in clip.drawn(1.5, fps=20, size=(800, 600))]
    first.save(folder / "me.gif", save_all=True, append_images=others, duration=50)
    arguments = ["--photo", folder / "me.jpg", "--video", folder / "me.gif", "--out", folder / "out"]
    assert cli.main(["demo", *map(str, arguments)]) == 0
    return folder / "out"


def report(out) -> dict[str, str]:
    return dict(re.findall(r"^\| (.+?) \| (.+?) \|$", (out / "report.md").read_text(), re.MULTILINE))


def frames(path) -> list[np.ndarray]:
    with Image.open(path) as picture:
        return [np.asarray(frame.convert("RGB"), dtype=int) for frame in ImageSequence.Iterator(picture)]


def test_a_long_video_is_cut_and_the_output_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(demo, "MOST_SECONDS", 1.0)
    first, *others = [Image.fromarray(frame[:, :, ::-1]) for frame in clip.drawn(1.5, fps=20)]
    first.save(tmp_path / "me.gif", save_all=True, append_images=others, duration=50)
    assert cli.main(["demo", "--video", str(tmp_path / "me.gif"), "--out", str(tmp_path / "out")]) == 0
    assert "me.gif, the first 1 s of it: 20 frames, 1.0 s" in capsys.readouterr().out


def test_the_report_lists_the_frames_the_photo_and_the_delay(shipped):
    rows = report(shipped)
    sent, swapped, _ = map(int, rows["frames sent · swapped · skipped"].split(" · "))
    assert sent == swapped > 0
    assert rows["photo"] == "astronaut.png, 1 face"
    assert float(rows["swapped frames a second"].split()[0]) > 1
    assert rows["delay, median"].endswith(" ms")


def test_the_clips_contain_every_swapped_frame(shipped):
    swapped = frames(shipped / "swapped.webp")
    assert len(swapped) == len(frames(shipped / "before_after.webp"))
    assert {frame.shape for frame in swapped} == {(480, 640, 3)}


def test_the_face_is_changed_and_nothing_else(shipped):
    change = changes(shipped)[20]
    rows, columns = np.nonzero(change > 40)
    assert (change > 40).mean() > 0.005
    assert columns.min() > 60
    assert columns.max() < 260
    assert rows.min() > 10


def test_the_second_face_appears_in_the_middle_of_the_clip(shipped):
    """The drawn face has dark lines, so it changes more pixels strongly than the photographed one."""
    strong = [(change > 80).mean() for change in changes(shipped)]
    quarter = len(strong) // 4
    assert np.median(strong[-quarter:]) > 1.5 * np.median(strong[:quarter]) > 0


def test_the_demo_works_with_the_photo_and_the_video_of_the_user(own):
    rows = report(own)
    assert rows["photo"] == "me.jpg, 1 face"
    assert rows["camera"] == "me.gif"
    assert frames(own / "swapped.webp")[0].shape == (480, 640, 3)
    assert (own / "faces.png").stat().st_size > 10_000


def changes(out) -> list[np.ndarray]:
    """The difference of each pixel of each frame from the camera's, without the lowest rows, which contain the mark."""
    both = frames(out / "before_after.webp")
    return [np.abs(frame[:200, :320] - frame[:200, 320:]).max(axis=2) for frame in both]


@pytest.mark.parametrize("option", ["--photo", "--video"])
@pytest.mark.parametrize(("content", "problem"), [(None, "no such file"), (b"not a picture", "")])
def test_a_file_that_cannot_be_used_is_an_error_of_one_sentence(tmp_path, capsys, option, content, problem):
    file = tmp_path / "file.mp4"
    if content:
        file.write_bytes(content)
    assert cli.main(["demo", option, str(file), "--out", str(tmp_path / "out")]) == 1
    message = capsys.readouterr().err
    assert message.startswith("akool-nb: ")
    assert problem in message.lower()
    assert "Traceback" not in message


def test_a_photo_without_a_face_is_an_error_of_one_sentence(tmp_path, capsys):
    Image.new("RGB", (400, 300), "olive").save(tmp_path / "wall.png")
    assert cli.main(["demo", "--photo", str(tmp_path / "wall.png"), "--out", str(tmp_path / "out")]) == 1
    assert "face" in capsys.readouterr().err


@pytest.fixture
def short(monkeypatch):
    """A camera of half a second."""
    monkeypatch.setattr(demo, "SECONDS", 0.5)


def test_the_report_warns_about_a_poor_photo(short, sandbox, tmp_path, capsys):
    with Image.open(samples.photo("astronaut")) as portrait:
        portrait.convert("RGB").point(lambda value: value // 6).save(tmp_path / "dark.png")
    report = demo.Demo(sandbox.client(), photo=tmp_path / "dark.png", out=tmp_path / "out").run()
    assert "\n- Face 1: The face is too dark" in report.read_text(encoding="utf-8")
    assert "Face 1: The face is too dark" in capsys.readouterr().out


def test_the_demo_runs_inside_an_event_loop_and_creates_the_folder(short, tmp_path, monkeypatch):
    """A notebook cell runs inside an event loop."""
    monkeypatch.setenv("HOME", str(tmp_path))

    async def cell():
        return demo.run(out=demo.Path("~/a/b"))

    assert asyncio.run(cell()) == tmp_path / "a" / "b" / "report.md"


def test_the_player_works_with_and_without_await(sandbox):
    client = sandbox.client()
    face = client.detect(samples.photo("astronaut"))[0]
    frames = [demo._jpeg(Image.fromarray(frame[:, :, ::-1])) for frame in clip.drawn(0.3, fps=20)]

    async def cell():
        with client.create(face) as session:
            awaited = await Player(session.view_url, fps=20).play(frames, lambda: None)
        with client.create(face) as session:
            called = Player(session.view_url, fps=20).run(frames, lambda: None)
        return awaited, called

    assert all(take.swapped for take in asyncio.run(cell()))
