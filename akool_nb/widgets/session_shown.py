"""What the page of a session panel is sent: plain data, without anything that opens a session or shows a face."""

from __future__ import annotations

from typing import Any

from akool_nb.api.calls import Call
from akool_nb.api.session import LiveSession
from akool_nb.widgets.audience import Audience
from akool_nb.widgets.session_watch import SessionWatch


def describe_session(session: LiveSession | None) -> dict[str, Any] | None:
    """How far the session has come."""
    if session is None:
        return None
    audience = Audience.of(session)
    return {
        "id": session.id,
        "status": int(session.status),
        "closed": session.closed,
        "joined": audience.joined,
        "seen": audience.seen,
        "expires_at": session.expires_at.timestamp() if session.expires_at else 0,
    }


def describe_demo(session: LiveSession | None) -> dict[str, Any] | None:
    """What to enter on Agora's demo page; None unless a session is open. Never the token."""
    if session is None or session.closed:
        return None
    demo = session.channel.demo()
    return {
        "fields": [] if demo.is_sandbox else demo.fields,
        "links": [] if demo.is_sandbox else [demo.url, demo.source_url],
        "notes": demo.notes,
    }


def describe_credits(watch: SessionWatch) -> dict[str, float | None]:
    """The balance before and now, and the difference."""
    return {"before": watch.credits_before, "now": watch.credits_now, "used": watch.credits_used}


def describe_call(call: Call) -> dict[str, Any]:
    """One line of the list of calls."""
    return {
        "at": f"{call.at:%H:%M:%S}",
        "what": f"{call.method} {call.endpoint}",
        "code": call.code,
        "http": call.http_status,
        "ms": round(1000 * call.seconds),
        "said": f"{call.error}: {call.said}" if call.error else call.said,
        "ok": call.ok,
        "curl": str(call.to_curl()),
    }
