"""The calls of a probe: within a budget, repeated where one answer may be chance, every session closed in the end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from akool_nb.api.client import Client
from akool_nb.api.models import SourceImage
from akool_nb.api.service import LIVE
from akool_nb.api.session import LiveSession
from akool_nb.errors import AkoolError, OutcomeUnknown, TransportError
from akool_nb.sandbox.profile import Profile
from akool_nb.wire.answers import Answer

T = TypeVar("T")

TRIES = 5
MISSING = (404, 405, 410)
"""The HTTP statuses of a path that the service does not have."""


class Unclear(Exception):  # noqa: N818 - no error of the service
    """A question without a clear answer; the message is the note of the profile."""


@dataclass
class Budget:
    """What a probe may use: credits, and time until a moment of the monotonic clock."""

    credits: float
    end: float


class ProbeService:
    """The calls of the probe: repeated where one answer may be chance, and every session closed in the end."""

    def __init__(self, client: Client, budget: Budget) -> None:
        self.client = client
        self.profile = Profile(facts={"service": "sandbox" if client.is_sandbox else "akool"})
        self._budget = budget
        self._before = {session.id for session in client.sessions}
        self._first_balance: float | None = None

    def post(self, url: str, body: dict[str, Any]) -> Answer | AkoolError:
        seconds = max(0.1, min(self.client.timeout, self._budget.end - time.monotonic()))
        return self.outcome(lambda: self.client._service.call("POST", url, body, seconds=seconds))

    def live(self, verb: str, body: dict[str, Any]) -> Answer | AkoolError:
        return self.post(f"{self.client.base_url}{LIVE}{verb}", body)

    def create(self, source: SourceImage) -> LiveSession | AkoolError:
        """A new session, or the refusal. After a lost answer it is asked once more, and the lost one is noted."""
        try:
            return self.outcome(lambda: self.client.create(source), is_repeatable=False)
        except OutcomeUnknown:
            self.profile.left_open.append("perhaps one with an unknown id, because the answer to create was lost")
            return self.outcome(lambda: self.client.create(source), is_repeatable=False)

    def outcome(self, call: Callable[[], T], *, is_repeatable: bool = True) -> T | AkoolError:
        """The answer, or a refusal that came twice in a row, because one alone may be a passing failure.

        Without a usable answer a repeatable call is made again: the client itself does not repeat what it cannot read.
        """
        last: tuple[Any, ...] = ()
        for _ in range(TRIES):
            try:
                return call()
            except AkoolError as error:
                failure = (type(error), error.code, error.http_status)
                if not _is_refusal(error) and (failure == last or not is_repeatable):
                    raise
                if failure == last:
                    return error
                last = failure
        raise Unclear("the service answered differently each time")

    def balance(self) -> float:
        balance = self.outcome(self.client.credits)
        if isinstance(balance, AkoolError):
            raise balance
        return balance

    def check_budget(self, credits: float, seconds: float) -> None:
        """Raise when a step would exceed the budget."""
        left = self._budget.end - time.monotonic()
        if left < seconds:
            raise Unclear(f"the step takes about {seconds:.0f} s, and {max(0, left):.0f} s of the budget are left")
        if credits:
            balance = self.balance()
            if self._first_balance is None:
                self._first_balance = balance
            spare = self._budget.credits - (self._first_balance - balance)
            if spare < credits:
                raise Unclear(
                    f"the step may cost {credits:.0f} credits, and {max(0, spare):.0f} of the budget are left"
                )

    def close(self, session: LiveSession) -> None:
        """Close a session; one that cannot be closed is listed in the profile."""
        others = [each for each in self.profile.left_open if each != session.id]
        try:
            is_closed = self.outcome(session.close) is None
        except (AkoolError, Unclear):
            is_closed = False
        self.profile.left_open = others if is_closed else [*others, session.id]

    def close_all(self) -> None:
        for session in self.client.sessions:
            if session.id not in self._before:
                self.close(session)


def _is_refusal(error: AkoolError) -> bool:
    """Whether the service has answered, and the answer is no."""
    return not isinstance(error, TransportError) or error.http_status in MISSING
