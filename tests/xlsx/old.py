"""Old ``.xls`` workbooks written by hand: a compound file with one stream of BIFF records."""

from __future__ import annotations

import struct

_SECTOR, _SMALL = 512, 64
_END, _FAT, _FREE = 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
_CUTOFF = 4096


def record(kind: int, content: bytes = b"") -> bytes:
    """One BIFF record."""
    return struct.pack("<HH", kind, len(content)) + content


def number(row: int, column: int) -> bytes:
    """The record of a cell with a number."""
    return record(0x0203, struct.pack("<HHHd", row, column, 15, 1.0))


def workbook(cells: bytes, *, padded: bool = True, beside: str = "", version: int = 8) -> bytes:
    """An .xls of one sheet; without padding its stream is kept among the small ones.

    ``beside`` is the name of an empty stream besides; ``version`` is 8, or 5 for Excel 95.
    """
    kind = {5: 0x0500, 8: 0x0600}[version]
    begin = struct.pack("<HHHHII", kind, 0x0005, 0, 0, 0, 0)
    sheet = record(0x0809, struct.pack("<HHHHII", kind, 0x0010, 0, 0, 0, 0))
    name = b"\0S" if version == 8 else b"S"
    named = struct.pack("<IBBB", 0, 0, 0, 1) + name
    top = len(record(0x0809, begin)) + len(record(0x0085, named)) + len(record(0x000A))
    named = struct.pack("<I", top) + named[4:]
    stream = record(0x0809, begin) + record(0x0085, named) + record(0x000A)
    stream += sheet + cells + record(0x000A)
    stream = stream.ljust(_CUTOFF, b"\0") if padded else stream
    return compound(stream, beside, "Workbook" if version == 8 else "Book")


def compound(stream: bytes, beside: str = "", name: str = "Workbook") -> bytes:
    """A compound file with this stream as its workbook, and an empty one of another name."""
    small = len(stream) < _CUTOFF
    count = -(-len(stream) // _SECTOR)
    # Sectors: allocation table, directory, table of small streams, then the stream itself.
    chain = [_FAT, _END, _END, *range(4, 3 + count), _END]
    fat = struct.pack(f"<{len(chain)}I", *chain).ljust(_SECTOR, b"\xff")
    pieces = -(-len(stream) // _SMALL)
    little = [*range(1, pieces), _END] if small else []
    small_fat = struct.pack(f"<{len(little)}I", *little).ljust(_SECTOR, b"\xff")
    root = _entry("Root Entry", 5, 3 if small else _END, len(stream) if small else 0, child=1)
    directory = root + _entry(name, 2, 0 if small else 3, len(stream))
    if beside:
        directory += _entry(beside, 2, _END, 0)
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
        + bytes(6)
        + struct.pack("<IIIIIIIII", 0, 1, 1, 0, _CUTOFF, 2 if small else _END, int(small), _END, 0)
        + struct.pack("<I", 0)
        + struct.pack("<108I", *[_FREE] * 108)
    )
    content = stream.ljust(count * _SECTOR, b"\0")
    return header + fat + directory.ljust(_SECTOR, b"\0") + small_fat + content


def _entry(name: str, kind: int, start: int, size: int, child: int = _FREE) -> bytes:
    coded = name.encode("utf-16-le") + b"\0\0"
    return (
        coded.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(coded), kind, 1, _FREE, _FREE, child)
        + bytes(36)
        + struct.pack("<III", start, size, 0)
    )
