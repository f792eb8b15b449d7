"""The cost of the face widgets in a real JupyterLab, compared with others: python -m tests.bench.widgets

The others are matplotlib inline, ipympl and jupyter-bbox-widget; one that is not installed is named. The photo and the
hundred faces are the same for all. Times depend on the machine and the run: compare only times of the same run.
"""

import base64
import importlib.util
import io
import re
import statistics
import zlib
from pathlib import Path

from PIL import Image

from akool_nb import samples
from tests.bench._lab import lab
from tests.browser.chromium import Browsers
from tests.browser.face_cells import SETUP, settle
from tests.browser.harness import NotebookPage, write_notebook
from tests.browser.servers import JupyterLab

STATIC = Path(__file__).parents[2] / "akool_nb" / "static"
RUNS = 15

COUNT_BYTES = """() => {
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    window.bytes = { recv: 0, choice: 0 };
    const shows = ['comm_msg', 'comm_open', 'display_data', 'update_display_data', 'execute_result'];
    kernel.anyMessage.connect((_, { msg, direction }) => {
        const state = msg.content.data?.state;
        if (direction === 'send') return state && (window.bytes.choice = JSON.stringify(state).length);
        if (!shows.includes(msg.header.msg_type)) return;
        const buffers = (msg.buffers ?? []).reduce((sum, part) => sum + (part.byteLength ?? 0), 0);
        window.bytes.recv += JSON.stringify(msg.content).length + buffers;
    }) }"""
# A task queued by a message channel inside a frame's callback runs after that frame was painted.
PAINTED = """async ([selector, place]) => {
    const target = document.querySelectorAll(selector)[place];
    const start = performance.now();
    for (const type of ['mousedown', 'mouseup', 'click'])
        target.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true }));
    void document.body.offsetHeight;
    const work = performance.now() - start;
    await new Promise(done => requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = done;
        channel.port2.postMessage(null) }));
    return [work, performance.now() - start] }"""

DETECT = """
import time, akool_nb
client = akool_nb.connect(sandbox=True)
took = []
class Timed:
    def detect(self, photo):
        start = time.perf_counter()
        found = client.detect(photo)
        took.append(1000 * (time.perf_counter() - start))
        return found
from akool_nb.widgets.consent import CONSENT
CONSENT.set(True)
picker = FacePicker(client=Timed())
uploader = ImageUploader()
uploader.on_photo(picker.detect)
client.detect(photo)
"""
PLOT = """
import matplotlib.pyplot as plt
from matplotlib.patches import Rectangle
def draw(chosen=None):
    figure, axes = plt.subplots(figsize=(7.4, 4.2))
    axes.imshow(photo.image)
    for face in crowd:
        x, y, w, h = face.region
        axes.add_patch(Rectangle((x, y), w, h, fill=False, color="tab:blue" if face.number == chosen else "white"))
    return figure, axes
"""
INLINE = "%matplotlib inline\n" + PLOT + "plt.close('all'); draw(); plt.show()"
INLINE_AGAIN = "draw(7); plt.show()"
IPYMPL = (
    "%matplotlib widget\n"
    + PLOT
    + """
figure, axes = draw()
def choose(event):
    for patch in axes.patches:
        patch.set_color("tab:blue" if patch.contains(event)[0] else "white")
    figure.canvas.draw()
figure.canvas.mpl_connect("button_press_event", choose)
plt.show()"""
)
BBOX = """
from jupyter_bbox_widget import BBoxWidget
boxes = BBoxWidget(image_bytes=photo.jpeg, classes=["face"], bboxes=[
    dict(zip(("x", "y", "width", "height"), face.region), label="face") for face in crowd])
boxes"""


def main() -> None:
    sizes()
    with lab() as (server, browsers):
        twelve_megapixels(server, browsers)
        a_hundred_faces(server, browsers)
        others(server, browsers)


def opened(server: JupyterLab, browsers: Browsers, name: str, cells: list[str]) -> NotebookPage:
    page = NotebookPage(browsers.context().new_page(), server, write_notebook(server.folder / f"{name}.ipynb", cells))
    page.open()
    page.run(0)
    page.page.evaluate(COUNT_BYTES)
    return page


B85 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
"""Python's digits of base 85, in place of those of `web/build.mjs`."""


def sizes() -> None:
    for name in ("image_uploader", "face_picker"):
        packed = (STATIC / f"{name}.js").read_text()
        digits, text = re.findall(r'"([^"]{5,})"', packed)[:2]
        script = zlib.decompressobj(-zlib.MAX_WBITS).decompress(
            base64.b85decode(text.translate(str.maketrans(digits, B85)))
        )
        print(f"{name}.js minified, as executed: {len(script) / 1000:.1f} kB (limit 60)")
        print(f"→ packed, as sent and saved once per widget: {len(packed) / 1000:.1f} kB")


