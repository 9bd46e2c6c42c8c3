"""The sheets of an old ``.xls`` as its reader finds them, measured before it makes room ([MS-XLS]).

The reader takes the first stream of a known name, wherever in the file it lies, believes what the
header says of tables, and reads each sheet from the place that the list of sheets gives.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from consolidate.intake.gate import Limits, Refused
from consolidate.intake.workbook.compound import Compound, Entry
from consolidate.intake.workbook.room import Room

_NAMES = ("Workbook", "Book", "WORKBOOK", "BOOK")
_CUTOFF = 4096
_MOST_SMALL = 1_000
"""Sectors that the table of small streams may have: 8 MB of them."""
_BEGIN, _END, _SHEET, _DIMENSIONS, _MANY = 0x0809, 0x000A, 0x0085, 0x0200, 0x00BD
_CELLS = frozenset({0x06, 0xD6, 0xFD, 0x203, 0x204, 0x205, 0x27E})
"""Records that hold one filled cell and begin with its row and column."""


def measure_old(data: bytes, limits: Limits) -> None:
    """Take the room for every sheet of an ``.xls``.

    Raises:
        Refused: the file contradicts itself, or its sheets need more room than there is.
    """
    try:
        _check_header(data)
        compound = Compound(data)
        stream = compound.stream(_book(compound))
        room = Room(limits, "too_many_cells_binary")
        for name, place in _sheets(stream):
            room.take(_last(stream, place), name)
    except (struct.error, ValueError):
        raise Refused("damaged", unreadable=True) from None


def _check_header(data: bytes) -> None:
    (table,) = struct.unpack_from("<I", data, 44)
    (cutoff,) = struct.unpack_from("<I", data, 56)
    (small,) = struct.unpack_from("<I", data, 64)
    if cutoff != _CUTOFF or table > len(data) // 512 or small > _MOST_SMALL:
        raise ValueError("sizes of tables")


def _book(compound: Compound) -> Entry:
    """The stream that the reader takes: the workbook itself, not one embedded in it.

    Some programs write directories in which nothing lies in the root; an only workbook is it then.
    """
    books = [entry for entry in compound.entries if entry.name in _NAMES]
    if not books:
        raise ValueError("no workbook")
    found = min(books, key=lambda entry: _NAMES.index(entry.name))
    if len(books) > 1 and not any(entry is found for entry in compound.top().values()):
        raise ValueError("a workbook inside a workbook comes first")
    return found


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size


def _sheets(stream: bytes) -> Iterator[tuple[str, int]]:
    """Name and place in the stream of each sheet."""
    for kind, content in _records(stream, 0):
        if kind == _END:
            break
        if kind == _SHEET:
            (place,) = struct.unpack_from("<I", content)
            wide = len(content) > 7 and content[7] & 1
            name = content[8:].decode("utf-16-le" if wide else "latin-1", "replace")
            yield name, place


def _last(stream: bytes, place: int) -> tuple[int, int]:
    """Where the cells of the sheet at this place end, or would end as it says itself."""
    last_row = last_column = -1
    depth = 0
    for kind, content in _records(stream, place):
        if kind == _BEGIN:
            depth += 1
        elif kind == _END:
            depth -= 1
            if depth <= 0:
                break
        elif depth > 1:
            continue  # A chart inside the sheet: its cells are not those of the sheet.
        elif kind == _DIMENSIONS:
            row, column = _size(content)
            last_row, last_column = max(last_row, row), max(last_column, column)
        elif kind in _CELLS or kind == _MANY:
            row, column = struct.unpack_from("<HH", content)
            if kind == _MANY:
                column = max(column, *struct.unpack_from("<H", content, len(content) - 2))
            last_row, last_column = max(last_row, row), max(last_column, column)
    return last_row, last_column


def _size(content: bytes) -> tuple[int, int]:
    """The last cell of a sheet as the sheet says; one that ends before it begins is damaged."""
    if len(content) == 14:
        first_row, rows, _, columns = struct.unpack_from("<IIHH", content)
    else:
        first_row, rows, _, columns = struct.unpack_from("<HHHH", content)
    if not rows or not columns:
        return -1, -1
    if rows < first_row:
        raise ValueError("dimensions")
    return rows - 1, columns - 1
