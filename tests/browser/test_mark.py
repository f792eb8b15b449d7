"""The mark in the pixels of an Agora session's picture: found in the snapshot at 320 pixels, and not mirrored."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from tests.browser.live_cells import AGORA_SESSION, press, swap_in_double, wait_state

VIEW = "view = LiveView(session, camera='drawn', mirror={mirror}, close_after=None)\nview"
# The text as the browser draws it, white on black, cropped to its ink.
WRITTEN = """text => {
    const canvas = document.createElement('canvas');
    canvas.width = 200;
    canvas.height = 48;
    const pen = canvas.getContext('2d');
    pen.fillRect(0, 0, 200, 48);
    pen.font = '600 24px system-ui, sans-serif';
    pen.fillStyle = 'white';
    pen.fillText(text, 8, 34);
    return canvas.toDataURL('image/png');
}"""
RECTANGLES = """() => ['.ak-live-remote', '.ak-live-local'].map(selector => {
    const { left, top, right, bottom } = document.querySelector(selector).getBoundingClientRect();
    return [left, top, right, bottom];
})"""
SIZE = (320, 240)


@pytest.fixture(params=[False, True], ids=["plain", "mirrored"])
def live(request, reused_notebook):
    page = reused_notebook([AGORA_SESSION, VIEW.format(mirror=request.param)], purpose="Agora's double")
    swap_in_double(page)
    page.run_all()
    wait_state(page, "live")
    return page


def snapshot(page):
    """The snapshot at 320 pixels, as an array of brightness."""
    # The state is "live" before the browser has decoded the first frame.
    page.page.wait_for_function("() => document.querySelector('.ak-live-remote').videoWidth > 0")
    press(page, "Snapshot")
    page.wait_for("view.snapshot is not None")
    page.execute("import base64, io\nfile = io.BytesIO()\nview.snapshot.save(file, 'PNG')")
    return pixels(page.kernel("base64.b64encode(file.getvalue()).decode()"), SIZE)


def written(page, text):
    """The text, half as large as in a picture of 640 pixels."""
    big = pixels(page.page.evaluate(WRITTEN, text).partition(",")[2], (100, 24))
    rows = np.flatnonzero(big.max(axis=1) > 60)
    columns = np.flatnonzero(big.max(axis=0) > 60)
    return big[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def pixels(encoded, size):
    with Image.open(io.BytesIO(base64.b64decode(encoded))) as image:
        return np.asarray(image.convert("L").resize(size, Image.Resampling.BOX), float)


def find(template, picture):
    """The best match of the template: its correlation (1 is equal), its left and its top."""
    windows = np.lib.stride_tricks.sliding_window_view(picture, template.shape)
    windows = windows - windows.mean(axis=(2, 3), keepdims=True)
    wanted = template - template.mean()
    lengths = np.sqrt((windows**2).sum(axis=(2, 3)) * (wanted**2).sum()) + 1e-9
    match = np.einsum("abcd,cd->ab", windows, wanted) / lengths
    top, left = np.unravel_index(match.argmax(), match.shape)
    return match[top, left], int(left), int(top)


FRAME = """import base64
@view.on_frame(every=0.5)
def keep(frame):
    keep.frame = frame
    return False"""


def test_the_mark_is_in_a_frame_that_python_gets(live):
    live.execute(FRAME)
    picture = pixels(live.wait_for("hasattr(keep, 'frame') and base64.b64encode(keep.frame.jpeg).decode()"), SIZE)
    assert find(written(live, "AI-swapped"), picture)[0] > 0.8
    assert live.kernel("keep.frame.delay") is None, "Agora gives no delay"


def test_the_mark_is_in_the_snapshot_and_not_under_the_own_picture(live):
    picture = snapshot(live)
    text = written(live, "AI-swapped")
    likeness, left, top = find(text, picture)
    assert likeness > 0.8
    assert find(text[:, ::-1], picture)[0] < likeness - 0.2, "the mark is not mirrored"
    assert find(written(live, "not marked"), picture)[0] < likeness - 0.2, "another text is not found"
    height, width = text.shape
    mark = picture[top : top + height, left : left + width]
    assert np.percentile(mark, 95) - np.percentile(mark, 30) > 100, "the letters are light on dark"
    remote, own = live.page.evaluate(RECTANGLES)
    scale = (remote[2] - remote[0]) / SIZE[0]
    is_beside = remote[0] + scale * (left + width) < own[0]
    is_above = remote[1] + scale * (top + height) < own[1]
    assert is_beside or is_above
