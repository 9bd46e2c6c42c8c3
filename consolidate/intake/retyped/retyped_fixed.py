"""Read a retyped fixed table from all its parts, and note what is left unread."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from consolidate.intake.locate_sheets import LocatedSheet
from consolidate.intake.retyped.figure_columns import Headed, figure_codes, told_columns
from consolidate.intake.retyped.headers import (
    COLUMNS,
    HEADER_ROW,
    LABEL,
    NUMBER,
    UNIT,
    Header,
    corner,
    has_codes,
    header_cells,
    measure_line,
    no_column,
    numbers_columns,
)
from consolidate.intake.retyped.heading_words import NamedPeriod
from consolidate.intake.retyped.labels import (
    alone,
    caption,
    heading_score,
    numbered,
    scores,
    split_number,
)
from consolidate.intake.typed_text.units_of_measure import AREA, MONEY, MULTIPLIERS
from consolidate.model.anchors import CODE_COLUMN
from consolidate.model.cells import Cell, CellRef, merge_cells, raw_text
from consolidate.model.datasets import DataElement, DataSet, ValueType
from consolidate.model.returns import Anomaly
from consolidate.model.text import name_key, tidy
from consolidate.xlsx.read.defined_names import DefinedNames
from consolidate.xlsx.read.grid import Grid

_SHOWN = 120
"""Characters of a typed row that a finding shows."""
_LISTED = 5
"""Rows that a finding about many of them names."""
_OUTLINE = re.compile(r"^\(?(?:[IVX]+|\d{1,2}|[a-zđ])(?:\.(?:\d{1,2}|[a-zđ]))*[.)]*\s+")
"""Number of an outline in front of a label."""


@dataclass(frozen=True, slots=True)
class FixedPart:
    """One header of a fixed table with the rows below it."""

    grid: Grid
    header: Header
    rows: FoundRows

    def cell(self, row: int, column: int) -> CellRef:
        """Make an address on its sheet."""
        return CellRef(self.grid.name, row, column)


def read_parts(
    parts: Sequence[FixedPart], data_set: DataSet, asked: NamedPeriod
) -> tuple[tuple[LocatedSheet, ...], list[Anomaly]]:
    """Locate the parts when together they hold half of the elements or more.

    ``asked`` is the period that the file names: where several columns of figures stand side by
    side their headings tell which is of it, or none is read.
    """
    claimed: dict[str, list[CellRef]] = defaultdict(list)
    for part in parts:
        for code, rows in part.rows.claims.items():
            claimed[code] += [part.cell(row, part.rows.label or 0) for row in rows]
    if 2 * len(claimed) < len(data_set.elements):
        return (), []
    twice = {code: tuple(cells) for code, cells in claimed.items() if len(cells) > 1}
    if 2 * len(twice) >= len(data_set.elements):
        names = ", ".join(dict.fromkeys(part.grid.name for part in parts))
        return (), [Anomaly("sheet_twice", data_set.code, found=names, expected=data_set.sheet)]
    told = [_with_columns(part, data_set, asked) for part in parts]
    untold = [found for found in told if isinstance(found, Anomaly)]
    if untold:
        return (), untold
    parts = [found for found in told if isinstance(found, FixedPart)]
    anomalies = [retyped(data_set, parts[0].grid, parts[0].header)]
    doubted = [found for part in parts for found in _disagreeing(part, data_set, claimed)]
    anomalies += [anomaly for _, anomaly in doubted]
    for code, cells in twice.items():
        found = caption(data_set, data_set.by_code[code])
        anomalies.append(Anomaly("retyped_twice", data_set.code, code, cells, found))
    sheets = []
    for part in parts:
        places = {code: at[0] for code, at in part.rows.claims.items() if code not in twice}
        units = list(_units(part, data_set, places))
        wrong = {anomaly.element for anomaly in units}
        anomalies += [*units, *_columns(part, data_set), *_unread(part, data_set)]
        used = {code: row for code, row in places.items() if code not in wrong}
        used[HEADER_ROW] = part.header.top
        sheets.append(
            LocatedSheet(
                part.grid, data_set, used, part.header.columns, DefinedNames(), retyped=True
            )
        )
    known = {*claimed, *(code for codes, _ in doubted for code in codes)}
    missing = [data_set.caption(e) for e in data_set.elements if e.code not in known]
    if missing:
        shown = ", ".join(missing[:_LISTED]) + (" …" if len(missing) > _LISTED else "")
        place = (corner(parts[0].grid, parts[0].header),)
        count = str(len(missing))
        anomalies.append(Anomaly("retyped_rows", data_set.code, "", place, shown, count))
    return tuple(sheets), anomalies


def _with_columns(part: FixedPart, data_set: DataSet, asked: NamedPeriod) -> FixedPart | Anomaly:
    """The part with the columns of figures that its headings tell, or why they do not."""
    rows = part.rows
    body = sorted(row for at in rows.claims.values() for row in at)
    beside = {at for at in (rows.number, rows.label) if at is not None}
    header = with_columns(part.grid, data_set, part.header, body, beside, asked)
    return header if isinstance(header, Anomaly) else replace(part, header=header)


def with_columns(
    grid: Grid,
    data_set: DataSet,
    header: Header,
    body: Sequence[int],
    beside: Collection[int],
    asked: NamedPeriod,
) -> Header | Anomaly:
    """Return the header with the columns of figures that headings tell, or why they do not.

    ``body`` are the rows of figures; ``beside`` are further columns that hold none.
    """
    codes = figure_codes(data_set)
    if not codes:
        return header
    words = {at for code, at in header.columns.items() if code not in codes}
    taken = words.union(header.marks.values(), beside, {CODE_COLUMN} if has_codes(grid) else ())
    rows = range(header.top, header.bottom + 1)
    own = {code: header.cells.get(code, ()) for code in codes}
    told = told_columns(Headed(grid, data_set, rows, body, own, frozenset(taken)), asked)
    if isinstance(told, Anomaly):
        return told
    twice = {code: at for code, at in header.twice.items() if code not in told}
    return replace(header, columns={**header.columns, **told}, twice=twice)


def retyped(data_set: DataSet, grid: Grid, header: Header) -> Anomaly:
    """Note that a data set was read from a retyped table."""
    place = (corner(grid, header),)
    return Anomaly("retyped", data_set.code, "", place, grid.name, data_set.sheet)


def not_read(data_set: DataSet, cells: tuple[CellRef, ...]) -> Anomaly:
    """Note cells whose content answers nothing of the form."""
    return Anomaly("not_read", data_set.code, "", cells, found=merge_cells(cells))


def _disagreeing(
    part: FixedPart, data_set: DataSet, claimed: Mapping[str, object]
) -> Iterator[tuple[frozenset[str], Anomaly]]:
    """Rows whose number and label disagree about an element that no other row gives."""
    for doubt in part.rows.doubts:
        if doubt.elements <= set(claimed):
            continue
        cells = tuple(part.cell(doubt.row, column) for column in doubt.columns)
        meant = [e for e in data_set.elements if e.code in doubt.elements]
        expected = " / ".join(caption(data_set, element) for element in meant)
        found = tidy(doubt.text)[:_SHOWN]
        anomaly = Anomaly("retyped_disagree", data_set.code, "", cells, found, expected)
        yield doubt.elements, anomaly


def _columns(part: FixedPart, data_set: DataSet) -> Iterator[Anomaly]:
    """Note columns of figures that the header lacks; a missing column of words is no loss."""
    for column in data_set.columns:
        figures = column.type is None or column.type.numeric
        missing = column.code not in part.header.columns
        if missing and (figures or column.code in part.header.twice):
            yield no_column(data_set, part.grid, part.header, column.label, column.code)


def _units(part: FixedPart, data_set: DataSet, rows: Mapping[str, int]) -> Iterator[Anomaly]:
    """Rows in another unit of measure than the form's, by their own cell or by the header."""
    at = part.header.marks.get(UNIT)
    above = [(unit, part.cell(*place)) for unit, place in other_units(part.grid, part.header)]
    for code, row in rows.items():
        element = data_set.by_code[code]
        own = raw_text(part.grid.get(row, at)).strip() if at is not None else ""
        beside = [] if at is None or not own else [(own, part.cell(row, at))]
        for unit, cell in (*beside, *above):
            if other_unit(element, unit, own=(unit, cell) in beside):
                yield Anomaly("retyped_unit", data_set.code, code, (cell,), unit, element.unit)
                break


