"""The rate limit: so many calls in a second, then 429 and how long to wait."""

from __future__ import annotations

import math
import time

from akool_nb.sandbox.service.refusal import Refusal
from akool_nb.sandbox.switches import Switches


class Pace:
    """A bucket that holds one second's worth of calls and fills as time passes."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._rate = self._spare = 0.0
        self._since = time.monotonic()

    def check(self) -> None:
        """Let a call pass, or 1005 with HTTP 429 and Retry-After."""
        rate, now = self._switches.rate_limit, time.monotonic()
        most = max(1.0, rate)
        # A limit that has just been set begins with a full bucket.
        self._spare = min(most, self._spare + (now - self._since) * rate) if rate == self._rate else most
        self._rate, self._since = rate, now
        if not rate:
            return
        if self._spare < 1:
            wait = math.ceil((1 - self._spare) / rate)
            raise Refusal(1005, "too frequent: wait a little", status=429, headers={"Retry-After": str(wait)})
        self._spare -= 1
