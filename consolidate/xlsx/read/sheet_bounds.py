"""Measure how far the cells of a sheet reach before a reader makes room for them.

python-calamine holds a sheet as one full rectangle, so a single cell in the last corner asks for
more memory than any computer has and ends the process. Sheets that are not written in the plain way
of every office program are therefore walked first.

A stray character in A1048576 makes a sheet larger than any computer can hold, though the form in
its corner is sound. Such a cell is cut out by its bytes and listed; the bytes of all others stay.

The sheets of an .xlsb are measured by their records ([MS-XLSB] 2.1.4).
"""

from __future__ import annotations

import re
import struct
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from consolidate.xlsx.read.package_gate import Limits, Refused
from consolidate.xlsx.read.relations import relationships, text_of
from consolidate.xlsx.read.xml import BadXml, walk, walker

_NOT_NEAR = re.compile(rb"<c(?![A-Za-z])(?! r=\"[A-Z][0-9]{1,4}\"[ />])")
_NOT_ADDRESSED = re.compile(rb"<c(?![A-Za-z])(?! r=\"[A-Z]{1,3}[0-9]{1,7}\"[ />])")
_CELL = rb'<c r="[A-Z]{1,3}[0-9]{1,7}"(?: s="[0-9]{1,6}")? ?/>'
_EMPTY = re.compile(rb'<row r="[0-9]{1,7}"[^<>]*+(?:(?<=/)>|>(?:%b)*+</row>)|%b' % (_CELL, _CELL))
"""Rows and cells that carry a format and nothing else."""
_CUTS = ((False, True), (True, False), (True, True))
"""What to cut, the least first: beyond the last column, below the last row, both."""
_ADDRESS = re.compile(r"([A-Za-z]{1,9})([0-9]{1,10})")


def is_plain(xml: bytes) -> bool:
    """Whether every cell says in the usual words where it is, and none is far from the corner.

    A document type, a comment or a tag with a prefix is not usual.
    """
    return not (b"<!" in xml or b":c" in xml or _NOT_NEAR.search(xml))


class SheetWalk:
    """One pass over the XML of a sheet. After it ``errors`` and ``no_value`` hold zero-based cells.

    ``far`` are the filled cells beyond ``Limits.far_row`` or ``Limits.far_column``, in the order of
    the bytes: row, column, and where the bytes begin and end that they take. ``far_count`` is their
    number; no more are kept than may be cut.

    Raises:
        Refused: the XML is damaged or hostile.
    """

    def __init__(self, xml: bytes, limits: Limits) -> None:
        self.errors: set[tuple[int, int]] = set()
        self.no_value: set[tuple[int, int]] = set()
        self.far: list[tuple[int, int, int, int]] = []
        self.far_count = 0
        self._limits = limits
        self._lasts = {(a, b): (-1, -1) for a in (False, True) for b in (False, True)}
        self._row, self._column = -1, -1
        self._type = ""
        self._formula = self._filled = self._inside = False
        self._start_byte = -1
        self._open: tuple[int, int, int] | None = None
        self._parser = walker(self._start, self._end, self._text)
        try:
            walk(self._parser, xml)
        except BadXml:
            raise Refused("damaged", unreadable=True) from None

    def last(self, *, rows: bool, columns: bool) -> tuple[int, int]:
        """Return the furthest row and column of filled cells once far rows, far columns are cut."""
        kept = [
            last
            for (far_row, far_column), last in self._lasts.items()
            if not (rows and far_row) and not (columns and far_column)
        ]
        return max(row for row, _ in kept), max(column for _, column in kept)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if self._open is not None:
            self._close()
        match tag.rpartition(":")[2]:
            case "row":
                given = attributes.get("r", "")
                self._row = int(given) - 1 if given else self._row + 1
                self._column = -1
            case "c":
                self._column += 1
                if "r" in attributes:
                    self._row, self._column = _position(attributes["r"])
                self._type = attributes.get("t", "")
                self._formula = self._filled = False
                if self._row >= self._limits.far_row or self._column >= self._limits.far_column:
                    self._start_byte = self._parser.CurrentByteIndex
                if self._type == "e":
                    self._filled = True
                    self._reach()
            case "f":
                self._formula = True
            case "v" | "t":
                self._inside = True

    def _text(self, data: str) -> None:
        if self._inside and data and not self._filled:
            self._filled = True
            self._reach()

    def _end(self, tag: str) -> None:
        if self._open is not None:
            self._close()
        match tag.rpartition(":")[2]:
            case "v" | "t":
                self._inside = False
            case "c":
                self._end_cell()

    def _end_cell(self) -> None:
        if self._type == "e":
            self.errors.add((self._row, self._column))
        elif self._formula and not self._filled:
            self.no_value.add((self._row, self._column))
        if self._start_byte >= 0:
            if self._filled:
                self.far_count += 1
                if self.far_count <= self._limits.far_cells:
                    self._open = self._row, self._column, self._start_byte
            self._start_byte = -1

    def _close(self) -> None:
        """The next tag begins: all that lies between is the far cell and the blanks after it."""
        assert self._open is not None
        self.far.append((*self._open, self._parser.CurrentByteIndex))
        self._open = None

    def _reach(self) -> None:
        far = (self._row >= self._limits.far_row, self._column >= self._limits.far_column)
        last = self._lasts[far]
        self._lasts[far] = (max(last[0], self._row), max(last[1], self._column))


