"""Find the tables of a form that a unit retyped without our codes: on a sheet, in Word or as CSV.

A fixed table is taken for the form when its header is followed by at least half of its elements,
each found by official number and label; an open one when it has two thirds of the column headers
(:mod:`~consolidate.intake.retyped.headers`). Anything less only mentions words of the form. What
cannot be told apart is a finding and not read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from consolidate.intake.list_rows import ends_list, running_number
from consolidate.intake.locate_sheets import LocatedSheet, is_summary, some_of
from consolidate.intake.retyped.figure_columns import (
    KIND,
    Headed,
    NamedPeriod,
    figure_codes,
    told_columns,
)
from consolidate.intake.retyped.headers import (
    HEADER_ROW,
    NUMBER,
    UNIT,
    FixedPart,
    Header,
    corner,
    find_headers,
    find_rows,
    has_codes,
    header_cells,
    header_rows,
    measure_line,
    no_column,
    numbers_columns,
)
from consolidate.intake.retyped.labels import caption
from consolidate.intake.typed_text.units_of_measure import other_unit
from consolidate.model.anchors import CODE_COLUMN, CODE_ROW, OPEN_END, OPEN_ROW
from consolidate.model.cells import CellRef, merge_cells, raw_text
from consolidate.model.datasets import DataSet, Shape
from consolidate.model.returns import Anomaly
from consolidate.model.text import tidy
from consolidate.xlsx.read.defined_names import DefinedNames
from consolidate.xlsx.read.grid import Grid, Workbook

_LONGEST = 1_000
"""Letters of the longest text that is taken for a header or a label."""
_SHOWN = 120
"""Characters of a typed row that a finding shows."""
_ABOVE = 4
"""Rows above a header in which the line "Đơn vị tính: …" is looked for."""
Place = tuple[str, int]
"""A sheet and the row in which the header of a table begins."""
Found = tuple[tuple[LocatedSheet, ...], list[Anomaly]]
"""The tables of a data set in order, and what is to be said about them.

