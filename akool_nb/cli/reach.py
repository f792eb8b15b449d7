"""Whether a host can be reached: by the same proxies and certificates as the client's own calls."""

from __future__ import annotations

import contextlib
import time


def seconds_to(host: str, *, timeout: float) -> float:
    """Send a request to https://host, and return the seconds until it was reached; any answer is enough.

    Raises `TransportError`, which says whether the name, the proxy, the certificate or the network is the reason.
    """
    # Imported here, because the doctor must also run where requests is missing.
    from akool_nb.errors import BadResponse
    from akool_nb.wire.deadline import Deadline
    from akool_nb.wire.exchange import Request
    from akool_nb.wire.transport import Transport

    begun = time.perf_counter()
    with contextlib.suppress(BadResponse):
        Transport(retries=0).fetch(Request("GET", f"https://{host}/"), Deadline(timeout))
    return time.perf_counter() - begun


def proxy_host(host: str) -> str:
    """The proxy between this machine and a host, without its password; "" for none."""
    from akool_nb.wire.addresses import host_of, proxy_for

    proxy = proxy_for(f"https://{host}/")
    if not proxy:
        return ""
    return host_of(proxy.reveal())
