"""The rate limit: more calls than a second allows are refused with code 1005 and the time to wait."""

from __future__ import annotations

import math
import time

from akool_nb.sandbox.service.refusal import Refusal
from akool_nb.sandbox.switches import Switches

LONGEST_WAIT = 3600.0


class RateLimiter:
    """A token bucket: it holds the calls of one second and fills as time passes."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._rate = 0.0
        self._spare = 0.0
        self._since = time.monotonic()

    def check(self) -> None:
        """Count a call; Refusal 1005 when the bucket is empty."""
        self._refill()
        if not self._rate:
            return
        if self._spare < 1:
            raise self._refusal()
        self._spare -= 1

    def _refill(self) -> None:
        rate = self._switches.rate_limit
        now = time.monotonic()
        most = max(1.0, rate)
        if rate == self._rate:
            self._spare = min(most, self._spare + (now - self._since) * rate)
        else:
            # A limit that has just been set begins with a full bucket.
            self._spare = most
        self._rate = rate
        self._since = now

    def _refusal(self) -> Refusal:
        if self._switches.rate_limit_status == "200":
            return Refusal(1005, "too frequent: wait a little", status=200)
        seconds = math.ceil(min(LONGEST_WAIT, (1 - self._spare) / self._rate))
        return Refusal(1005, "too frequent: wait a little", status=429, headers={"Retry-After": str(seconds)})
