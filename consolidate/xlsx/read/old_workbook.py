"""Measure an old ``.xls`` ([MS-XLS]) before a reader makes room, and tell how its cells are seen.

The reader takes the first stream of a known name, wherever in the file it lies, believes what the
header says of tables, and reads each sheet from the place that the list of sheets gives. What the
file carries beside values is noted on the way: merged and hidden cells, text struck out, raised or
lowered, numbers shown otherwise than they are held, macros and links.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, takewhile

from consolidate.model.cells import CellRef
from consolidate.xlsx.read.cell_styles import BUILT_IN
from consolidate.xlsx.read.compound import Compound, DirectoryEntry
from consolidate.xlsx.read.crossed_out_text import Crossed, TextRun, text_left
from consolidate.xlsx.read.features import Area, Features
from consolidate.xlsx.read.package_facts import SheetFacts
from consolidate.xlsx.read.package_gate import Limits, Refused
from consolidate.xlsx.read.risks import Risk, Risks
from consolidate.xlsx.read.sheet_bounds import SheetBudget
from consolidate.xlsx.read.shown_numbers import ShownCell, of_number, shows_whole_numbers

_NAMES = ("Workbook", "Book", "WORKBOOK", "BOOK")
"""Names of the stream that the reader takes, the first one first."""
_STREAMS = frozenset({"workbook", "book"})
_CUTOFF = 4096
_MOST_SMALL = 1_000
"""Sectors that the table of small streams may have: 8 MB of them."""
_BEGIN, _END, _LOCKED, _SHEET = 0x0809, 0x000A, 0x002F, 0x0085
_DIMENSIONS, _NOTE, _BOOK_LINK = 0x0200, 0x001C, 0x01AE
_FORMULA, _NUMBER, _SHORT, _SEVERAL, _SHARED_TEXT = 0x0006, 0x0203, 0x027E, 0x00BD, 0x00FD
_TEXT_VALUES = frozenset({0x0204, 0x0205})
_CELLS = frozenset({0x00D6, _FORMULA, _NUMBER, _SHORT, _SHARED_TEXT, *_TEXT_VALUES})
"""Records that hold one filled cell and begin with its row and column, most with its format."""
_MERGED, _MOST_MERGED = 0x00E5, 10_000
_ROW, _COLUMNS, _FROM_1904 = 0x0208, 0x007D, 0x0022
_ROW_HIDDEN, _ROW_HEIGHT = 0x0020, 0x7FFF
_FLAT, _THIN = 60, 128
"""Twentieths of a point, 256ths of a figure: rows and columns below them show nothing."""
_FONT, _FORMAT, _TEXTS, _MORE, _CODE = 0x0031, 0x00E0, 0x00FC, 0x003C, 0x041E
_EXCEL_97 = b"\x00\x06"
"""Version of the first record: before it the records of formats are others."""
_STRUCK = 0x0008
_NO_FONT = 4
"""The number that no font has: the fifth is called 5."""
_MACRO_SHEET = 1
_OWN_BOOK = (b"\x01\x04", b"\x01\x3a")
"""Marks in place of a name in the record of a link to the workbook itself, to functions."""
_MACROS = ("_vba_project", "vba")
_OBJECT = re.compile(r"MBD[0-9A-F]{8}")

Record = tuple[int, bytes]
Font = tuple[bool, bool]
"""Whether it is struck out, and whether it is raised or lowered."""


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
        return any(kind == _LOCKED for stream in list(streams) for kind, _ in _globals(stream))
    except ValueError:
        return False


def _workbooks(compound: Compound) -> Iterator[bytes]:
    """Every stream of a compound file that a reader may take for the workbook."""
    for entry in compound.entries:
        if entry.is_stream and entry.name.casefold() in _STREAMS:
            yield compound.stream(entry)


def _globals(stream: bytes) -> Iterator[Record]:
    """The records before the first sheet."""
    return takewhile(lambda record: record[0] != _END, _records(stream, 0))


def _risks(compound: Compound) -> tuple[Risk, ...]:
    risks = Risks()
    for entry in compound.entries:
        if entry.name.casefold().startswith(_MACROS):
            risks.add("has_macros", entry.name)
        elif _OBJECT.fullmatch(entry.name):
            risks.add("has_objects", entry.name)
    for stream in _workbooks(compound):
        for kind, content in _records(stream, 0):
            _note(risks, kind, content)
    return risks.listed()


def _facts(stream: bytes) -> Mapping[str, SheetFacts]:
    """What changes how a person sees the cells of the sheets; none where that cannot be told."""
    before = list(_globals(stream))
    late = (_FROM_1904, b"\x01\x00") in before
    try:
        formats = _Formats(before)
        return {
            name: _sheet_facts(list(_of_sheet(stream, at)), formats, late)
            for name, at in _sheets(stream)
        }
    except (struct.error, IndexError, ValueError):
        return {}  # The reader of the values says whether they are damaged.


def _sheet_facts(records: Sequence[Record], formats: _Formats, late: bool) -> SheetFacts:
    """Merged, hidden, struck cells and numbers shown otherwise; ``late``: days count from 1904."""
    areas: list[Area] = []
    rows: set[int] = set()
    columns: set[int] = set()
    struck: set[tuple[int, int]] = set()
    left: dict[tuple[int, int], str] = {}
    shown: dict[tuple[int, int], ShownCell] = {}
    crosses = bool(formats.struck or formats.texts)
    for kind, content in records:
        if kind == _MERGED:
            areas += (
                (top, left_column, bottom, right)
                for top, bottom, left_column, right in struct.iter_unpack("<4H", content[2:])
            )
        elif kind == _ROW:
            row, height, options = struct.unpack_from("<H4xH4xH", content)
            if options & _ROW_HIDDEN or 0 < height & _ROW_HEIGHT < _FLAT:
                rows.add(row)
        elif kind == _COLUMNS:
            start, last, width, _, options = struct.unpack_from("<5H", content)
            if options & 1 or width < _THIN:
                columns.update(range(start, min(last, 255) + 1))
        elif kind == _SHARED_TEXT and crosses:
            row, column, form, number = struct.unpack_from("<HHHI", content)
            runs = formats.texts.get(number, ())
            kept = _whole(text_left(runs, struck=form in formats.struck))
            full = _whole("".join(run.text for run in runs)).strip()
            if kept and kept != full:
                left[row, column] = kept
            elif not kept and (full or form in formats.struck):
                struck.add((row, column))
        elif kind not in _TEXT_VALUES or crosses:
            for row, column, form, value in _values(kind, content):
                if form in formats.struck:
                    struck.add((row, column))
                code = formats.codes[form] if form < len(formats.codes) else ""
                if value is None or (
                    value.is_integer() and (not code or shows_whole_numbers(code))
                ):
                    continue
                seen = of_number(code, value)
                if seen is not None:
                    shown[row, column] = seen
    return SheetFacts(
        features=Features(tuple(areas[:_MOST_MERGED]), frozenset(rows), frozenset(columns)),
        crossed=Crossed(frozenset(struck), left),
        shown=shown,
        from_1904=late,
    )


def _values(kind: int, content: bytes) -> Iterator[tuple[int, int, int, float | None]]:
    """Row, column, format and number (``None`` for a text) of each cell of a record."""
    if kind == _NUMBER or (kind == _FORMULA and content[12:14] != b"\xff\xff"):
        yield struct.unpack_from("<HHHd", content)
    elif kind == _SHORT:
        row, column, form, value = struct.unpack_from("<HHHI", content)
        yield row, column, form, _short(value)
    elif kind == _SEVERAL:
        row, first = struct.unpack_from("<HH", content)
        for at in range((len(content) - 6) // 6):
            form, value = struct.unpack_from("<HI", content, 4 + 6 * at)
            yield row, first + at, form, _short(value)
    elif kind == _FORMULA or kind in _TEXT_VALUES:
        yield *struct.unpack_from("<HHH", content), None


def _short(value: int) -> float:
    """A number in four bytes: a whole one or the first half of a double, perhaps of a hundredth."""
    if value & 2:
        number = float((value >> 2) - ((value >> 31) << 30))
    else:
        (number,) = struct.unpack("<d", struct.pack("<II", 0, value & 0xFFFFFFFC))
    return number / 100 if value & 1 else number


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
    for kind, content in _globals(stream):
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
        elif kind in _CELLS or kind == _SEVERAL:
            row, column = struct.unpack_from("<HH", content)
            if kind == _SEVERAL:
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


class _Formats:
    """What an ``.xls`` says of struck, raised and lowered text and of the formats of its numbers.

    ``struck`` are the numbers of formats of cells that are struck out, ``texts`` the shared texts
    with such runs by number, ``codes`` those of numbers by the number of the format of a cell.

    Raises:
        struct.error, IndexError, ValueError: the file is damaged.
    """

    def __init__(self, records: Sequence[Record]) -> None:
        fonts: list[Font] = []
        formats: list[int] = []
        parts: list[bytes] = []
        own: dict[int, str] = {}
        numbers: list[int] = []
        present = True
        last = 0
        for kind, content in records:
            # Before Excel 97 the records of formats are others.
            present = present and (kind != _BEGIN or content[:2] == _EXCEL_97)
            if kind == _CODE and present:
                number, length, options = struct.unpack_from("<HHB", content)
                raw = content[5 : 5 + length * (1 + (options & 1))]
                own[number] = raw.decode("utf-16-le" if options & 1 else "latin-1")
            elif kind == _FONT:
                options, off_line = struct.unpack_from("<2xH4xH", content)
                fonts.append((bool(options & _STRUCK), off_line in (1, 2)))
            elif kind == _FORMAT:
                font, number = struct.unpack_from("<HH", content)
                formats.append(font)
                numbers += [number] if present else []
            elif kind == _TEXTS or (kind == _MORE and last == _TEXTS):
                parts.append(content)
                last = _TEXTS
                continue
            last = kind
        self._fonts = [*fonts[:_NO_FONT], (False, False), *fonts[_NO_FONT:]]
        struck = {at for at, font in enumerate(self._fonts) if font[0]}
        self.struck = frozenset(at for at, font in enumerate(formats) if font in struck)
        marked = any(any(font) for font in fonts)
        self.texts = self._runs(parts) if marked and parts else {}
        self.codes = [own.get(number, BUILT_IN.get(number, "")) for number in numbers]

    def _runs(self, parts: list[bytes]) -> Mapping[int, tuple[TextRun, ...]]:
        """Shared texts with such runs, by number."""
        found = {}
        for number, (text, changes) in enumerate(_shared(parts)):
            places = [0, *(place for place, _ in changes), len(text)]
            fonts = [None, *(font for _, font in changes)]
            runs = []
            for font, start, end in zip(fonts, places[:-1], places[1:], strict=True):
                struck, off_line = self._fonts[font] if font is not None else (False, False)
                runs.append(TextRun(text[start:end], struck, off_line, own=font is not None))
            if any(run.struck or run.raised for run in runs):
                found[number] = tuple(runs)
        return found


def _whole(text: str) -> str:
    """A text whose letters beyond U+FFFF are two, as one letter each."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _shared(parts: list[bytes]) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Every shared text, with the places at which another font begins."""
    (count,) = struct.unpack_from("<I", parts[0], 4)
    reader = _Reader(parts)
    reader.take(8)
    for _ in range(count):
        length, options = reader.numbers("<HB")
        (runs,) = reader.numbers("<H") if options & 0x08 else (0,)
        (more,) = reader.numbers("<I") if options & 0x04 else (0,)
        text = reader.text(length, wide=bool(options & 1))
        changes = [reader.numbers("<HH") for _ in range(runs)]
        reader.take(more)
        yield text, [(place, font) for place, font in changes]


