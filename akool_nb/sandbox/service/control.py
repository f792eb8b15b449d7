"""The control API under /_sandbox: changes the sandbox while it runs, for callers that know the client secret."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from akool_nb.sandbox.faults import Fault
from akool_nb.sandbox.service.endpoint import Handler
from akool_nb.sandbox.service.refusal import Refusal
from akool_nb.sandbox.service.request_body import Body
from akool_nb.sandbox.service.sessions import FAILED, SUCCESS

PATH = "/_sandbox"
MOST_LETTERS = 100


class ControlCall(Handler):
    """One order per request: POST a JSON object to /_sandbox/<order>; the answer is the whole state."""

    def post(self, order: str) -> None:
        try:
            self.service.account.check_key(self.request.headers.get("x-api-key", ""))
            self._action(order)(Body.parse(self.request.body or b"{}").values)
        except Refusal as refusal:
            self.answer(refusal.http_status("4xx"), {"code": refusal.code, "msg": refusal.message})
        except (ValueError, TypeError) as error:
            self.answer(400, {"code": 1003, "msg": str(error)})
        else:
            self.answer(200, self.service.state())

    def _action(self, order: str) -> Callable[[dict[str, Any]], None]:
        actions = self._actions()
        if order not in actions:
            raise Refusal(1014, f"no such order; there are: {', '.join(actions)}")
        return actions[order]

    def _actions(self) -> dict[str, Callable[[dict[str, Any]], None]]:
        service = self.service
        return {
            "state": lambda _: service.tick(),
            "switches": service.set,
            "fail": lambda values: service.faults.add(Fault.from_json(values)),
            "heal": lambda _: service.faults.clear(),
            "expire_tokens": lambda _: service.account.expire_tokens(),
            "end": self._end,
            "reset": lambda _: service.reset(),
        }

    def _end(self, values: dict[str, Any]) -> None:
        session = self.service.sessions.find(str(values.get("id", "")))
        if session is None:
            raise ValueError("id names no session; the state lists those that are open.")
        reason = values.get("reason", "ended")
        if not isinstance(reason, str) or not reason.isprintable() or len(reason) > MOST_LETTERS:
            raise ValueError(f"reason takes a text of at most {MOST_LETTERS} letters, not {reason!r}.")
        status = FAILED if values.get("failed") is True else SUCCESS
        self.service.sessions.end(session, reason, status=status)
