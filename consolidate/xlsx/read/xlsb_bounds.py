"""Measure the sheets of an .xlsb and how often they show a shared text ([MS-XLSB] 2.1.4)."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from consolidate.xlsx.read.bounds import SheetBudget
from consolidate.xlsx.read.gate import Refused
from consolidate.xlsx.read.relations import relationships, text_of

BOOK = "xl/workbook.bin"
_RELATIONS = "xl/_rels/workbook.bin.rels"
_STRINGS = "xl/sharedstrings.bin"
_ROW = 0
_CELLS = range(2, 12)
"""Numbers of the records ([MS-XLSB] 2.3.2) that say a row and hold a filled cell."""
_SHARED_CELL = 7
_SHEET, _STRING = 0x009C, 0x0013
_NO_RELATION = 0xFFFFFFFF


def measure_binary(
    parts: Mapping[str, str], read: Callable[[str], bytes], budget: SheetBudget
) -> None:
    """Take every sheet of the workbook from the budget, as often as the workbook names it.

    ``parts`` are names of parts by their casefolded form; ``read`` gives the bytes of one.

    Raises:
        Refused: a part is damaged, or the sheets need more than the budget.
    """
    measured: dict[str, _Extent] = {}
    named = list(_sheets(parts, read))
    known = {part for _, part in named}
    for part, name in parts.items():
        if part.startswith("xl/worksheets/") and part.endswith(".bin") and part not in known:
            named.append((name.rpartition("/")[2], part))
    shown: Counter[int] = Counter()
    for name, part in named:
        if part not in measured:
            measured[part] = _extent(read(parts[part]))
        budget.take(measured[part].last, name)
        shown += measured[part].shared
    if shown and _STRINGS in parts:
        texts = (text for kind, text in records(read(parts[_STRINGS])) if kind == _STRING)
        for number, text in enumerate(texts):
            budget.take_text(len(text) * shown[number])


@dataclass(frozen=True, slots=True)
class _Extent:
    """Where the filled cells of a sheet end (zero-based), how often it shows each text."""

    last: tuple[int, int]
    shared: Counter[int]


def _extent(data: bytes) -> _Extent:
    row = last_row = last_column = -1
    shared: Counter[int] = Counter()
    for kind, content in records(data):
        if kind == _ROW:
            row = int.from_bytes(content[:4], "little")
        elif kind in _CELLS:
            last_row = max(last_row, row)
            last_column = max(last_column, int.from_bytes(content[:4], "little"))
            if kind == _SHARED_CELL:
                shared[int.from_bytes(content[8:12], "little")] += 1
    return _Extent((last_row, last_column), shared)


def _sheets(parts: Mapping[str, str], read: Callable[[str], bytes]) -> Iterator[tuple[str, str]]:
    """Name and casefolded part of each sheet that the workbook lists."""
    targets: dict[str, str] = {}
    if _RELATIONS in parts:
        for line in relationships(text_of(read(parts[_RELATIONS]))):
            targets[line.id] = f"xl/{line.target}".casefold()
    for kind, content in records(read(parts[BOOK])):
        if kind != _SHEET:
            continue
        try:
            (length,) = struct.unpack_from("<I", content, 8)
            if length == _NO_RELATION:
                continue
            end = 12 + 2 * length
            relation = content[12:end].decode("utf-16-le")
            (letters,) = struct.unpack_from("<I", content, end)
            name = content[end + 4 : end + 4 + 2 * letters].decode("utf-16-le")
            part = targets[relation]
        except (struct.error, UnicodeDecodeError, KeyError):
            raise Refused("damaged", unreadable=True) from None
        if part in parts:
            yield name, part


def records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """List kind and content of each record of a binary part.

    Raises:
        Refused: the part is damaged.
    """
    at = 0
    while at < len(data):
        kind, at = _varint(data, at, 2)
        size, at = _varint(data, at, 4)
        yield kind, data[at : at + size]
        at += size


def _varint(data: bytes, at: int, most: int) -> tuple[int, int]:
    number = 0
    for index in range(most):
        if at >= len(data):
            raise Refused("damaged", unreadable=True)
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            break
    return number, at
