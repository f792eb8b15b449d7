"""A session that is created, gets another face, and is closed."""

import akool_nb
from akool_nb import samples

client = akool_nb.connect()
# Both faces first: an error here leaves no session open.
first = client.detect(samples.photo("astronaut"))[0]
second = client.detect(samples.photo("collage"), single_face=True)[0]
with client.create(first) as session:
    session.update(second)
answer = session
