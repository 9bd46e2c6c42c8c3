"""Measure how far the cells of an old ``.xls`` ([MS-XLS]) reach before a reader makes room.

The reader takes the first stream of a known name, wherever in the file it lies, believes what the
header says of tables, and reads each sheet from the place that the list of sheets gives. What the
file carries beside values is noted on the way.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from itertools import islice, takewhile

from consolidate.model.cells import CellRef
from consolidate.xlsx.read.bounds import SheetBudget
from consolidate.xlsx.read.compound import Compound, DirectoryEntry
from consolidate.xlsx.read.features import Area, Features
from consolidate.xlsx.read.gate import Limits, Refused
from consolidate.xlsx.read.package_facts import SheetFacts
from consolidate.xlsx.read.risks import Risk, Risks
from consolidate.xlsx.read.xls_formats import OldFormats

_NAMES = ("Workbook", "Book", "WORKBOOK", "BOOK")
"""Names of the stream that the reader takes, the first one first."""
_STREAMS = frozenset({"workbook", "book"})
_CUTOFF = 4096
_MOST_SMALL = 1_000
"""Sectors that the table of small streams may have: 8 MB of them."""
_BEGIN, _END, _LOCKED, _SHEET = 0x0809, 0x000A, 0x002F, 0x0085
_DIMENSIONS, _MANY, _NOTE, _BOOK_LINK = 0x0200, 0x00BD, 0x001C, 0x01AE
_CELLS = frozenset({0x06, 0xD6, 0xFD, 0x203, 0x204, 0x205, 0x27E})
"""Records that hold one filled cell and begin with its row and column."""
_MERGED, _MOST_MERGED = 0x00E5, 10_000
_ROW, _COLUMNS, _FROM_1904 = 0x0208, 0x007D, 0x0022
_ROW_HIDDEN, _ROW_HEIGHT = 0x0020, 0x7FFF
_FLAT, _THIN = 60, 128
"""Twentieths of a point, 256ths of a figure: rows and columns below them show nothing."""
_NOTED = frozenset({_SHEET, _NOTE, _BOOK_LINK})
_MACRO_SHEET = 1
_OWN_BOOK = (b"\x01\x04", b"\x01\x3a")
"""Marks in place of a name in the record of a link to the workbook itself, to functions."""
_MACROS = ("_vba_project", "vba")
_OBJECT = re.compile(r"MBD[0-9A-F]{8}")


def check_old_workbook(
    data: bytes, limits: Limits
) -> tuple[tuple[Risk, ...], Mapping[str, SheetFacts]]:
    """Refuse an ``.xls`` with a sheet that spans more cells than may be read.

    Else its risks, and by the name of their sheet what changes how a person sees its cells.

    Raises:
        Refused: the file is damaged or encrypted, or the cells of a sheet span too large a
            rectangle.
    """
    try:
        compound = Compound(data)
        if is_encrypted_workbook(compound):
            raise Refused("encrypted", unreadable=True)
        _check_header(data)
        stream = compound.stream(_book(compound))
        budget = SheetBudget(limits, "too_many_cells_binary")
        for name, place in _sheets(stream):
            budget.take(_last(stream, place), name)
        return _risks(compound), _facts(stream)
    except (struct.error, IndexError, ValueError):
        raise Refused("damaged", unreadable=True) from None


def is_encrypted_workbook(compound: Compound) -> bool:
    """Tell whether the bytes are an ``.xls`` with encrypted cells."""
    try:
        streams = islice(_workbooks(compound), len(_STREAMS))
        return any(_LOCKED in _globals(stream) for stream in list(streams))
    except ValueError:
        return False


def _workbooks(compound: Compound) -> Iterator[bytes]:
    """Every stream of a compound file that a reader may take for the workbook."""
    for entry in compound.entries:
        if entry.is_stream and entry.name.casefold() in _STREAMS:
            yield compound.stream(entry)


def _globals(stream: bytes) -> set[int]:
    """Kinds of the records before the first sheet."""
    return {kind for kind, _ in takewhile(lambda record: record[0] != _END, _records(stream, 0))}


def _risks(compound: Compound) -> tuple[Risk, ...]:
    risks = Risks()
    for entry in compound.entries:
        if entry.name.casefold().startswith(_MACROS):
            risks.add("has_macros", entry.name)
        elif _OBJECT.fullmatch(entry.name):
            risks.add("has_objects", entry.name)
    for stream in _workbooks(compound):
        for kind, content in _records(stream, 0):
            if kind in _NOTED:
                _note(risks, kind, content)
    return risks.listed()


def _facts(stream: bytes) -> Mapping[str, SheetFacts]:
    """What changes how a person sees the cells of the sheets; none where that cannot be told."""
    before = list(takewhile(lambda record: record[0] != _END, _records(stream, 0)))
    try:
        formats = OldFormats(before)
        found = {}
        for name, at in _sheets(stream):
            records = list(_of_sheet(stream, at))
            found[name] = SheetFacts(
                features=_features(records),
                crossed=formats.crossed(records),
                shown=formats.shown(records),
                from_1904=(_FROM_1904, b"\x01\x00") in before,
            )
    except (struct.error, IndexError, ValueError):
        return {}  # The reader of the values says whether they are damaged.
    return found


def _features(records: list[tuple[int, bytes]]) -> Features:
    """Merged areas, hidden rows and columns of a sheet."""
    areas: list[Area] = []
    rows: set[int] = set()
    columns: set[int] = set()
    for kind, content in records:
        if kind == _MERGED:
            areas += (
                (top, left, bottom, right)
                for top, bottom, left, right in struct.iter_unpack("<4H", content[2:])
            )
        elif kind == _ROW:
            row, height, options = struct.unpack_from("<H4xH4xH", content)
            if options & _ROW_HIDDEN or 0 < height & _ROW_HEIGHT < _FLAT:
                rows.add(row)
        elif kind == _COLUMNS:
            first, last, width, _, options = struct.unpack_from("<5H", content)
            if options & 1 or width < _THIN:
                columns.update(range(first, min(last, 255) + 1))
    return Features(tuple(areas[:_MOST_MERGED]), frozenset(rows), frozenset(columns))


def _of_sheet(stream: bytes, place: int) -> Iterator[tuple[int, bytes]]:
    """The records of the sheet at this place, those of charts inside it left out."""
    depth = 0
    for kind, content in _records(stream, place):
        if kind == _BEGIN:
            depth += 1
        elif kind == _END:
            depth -= 1
            if depth <= 0:
                break
        elif depth <= 1:
            yield kind, content


def _note(risks: Risks, kind: int, content: bytes) -> None:
    """Note a sheet of macros, a comment, a link to another workbook or program."""
    if kind == _SHEET and content[5:6] == bytes([_MACRO_SHEET]):
        risks.add("has_macros", "Excel 4.0")
    elif kind == _NOTE and len(content) >= 4:
        row, column = struct.unpack_from("<HH", content)
        risks.add("has_comments", CellRef("", row, column).a1)
    elif kind == _BOOK_LINK and content[2:4] not in _OWN_BOOK and len(content) > 5:
        coding = "utf-16-le" if content[4] & 1 else "latin-1"
        target = content[5:].decode(coding, "replace")
        shown = "".join(letter if letter.isprintable() else "/" for letter in target[:200])
        risks.add("has_dde" if "\3" in target else "has_links", shown.strip("/"))


def _check_header(data: bytes) -> None:
    (table,) = struct.unpack_from("<I", data, 44)
    (cutoff,) = struct.unpack_from("<I", data, 56)
    (small,) = struct.unpack_from("<I", data, 64)
    if cutoff != _CUTOFF or table > len(data) // 512 or small > _MOST_SMALL:
        raise ValueError("sizes of tables")


def _book(compound: Compound) -> DirectoryEntry:
    """The stream that the reader takes: the workbook itself, not one embedded in it.

    Some programs write directories in which nothing lies in the root; an only workbook is it then.
    """
    books = [entry for entry in compound.entries if entry.name in _NAMES]
    if not books:
        raise ValueError("no workbook")
    found = min(books, key=lambda entry: _NAMES.index(entry.name))
    if len(books) > 1 and not any(entry is found for entry in compound.top.values()):
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
    for kind, content in _of_sheet(stream, place):
        if kind == _DIMENSIONS:
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
