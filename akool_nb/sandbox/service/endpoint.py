"""What all HTTP handlers of the sandbox share: the check of the caller, JSON in every answer, failures on demand."""

from __future__ import annotations

import asyncio
import logging
import random
from http.client import responses
from typing import Any

from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, RequestHandler

from akool_nb.errors import SandboxError
from akool_nb.sandbox.faults import Fault
from akool_nb.sandbox.service import access, failing_answers
from akool_nb.sandbox.service.refusal import Broken, Refusal
from akool_nb.sandbox.service.request_body import Body
from akool_nb.sandbox.service.service import Service

_log = logging.getLogger("akool_nb.sandbox")


class Handler(RequestHandler):
    """A handler that checks where a request comes from and whose errors are JSON.

    Attributes:
        allow: the method that this path takes.
    """

    allow = "POST"

    def initialize(self, service: Service) -> None:
        self.service = service

    async def prepare(self) -> None:
        """Refuse unknown hosts, and pages of unknown origin on calls that change something."""
        switches = self.service.switches
        # Older Tornados fill in 127.0.0.1 for an empty Host header, so the header itself is checked.
        if not access.host_allowed(self.request.headers.get("Host", ""), switches):
            raise HTTPError(403, reason="Unknown Host")
        reads_only = self.request.method in ("GET", "HEAD")
        if not reads_only and not access.origin_allowed(self.request.headers.get("Origin"), switches):
            raise HTTPError(403, reason="Unknown Origin")

    def set_default_headers(self) -> None:
        self.set_header("Server", "akool-nb-sandbox")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cache-Control", "no-store")

    def answer(self, status: int, values: dict[str, Any]) -> None:
        self.set_status(status)
        self.finish(values)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer a wrong method, an unknown path or a crash as JSON."""
        if status_code == 405:
            self.set_header("Allow", self.allow)
        code, message = _explain(status_code, self.request.method or "", self.allow)
        self.answer(status_code, {"code": code, "msg": message})

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log crashes only, and without the request's address, which may contain a token."""
        if not isinstance(value, HTTPError | StreamClosedError):
            _log.error("%s %s failed", self.request.method, self.request.path, exc_info=(typ, value, tb))


class ApiCall(Handler):
    """One endpoint of AKOOL's API: checks the token, runs `respond`, answers; fails when a failure was ordered.

    Attributes:
        call: the call's name among `faults.CALLS`.
        is_public: whether the call needs no token.
    """

    call = ""
    is_public = False

    def initialize(self, service: Service) -> None:
        super().initialize(service)
        self._caller_left = asyncio.Event()

    def on_connection_close(self) -> None:
        self._caller_left.set()

    async def post(self) -> None:
        await self._serve("POST")

    async def get(self) -> None:
        await self._serve("GET")

    async def respond(self, body: Body) -> dict[str, Any]:
        raise NotImplementedError

    async def _serve(self, method: str) -> None:
        if method != self.allow:
            raise HTTPError(405)
        await self._wait()
        fault = self.service.faults.take(self.call)
        if fault is None:
            self.answer(*await self._result())
        else:
            await self._fail(fault)

    async def _fail(self, fault: Fault) -> None:
        if fault.after:
            await self._result()
        if fault.kind == "code":
            self.answer(*self._refused(failing_answers.refusal(fault)))
        else:
            await failing_answers.fail(self, fault, self._caller_left)

    async def _result(self) -> tuple[int, dict[str, Any]]:
        try:
            self._check_caller()
            values = await self.respond(Body.parse(self.request.body or b"{}"))
            return self.get_status(), values
        except Refusal as refusal:
            return self._refused(refusal)
        except SandboxError as error:
            return self._refused(Broken(error.text))

    def _check_caller(self) -> None:
        self.service.tick()
        self.service.rate_limiter.check()
        if not self.is_public:
            self.service.account.check(self.request.headers)

    def _refused(self, refusal: Refusal) -> tuple[int, dict[str, Any]]:
        for name, value in refusal.headers.items():
            self.set_header(name, value)
        status = refusal.http_status(self.service.switches.error_status)
        return status, {"code": refusal.code, "msg": refusal.message}

    async def _wait(self) -> None:
        switches = self.service.switches
        delay = switches.latency + random.uniform(0, switches.jitter)  # noqa: S311 - a pause, no secret
        if delay:
            await asyncio.sleep(delay)


def _explain(status: int, method: str, allow: str) -> tuple[int, str]:
    messages = {
        403: (1009, "permission denied: the sandbox answers to this machine and to the origins in allow_origins only"),
        404: (1014, "resource missing: the sandbox has no such path; its own page / lists what there is"),
        405: (1003, f"parameter error: {method} is not allowed here; use {allow}"),
        413: (1003, "parameter error: the request is too large"),
    }
    usual = 1003 if status < 500 else 1108
    return messages.get(status, (usual, f"HTTP {status}: {responses.get(status, 'error')}"))
