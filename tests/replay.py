"""A server that sends the documented answers, and keeps the state of the sessions."""

from __future__ import annotations

import copy
import itertools
import json
import secrets
import threading
from pathlib import Path
from typing import Any

from tests.faultserver import FaultServer, Reply, Seen, reply

SAMPLES = Path(__file__).parent / "samples"
CREDENTIALS = {"client_id": "AKX5brZQ-id-XBQSk=", "client_secret": "tcMhvgV0fY-secret-WQ2eIoEY70rNi"}


def sample(name: str) -> Any:
    """One documented example."""
    return json.loads((SAMPLES / f"{name}.json").read_text())


class Replay(FaultServer):
    """Answers each path with its documented example; each session has its own id and is counted."""

    def __init__(self, *first: Reply) -> None:
        self.open: set[str] = set()
        self.closed: list[str] = []
        self.good_token = ""
        self.signed_in = 0
        self._numbers = itertools.count()
        self._state = threading.Lock()
        super().__init__(*first, self.answer)

    def expire(self) -> None:
        """Refuse every token handed out so far with 1101."""
        self.good_token = secrets.token_hex(16)

    def answer(self, connection: Any, seen: Seen) -> bool:
        with self._state:
            body = self._body(seen)
        return reply(200, body)(connection, seen)

    def _body(self, seen: Seen) -> dict[str, Any]:
        name = seen.path.rpartition("/")[2]
        if name == "getToken":
            return self._sign_in()
        if self.good_token and seen.headers.get("authorization") not in (None, f"Bearer {self.good_token}"):
            return {"code": 1101, "msg": "Invalid authorization"}
        if name in ("detect", "detect_faces"):
            return sample(f"{name}.response")
        if seen.path.endswith("quota/info"):
            return sample("quota.response")
        return self._session(name, seen.json)

    def _sign_in(self) -> dict[str, Any]:
        self.signed_in += 1
        self.good_token = f"token-{secrets.token_hex(16)}"
        return {"code": 1000, "token": self.good_token}

    def _session(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        if name == "create":
            answer = copy.deepcopy(sample("create.response"))
            answer["data"]["_id"] = f"{next(self._numbers):024x}"
            self.open.add(answer["data"]["_id"])
            return answer
        if name == "info":
            return {"code": 1000, "msg": "OK", "data": {"_id": body["_id"], "faceswap_status": 2}}
        if body["_id"] not in self.open:
            return {"code": 1003, "msg": "no such session"}
        if name == "close":
            # In this order, because a test may wait until no session is open and count then.
            self.closed.append(body["_id"])
            self.open.discard(body["_id"])
        return sample(f"{name}.response")
