"""The README's first picture: the portrait moves on the left, and has a drawn face on the right."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from akool_nb import Client, samples
from akool_nb.cli.player import Player, Take
from akool_nb.sandbox.pictures import drawn_face, picture
from akool_nb.sandbox.pictures.drawn_person import ADA, BO, Person

SIZE = (640, 480)
SECONDS = 6
FPS = 10
FACE = (226, 130)
"""The middle of the face in the portrait, in pixels."""


def clip(client: Client, out: Path) -> None:
    """Write the animation; one drawn face for the first half, another for the second."""
    first, second = (client.detect(_drawn(person))[0] for person in (BO, ADA))
    frames = [picture.encode(frame, quality=90) for frame in moving_portrait()]
    with client.create(first) as session:
        assert session.view_url is not None
        take = Player(session.view_url, fps=FPS).run(frames, lambda: session.update(second))
    _write(take, out)


def moving_portrait() -> Iterator[np.ndarray]:
    """The portrait as a camera would see it: it comes closer, moves and tilts, and repeats after `SECONDS`."""
    portrait = picture.decode(samples.photo("astronaut").read_bytes())
    for number in range(SECONDS * FPS):
        phase = 2 * math.pi * number / (SECONDS * FPS)
        motion = cv2.getRotationMatrix2D(FACE, 5 * math.sin(2 * phase), 2.2 + 0.12 * math.sin(phase))
        motion[0, 2] += SIZE[0] / 2 - FACE[0] + 22 * math.sin(phase)
        motion[1, 2] += 0.47 * SIZE[1] - FACE[1] + 8 * math.sin(2 * phase)
        yield cv2.warpAffine(portrait, motion, SIZE, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def _drawn(person: Person) -> Image.Image:
    return Image.fromarray(drawn_face.draw(480, person=person)[:, :, ::-1])


def _write(take: Take, out: Path) -> None:
    pairs = zip(take.sent, take.swapped, strict=True)
    first, *others = [_beside(sent, swapped) for sent, swapped in pairs]
    first.save(out, save_all=True, append_images=others, duration=1000 // FPS, loop=0, quality=45, method=4)


def _beside(sent: bytes, swapped: bytes) -> Image.Image:
    """Both pictures at half of their size, side by side."""
    both = np.hstack([picture.decode(sent), picture.decode(swapped)])
    return Image.fromarray(both[:, :, ::-1]).resize((SIZE[0], SIZE[1] // 2), Image.Resampling.LANCZOS)
