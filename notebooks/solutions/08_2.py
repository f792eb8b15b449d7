"""The mean time of one swap in milliseconds."""

import time

from akool_nb import samples
from akool_nb.sandbox.engine import swap
from akool_nb.sandbox.engine.detector import FaceDetector
from akool_nb.sandbox.pictures import drawn_face, picture

source = picture.decode(samples.photo("astronaut").read_bytes())
astronaut = swap.SourceFace.from_mesh(source, FaceDetector().detect(source)[0].mesh)
target = drawn_face.draw(480)
swapper = swap.FaceSwapper(astronaut)
swapper.swap(target)
start = time.perf_counter()
for _ in range(20):
    swapper.swap(target)
seconds = (time.perf_counter() - start) / 20
milliseconds = answer = 1000 * seconds
