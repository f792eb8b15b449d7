"""The detection of another photo, with one face in it."""

import akool_nb
from akool_nb import samples

client = akool_nb.connect()
# It is unknown whether AKOOL's detector finds a face in a drawing: with an account, use a photo of your own.
answer = client.detect(samples.photo("drawn_face"))