def _unread(part: FixedPart, data_set: DataSet) -> Iterator[Anomaly]:
    """Figures in rows between those of the form, and columns that the form does not have."""
    header, grid = part.header, part.grid
    claimed = sorted(row for rows in part.rows.claims.values() for row in rows)
    known = set(claimed) | {doubt.row for doubt in part.rows.doubts}
    answers = set(header.columns.values())
    cells = [
        part.cell(row, column)
        for row in range(header.bottom + 1, claimed[-1])
        if row not in known and not numbers_columns(grid.rows[row])
        for column in sorted(answers)
        if any(letter.isdigit() for letter in raw_text(grid.get(row, column)))
    ]
    used = answers | {part.rows.number, part.rows.label, *header.marks.values()}
    used |= {column for columns in header.twice.values() for column in columns}
    if has_codes(grid):
        used.add(CODE_COLUMN)
    for column in range(max(len(grid.rows[row]) for row in claimed)):
        filled = [row for row in claimed if grid.get(row, column) != ""]
        if filled and column not in used:
            titles = [row for row, at in header_cells(grid, header) if at == column]
            cells.append(part.cell([*titles, filled[0]][0], column))
    if cells:
        yield not_read(data_set, tuple(sorted(cells)))


_ABOVE = 4
"""Rows above a header in which the line "Đơn vị tính: …" is looked for."""


