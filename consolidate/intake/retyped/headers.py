"""Find the header of a retyped table, tell its columns by their words, and match rows under it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice, pairwise
from typing import TypeGuard

from consolidate.intake.retyped.figure_columns import figure_codes, speaks, without_period
from consolidate.intake.retyped.labels import (
    ALONE,
    MARGIN,
    OfficialTexts,
    alike,
    alone,
    by_marks,
    heading_score,
    numbered,
    scores,
    split_number,
    whole,
)
from consolidate.intake.typed_text.units_of_measure import is_other_measure
from consolidate.model.anchors import CODE_ROW, LABEL_COLUMN, NUMBER_COLUMN
from consolidate.model.cells import Cell, CellRef, raw_text
from consolidate.model.datasets import VALUE_COLUMN, DataSet, Shape
from consolidate.model.returns import Anomaly
from consolidate.model.text import name_key, tidy
from consolidate.xlsx.read.grid import Grid

ROWS, COLUMNS = 2_000, 64
"""Rows and columns of a sheet in which a retyped table is looked for."""
_LONGEST = 200
"""Characters of the longest header cell."""
_HEIGHT = 4
"""Rows that a header spans at most."""
NUMBER, LABEL, UNIT = "#number", "#label", "#unit"
HEADER_ROW = "#header"
"""Row code under which a located table says where its header begins."""
_GROUP = "#group "
_ALIASES = {
    NUMBER: ("STT", "TT", "MS", "Mã số", "Số TT", "Số thứ tự"),
    LABEL: ("Nội dung", "Tiêu chí", "Chỉ tiêu", "Tên chỉ tiêu", "Nội dung chỉ tiêu"),
    UNIT: ("ĐVT", "Đơn vị tính", "ĐV tính"),
}
_NUMBERED_BY = ("ms", "mã số")
"""What stands in front of the numbers of the columns (Biểu 03/PCTN of 06/2025/TT-TTCP)."""
_COLUMN_NUMBER = re.compile(r"\(?([A-Za-zĐđ]|\d{1,2})\)?")
_TAIL = re.compile(r"\s*\((?P<inside>[^()]*)\)\s*$")
_MEASURE = re.compile(r"(?:đơn vị tính|đv tính|đvt)\s*[:：]\s*(?P<unit>[^,;()\n]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Header:
    """Rows and columns of a header. ``columns`` maps codes of value columns (of a fixed table) or
    of elements (of an open one) to indexes; several codes share one when only the heading of
    their group was typed. ``twice`` are codes that several columns claim; ``units`` are units of
    measure written in a header cell. ``cells`` are the headings of each code; ``telling`` are
    columns of a fixed table with a heading that speaks of periods or kinds of figures.
    """

    top: int
    bottom: int
    columns: Mapping[str, int]
    marks: Mapping[str, int]
    twice: Mapping[str, tuple[int, ...]]
    units: Mapping[int, str]
    cells: Mapping[str, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    telling: frozenset[int] = frozenset()


@lru_cache(maxsize=64)
def _vocabulary(data_set: DataSet) -> Mapping[tuple[str, ...], OfficialTexts]:
    """Headers and their codes."""
    layout = data_set.layout
    said: list[tuple[str, str]] = [
        (NUMBER, layout.number_header),
        (LABEL, layout.label_header),
        (UNIT, layout.unit_header),
    ]
    fixed = data_set.shape is Shape.FIXED
    for item in data_set.columns if fixed else data_set.elements:
        said.append((item.code, item.label))
        if item.group:
            said.append((_GROUP + item.group, item.group))
    known = {name_key(words) for _, words in said}
    for code, aliases in _ALIASES.items():
        said += [(code, alias) for alias in aliases if name_key(alias) not in known]
    return by_marks((code, whole(words)) for code, words in said if words)


@lru_cache(maxsize=8192)
def _recognise(data_set: DataSet, text: str) -> tuple[str, str]:
    """Code of a header cell and the unit of measure written in it, each ``""`` when none."""
    code = _closest(data_set, text)
    if not code and figure_codes(data_set) and speaks(text):
        code = _closest(data_set, without_period(text))
    if code:
        return code, ""
    tail = _TAIL.search(text)
    if tail is None:
        return "", ""
    inside = tidy(tail.group("inside"))
    measure = _MEASURE.match(inside)
    unit = tidy(measure.group("unit")) if measure is not None else inside
    if len(inside) <= 2 and inside.isalnum():
        unit = ""
    elif not _is_unit(data_set, unit):
        return "", ""
    return _closest(data_set, text[: tail.start()]), unit


def _closest(data_set: DataSet, text: str) -> str:
    best = alike(_vocabulary(data_set), whole(text), ALONE - MARGIN)
    first, second = (*best.values(), 0.0, 0.0)[:2]
    return next(iter(best)) if first >= ALONE and first - second >= MARGIN else ""


def _is_unit(data_set: DataSet, words: str) -> bool:
    if is_other_measure(words.casefold()):
        return True
    return bool(words) and name_key(words) in {name_key(e.unit) for e in data_set.elements}


def measure_line(text: str) -> str:
    """Return the unit of a line such as ``Đơn vị tính: Nghìn đồng``, ``""`` when it says none."""
    match = _MEASURE.search(tidy(text))
    return match.group("unit").strip() if match is not None else ""


@lru_cache(maxsize=8)
def _all_headers(forms: tuple[DataSet, ...]) -> Mapping[tuple[str, ...], list[str]]:
    """Headers of several forms, each once, by their marks."""
    known: dict[tuple[str, ...], dict[str, None]] = {}
    for data_set in forms:
        for marks, headers in _vocabulary(data_set).items():
            known.setdefault(marks, {}).update(dict.fromkeys(headers.keys))
    return {marks: list(keys) for marks, keys in known.items()}


@lru_cache(maxsize=16_384)
def _is_header(forms: tuple[DataSet, ...], text: str) -> bool:
    from rapidfuzz import fuzz, process  # Few texts need it: not at the start.

    tail = _TAIL.search(text)
    for part in (text,) if tail is None else (text, text[: tail.start()]):
        typed = whole(part)
        keys = _all_headers(forms).get(typed.marks)
        if keys and typed.key and process.extractOne(
            typed.key, keys, scorer=fuzz.ratio, score_cutoff=ALONE
        ):  # fmt: skip
            return True
    return False


def header_rows(grid: Grid, forms: tuple[DataSet, ...]) -> tuple[int, ...]:
    """List rows of a sheet in which a cell may be a header of one of several forms.

    Asked once for all forms: a foreign workbook has many texts and hardly any header.
    """
    return tuple(
        index
        for index, row in enumerate(islice(grid.rows, ROWS))
        if any(_is_header(forms, cell) for cell in row[:COLUMNS] if _is_short(cell))
    )


def _is_short(cell: Cell) -> TypeGuard[str]:
    """Whether a cell holds a text that may be a header."""
    return isinstance(cell, str) and 0 < len(cell) <= _LONGEST and not cell.isspace()


def find_headers(grid: Grid, data_set: DataSet, among: Sequence[int]) -> list[tuple[Header, int]]:
    """Find the headers of a data set from the top down, each with the end of what stands under it.

    ``among`` are the only rows (:func:`header_rows`); the end is exclusive.
    """
    found: list[Header] = []
    rows: dict[int, dict[int, tuple[str, str]]] = {}
    for index in among:
        cells = {
            column: _recognise(data_set, cell)
            for column, cell in enumerate(grid.rows[index][:COLUMNS])
            if _is_short(cell)
        }
        if any(code for code, _ in cells.values()):
            rows[index] = cells
    for top in rows:
        if found and top <= found[-1].bottom:
            continue
        header = _block(data_set, grid, rows, top)
        if header is not None:
            found.append(header)
    ends = [*(header.top for header in found), min(len(grid.rows), ROWS)]
    return list(zip(found, ends[1:], strict=True))


def _block(
    data_set: DataSet, grid: Grid, rows: Mapping[int, Mapping[int, tuple[str, str]]], top: int
) -> Header | None:
    """The header that begins in a row; ``None`` when too little of the form's own is there."""
    lines = [rows[top]]
    telling = _telling(data_set, grid, top, lines)
    blank = 0
    for index in range(top + 1, min(top + _HEIGHT, len(grid.rows))):
        line = rows.get(index, {})
        more = _telling(data_set, grid, index, [*lines, line])
        known = {column for column, (code, _) in line.items() if code} | more
        filled = sum(1 for cell in grid.rows[index] if cell != "")
        if not filled:
            blank += 1
            continue
        if 2 * len(known) < filled:
            break
        lines += [*({} for _ in range(blank)), line]
        blank = 0
        telling |= more
    places: dict[str, dict[int, None]] = {}
    units: dict[int, str] = {}
    cells: dict[str, list[tuple[int, int]]] = {}
    for row, line in enumerate(lines, top):
        for column, (code, unit) in line.items():
            if code:
                places.setdefault(code, {})[column] = None
                cells.setdefault(code, []).append((row, column))
                if unit:
                    units[column] = unit
    _share_groups(data_set, places)
    columns = {
        code: next(iter(at))
        for code, at in places.items()
        if len(at) == 1 and not code.startswith("#")
    }
    twice = {
        code: tuple(at) for code, at in places.items() if len(at) > 1 and not code.startswith("#")
    }
    marks = {code: next(iter(at)) for code, at in places.items() if code in _ALIASES}
    codes = {*columns, *twice}
    if telling and len(data_set.columns) == 1:
        codes.add(data_set.columns[0].code)  # Nothing may stand there but "Kỳ trước | Kỳ này".
    if not _enough(data_set, codes, len(marks)):
        return None
    held = {code: tuple(found) for code, found in cells.items()}
    return Header(top, top + len(lines) - 1, columns, marks, twice, units, held, frozenset(telling))