Without tables: it is not there, or the anomalies say why it cannot be read.
"""


@dataclass(frozen=True, slots=True)
class Scan:
    """A workbook as it is looked through for retyped tables.

    ``grids`` are its sheets that carry no codes, long texts cut; ``rows`` are those of each sheet
    in which a header may be. ``whole`` are all sheets by name, ``asked`` the period that the file
    names.
    """

    whole: Mapping[str, Grid]
    grids: tuple[Grid, ...]
    rows: Mapping[str, tuple[int, ...]]
    asked: NamedPeriod = field(default_factory=NamedPeriod)


@dataclass(frozen=True, slots=True)
class OpenPart:
    """One header of an open table and the rows of its body.

    ``first`` and ``last`` are the running numbers of its first and last row, ``None`` when it has
    none; ``filled`` says that a row holds anything; ``unread`` are filled cells below the body.
    ``untold`` says why its columns of figures cannot be told apart.
    """

    grid: Grid
    header: Header
    body: range
    first: int | None
    last: int | None
    filled: bool
    unread: tuple[tuple[int, int], ...]
    untold: Anomaly | None = None


Part = FixedPart | OpenPart


def scan_book(book: Workbook, forms: tuple[DataSet, ...]) -> Scan:
    """Look through a workbook once for the headers of several forms."""
    shown = [_shortened(grid) for grid in book.sheets if grid.rows]
    # Sheets with codes of a template are read by them, our own summary never.
    coded = {grid.name for grid in shown if grid.text(CODE_ROW, CODE_COLUMN) and has_codes(grid)}
    grids = tuple(grid for grid in shown if grid.name not in coded and not is_summary(grid))
    rows = {grid.name: header_rows(grid, forms) for grid in grids}
    return Scan({grid.name: grid for grid in book.sheets}, grids, rows)


def _shortened(grid: Grid) -> Grid:
    """Cut texts to the length of the longest possible header or label.

    Patterns and likeness take their time by the length of a text, and a cell may hold megabytes.
    """
    if not any(isinstance(cell, str) and len(cell) > _LONGEST for row in grid.rows for cell in row):
        return grid
    rows = [
        [cell[:_LONGEST] if isinstance(cell, str) else cell for cell in row] for row in grid.rows
    ]
    return replace(grid, rows=rows)


def find_retyped(scan: Scan, data_set: DataSet, skip: Collection[Place] = ()) -> Found:
    """Find the tables that hold a data set without our codes.

    A table that goes on after a page with its header repeated is several tables. What begins at
    one of ``skip`` belongs to another form.
    """
    return read_table(scan, data_set, _parts(scan, data_set, skip))


def find_apart(scan: Scan, data_set: DataSet, skip: Collection[Place] = ()) -> list[list[Part]]:
    """Find the tables of a form of which a file may hold several, each with all its parts.

    A fixed table begins anew where rows come again, a list where its numbers begin again.
    """
    tables: list[list[Part]] = []
    for part in _parts(scan, data_set, skip):
        if tables and _continues(tables[-1], part):
            tables[-1].append(part)
        else:
            tables.append([part])
    return [
        parts
        for parts in tables
        if data_set.shape is Shape.OPEN or _is_there(scan, data_set, parts)
    ]


def _is_there(scan: Scan, data_set: DataSet, parts: Sequence[Part]) -> bool:
    """Whether a table can be read, but perhaps for its columns."""
    sheets, noticed = read_table(scan, data_set, parts)
    return bool(sheets) or any(anomaly.kind == KIND for anomaly in noticed)


def _continues(table: Sequence[Part], part: Part) -> bool:
    if isinstance(part, FixedPart):
        known = {code for other in table if isinstance(other, FixedPart) for code in other.claims}
        return 2 * len(known & part.claims.keys()) < len(part.claims)
    return isinstance(table[-1], OpenPart) and _goes_on(table[-1], part)


def read_table(scan: Scan, data_set: DataSet, parts: Sequence[Part]) -> Found:
    """Locate a data set in the parts of its table."""
    if data_set.shape is Shape.OPEN:
        found, anomalies = _open([p for p in parts if isinstance(p, OpenPart)], data_set)
    else:
        fixed = [part for part in parts if isinstance(part, FixedPart)]
        found, anomalies = _fixed(fixed, data_set, scan.asked)
    return tuple(replace(sheet, grid=scan.whole[sheet.grid.name]) for sheet in found), anomalies


def _parts(scan: Scan, data_set: DataSet, skip: Collection[Place]) -> list[Part]:
    parts: list[Part] = []
    for grid in scan.grids:
        for header, end in find_headers(grid, data_set, scan.rows[grid.name]):
            if (grid.name, header.top) in skip:
                continue
            if data_set.shape is Shape.OPEN:
                parts.append(_list(grid, data_set, header, end, scan.asked))
            elif (part := find_rows(grid, data_set, header, end)).claims:
                parts.append(part)
    return parts


def _fixed(parts: Sequence[FixedPart], data_set: DataSet, asked: NamedPeriod) -> Found:
    """Locate the parts of a fixed table when together they hold half of the elements or more.

    ``asked`` is the period that the file names: where several columns of figures stand side by
    side their headings tell which is of it, or none is read.
    """
    claimed: dict[str, list[CellRef]] = defaultdict(list)
    for part in parts:
        for code, rows in part.claims.items():
            claimed[code] += [part.cell(row, part.label or 0) for row in rows]
    if 2 * len(claimed) < len(data_set.elements):
        return (), []
    twice = {code: tuple(cells) for code, cells in claimed.items() if len(cells) > 1}
    if 2 * len(twice) >= len(data_set.elements):
        return (), [_sheet_twice(parts, data_set)]
    told: list[FixedPart] = []
    untold: list[Anomaly] = []
    for part in parts:
        body = sorted(row for at in part.claims.values() for row in at)
        beside = {at for at in (part.number, part.label) if at is not None}
        header = _with_columns(part.grid, data_set, part.header, body, beside, asked)
        if isinstance(header, Anomaly):
            untold.append(header)
        else:
            told.append(replace(part, header=header))
    if untold:
        return (), untold
    anomalies = [_retyped(parts[0], data_set)]
    doubted = [found for part in told for found in _disagreeing(part, data_set, claimed)]
    anomalies += [anomaly for _, anomaly in doubted]
    for code, cells in twice.items():
        found = caption(data_set, data_set.by_code[code])
        anomalies.append(Anomaly("retyped_twice", data_set.code, code, cells, found))
    sheets = []
    for part in told:
        places = {code: at[0] for code, at in part.claims.items() if code not in twice}
        units = list(_units(part, data_set, places))
        wrong = {anomaly.element for anomaly in units}
        anomalies += [*units, *_columns(part, data_set), *_unread(part, data_set)]
        used = {code: row for code, row in places.items() if code not in wrong}
        sheets.append(_located(part, data_set, used))
    known = {*claimed, *(code for codes, _ in doubted for code in codes)}
    missing = [data_set.caption(e) for e in data_set.elements if e.code not in known]
    if missing:
        place = (corner(parts[0].grid, parts[0].header),)
        anomalies.append(replace(some_of("retyped_rows", data_set.code, missing), cells=place))
    return tuple(sheets), anomalies


def _with_columns(
    grid: Grid,
    data_set: DataSet,
    header: Header,
    body: Sequence[int],
    beside: Collection[int],
    asked: NamedPeriod,
) -> Header | Anomaly:
    """The header with the columns of figures that headings tell, or why they do not.

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


