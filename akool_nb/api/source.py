"""What a photo can be made of, as the bytes of a file or as a Pillow image: the only place that opens it.

Pasted paths and addresses come with blanks, quotes and invisible characters, which are removed first.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import io
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit
from urllib.request import url2pathname

from PIL import Image

from akool_nb.errors import PhotoError
from akool_nb.pictures import pixels
from akool_nb.wire.fetch import LARGEST_PICTURE as LARGEST_FILE
from akool_nb.wire.pasted import cleaned

_IN_PATHS = "%/:=&?~#+!$,;'@()*[]"
_PIECE = 1 << 20
_SCHEME = re.compile(r"(?!file:)([a-z][a-z0-9+.-]+)://", re.IGNORECASE)
_LONGEST_NAME = 1024
"""Characters. No path is longer where people work, and every picture in base64 is."""


def address_in(source: Any) -> str | None:
    """The http(s) address that a text holds, ready to be sent; None for anything else."""
    if not isinstance(source, str):
        return None
    text = cleaned(source)
    if text.lower().startswith("www."):
        text = f"https://{text}"
    if text.lower().startswith(("http://", "https://")):
        return _encoded(text)
    return None


def opened(source: Any) -> bytes | Image.Image:
    """The bytes of a picture file (at most one more than may be), or an image; what was given stays as it was."""
    if isinstance(source, Image.Image):
        return source
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    if isinstance(source, str) and cleaned(source).lower().startswith("data:"):
        return _data_uri(cleaned(source))
    if isinstance(source, (str, os.PathLike)):
        return _file(_path(os.fspath(source)))
    if hasattr(source, "read"):
        return _read(source)
    if hasattr(source, "__array_interface__") or hasattr(source, "__array__"):
        return pixels.from_array(source)
    raise PhotoError(
        "A photo is a path, an address, bytes (of a FileUpload: value[0]['content']), an open file, "
        f"a PIL image or a NumPy array, not {type(source).__name__}."
    )


def _encoded(address: str) -> str:
    """An address with blanks and umlauts written as a browser sends them; any other stays as it is."""
    address = re.sub(r"[\t\r\n]", "", address)
    if address.isascii() and address.isprintable() and " " not in address:
        return address
    try:
        parts = urlsplit(address)
        user, at, host = parts.netloc.rpartition("@")
        if not host.isascii():
            host = host.encode("idna").decode("ascii")
    except ValueError:
        return address  # the attempt to fetch it says what is wrong
    path, query = (quote(part, safe=_IN_PATHS) for part in (parts.path, parts.query))
    return urlunsplit((parts.scheme, user + at + host, path, query, quote(parts.fragment, safe=_IN_PATHS)))


def _path(text: str | bytes) -> Path:
    """The file that a text names: literally if there is one, else after cleaning."""
    literal = os.fsdecode(text)
    with contextlib.suppress(OSError, ValueError):
        if Path(literal).exists():
            return Path(literal)
    name = cleaned(literal)
    if len(name) > _LONGEST_NAME:
        raise PhotoError("This text is too long for a path. Text in base64 needs 'data:image/jpeg;base64,' before it.")
    if other := _SCHEME.match(name):
        raise PhotoError(f"{other[1]} addresses are not fetched. Download the picture, and open the file.")
    if name.lower().startswith("file:"):
        name = url2pathname(urlsplit(name).path)
    return Path(name)


def _file(path: Path) -> bytes:
    try:
        path = path.expanduser()
        if path.is_file():
            with path.open("rb") as file:
                return file.read(LARGEST_FILE + 1)
        problem = _why_not(path)
    except (OSError, ValueError, RuntimeError):
        problem = "cannot be read. Check that it is a file, and that you may read it"
    raise PhotoError(f"{(path.name or str(path))[:80]!r} {problem}.")


def _why_not(path: Path) -> str:
    if path.is_dir():
        return "is a folder. Pass one of the files in it"
    if path.exists():
        return "is a pipe or a device, not a file. Save the picture as a file"
    if path.is_symlink() and "annex/objects" in str(path.readlink()):
        return "is a pointer to the picture, not the picture itself. Run: git annex get"
    return "is not there. Check the path; akool_nb.samples.photos() lists the sample photos"


def _read(file: Any) -> bytes:
    """All of an open file from its start, wherever it was read to; its position stays as it was."""
    if getattr(file, "closed", False) is True:
        raise PhotoError("The file is closed. Open it again, with mode 'rb'.")
    position = None
    try:
        position = file.tell()
        file.seek(0)
    except (AttributeError, OSError, ValueError):
        position = None  # a pipe or a download: only what is left can be read
    try:
        return _pieces(file)
    except UnicodeError:
        raise PhotoError("The file is open as text. Open it with mode 'rb'.") from None
    except (OSError, ValueError) as error:
        raise PhotoError(f"The file cannot be read ({_reason(error)}). Open it again, with mode 'rb'.") from None
    finally:
        if position is not None:
            with contextlib.suppress(OSError, ValueError):
                file.seek(position)


def _reason(error: Exception) -> str:
    if isinstance(error, io.UnsupportedOperation):
        return "it is open for writing only"
    return str(error)


def _pieces(file: Any) -> bytes:
    data = bytearray()
    while len(data) <= LARGEST_FILE:
        piece = file.read(_PIECE)
        if isinstance(piece, str):
            raise UnicodeError
        if not piece:
            break
        data += piece
    return bytes(data)


def _data_uri(text: str) -> bytes:
    head, _, body = text.partition(",")
    if not head.lower().startswith("data:image/") or not head.lower().endswith(";base64"):
        raise PhotoError("Only data URIs of a picture in base64 are read. Pass the picture's bytes instead.")
    try:
        return base64.b64decode(body[: LARGEST_FILE * 4 // 3 + 8], validate=False)
    except (binascii.Error, ValueError):
        raise PhotoError("The data URI is not base64. Pass the picture's bytes instead.") from None
