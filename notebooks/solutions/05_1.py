"""When the token of a session's channel ends."""

import akool_nb
from akool_nb import samples
from akool_nb.agora import RtcToken

client = akool_nb.connect()
face = client.detect(samples.photo("astronaut"))[0]
with client.create(face) as short:
    ends = answer = RtcToken.decode(short.channel.token).expires_at
