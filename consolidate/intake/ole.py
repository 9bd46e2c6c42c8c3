"""The stream of an old ``.xls`` and how far its cells reach, before a reader makes room for them.

Only what that question needs of compound files ([MS-CFB]) and of BIFF records ([MS-XLS]) is read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from itertools import islice

from consolidate.intake.bounds import check_area
from consolidate.intake.gate import Limits, Refused

_STREAMS = frozenset({"workbook", "book"})
_HEADER_FAT = 109
_LAST_SECTOR = 0xFFFFFFFA
_ENTRY = 128
_SHIFTS, _SMALL_SHIFT = (9, 12), 6
_ROOT, _STREAM = 5, 2
_BEGIN, _DIMENSIONS, _MANY = 0x0809, 0x0200, 0x00BD
_CELLS = frozenset(
    {0x02, 0x03, 0x04, 0x05, 0x06, 0xD6, 0xFD, 0x203, 0x204, 0x205, 0x206, 0x27E, 0x406}
)
"""Records that hold one filled cell and begin with its row and column."""


def check_old_workbook(data: bytes, limits: Limits) -> None:
    """Refuse an ``.xls`` with a sheet that spans more cells than may be read.

    Raises:
        Refused: the file is damaged, or the cells of a sheet span too large a rectangle.
    """
    try:
        streams = list(islice(_workbooks(data), len(_STREAMS) + 1))
        if not 1 <= len(streams) <= len(_STREAMS):
            raise Refused("damaged", unreadable=True)
        for stream in streams:
            _check_sheets(stream, limits)
    except (struct.error, IndexError, ValueError):
        raise Refused("damaged", unreadable=True) from None


def _check_sheets(stream: bytes, limits: Limits) -> None:
    number, last = -1, (-1, -1)
    for kind, content in _records(stream):
        if kind == _BEGIN:
            check_area(last, str(number), limits)
            number, last = number + 1, (-1, -1)
        elif kind == _DIMENSIONS and len(content) >= 12:
            _, rows, _, columns = struct.unpack_from("<IIHH", content)
            last = _further(last, rows - 1, columns - 1)
        elif kind == _MANY and len(content) >= 6:
            row, column = struct.unpack_from("<HH", content)
            (final,) = struct.unpack_from("<H", content, len(content) - 2)
            last = _further(last, row, max(column, final))
        elif kind in _CELLS and len(content) >= 4:
            last = _further(last, *struct.unpack_from("<HH", content))
    check_area(last, str(number), limits)


def _further(last: tuple[int, int], row: int, column: int) -> tuple[int, int]:
    return max(last[0], row), max(last[1], column)


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size


def _workbooks(data: bytes) -> Iterator[bytes]:
    """Every stream of a compound file that a reader may take for the workbook."""
    shift, small_shift = struct.unpack_from("<HH", data, 30)
    if shift not in _SHIFTS or small_shift != _SMALL_SHIFT:
        raise Refused("damaged", unreadable=True)
    size, small = 1 << shift, 1 << small_shift
    (directory_at,) = struct.unpack_from("<I", data, 48)
    cutoff, small_fat_at = struct.unpack_from("<II", data, 56)
    sectors = [data[at : at + size] for at in range(size, len(data), size)]
    fat = _numbers(b"".join(sectors[index] for index in _fat_sectors(data, sectors)))
    directory = _chain(sectors, fat, directory_at)
    entries = [directory[at : at + _ENTRY] for at in range(0, len(directory), _ENTRY)]
    small_data, small_fat = b"", _numbers(_chain(sectors, fat, small_fat_at))
    for entry in entries:
        name = entry[: max(0, struct.unpack_from("<H", entry, 64)[0] - 2)].decode(
            "utf-16-le", "replace"
        )
        start, length = struct.unpack_from("<II", entry, 116)
        if entry[66] == _ROOT:
            small_data = _chain(sectors, fat, start)
        elif entry[66] == _STREAM and name.casefold() in _STREAMS:
            if length >= cutoff:
                yield _chain(sectors, fat, start)[:length]
            else:
                pieces = [small_data[at : at + small] for at in range(0, len(small_data), small)]
                yield _chain(pieces, small_fat, start)[:length]


def _fat_sectors(data: bytes, sectors: Sequence[bytes]) -> Iterator[int]:
    """Numbers of the sectors that hold the allocation table, those in the header first."""
    listed = _numbers(data[76 : 76 + 4 * _HEADER_FAT])
    (further,) = struct.unpack_from("<I", data, 68)
    for _ in range(len(sectors)):
        if further >= _LAST_SECTOR:
            break
        *more, further = _numbers(sectors[further])
        listed += more
        if len(listed) > _HEADER_FAT + len(sectors):
            raise Refused("damaged", unreadable=True)
    yield from (index for index in listed if index < _LAST_SECTOR)


def _chain(sectors: Sequence[bytes], fat: Sequence[int], start: int) -> bytes:
    """The sectors of a stream joined; a chain that leaves the file or turns back is damaged."""
    pieces: list[bytes] = []
    while start < _LAST_SECTOR:
        if len(pieces) > len(sectors):
            raise Refused("damaged", unreadable=True)
        pieces.append(sectors[start])
        start = fat[start]
    return b"".join(pieces)


def _numbers(data: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))