def _telling(
    data_set: DataSet, grid: Grid, row: int, lines: Sequence[Mapping[int, tuple[str, str]]]
) -> set[int]:
    """Columns of a row with a heading that speaks of periods; none beside a label or number."""
    figures = figure_codes(data_set)
    words = {
        at
        for line in lines
        for at, (code, _) in line.items()
        if code and code not in figures and not code.startswith(_GROUP)
    }
    found = set()
    for column, cell in enumerate(grid.rows[row][:COLUMNS] if figures else ()):
        if cell == "" or (isinstance(cell, str) and not _is_short(cell)):
            continue
        if column in words:
            if column not in lines[-1]:
                return set()
        elif speaks(raw_text(cell)):
            found.add(column)
    return found


def _share_groups(data_set: DataSet, places: dict[str, dict[int, None]]) -> None:
    """A group of an open table of which only the heading was typed: one column for all of it."""
    if data_set.shape is Shape.FIXED:
        return
    for code in [code for code in places if code.startswith(_GROUP)]:
        members = [e.code for e in data_set.elements if _GROUP + e.group == code]
        if len(places[code]) == 1 and not any(member in places for member in members):
            for member in members:
                places[member] = dict(places[code])


def _enough(data_set: DataSet, codes: set[str], marks: int) -> bool:
    """Whether a header is the form's own.

    Of a fixed table one column of figures (of texts in a report in words) and one more header
    cell: its rows say the rest. Of an open table, which has nothing but its header: two thirds of
    the columns, the required ones and those that tell the rows apart among them.
    """
    if data_set.shape is Shape.FIXED:
        figures = [c.code for c in data_set.columns if c.type is None or c.type.numeric]
        if data_set.narrative:
            figures = [c.code for c in data_set.columns]
        return any(code in codes for code in figures) and len(codes) + marks >= 2
    needed = {e.code for e in data_set.elements if e.required} | set(data_set.key_elements)
    return needed <= codes and 3 * len(codes) >= 2 * len(data_set.elements)


