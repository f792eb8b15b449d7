"""The detection of another photo, with one face in it."""

import akool_nb
from akool_nb import samples

client = akool_nb.connect()
# Whether AKOOL's detector sees a face in a drawing is unknown: with an account, take a photo of yours.
answer = client.detect(samples.photo("drawn_face"))
