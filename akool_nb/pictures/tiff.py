"""Whether a TIFF file is complete: its first directory, the values that it points to, and the pixels.

Adobe's TIFF 6.0 specification, section 2: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf
"""

from __future__ import annotations

from collections.abc import Iterator

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_OFFSETS = (273, 324)
_COUNTS = (279, 325)


def is_cut(data: bytes) -> bool:
    """Whether something that the file needs is beyond its end."""
    if b"+" in data[2:4]:
        return False  # BigTIFF is laid out in another form
    directory = _number(data, 4, 4)
    end = directory + 2 + 12 * _number(data, directory, 2)
    if directory + 2 > len(data) or end > len(data):
        return True
    starts: list[int] = []
    sizes: list[int] = []
    for tag, begin, size, count in _entries(data, directory + 2, end):
        if begin + size * count > len(data):
            return True
        if tag in _OFFSETS:
            starts += _numbers(data, begin, size, count)
        if tag in _COUNTS:
            sizes += _numbers(data, begin, size, count)
    return any(start + size > len(data) for start, size in zip(starts, sizes, strict=False))


def _entries(data: bytes, begin: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Tag, place of the values, bytes of each value, and number of values."""
    for entry in range(begin, end, 12):
        size = _SIZES.get(_number(data, entry + 2, 2), 0)
        count = _number(data, entry + 4, 4)
        begin = entry + 8
        if size * count > 4:
            begin = _number(data, begin, 4)
        yield _number(data, entry, 2), begin, size, count


def _numbers(data: bytes, begin: int, size: int, count: int) -> list[int]:
    return [_number(data, begin + size * index, size) for index in range(count)]


def _number(data: bytes, begin: int, size: int) -> int:
    order = "little" if data[:2] == b"II" else "big"
    return int.from_bytes(data[begin : begin + size], order)  # type: ignore[arg-type]
