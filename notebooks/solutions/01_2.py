"""A session that is closed at the end of the block."""

import akool_nb
from akool_nb import samples

client = akool_nb.connect()
face = client.detect(samples.photo("astronaut"))[0]
with client.create(face) as my_session:
    print(my_session.status)
answer = my_session