def fits(last: tuple[int, int], limits: Limits) -> bool:
    """Tell whether a sheet whose filled cells end at ``last`` (zero-based) can be held."""
    return (last[0] + 1) * (last[1] + 1) <= limits.cells


def _position(text: str) -> tuple[int, int]:
    match = _ADDRESS.fullmatch(text)
    if match is None:
        raise Refused("damaged", unreadable=True)
    column = 0
    for letter in match.group(1).upper():
        column = column * 26 + ord(letter) - 64
    return int(match.group(2)) - 1, column - 1


@dataclass(frozen=True, slots=True)
class Pruned:
    """A sheet that can be held: its XML, its walk, and the cells that were cut, zero-based.

    ``last`` is the furthest row and column of what is left.
    """

    xml: bytes
    last: tuple[int, int]
    errors: frozenset[tuple[int, int]]
    no_value: frozenset[tuple[int, int]]
    far: tuple[tuple[int, int], ...] = ()


def without_empty(xml: bytes) -> bytes:
    """Leave out rows and cells that only carry a format, where that moves no other cell."""
    unusual = b"<!" in xml or b":c" in xml or _NOT_ADDRESSED.search(xml)
    return xml if unusual else _EMPTY.sub(b"", xml)


def prune(xml: bytes, name: str, limits: Limits) -> Pruned:
    """Cut a sheet to what may be held: a few far cells go, if they are too far away.

    Raises:
        Refused: the XML is damaged or hostile, or what is left still spans too much, or so much
            lies far away that it is no stray content.
    """
    walk = SheetWalk(xml, limits)
    errors, no_value = frozenset(walk.errors), frozenset(walk.no_value)
    last = walk.last(rows=False, columns=False)
    if fits(last, limits):
        return Pruned(xml, last, errors, no_value)
    if walk.far_count <= limits.far_cells:
        for rows, columns in _CUTS:
            last = walk.last(rows=rows, columns=columns)
            if fits(last, limits):
                far: list[tuple[int, int]] = []
                left, at = bytearray(), 0
                for row, column, start, end in walk.far:
                    below, beyond = row >= limits.far_row, column >= limits.far_column
                    if (rows and below) or (columns and beyond):
                        far.append((row, column))
                        left += xml[at:start]
                        at = end
                left += xml[at:]
                errors = errors.difference(far)
                return Pruned(bytes(left), last, errors, no_value, tuple(far))
    raise Refused("too_many_cells", unreadable=True, detail=name)


_SHEETS = 5
"""How many sheets of the largest size a workbook may have."""
_UNCOUNTED = 30
"""Plain sheets (at most 9,999 rows and 26 columns) that cannot fill the budget between them."""
_PLAIN_ROW = re.compile(rb'<c r="[A-Z]([0-9]{1,4})"')
_PLAIN_COLUMNS = 26
_STRING = re.compile(rb"<(?:[\w.-]+:)?si[\s>/]")
_VALUE = re.compile(rb"<v>([^<>&+]{1,40})</v>")


def count_values(sheet: bytes) -> int:
    """Count values of cells in the XML of a sheet; never too few."""
    return sheet.count(b"<v") + sheet.count(b":v")


