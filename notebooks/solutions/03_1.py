"""The smallest of the six faces."""

import akool_nb
from akool_nb import Photo, samples

client = akool_nb.connect()
found = client.detect(Photo.open(samples.photo("collage")))
smallest = answer = min(found, key=lambda face: face.region[2] * face.region[3])
