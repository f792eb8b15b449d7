"""How many pixels the swap touches outside of the face, and how many inside."""

from akool_nb import samples
from akool_nb.sandbox.engine import swap
from akool_nb.sandbox.pictures import drawn_face, picture
from akool_nb.sandbox.engine.detector import FaceDetector

source = picture.decode(samples.photo("astronaut").read_bytes())
astronaut = swap.SourceFace.from_mesh(source, FaceDetector().detect(source)[0].mesh)
target = drawn_face.draw(480)
changed = (target != swap.FaceSwapper(astronaut).swap(target)).any(axis=2)
x, y, width, height = FaceDetector().detect(target)[0].region
rows, columns = slice(y - 5, y + height + 5), slice(x - 5, x + width + 5)
inside = int(changed[rows, columns].sum())
answer = int(changed.sum()) - inside, inside