def twelve_megapixels(server: JupyterLab, browsers: Browsers) -> None:
    """From the chosen file to the faces on the screen, without the time of the detector."""
    page = opened(server, browsers, "photo", [SETUP + DETECT, "display(uploader, picker)"])
    page.run(1)
    page.page.get_by_role("button", name="astronaut").wait_for()
    data, took = photo_of_12_megapixels(), []
    page.page.evaluate("document.addEventListener('change', () => window.start = performance.now(), true); null")
    for run in range(5):
        page.page.evaluate(
            """() => { window.end = 0; const strip = document.querySelector('.ak-strip');
                const seen = new MutationObserver(() => requestAnimationFrame(() => {
                    if (strip.children.length) { window.end = performance.now(); seen.disconnect() } }));
                seen.observe(strip, { childList: true }) }"""
        )
        file = {"name": f"{run}.jpg", "mimeType": "image/jpeg", "buffer": data}
        page.page.locator(".akool input[type=file]").set_input_files([file])
        page.page.wait_for_function("window.end > 0")
        whole = page.page.evaluate("window.end - window.start")
        took.append((whole, page.kernel("took[-1]")))
    for whole, detector in took:
        print(f"12 megapixels, {len(data) / 1e6:.1f} MB: {whole:.0f} ms, of them the detector {detector:.0f} ms")
    rest = statistics.median(whole - detector for whole, detector in took)
    print(f"→ chosen file to faces on the screen without the detector, median: {rest:.0f} ms (aim 700)")
    page.close()


def photo_of_12_megapixels() -> bytes:
    with Image.open(samples.photo("astronaut")) as image, io.BytesIO() as file:
        whole = Image.effect_noise((4000, 3000), 20).convert("RGB")
        whole.paste(image.convert("RGB").resize((3000, 3000), Image.Resampling.BICUBIC), (500, 0))
        whole.save(file, "JPEG", quality=92)
        return file.getvalue()


def a_hundred_faces(server: JupyterLab, browsers: Browsers) -> None:
    page = opened(server, browsers, "crowd", [SETUP, "picker = FacePicker(crowd); picker"])
    show = shown(page, 1, ".ak-item")
    settle(page.page)
    took = []
    for place in range(RUNS):
        took.append(page.page.evaluate(PAINTED, [".ak-item", place * 6]))
        page.wait_for(f"picker.selected and picker.selected[0].number == {place * 6 + 1}")
    work, painted = zip(*took, strict=True)
    report("FacePicker", show, statistics.median(painted), saved(page))
    print(f"→ click to layout done, 100 faces: median {statistics.median(work):.1f} ms, worst {max(work):.1f} ms")
    print(f"→ click to painted: median {statistics.median(painted):.1f} ms, worst {max(painted):.1f} ms (frame: 16.7)")
    print(f"→ state sent for a choice: {page.page.evaluate('window.bytes.choice')} bytes (limit 100)")
    page.close()


def others(server: JupyterLab, browsers: Browsers) -> None:
    page = opened(server, browsers, "inline", [SETUP, INLINE, INLINE_AGAIN])
    show = shown(page, 1, ".jp-OutputArea-output img")
    again = shown(page, 2, ".jp-OutputArea-output img >> nth=1")
    report("matplotlib inline (choosing is running a cell)", show, again[0], saved(page))
    page.close()
    for package, measure in (("ipympl", ipympl), ("jupyter-bbox-widget", bbox)):
        if importlib.util.find_spec(package.replace("-", "_")):
            measure(server, browsers)
        else:
            print(f"{package}: not measured; pip install {package}")


def bbox(server: JupyterLab, browsers: Browsers) -> None:
    page = opened(server, browsers, "bbox", [SETUP, BBOX])
    show = shown(page, 1, "rect.movable")
    settle(page.page)
    took = [page.page.evaluate(PAINTED, ["rect.movable", place * 6])[1] for place in range(RUNS)]
    report("jupyter-bbox-widget", show, statistics.median(took), saved(page))
    page.close()


def ipympl(server: JupyterLab, browsers: Browsers) -> None:
    page = opened(server, browsers, "ipympl", [SETUP, IPYMPL])
    show = shown(page, 1, ".jupyter-matplotlib-canvas-container canvas")
    page.page.wait_for_timeout(1000)
    took = []
    for step in range(5):
        before = page.page.evaluate("window.bytes.recv")
        start = page.page.evaluate("performance.now()")
        page.page.locator(".jupyter-matplotlib-canvas-container").click(position={"x": 150 + 60 * step, "y": 150})
        page.page.wait_for_function(f"window.bytes.recv > {before} + 2000", polling=5)
        took.append(page.page.evaluate(f"performance.now() - {start}"))
    report("ipympl", show, statistics.median(took), saved(page))
    page.close()


def shown(page: NotebookPage, cell: int, selector: str) -> tuple[float, float]:
    """Milliseconds from running the cell to its output, and the bytes that were received for it."""
    before, start = page.page.evaluate("[window.bytes.recv, performance.now()]")
    page.run(cell, wait=False)
    page.page.locator(selector).first.wait_for()
    took = page.page.evaluate(f"performance.now() - {start}")
    page.wait_until_idle()
    return took, page.page.evaluate("window.bytes.recv") - before


def saved(page: NotebookPage) -> int:
    """Bytes of the notebook, saved with its widgets' state."""
    toggle = "window.jupyterapp.commands.execute('@jupyter-widgets/jupyterlab-manager:saveWidgetState')"
    page.page.evaluate(toggle)
    try:
        page.save()
    finally:
        page.page.evaluate(toggle)
    return page.path.stat().st_size


def report(name: str, show: tuple[float, float], choose: float | None, size: int) -> None:
    print(f"{name}: shown in {show[0]:.0f} ms with {show[1] / 1000:.0f} kB; notebook {size / 1000:.0f} kB")
    if choose is not None:
        print(f"→ a choice takes {choose:.0f} ms")


if __name__ == "__main__":
    main()