class _Reader:
    """Bytes of a record that goes on in others; a text that is cut says anew how wide it is."""

    def __init__(self, parts: list[bytes]) -> None:
        self._parts, self._part, self._at = parts, 0, 0

    def take(self, count: int) -> bytes:
        """Take so many bytes, from as many records as they lie in."""
        taken = bytearray()
        while len(taken) < count:
            if self._at >= len(self._parts[self._part]):
                self._next()
            piece = self._parts[self._part][self._at : self._at + count - len(taken)]
            taken += piece
            self._at += len(piece)
        return bytes(taken)

    def numbers(self, form: str) -> tuple[int, ...]:
        return struct.unpack(form, self.take(struct.calcsize(form)))

    def text(self, length: int, *, wide: bool) -> str:
        made = ""
        while len(made) < length:
            if self._at >= len(self._parts[self._part]):
                self._next()
                wide = bool(self._parts[self._part][0] & 1)
                self._at = 1
            width = 2 if wide else 1
            step = min((length - len(made)) * width, len(self._parts[self._part]) - self._at)
            if step < width:
                raise ValueError("text cut inside a letter")
            raw = self._parts[self._part][self._at : self._at + step // width * width]
            # One unit of UTF-16 counts as one letter here, as the places of runs do.
            made += "".join(map(chr, memoryview(raw).cast("H"))) if wide else raw.decode("latin-1")
            self._at += len(raw)
        return made

    def _next(self) -> None:
        self._part += 1
        self._at = 0
        if self._part >= len(self._parts) or not self._parts[self._part]:
            raise ValueError("texts that end early")
