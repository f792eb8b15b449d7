"""The picture at an address that a request names, fetched by the package's one guarded fetcher.

Failures are in the words of AKOOL's detection page: https://docs.akool.com/ai-tools-suite/face-detection
"""

from __future__ import annotations

from akool_nb.errors import PhotoError
from akool_nb.sandbox.service.refusal import NO_VIDEOS

SECONDS = 10.0


class FetchError(ValueError):
    """An address that is refused, or that gave no picture; the message says which and why."""


def picture(url: str, *, most_bytes: int, allow_local: bool = False) -> bytes:
    """The bytes at `url`; blocking, at most `SECONDS` long.

    Args:
        url: https, or http too when `allow_local`.
        most_bytes: more than that is refused.
        allow_local: loopback addresses and plain http are fetched as well.

    Raises:
        FetchError: a refused address, no answer, too big, or no picture.
    """
    # Imported here, because requests takes 0.2 s to import, and most sandboxes fetch nothing.
    from akool_nb.wire import fetch

    if not url.isascii() or not url.isprintable() or " " in url:
        raise FetchError("Invalid URL format: blanks, umlauts and control characters are written as %XX")
    try:
        return fetch.picture(url, largest=most_bytes, allow_local=allow_local, timeout=SECONDS)
    except fetch.AddressError as error:
        raise FetchError(f"Invalid URL format: {error.text}") from None
    except fetch.VideoError:
        raise FetchError(NO_VIDEOS) from None
    except fetch.PictureSizeError:
        raise FetchError(f"Failed to process media: the picture is larger than {most_bytes:,} bytes") from None
    except PhotoError as error:
        raise FetchError(f"Failed to download media from URL: {error.text}") from None