def has_codes(grid: Grid) -> bool:
    """Tell whether the first row of a sheet holds the hidden codes of a template."""
    codes = {cell for cell in (grid.rows[CODE_ROW] if grid.rows else []) if isinstance(cell, str)}
    return NUMBER_COLUMN in codes or {LABEL_COLUMN, VALUE_COLUMN} <= codes


def corner(grid: Grid, header: Header) -> CellRef:
    """Return the first filled cell of a header, where findings about the whole table point."""
    return CellRef(grid.name, *header_cells(grid, header)[0])


def no_column(data_set: DataSet, grid: Grid, header: Header, label: str, code: str) -> Anomaly:
    """Note a column that is not there, or that several columns claim."""
    if code in header.twice:
        cells = tuple(CellRef(grid.name, header.bottom, at) for at in header.twice[code])
        return Anomaly("retyped_column_twice", data_set.code, "", cells, label)
    return Anomaly("column_missing", data_set.code, "", (corner(grid, header),), label)


def header_cells(grid: Grid, header: Header) -> Sequence[tuple[int, int]]:
    """List zero-based addresses of the filled cells of a header, in reading order."""
    return [
        (row, column)
        for row in range(header.top, header.bottom + 1)
        for column, cell in enumerate(grid.rows[row][:COLUMNS])
        if cell != ""
    ]


def numbers_columns(row: list[Cell]) -> bool:
    """Tell whether a row only numbers the columns: (1), (2), (3) … or A, B, 1, 2 … or MS, 1, 2 …"""
    shown = [tidy(raw_text(cell)) for cell in row if cell != ""]
    if shown and shown[0].casefold() in _NUMBERED_BY:
        shown = shown[1:]
    matches = [_COLUMN_NUMBER.fullmatch(text) for text in shown]
    marks = [match.group(1) for match in matches if match is not None]
    if len(marks) < 3 or len(marks) < len(shown):
        return False
    numbers = [int(mark) for mark in marks if mark.isdigit()]
    return len(numbers) >= 2 and all(b == a + 1 for a, b in pairwise(numbers))


_OUTLINE = re.compile(r"^\(?(?:[IVX]+|\d{1,2}|[a-zđ])(?:\.(?:\d{1,2}|[a-zđ]))*[.)]*\s+")
"""Number of an outline in front of a label."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A row whose number and label disagree; ``elements`` are those that it may mean."""

    row: int
    elements: frozenset[str]
    columns: tuple[int, ...]
    text: str