def other_units(grid: Grid, header: Header) -> list[tuple[str, tuple[int, int]]]:
    """Find units of measure of the whole table, with their cells: in its header or just above."""
    found = [(unit, (header.top, column)) for column, unit in header.units.items()]
    for row in range(max(0, header.top - _ABOVE), header.top):
        for column, cell in enumerate(grid.rows[row]):
            unit = measure_line(cell) if isinstance(cell, str) and cell else ""
            if unit:
                found.append((unit, (row, column)))
    return found


def other_unit(element: DataElement, typed: str, *, own: bool) -> bool:
    """Tell whether the typed unit of measure differs from the element's.

    ``own`` says that it is typed in the row of the element; a unit of the whole table concerns
    only the elements that it can measure.
    """
    unit = tidy(unicodedata.normalize("NFKC", typed)).casefold().strip(" .")
    if element.type is ValueType.MONEY and unit in MONEY:
        return MONEY[unit] != 1
    if element.type is ValueType.AREA and unit in AREA:
        return AREA[unit] != 1
    if element.type is ValueType.COUNT and unit.partition(" ")[0] in MULTIPLIERS:
        return unit not in MONEY or own
    if not own:
        return False
    if element.type is ValueType.PERCENTAGE:
        return "%" not in unit
    asked, said = name_key(element.unit).split(), name_key(typed).split()
    if asked == said or not asked:
        return False
    # "CQ, TC, ĐV" and "Cơ quan, tổ chức, đơn vị" are one.
    return _initials(asked) != "".join(said) and _initials(said) != "".join(asked)


def _initials(words: list[str]) -> str:
    return "".join(word[0] for word in words)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A row whose number and label disagree; ``elements`` are those that it may mean."""

    row: int
    elements: frozenset[str]
    columns: tuple[int, ...]
    text: str


@dataclass(frozen=True, slots=True)
class FoundRows:
    """Rows under one header: by element (several when it occurs twice), doubtful ones, and the
    columns of numbers and labels.
    """

    claims: Mapping[str, tuple[int, ...]]
    doubts: tuple[Doubt, ...]
    number: int | None
    label: int | None


def find_rows(grid: Grid, data_set: DataSet, header: Header, end: int) -> FoundRows:
    """Match rows with elements, from under a header up to ``end`` (exclusive).

    A row is used when official number and label agree, or when it has no number and the label
    alone is certain. A row where they disagree is a doubt; nothing is taken by its place.
    """
    rows = range(header.bottom + 1, end)
    values = header.telling.union(header.columns.values(), *header.twice.values())
    label = _label_column(grid, data_set, header, rows, values)
    if label is None:
        return FoundRows({}, (), None, None)
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
    return FoundRows(claims, tuple(doubts), number, label)


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
