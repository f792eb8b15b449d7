"""The largest of the six faces, without single_face."""

import akool_nb
from akool_nb import Photo, samples

client = akool_nb.connect()
found = client.detect(Photo.open(samples.photo("collage")))
answer = max(found, key=lambda face: face.region[2] * face.region[3])
