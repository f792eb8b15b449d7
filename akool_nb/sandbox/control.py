"""The control API as seen from Python: switches, credits, failures and sessions of a running sandbox."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from akool_nb.errors import SandboxError
from akool_nb.sandbox import switches
from akool_nb.sandbox.faults import FOREVER
from akool_nb.sandbox.switches import SwitchTable

CONTROL_SECONDS = 10.0


class Control(SwitchTable):
    """What can be changed on a sandbox while it runs; every switch is an attribute that reads and sets it there.

    Attributes:
        url: where the sandbox listens, "http://127.0.0.1:…".
        client_secret: the secret that allows the control calls.
        sessions: the open ones, a list of dicts: id, status (1 queuing, 2 processing), age in seconds, credits used.
        credits: the account's balance; set it to show what happens when it runs out.

    Raises:
        SandboxError: by any call when the sandbox has ended or does not answer.
        ValueError: by any call for a value that is not possible; the message lists what is.
    """

    __slots__ = ("client_secret", "url")

    def __init__(self, url: str, client_secret: str) -> None:
        self.url = url
        self.client_secret = client_secret

    @property
    def sessions(self) -> list[dict[str, Any]]:
        return list(self.state()["sessions"])

    @property
    def credits(self) -> float:
        return float(self.state()["credits"])

    @credits.setter
    def credits(self, value: float) -> None:
        self.set(credits=value)

    def fail_next(self, call: str, code: int = 1003, *, times: int = 1, **how: Any) -> None:
        """Make the next call (or the next `times`) fail.

        Args:
            call: "get_token", "detect", "detect_faces", "create", "update", "close", "info", "credits" or "any".
            code: AKOOL's code to answer with.
            times: how many calls.
            how: further fields of `akool_nb.sandbox.faults.Fault`: `kind`, `message`, `status`, `retry_after`, `after`.

        Raises:
            ValueError: there is no such call or kind of failure.
        """
        self._order("fail", {"call": call, "code": code, "times": times, **how})

    def fail_always(self, call: str, code: int = 1003, **how: Any) -> None:
        """Make every such call fail until `heal()`; arguments as for `fail_next`."""
        self.fail_next(call, code, times=FOREVER, **how)

    def heal(self) -> None:
        self._order("heal")

    def expire_tokens(self) -> None:
        """Make every API token that was issued so far expired."""
        self._order("expire_tokens")

    def end(self, session_id: str, reason: str = "ended", *, failed: bool = False) -> None:
        """End a session from the service's side; with `failed` its status becomes 4."""
        self._order("end", {"id": session_id, "reason": reason, "failed": failed})

    def set(self, *, credits: float | None = None, **values: Any) -> None:
        """Set several switches and the credits at once, all or none; ValueError for an impossible value."""
        values = checked(credits, values)
        if values:
            self._order("switches", values)

    def reset(self) -> None:
        """As after the start: switches, credits, no sessions, no failures; credentials and tokens stay valid."""
        self._order("reset")

    def state(self, *, seconds: float = CONTROL_SECONDS) -> dict[str, Any]:
        """Credits, open sessions, streams, switches and waiting failures, asked for at most `seconds` long."""
        return self._order("state", seconds=seconds)

    def _read_switch(self, name: str) -> Any:
        return self.state()["switches"][name]

    def _write_switches(self, values: dict[str, Any]) -> None:
        self.set(**values)

    def _order(
        self, name: str, values: dict[str, Any] | None = None, *, seconds: float = CONTROL_SECONDS
    ) -> dict[str, Any]:
        try:
            status, state = self._post(f"/_sandbox/{name}", json.dumps(values or {}), seconds)
        except TimeoutError:
            raise SandboxError("The sandbox does not answer. Try again, or start a new one.") from None
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            raise SandboxError(self._why_ended()) from None
        if status != 200:
            raise ValueError(state["msg"])
        return state

    def _post(self, path: str, body: str, seconds: float) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=seconds)
        try:
            connection.request("POST", path, body, {"x-api-key": self.client_secret})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def _why_ended(self) -> str:
        return "The sandbox has ended. Start a new one with akool_nb.Sandbox()."


def checked(credits: float | None, values: dict[str, Any]) -> dict[str, Any]:
    """Credits and switches as one dict; TypeError for an unknown switch, ValueError for an impossible value."""
    for name in values:
        if name not in switches.TABLE:
            raise TypeError(switches.unknown(name))
    values = {name: switches.check(name, value) for name, value in values.items()}
    if credits is not None:
        values["credits"] = switches.check_value("credits", switches.CREDITS, credits)
    return values
