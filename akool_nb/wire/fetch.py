"""Pictures from addresses that somebody else chose: fetched only when no hop leads into a private network.

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

from akool_nb.errors import AkoolError, PhotoError
from akool_nb.wire.addresses import is_public
from akool_nb.wire.transport import MIB, Deadline, Page, Request, Transport, origin_of, resolve

LARGEST_PICTURE = 50 * MIB
HOPS = 5

_KINDS = ("image/", "application/octet-stream", "binary/octet-stream")
_BY_HAND = "Download it yourself, and open the file."
_MARKS = {b"\xff\xd8\xff": "jpeg", b"\x89PNG": "png", b"GIF8": "gif", b"BM": "bmp", b"RIFF": "webp"}
_ENDINGS = {"jpeg": (".jpg", ".jpeg"), "png": (".png",), "gif": (".gif",), "bmp": (".bmp",), "webp": (".webp",)}
"""How the names of pictures of each kind may end."""

_SAFE_NAME = re.compile(r"[^A-Za-z0-9._-]+")


def picture(url: str, *, trusted: Collection[str] = (), timeout: float = 20.0) -> bytes:
    """The bytes of a picture; raises `PhotoError` when the address may not be fetched or holds no picture."""
    deadline = Deadline(timeout)
    hop = url
    for number in range(HOPS + 1):
        # Trust is for the address we were given: a stranger's redirect must not lead into the sandbox.
        page = _hop(hop, deadline, trusted=number == 0 and _origin(hop) in trusted)
        if not 300 <= page.http_status < 400:
            return _picture_of(page)
        hop = _joined(hop, page.headers.get("Location", ""))
    raise PhotoError(f"The picture's address leads on more than {HOPS} times. {_BY_HAND}")


def save(data: bytes, name: str, folder: str | os.PathLike[str]) -> Path:
    """Write a picture as a new file into `folder`; never over a file that is there, never outside.

    Its name ends as a picture's does, whatever was asked for: a stranger's `json.py` would be imported from here.
    """
    kind = _kind_of(data)
    named = safe_name(name)
    place = Path(folder) / (named if named.lower().endswith(_ENDINGS[kind]) else f"{named}{_ENDINGS[kind][0]}")
    try:
        with place.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise PhotoError(f"{place.name} is there already and stays as it is. Choose another folder or name.") from None
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


def _hop(url: str, deadline: Deadline, *, trusted: bool) -> Page:
    may_connect: Callable[[str], bool] | None = None
    if not trusted:
        _refuse_private(url, deadline)
        # A proxy is the other end then, and it is ours; the name itself was judged above.
        may_connect = None if _door().proxies_for(url) else is_public
    request = Request("GET", url, may_connect=may_connect, largest=LARGEST_PICTURE)
    try:
        return _door().fetch(request, deadline)
    except AkoolError as error:
        failed = error.message
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
        raise PhotoError(f"The picture's address leads on to one that cannot be read. {_BY_HAND}") from None


def _refuse_private(url: str, deadline: Deadline) -> None:
    """Judge an address before anything is sent: https, a name, and only public machines behind it."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise PhotoError(f"Only https addresses of pictures are fetched. {_BY_HAND}")
    try:
        found = resolve(parts.hostname, parts.port or 443, deadline)
    except (OSError, ValueError):
        raise PhotoError(f"The picture's host {parts.hostname} is not known. Check the address.") from None
    if not all(map(is_public, found)):
        raise PhotoError(f"The picture's address leads into a private network and is not fetched. {_BY_HAND}")


def _kind_of(data: bytes) -> str:
    """What kind of picture it is, by its first bytes."""
    for mark, kind in _MARKS.items():
        if data.startswith(mark):
            return kind
    raise PhotoError(
        "What stands at the address is no picture, so it is not kept. Open it in a browser to see what it is."
    )


def _picture_of(page: Page) -> bytes:
    if page.http_status != 200:
        raise PhotoError(f"The picture's address answers with HTTP {page.http_status}. Links end after 7 days.")
    kind = page.headers.get("Content-Type", "").strip().lower()
    if kind and not kind.startswith(_KINDS):
        raise PhotoError(
            f"The address holds no picture but {kind.partition(';')[0][:60]}. Use that of the picture itself."
        )
    return page.body


@cache
def _door() -> Transport:
    return Transport(retries=0)