@dataclass(frozen=True, slots=True)
class FixedPart:
    """One header of a fixed table with the rows below it.

    ``claims`` are rows by element, several when it occurs twice; ``number`` and ``label`` are the
    columns in which these stand.
    """

    grid: Grid
    header: Header
    claims: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    doubts: tuple[Doubt, ...] = ()
    number: int | None = None
    label: int | None = None

    def cell(self, row: int, column: int) -> CellRef:
        """Make an address on its sheet."""
        return CellRef(self.grid.name, row, column)


def find_rows(grid: Grid, data_set: DataSet, header: Header, end: int) -> FixedPart:
    """Match rows with elements, from under a header up to ``end`` (exclusive).

    A row is used when official number and label agree, or when it has no number and the label
    alone is certain. A row where they disagree is a doubt; nothing is taken by its place.
    """
    rows = range(header.bottom + 1, end)
    values = header.telling.union(header.columns.values(), *header.twice.values())
    label = _label_column(grid, data_set, header, rows, values)
    if label is None:
        return FixedPart(grid, header)
    number = _number_column(grid, data_set, header, rows, values | {label})
    claims: dict[str, tuple[int, ...]] = {}
    doubts: list[Doubt] = []
    for row in rows:
        shown: Cell = grid.get(row, number) if number is not None else ""
        meant = _decide(data_set, shown, grid.text(row, label))
        if isinstance(meant, str):
            claims[meant] = (*claims.get(meant, ()), row)
        elif meant:
            columns = tuple(sorted({label} if shown == "" or number is None else {number, label}))
            text = " ".join(part for part in (raw_text(shown), grid.text(row, label)) if part)
            doubts.append(Doubt(row, meant, columns, text))
    return FixedPart(grid, header, claims, tuple(doubts), number, label)


def _decide(data_set: DataSet, shown: Cell, label: str) -> str | frozenset[str]:
    """Tell the element of a row; the elements that it confuses; empty for a row of another kind."""
    numbers = numbered(data_set, shown) if shown != "" else None
    if data_set.narrative and not numbers:
        numbers = None  # "1" and "a" come again in every part of an outline: the label decides.
    found = _scored(data_set, label) if label else {}
    split = split_number(data_set, label)
    if split is not None:
        inside, rest = split
        if not found:
            found = scores(data_set, rest)
        if numbers is None:
            numbers = inside
    if not numbers:
        element = alone(found)
        if element and heading_score(data_set, label) > found[element]:
            return frozenset()  # "THANH TRA … VỀ PHÒNG, CHỐNG THAM NHŨNG" above "Tổng số cuộc …".
        if element and numbers is not None and data_set.by_code[element].number:
            return frozenset({element})
        return element or frozenset()
    best = max(found.values(), default=0.0)
    agreed = [code for code in numbers if found.get(code) == best]
    if len(agreed) == 1:
        return agreed[0]
    return numbers | {code for code in found if found[code] == best}


def _scored(data_set: DataSet, label: str) -> Mapping[str, float]:
    """Elements that a label may be; of a label with guidance under it the first line tells.

    In a report in words a number of the outline may stand in front: ``III.1``, ``2)``, ``b)``.
    """
    if data_set.narrative:
        label = _OUTLINE.sub("", label)
    found = scores(data_set, label)
    first = label.partition("\n")[0]
    return found if found or first == label else scores(data_set, first)


def _label_column(
    grid: Grid, data_set: DataSet, header: Header, rows: range, values: frozenset[int]
) -> int | None:
    """The column in which most labels of the form stand."""
    counts: dict[int, int] = {}
    for row in rows:
        for column, cell in enumerate(grid.rows[row][:COLUMNS]):
            if column in values or not isinstance(cell, str) or len(cell) < 4:
                continue
            split = split_number(data_set, cell)
            if _scored(data_set, cell) or (split is not None and scores(data_set, split[1])):
                counts[column] = counts.get(column, 0) + 1
    said = header.marks.get(LABEL)
    return max(counts, key=lambda column: (counts[column], column == said), default=None)


def _number_column(
    grid: Grid, data_set: DataSet, header: Header, rows: range, taken: frozenset[int]
) -> int | None:
    """The column of official numbers: the one that its header names, else one that holds most."""
    said = header.marks.get(NUMBER)
    if said is not None and said not in taken:
        return said
    counts: dict[int, int] = {}
    for row in rows:
        for column, cell in enumerate(grid.rows[row][:COLUMNS]):
            if column not in taken and cell != "" and numbered(data_set, cell):
                counts[column] = counts.get(column, 0) + 1
    best = max(counts, key=lambda column: counts[column], default=None)
    if best is None or 2 * counts[best] < len(data_set.elements):
        return None
    return best
