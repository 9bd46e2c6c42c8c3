"""The stream of an old ``.xls`` and how far its cells reach, before a reader makes room for them.

Only what that question needs of BIFF records ([MS-XLS]) is read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import islice, takewhile

from consolidate.intake.bounds import check_area
from consolidate.intake.compound import Compound
from consolidate.intake.gate import Limits, Refused

_STREAMS = frozenset({"workbook", "book"})
_BEGIN, _DIMENSIONS, _MANY, _LOCKED, _END = 0x0809, 0x0200, 0x00BD, 0x002F, 0x000A
_CELLS = frozenset(
    {0x02, 0x03, 0x04, 0x05, 0x06, 0xD6, 0xFD, 0x203, 0x204, 0x205, 0x206, 0x27E, 0x406}
)
"""Records that hold one filled cell and begin with its row and column."""


def check_old_workbook(data: bytes, limits: Limits) -> None:
    """Refuse an ``.xls`` with a sheet that spans more cells than may be read.

    Raises:
        Refused: the file is damaged or encrypted, or the cells of a sheet span too large a
            rectangle.
    """
    try:
        streams = list(islice(_workbooks(data), len(_STREAMS) + 1))
        if not 1 <= len(streams) <= len(_STREAMS):
            raise Refused("damaged", unreadable=True)
        for stream in streams:
            _check_sheets(stream, limits)
    except (struct.error, IndexError, ValueError):
        raise Refused("damaged", unreadable=True) from None


def is_encrypted_workbook(data: bytes) -> bool:
    """Whether the cells of an ``.xls`` are encrypted; ``False`` for anything that is none."""
    try:
        streams = list(islice(_workbooks(data), len(_STREAMS)))
        return any(_LOCKED in _globals(stream) for stream in streams)
    except ValueError:
        return False


def _check_sheets(stream: bytes, limits: Limits) -> None:
    number, last = -1, (-1, -1)
    for kind, content in _records(stream):
        if kind == _BEGIN:
            check_area(last, str(number), limits, "too_many_cells_binary")
            number, last = number + 1, (-1, -1)
        elif kind == _LOCKED:
            # Sizes and places of records stay plain in an encrypted stream, cells do not.
            raise Refused("encrypted", unreadable=True)
        elif kind == _DIMENSIONS and len(content) >= 12:
            _, rows, _, columns = struct.unpack_from("<IIHH", content)
            last = _further(last, rows - 1, columns - 1)
        elif kind == _MANY and len(content) >= 6:
            row, column = struct.unpack_from("<HH", content)
            (final,) = struct.unpack_from("<H", content, len(content) - 2)
            last = _further(last, row, max(column, final))
        elif kind in _CELLS and len(content) >= 4:
            last = _further(last, *struct.unpack_from("<HH", content))
    check_area(last, str(number), limits, "too_many_cells_binary")


def _globals(stream: bytes) -> set[int]:
    """Kinds of the records before the first sheet."""
    return {kind for kind, _ in takewhile(lambda record: record[0] != _END, _records(stream))}


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
    compound = Compound(data)
    for entry in compound.entries:
        if entry.is_stream and entry.name.casefold() in _STREAMS:
            yield compound.stream(entry)
