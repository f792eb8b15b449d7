"""How many pixels the swap changes outside of the face, and how many inside."""

from akool_nb import samples
from akool_nb.sandbox.engine import swap
from akool_nb.sandbox.engine.detector import FaceDetector
from akool_nb.sandbox.pictures import drawn_face, picture

source = picture.decode(samples.photo("astronaut").read_bytes())
astronaut = swap.SourceFace.from_mesh(source, FaceDetector().detect(source)[0].mesh)
target = drawn_face.draw(480)
changed = (target != swap.FaceSwapper(astronaut).swap(target)).any(axis=2)
x, y, width, height = FaceDetector().detect(target)[0].region
rows = slice(y - 5, y + height + 5)
columns = slice(x - 5, x + width + 5)
inside = int(changed[rows, columns].sum())
outside = int(changed.sum()) - inside
answer = (outside, inside)
