"""Pictures from addresses that a stranger may have chosen: fetched only when no hop leads into a private network.

Every hop is https, resolves to public addresses only, and connects to one of those; redirects are followed by hand
so that each is judged again. An origin named as trusted, the sandbox's own, is the one exception.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from akool_nb.errors import PhotoError, TransportError
from akool_nb.pictures.kinds import kind_of
from akool_nb.wire.addresses import is_ip, is_public, origin_of
from akool_nb.wire.body import MIB
from akool_nb.wire.deadline import Deadline, resolve
from akool_nb.wire.transport import HttpAnswer, Request, Transport

LARGEST_PICTURE = 50 * MIB
HOPS = 5

_KINDS = ("image/", "application/octet-stream", "binary/octet-stream")
_HEADERS = {"Accept": "image/*, */*;q=0.5"}
_BY_HAND = "Download it yourself, and open the file."
_SAFE_NAME = re.compile(r"[^A-Za-z0-9._-]+")


def picture(url: str, *, trusted: Collection[str] = (), timeout: float = 20.0) -> bytes:
    """The bytes of a picture; raises `PhotoError` when the address may not be fetched or holds no picture."""
    deadline = Deadline(timeout)
    hop = url
    for number in range(HOPS + 1):
        # Only the address that was passed is trusted: a stranger's redirect must not lead into the sandbox.
        page = _hop(hop, deadline, trusted=number == 0 and _origin(hop) in trusted)
        if not 300 <= page.http_status < 400:
            return _picture_of(page)
        hop = _joined(hop, page.headers.get("Location", ""))
    raise PhotoError(f"The picture's address redirects more than {HOPS} times. {_BY_HAND}")


def save(data: bytes, name: str, folder: str | os.PathLike[str]) -> Path:
    """Write a picture as a new file into `folder`; an existing file is never overwritten.

    Its name ends as a picture's does, whatever was asked for: a stranger's `json.py` would be imported from here.
    """
    kind = kind_of(data)
    if kind is None:
        raise PhotoError("The file is no picture, so it is not kept. Open its address in a browser to see what it is.")
    named = safe_name(name)
    if not named.lower().endswith(kind.endings):
        named += kind.endings[0]
    place = Path(folder).expanduser() / named
    try:
        with place.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise PhotoError(f"{place.name} exists already and is not changed. Choose another folder or name.") from None
    except OSError as error:
        raise PhotoError(f"{place.name} could not be written: {error.strerror}.") from None
    return place


def safe_name(address: str) -> str:
    """A plain file name out of an address or a name that somebody else chose."""
    try:
        path = urlsplit(address).path
    except ValueError:  # nothing that comes after "//" can be read as a host
        path = address
    last = unquote(path).replace("\\", "/").rpartition("/")[2]
    return _SAFE_NAME.sub("_", last).lstrip(".")[-80:] or "picture"


def _hop(url: str, deadline: Deadline, *, trusted: bool) -> HttpAnswer:
    may_connect: Callable[[str], bool] | None = None
    try:
        if not trusted:
            by_proxy = _refuse_private(url, deadline)
            # The other end is the proxy then.
            may_connect = None if by_proxy else is_public
        request = Request("GET", url, headers=_HEADERS, may_connect=may_connect, largest=LARGEST_PICTURE)
        return _transport().fetch(request, deadline)
    except TransportError as error:
        failed = str(error)
    raise PhotoError(f"The picture could not be fetched. {failed} {_BY_HAND}")


def _origin(url: str) -> str:
    try:
        return origin_of(url)
    except ValueError:
        raise PhotoError(f"The picture's address cannot be read. {_BY_HAND}") from None


def _joined(url: str, where: str) -> str:
    try:
        return urljoin(url, where)
    except ValueError:
        raise PhotoError(f"The picture's address redirects to one that cannot be read. {_BY_HAND}") from None


def _refuse_private(url: str, deadline: Deadline) -> bool:
    """Check an address before anything is sent: https, a host, and only public machines. Whether a proxy fetches it.

    A proxy looks the name up itself, often where only it can, so then an IP address alone is checked.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise PhotoError(f"Only https addresses of pictures are fetched. {_BY_HAND}")
    by_proxy = _transport().proxy_for(url) is not None
    try:
        known = by_proxy and not is_ip(parts.hostname)
        found = [] if known else resolve(parts.hostname, parts.port or 443, deadline)
    except (OSError, ValueError):
        raise PhotoError(f"The picture's host {parts.hostname} is not known. Check the address.") from None
    if not all(map(is_public, found)):
        raise PhotoError(f"The picture's address leads into a private network and is not fetched. {_BY_HAND}")
    return by_proxy


def _picture_of(page: HttpAnswer) -> bytes:
    if page.http_status != 200:
        raise PhotoError(f"The picture's address answers with HTTP {page.http_status}. {_advice(page.http_status)}")
    kind = page.headers.get("Content-Type", "").strip().lower()
    if kind and not kind.startswith(_KINDS):
        named = kind.partition(";")[0][:60]
        raise PhotoError(f"The address holds no picture but {named}. Use that of the picture itself.")
    return page.body


def _advice(status: int) -> str:
    if status in (403, 404, 410):
        return "Check the address in a browser. Pictures that AKOOL hosts are deleted after 7 days."
    if status == 429 or status >= 500:
        return "Try again later."
    return _BY_HAND


@cache
def _transport() -> Transport:
    return Transport(retries=0)
