"""Answers that fail below the API: a proxy's page, a reset connection, silence, half an answer."""

from __future__ import annotations

import asyncio
import socket
import struct

from tornado.web import RequestHandler

from akool_nb.errors import CODES
from akool_nb.sandbox.faults import DETECTOR_ERROR, Fault
from akool_nb.sandbox.service.refusal import Refusal

HTML_PAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1><hr>nginx</body></html>\n"
BODIES = {"html": HTML_PAGE.encode(), "empty": b"", "garbage": b"\x80\x00not json"}
STATUSES = {"html": 502}


def refusal(fault: Fault) -> Refusal:
    """The answer to a call when the fault's kind is "code"."""
    usual = CODES[fault.code].meaning if fault.code in CODES else "error"
    if fault.code == DETECTOR_ERROR:
        usual = "Failed to process media"
    headers = {"Retry-After": f"{fault.retry_after:g}"} if fault.retry_after else {}
    return Refusal(fault.code, fault.message or usual, status=fault.status or None, headers=headers)


async def fail(handler: RequestHandler, fault: Fault, caller_left: asyncio.Event) -> None:
    """End the call as the fault says; `caller_left` is set when the caller closes the connection."""
    if fault.kind == "hang":
        await caller_left.wait()
    elif fault.kind == "reset":
        _reset(handler)
    elif fault.kind == "truncate":
        await _truncate(handler)
    else:
        _answer_wrongly(handler, fault)


def _answer_wrongly(handler: RequestHandler, fault: Fault) -> None:
    handler.set_status(fault.status or STATUSES.get(fault.kind, 200))
    handler.set_header("Content-Type", "text/html" if fault.kind == "html" else "application/json")
    if fault.retry_after:
        handler.set_header("Retry-After", f"{fault.retry_after:g}")
    handler.finish(BODIES[fault.kind])


def _reset(handler: RequestHandler) -> None:
    stream = handler.detach()
    # With a linger time of 0 close() sends RST instead of FIN.
    stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    stream.close()


async def _truncate(handler: RequestHandler) -> None:
    stream = handler.detach()
    await stream.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 400\r\n\r\n" + b'{"code": 1'
    )
    stream.close()
