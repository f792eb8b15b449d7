"""The check of the caller: this machine by a loopback name, and pages from loopback or from an allowed origin.

Any web page can send requests to 127.0.0.1. The Host header shows a rebound DNS name, the Origin header a page from
elsewhere.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from akool_nb.sandbox.switches import Switches
from akool_nb.wire.addresses import LOOPBACK

ANY = "*"


def host_allowed(host: str, switches: Switches) -> bool:
    """Whether a Host header is a loopback name, or the host of an allowed origin (a proxy may pass it on)."""
    name = _hostname(f"//{host}")
    if name is None:
        return False
    return (
        name in LOOPBACK
        or ANY in switches.allow_origins
        or name in {_hostname(origin) for origin in switches.allow_origins}
    )


def origin_allowed(origin: str | None, switches: Switches) -> bool:
    """Whether a page of this origin may call; without an Origin header the caller is a program, not a page."""
    if origin is None or ANY in switches.allow_origins or origin in switches.allow_origins:
        return True
    return _hostname(origin) in LOOPBACK


def same_host(origin: str | None, host: str) -> bool:
    """Whether a page asks its own server, which forwards the request to the sandbox, like jupyter-server-proxy."""
    return origin is not None and origin.partition("://")[2] == host


def _hostname(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
