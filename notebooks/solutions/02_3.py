"""How many requests a client sends when its token expires twice."""

import akool_nb

with akool_nb.Sandbox() as sandbox:
    short_lived = sandbox.client()
    short_lived.credits()
    sandbox.expire_tokens()
    short_lived.credits()
    sandbox.expire_tokens()
    short_lived.credits()
    requests_sent = answer = len(short_lived.calls)