def _retyped(part: Part, data_set: DataSet) -> Anomaly:
    place = (corner(part.grid, part.header),)
    return Anomaly("retyped", data_set.code, "", place, part.grid.name, data_set.sheet)


def _sheet_twice(parts: Sequence[Part], data_set: DataSet) -> Anomaly:
    names = ", ".join(dict.fromkeys(part.grid.name for part in parts))
    return Anomaly("sheet_twice", data_set.code, found=names, expected=data_set.sheet)


def _located(part: Part, data_set: DataSet, places: Mapping[str, int]) -> LocatedSheet:
    rows = {**places, HEADER_ROW: part.header.top}
    columns = part.header.columns
    return LocatedSheet(part.grid, data_set, rows, columns, DefinedNames(), retyped=True)


def _not_read(data_set: DataSet, cells: tuple[CellRef, ...]) -> Anomaly:
    return Anomaly("not_read", data_set.code, "", cells, found=merge_cells(cells))


def _disagreeing(
    part: FixedPart, data_set: DataSet, claimed: Mapping[str, object]
) -> Iterator[tuple[frozenset[str], Anomaly]]:
    """Rows whose number and label disagree about an element that no other row gives."""
    for doubt in part.doubts:
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
    grid, header = part.grid, part.header
    # Of the whole table: in its header, or just above.
    above = [(unit, part.cell(header.top, column)) for column, unit in header.units.items()]
    for row in range(max(0, header.top - _ABOVE), header.top):
        for column, cell in enumerate(grid.rows[row]):
            if isinstance(cell, str) and cell and (unit := measure_line(cell)):
                above.append((unit, part.cell(row, column)))
    at = header.marks.get(UNIT)
    for code, row in rows.items():
        element = data_set.by_code[code]
        own = raw_text(grid.get(row, at)).strip() if at is not None else ""
        beside = [] if at is None or not own else [(own, part.cell(row, at))]
        for unit, place in (*beside, *above):
            if other_unit(element, unit, own=(unit, place) in beside):
                yield Anomaly("retyped_unit", data_set.code, code, (place,), unit, element.unit)
                break


