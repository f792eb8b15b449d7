"""`connect()`: a client of AKOOL if there are credentials, else of a sandbox on this machine."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from akool_nb.api.client import Client
from akool_nb.errors import MissingCredentials
from akool_nb.sandbox import Sandbox
from akool_nb.wire.credentials import clean


def connect(
    *,
    sandbox: bool | None = None,
    client_id: str | None = None,
    client_secret: str | None = None,
    api_key: str | None = None,
    token: str | None = None,
    **options: Any,
) -> Client:
    """A client of AKOOL if there are credentials, else of the sandbox; one printed line says which.

    Credentials are taken from the arguments, then from AKOOL_API_KEY, then from AKOOL_CLIENT_ID and
    AKOOL_CLIENT_SECRET. `sandbox=True` or `sandbox=False` forces the one or the other. Further keywords are those of
    `Client`. Raises `MissingCredentials` when the real service is forced without any, or half of a pair is given.
    """
    # Veiled before anything can fail: a verbose traceback shows what stands in this frame.
    client_id, client_secret, api_key, token = map(clean, (client_id, client_secret, api_key, token))
    if sandbox is not True:
        real = Client(client_id=client_id, client_secret=client_secret, api_key=api_key, token=token, **options)
        if missing := real._credentials.missing_half:
            raise MissingCredentials(f"Half of the credentials is missing: {missing}.")
        if real.has_credentials:
            print(f"akool_nb: connected to AKOOL ({urlsplit(real.base_url).hostname}); sessions cost credits.")
            return real
        if sandbox is False:
            raise MissingCredentials("There are no credentials for AKOOL.")
    return _connect_sandbox(options)


def _connect_sandbox(options: dict[str, Any]) -> Client:
    shared = Sandbox.shared()
    client: Client = shared.client(**options)
    client.sandbox = shared
    print("akool_nb: connected to the sandbox on this machine; no account, no costs, no upload.")
    return client
