"""The detection of another photo, with one face in it."""

import akool_nb
from akool_nb import samples

client = akool_nb.connect()
answer = client.detect(samples.photo("drawn_face"))
