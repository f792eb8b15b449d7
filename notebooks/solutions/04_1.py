"""A session that is created, gets another face, and is closed."""

import akool_nb
from akool_nb import Photo, samples

client = akool_nb.connect()
first = client.detect(Photo.open(samples.photo("drawn_face")))[0]
second = client.detect(Photo.open(samples.photo("astronaut")))[0]
with client.create(first) as session:
    session.update(second)
answer = session
