"""Every point of the portrait's face, ten pixels further to the right."""

import akool_nb
from akool_nb import Photo, opts, samples

client = akool_nb.connect()
face = client.detect(Photo.open(samples.photo("astronaut")))[0]
points = opts.parse(face.opts)
moved = opts.build([(x + 10, y) for x, y in points])
before_and_after = answer = (face.opts, moved)
