"""Whether a token has expired; the payload is the middle part of the JWT."""

import base64
import json
from datetime import datetime, timezone


def payload(token):
    middle = token.split(".")[1]
    padding = "=" * (-len(middle) % 4)
    return json.loads(base64.urlsafe_b64decode(middle + padding))


def has_expired(token):
    now = datetime.now(timezone.utc).timestamp()
    return payload(token)["exp"] <= now


answer = has_expired
