"""The body of a response, read up to a largest size, packed and unpacked."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import requests

from akool_nb.errors import BadResponse, ConnectionFailed

MIB = 1 << 20


def read(response: requests.Response, largest: int, check: Callable[[bytearray], None] | None = None) -> bytes:
    """The body; BadResponse as soon as it is larger than `largest` bytes, packed or unpacked.

    `check` is called with what has arrived, each time more has, and refuses the rest by an exception.
    """
    packed = bytearray()
    while chunk := response.raw.read(65536, decode_content=False):
        packed += chunk
        if check:
            check(packed)
        if len(packed) > largest:
            raise _too_large(largest)
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in ("identity", ""):
        return bytes(packed)
    return _unpacked(bytes(packed), encoding, largest)


def _unpacked(packed: bytes, encoding: str, largest: int) -> bytes:
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise BadResponse("The answer is packed in a form that was not asked for.")
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)  # 32: gzip or zlib, whichever the header says
    try:
        body = inflate.decompress(packed, largest + 1)
    except zlib.error:
        raise BadResponse("The answer cannot be unpacked.") from None
    if len(body) > largest:
        raise _too_large(largest)
    if not inflate.eof:
        raise ConnectionFailed("The answer ended early.")
    return body


def _too_large(largest: int) -> BadResponse:
    return BadResponse(f"The answer is larger than {largest / MIB:g} MiB, which no answer of the API is.")