class SheetBudget:
    """Count what the sheets of one workbook take; every method refuses what is too much.

    A few bytes can ask for much memory: a hundred sheets that share one part, a long text that ten
    thousand cells show, one cell that says it is repeated a million times.

    Texts are counted in bytes of the file and may take ``Limits.inflated`` in all, as if each cell
    held its own copy: that is what a reader makes of them. ``reason`` is why a workbook with too
    many cells is refused.
    """

    def __init__(self, limits: Limits, reason: str = "too_many_cells") -> None:
        self._limits = limits
        self._reason = reason
        self._cells = 0
        self._texts = 0
        self._plain = 0
        self._shown = 0

    def take(self, last: tuple[int, int], name: str) -> None:
        """Take a sheet whose filled cells end at ``last`` (zero-based).

        Raises:
            Refused: the sheet is too large, or all sheets so far are.
        """
        self._cells += (last[0] + 1) * (last[1] + 1)
        if not fits(last, self._limits) or self._cells > _SHEETS * self._limits.cells:
            raise Refused(self._reason, unreadable=True, detail=name)

    def take_plain(self, xml: bytes, name: str) -> None:
        """Take a sheet of which :func:`~consolidate.xlsx.read.sheet_bounds.is_plain` holds.

        Raises:
            Refused: all sheets so far are too large.
        """
        self._plain += 1
        if self._plain > _UNCOUNTED:
            rows = max(map(int, _PLAIN_ROW.findall(xml)), default=0)
            self.take((rows - 1, _PLAIN_COLUMNS - 1), name)

    def show(self, cells: int) -> None:
        """Note that ``cells`` more cells may show a shared text."""
        self._shown += cells

    def take_shared(self, xml: bytes, sheets: Iterable[bytes]) -> None:
        """Take the shared texts of an .xlsx, as often as the cells of its sheets show them.

        Any whole number in a cell may be that of a text: the count is never too low.

        Raises:
            Refused: the texts would take too much.
        """
        if self._shown * len(xml) <= self._limits.inflated:
            return
        starts = [match.start() for match in _STRING.finditer(xml)]
        ends = [*starts[1:], len(xml)]
        sizes = [end - start for start, end in zip(starts, ends, strict=True)]
        longest = max(sizes, default=0)
        if self._shown * longest <= self._limits.inflated:
            return
        for sheet in sheets:
            shown = Counter(_VALUE.findall(sheet))
            for value, times in shown.items():
                if value.strip().isdigit() and int(value) < len(sizes):
                    self.take_text(sizes[int(value)] * times)
            # What is written in no usual way may be the number of any text.
            self.take_text(longest * (count_values(sheet) - shown.total()))

    def take_text(self, size: int) -> None:
        """Take texts of ``size`` bytes in all.

        Raises:
            Refused: the texts so far take too much.
        """
        self._texts += size
        if self._texts > self._limits.inflated:
            detail = f"{self._texts / 1_000_000:.0f} MB"
            raise Refused("bomb", unreadable=True, detail=detail)


BINARY_BOOK = "xl/workbook.bin"
_BINARY_RELATIONS = "xl/_rels/workbook.bin.rels"
_BINARY_STRINGS = "xl/sharedstrings.bin"
_BINARY_ROW, _BINARY_CELLS = 0, range(2, 12)
"""Numbers of the records ([MS-XLSB] 2.3.2) that say a row and hold a filled cell."""
_SHARED_CELL = 7
_BINARY_SHEET, _BINARY_STRING = 0x009C, 0x0013
_NO_RELATION = 0xFFFFFFFF


def measure_binary(
    parts: Mapping[str, str], read: Callable[[str], bytes], budget: SheetBudget
) -> None:
    """Take every sheet of the workbook from the budget, as often as the workbook names it.

    ``parts`` are names of parts by their casefolded form; ``read`` gives the bytes of one.

    Raises:
        Refused: a part is damaged, or the sheets need more than the budget.
    """
    measured: dict[str, tuple[tuple[int, int], Counter[int]]] = {}
    named = list(_sheets(parts, read))
    known = {part for _, part in named}
    for part, name in parts.items():
        if part.startswith("xl/worksheets/") and part.endswith(".bin") and part not in known:
            named.append((name.rpartition("/")[2], part))
    shown: Counter[int] = Counter()
    for name, part in named:
        if part not in measured:
            measured[part] = _extent(read(parts[part]))
        last, shared = measured[part]
        budget.take(last, name)
        shown += shared
    if shown and _BINARY_STRINGS in parts:
        texts = (
            text for kind, text in records(read(parts[_BINARY_STRINGS])) if kind == _BINARY_STRING
        )
        for number, text in enumerate(texts):
            budget.take_text(len(text) * shown[number])


def _extent(data: bytes) -> tuple[tuple[int, int], Counter[int]]:
    """Where the filled cells of a sheet end (zero-based), and how often it shows each text."""
    row = last_row = last_column = -1
    shared: Counter[int] = Counter()
    for kind, content in records(data):
        if kind == _BINARY_ROW:
            row = int.from_bytes(content[:4], "little")
        elif kind in _BINARY_CELLS:
            last_row = max(last_row, row)
            last_column = max(last_column, int.from_bytes(content[:4], "little"))
            if kind == _SHARED_CELL:
                shared[int.from_bytes(content[8:12], "little")] += 1
    return (last_row, last_column), shared


def _sheets(parts: Mapping[str, str], read: Callable[[str], bytes]) -> Iterator[tuple[str, str]]:
    """Name and casefolded part of each sheet that the workbook lists."""
    targets: dict[str, str] = {}
    if _BINARY_RELATIONS in parts:
        for line in relationships(text_of(read(parts[_BINARY_RELATIONS]))):
            targets[line.id] = f"xl/{line.target}".casefold()
    for kind, content in records(read(parts[BINARY_BOOK])):
        if kind != _BINARY_SHEET:
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
