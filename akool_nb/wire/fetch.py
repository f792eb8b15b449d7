"""Pictures from addresses that a stranger may have chosen: fetched only when no hop leads into a private network.

Every hop is https, resolves to public addresses only, and connects to one of those; redirects are followed by hand
so that each is judged again. An origin named as trusted, the sandbox's own, is the one exception.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection
from functools import cache, partial
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from akool_nb.errors import PhotoError, TransportError
from akool_nb.pictures.kinds import HEAD, is_video, kind_of
from akool_nb.wire.addresses import is_ip, is_public, origin_of, unwrapped
from akool_nb.wire.body import MIB
from akool_nb.wire.deadline import Deadline, resolve
from akool_nb.wire.exchange import HttpAnswer, Request
from akool_nb.wire.transport import Transport

LARGEST_PICTURE = 50 * MIB
HOPS = 5

_PORTS = {"https": 443, "http": 80}

_KINDS = ("image/", "application/octet-stream", "binary/octet-stream")
_HEADERS = {"Accept": "image/*, */*;q=0.5"}
_BY_HAND = "Download it yourself, and open the file."
_SAFE_NAME = re.compile(r"[^A-Za-z0-9._-]+")


class AddressError(PhotoError):
    """The text is not the address of a picture, or the address may not be fetched."""


class PictureSizeError(PhotoError):
    """The address holds more bytes than are taken."""


class VideoError(PhotoError):
    """The address holds a video."""


def picture(
    url: str,
    *,
    trusted: Collection[str] = (),
    allow_local: bool = False,
    largest: int = LARGEST_PICTURE,
    timeout: float = 20.0,
) -> bytes:
    """The bytes of a picture, at most `largest`; `timeout` seconds are for all redirects together.

    `trusted` origins may be private; `allow_local` lets every hop use http and this machine. Raises `PhotoError` when
    the address may not be fetched or holds no picture.
    """
    deadline = Deadline(timeout)
    hop = url
    for number in range(HOPS + 1):
        # Only the address that was passed is trusted: a stranger's redirect must not lead into the sandbox.
        is_trusted = number == 0 and _origin(hop) in trusted
        page = _hop(hop, deadline, largest, is_trusted=is_trusted, allow_local=allow_local)
        if not 300 <= page.http_status < 400:
            return _picture_of(page)
        hop = _joined(hop, page.headers.get("Location", ""))
    raise PhotoError(f"The picture's address redirects more than {HOPS} times. {_BY_HAND}")


def is_allowed(ip: str, *, allow_local: bool = False) -> bool:
    """Whether an IP address may be fetched from: public ones, and this machine where that is allowed."""
    if unwrapped(ip).is_loopback:
        return allow_local
    return is_public(ip)


def save(data: bytes, name: str, folder: str | os.PathLike[str]) -> Path:
    """Write a picture as a new file into `folder`; an existing file is never overwritten.

    Its name ends as a picture's does, whatever was asked for: a stranger's `json.py` would be imported from here.
    """
    kind = kind_of(data)
    if kind is None:
        raise PhotoError("The file is not a picture, so it is not saved. Open its address in a browser to look at it.")
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


def _hop(url: str, deadline: Deadline, largest: int, *, is_trusted: bool, allow_local: bool) -> HttpAnswer:
    may_connect: Callable[[str], bool] | None = None
    try:
        if not is_trusted:
            by_proxy = _refuse_private(url, deadline, allow_local)
            # The other end is the proxy then.
            may_connect = None if by_proxy else partial(is_allowed, allow_local=allow_local)
        check = partial(_check_arrived, largest=largest)
        request = Request("GET", url, headers=_HEADERS, may_connect=may_connect, largest=largest, check=check)
        return _transport().fetch(request, deadline)
    except TransportError as error:
        failed = error.text
    raise PhotoError(f"The picture could not be fetched. {failed} {_BY_HAND}")


def _check_arrived(data: bytearray, largest: int) -> None:
    if is_video(bytes(data[:HEAD])):
        raise VideoError("The address holds a video, not a picture.")
    if len(data) > largest:
        raise PictureSizeError(f"The picture is larger than {largest:,} bytes. Make it smaller.")


def _origin(url: str) -> str:
    try:
        return origin_of(url)
    except ValueError:
        raise AddressError(f"The picture's address cannot be read. {_BY_HAND}") from None


def _joined(url: str, where: str) -> str:
    try:
        return urljoin(url, where)
    except ValueError:
        raise AddressError(f"The picture's address redirects to one that cannot be read. {_BY_HAND}") from None


def _refuse_private(url: str, deadline: Deadline, allow_local: bool) -> bool:
    """Check an address before anything is sent: https, a host, and only public machines. Whether a proxy fetches it.

    A proxy looks the name up itself, often where only it can, so then an IP address alone is checked.
    """
    parts = urlsplit(url)
    schemes = ("https", "http") if allow_local else ("https",)
    if parts.scheme not in schemes or not parts.hostname:
        raise AddressError(f"Only https addresses of pictures are fetched. {_BY_HAND}")
    by_proxy = _transport().proxy_for(url) is not None
    try:
        known = by_proxy and not is_ip(parts.hostname)
        found = [] if known else resolve(parts.hostname, parts.port or _PORTS[parts.scheme], deadline)
    except TimeoutError:
        raise deadline.exceeded(f"Looking up {parts.hostname}") from None
    except (OSError, ValueError):
        raise PhotoError(f"The picture's host {parts.hostname} is not known. Check the address.") from None
    if not all(is_allowed(ip, allow_local=allow_local) for ip in found):
        host = parts.hostname
        raise AddressError(f"The picture's host {host} is in a private network, so nothing is fetched. {_BY_HAND}")
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
