"""The cost of preparing a 12-megapixel photo compared with plain Pillow code: python -m tests.bench.photos"""

import base64
import io
import math
import statistics
import time
from collections.abc import Callable

from PIL import Image, ImageChops, ImageStat

from akool_nb import Photo, samples

SIZE, SIDE, QUALITY = (4000, 3000), 1600, 85
ROUNDS = 9


def main() -> None:
    data = photo()
    plain_ms, plain_jpeg = _timed(lambda: plain(data))
    ours_ms, ours_jpeg = _timed(lambda: ours(data))
    print(f"{SIZE[0]}×{SIZE[1]}, {len(data) / 1e6:.2f} MB, to {SIDE} px and base64, CPU time")
    print(f"plain Pillow {plain_ms:6.0f} ms\nPhoto.open   {ours_ms:6.0f} ms")
    print(f"ratio        {ours_ms / plain_ms:6.2f}   (aim: 0.6 at most)")
    whole_ms, whole_jpeg = _timed(lambda: base64.b64encode(Photo.open(data).jpeg))
    print(f"bytes sent   {len(data) / len(base64.b64decode(ours_jpeg)):6.1f} times fewer   (aim: 8 at least)")
    print(
        f"whole        {whole_ms:6.0f} ms, {len(base64.b64decode(whole_jpeg)) / 1e6:.1f} MB (the default: not shrunk)"
    )
    print(f"PSNR         {psnr(plain_jpeg, ours_jpeg):6.1f} dB against plain Pillow   (aim: 40 at least)")


def photo() -> bytes:
    """A 12-megapixel JPEG with the detail and the noise of a camera: the portrait, enlarged, with grain."""
    large = Image.open(samples.photo("astronaut")).convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)
    grain = Image.effect_noise(SIZE, 12).convert("RGB")
    out = io.BytesIO()
    ImageChops.add(large, grain, scale=1, offset=-128).save(out, "JPEG", quality=92)
    return out.getvalue()


def plain(data: bytes) -> bytes:
    """The common code: open, shrink with the default filter, save, encode."""
    image = Image.open(io.BytesIO(data))
    image = image.resize((SIDE, SIDE * SIZE[1] // SIZE[0]))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY)
    return base64.b64encode(out.getvalue())


def ours(data: bytes) -> bytes:
    return base64.b64encode(Photo.open(data, max_side=SIDE).jpeg)


def psnr(one: bytes, other: bytes) -> float:
    """Peak signal to noise between two JPEGs in base64, in decibels."""
    first, second = (Image.open(io.BytesIO(base64.b64decode(text))).convert("RGB") for text in (one, other))
    errors = ImageStat.Stat(ImageChops.difference(first, second)).rms
    return 20 * math.log10(255 / math.sqrt(statistics.mean(error**2 for error in errors)))


def _timed(work: Callable[[], bytes]) -> tuple[float, bytes]:
    costs = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        result = work()
        costs.append(1000 * (time.process_time() - begun))
    return statistics.median(costs), result


if __name__ == "__main__":
    main()