def _unread(part: FixedPart, data_set: DataSet) -> Iterator[Anomaly]:
    """Figures in rows between those of the form, and columns that the form does not have."""
    header, grid = part.header, part.grid
    claimed = sorted(row for rows in part.claims.values() for row in rows)
    known = set(claimed) | {doubt.row for doubt in part.doubts}
    answers = set(header.columns.values())
    cells = [
        part.cell(row, column)
        for row in range(header.bottom + 1, claimed[-1])
        if row not in known and not numbers_columns(grid.rows[row])
        for column in sorted(answers)
        if any(letter.isdigit() for letter in raw_text(grid.get(row, column)))
    ]
    used = answers | {part.number, part.label, *header.marks.values()}
    used |= {column for columns in header.twice.values() for column in columns}
    if has_codes(grid):
        used.add(CODE_COLUMN)
    for column in range(max(len(grid.rows[row]) for row in claimed)):
        filled = [row for row in claimed if grid.get(row, column) != ""]
        if filled and column not in used:
            titles = [row for row, at in header_cells(grid, header) if at == column]
            cells.append(part.cell([*titles, filled[0]][0], column))
    if cells:
        yield _not_read(data_set, tuple(sorted(cells)))


def _goes_on(before: OpenPart, part: OpenPart) -> bool:
    """Whether a list goes on: it counts on; one that starts again at 1 is a second list."""
    return before.last is not None and part.first is not None and part.first > before.last


def _open(found: Sequence[OpenPart], data_set: DataSet) -> Found:
    # Of several tables the empty ones say nothing.
    parts = [part for part in found if part.filled] or found[:1]
    if not parts:
        return (), []
    untold = [part.untold for part in parts if part.untold is not None]
    if untold:
        return (), untold
    if not all(_goes_on(before, part) for before, part in pairwise(parts)):
        return (), [_sheet_twice(parts, data_set)]
    anomalies = [_retyped(parts[0], data_set)]
    for part in parts:
        anomalies += [
            no_column(data_set, part.grid, part.header, element.label, element.code)
            for element in data_set.elements
            if element.code not in part.header.columns
        ]
        if part.unread:
            cells = tuple(CellRef(part.grid.name, row, column) for row, column in part.unread)
            anomalies.append(_not_read(data_set, cells))
    places = ({OPEN_ROW: part.body.start, OPEN_END: part.body.stop} for part in parts)
    sheets = tuple(_located(part, data_set, at) for part, at in zip(parts, places, strict=True))
    return sheets, anomalies


def _list(
    grid: Grid, data_set: DataSet, header: Header, limit: int, asked: NamedPeriod
) -> OpenPart:
    """Tell where the list under a header ends, at ``limit`` at the latest."""
    told = _with_columns(grid, data_set, header, range(header.bottom + 1, limit), (), asked)
    untold = told if isinstance(told, Anomaly) else None
    header = header if isinstance(told, Anomaly) else told
    columns = sorted(set(header.columns.values()))
    number = header.marks.get(NUMBER)
    running = [
        running_number(grid.get(row, number)) if number is not None else None
        for row in range(limit)
    ]
    held = [[at for at in columns if grid.get(row, at) != ""] for row in range(limit)]
    start = header.bottom + 1
    if start < limit and numbers_columns(grid.rows[start]):
        start += 1
    end, gap = start, False
    for row in range(start, limit):
        if not held[row] and running[row] is None:
            if ends_list(grid.rows[row], None):
                break
            gap = True
            continue
        if ends_list(grid.rows[row], running[row]) or (gap and running[row] is None):
            break
        end, gap = row + 1, False
    numbers = [running[row] for row in range(start, end) if held[row] and running[row] is not None]
    unread = [
        (row, at)
        for row in range(end, limit)
        if len(held[row]) >= (2 if running[row] is None else 1)
        and not ends_list(grid.rows[row], None)
        for at in held[row]
    ]
    return OpenPart(
        grid,
        header,
        range(start, end),
        numbers[0] if numbers else None,
        numbers[-1] if numbers else None,
        any(held[start:end]),
        tuple(unread),
        untold,
    )
