"""Every point of the portrait's face, ten pixels further right."""

import akool_nb
from akool_nb import Photo, opts, samples

client = akool_nb.connect()
face = client.detect(Photo.open(samples.photo("astronaut")))[0]
moved = opts.build((x + 10, y) for x, y in opts.parse(face.opts))
before_and_after = answer = (face.opts, moved)
