"""`connect()`: a client of AKOOL if there are credentials, else of a sandbox on this machine."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from akool_nb.api.arguments import BASE_URL
from akool_nb.api.client import Client
from akool_nb.errors import MissingCredentials
from akool_nb.sandbox import Sandbox
from akool_nb.wire.credentials import clean

_ADDRESSES = ("base_url", "detect_url")


def connect(
    *,
    sandbox: bool | None = None,
    client_id: str | None = None,
    client_secret: str | None = None,
    api_key: str | None = None,
    token: str | None = None,
    **options: Any,
) -> Client:
    """A client: of AKOOL with credentials, of the sandbox without; one printed line says which.

    Credentials are taken from the arguments, then from AKOOL_API_KEY, then from AKOOL_CLIENT_ID and
    AKOOL_CLIENT_SECRET. `sandbox=True` or `sandbox=False` forces the one or the other. Further keywords are those of
    `Client`. Raises `MissingCredentials` when AKOOL or another `base_url` is asked for without any, or when half of a
    pair is given, and `TypeError` for `sandbox=True` with credentials or addresses.
    """
    # Secrets before anything can fail, because a verbose traceback shows the variables of this frame.
    client_id, client_secret, api_key, token = map(clean, (client_id, client_secret, api_key, token))
    named = [name for name in _ADDRESSES if options.get(name) is not None]
    if sandbox is True:
        if client_id or client_secret or api_key or token:
            named.append("credentials")
        if named:
            raise TypeError(f"connect(sandbox=True) takes no {' and no '.join(named)}: the sandbox has its own.")
        return _connect_sandbox(options)
    real = Client(client_id=client_id, client_secret=client_secret, api_key=api_key, token=token, **options)
    if real._credentials.missing_half:
        raise MissingCredentials(real._credentials.problem)
    if real.has_credentials:
        print(f"akool_nb: connected to {_name(real)}; sessions cost credits.")
        return real
    if sandbox is False:
        raise MissingCredentials("There are no credentials for AKOOL.")
    if named:
        raise MissingCredentials(f"There are no credentials for {_name(real)}.")
    return _connect_sandbox(options)


def _name(client: Client) -> str:
    host = urlsplit(client.base_url).netloc
    return f"AKOOL ({host})" if client.base_url == BASE_URL else host


def _connect_sandbox(options: dict[str, Any]) -> Client:
    shared = Sandbox.shared()
    client: Client = shared.client(**options)
    client.sandbox = shared
    print("akool_nb: connected to the local sandbox; no account, no costs, no upload.")
    return client
