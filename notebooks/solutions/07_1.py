"""The largest face of each photo in the folder, two requests at a time."""

import akool_nb
from akool_nb import explore, samples

client = akool_nb.connect()
answer = explore.detect_many(samples.photos(), client, single_face=True, at_once=2)
