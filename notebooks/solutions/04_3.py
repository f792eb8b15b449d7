"""The price of two seconds on a sandbox with two credits per second: about four credits."""

import time

import akool_nb
from akool_nb import samples

with akool_nb.Sandbox(credits_per_second=2) as sandbox:
    client = sandbox.client()
    face = client.detect(samples.photo("drawn_face"))[0]
    before = client.credits()
    with client.create(face):
        time.sleep(2)
    used = answer = before - client.credits()
