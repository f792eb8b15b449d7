"""What kind of file some bytes are and how large a picture they hold, told by how they begin."""

from __future__ import annotations

import io

from PIL import Image as Pillow

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF")
MOST_PIXELS = 50_000_000
"""Larger pictures are refused: decoding them would take the sandbox's memory."""

PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM", b"GIF87a", b"GIF89a")
NO_VIDEOS = "Failed to process media: the sandbox searches pictures, no videos"
VIDEOS = (b"\x1a\x45\xdf\xa3", b"FLV", b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3", b"OggS")
BOMB = 2**31
"""Stands for more pixels than Pillow cares to name."""


def is_picture(content: bytes) -> bool:
    """Whether the bytes begin as a JPEG, PNG, BMP, GIF or WebP does."""
    return content.startswith(PICTURES) or (content[:4] == b"RIFF" and content[8:12] == b"WEBP")


def is_video(content: bytes) -> bool:
    """Whether the bytes begin as an MP4, MOV, AVI, WebM, MPEG, FLV or Ogg file does."""
    is_avi = content[:4] == b"RIFF" and content[8:12] == b"AVI "
    return is_avi or content[4:8] == b"ftyp" or content.startswith(VIDEOS)


def pixels(content: bytes) -> int:
    """How many pixels the picture's header names; 0 where there is none to read."""
    try:
        with Pillow.open(io.BytesIO(content), formats=FORMATS) as header:
            return header.width * header.height
    except Pillow.DecompressionBombError:
        return BOMB
    except (OSError, ValueError, SyntaxError):
        return 0
