"""Find the tables of a form that a unit retyped without our codes: on a sheet, in Word or as CSV.

A fixed table is taken for the form when its header is followed by at least half of its elements,
each found by official number and label (:mod:`~consolidate.intake.retyped.retyped_fixed`); an open
one when it has two thirds of the column headers (:mod:`~consolidate.intake.retyped.headers`).
Anything less only mentions words of the form. What cannot be told apart is a finding and not read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from consolidate.intake.list_rows import ends_list, running_number
from consolidate.intake.locate_sheets import LocatedSheet, is_summary
from consolidate.intake.retyped.figure_columns import KIND
from consolidate.intake.retyped.headers import (
    HEADER_ROW,
    NUMBER,
    Header,
    has_codes,
    header_rows,
    no_column,
    numbers_columns,
    sections,
)
from consolidate.intake.retyped.heading_words import NamedPeriod
from consolidate.intake.retyped.retyped_fixed import (
    FixedPart,
    find_rows,
    not_read,
    read_parts,
    retyped,
    with_columns,
)
from consolidate.model.anchors import CODE_COLUMN, CODE_ROW, OPEN_END, OPEN_ROW
from consolidate.model.cells import CellRef
from consolidate.model.datasets import DataSet, Shape
from consolidate.model.returns import Anomaly
from consolidate.xlsx.read.defined_names import DefinedNames
from consolidate.xlsx.read.grid import Grid, Workbook

_LONGEST = 1_000
"""Letters of the longest text that is taken for a header or a label."""


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


Place = tuple[str, int]
"""A sheet and the row in which the header of a table begins."""


def scan_book(book: Workbook, forms: tuple[DataSet, ...]) -> Scan:
    """Look through a workbook once for the headers of several forms."""
    shown = [_shortened(grid) for grid in book.sheets if grid.rows]
    # Sheets with codes of a template are read by them, our own summary never.
    coded = {grid.name for grid in shown if grid.text(CODE_ROW, CODE_COLUMN) and has_codes(grid)}
    grids = tuple(grid for grid in shown if grid.name not in coded and not is_summary(grid))
    rows = {grid.name: header_rows(grid, forms) for grid in grids}
    return Scan({grid.name: grid for grid in book.sheets}, grids, rows)


def find_retyped(
    scan: Scan, data_set: DataSet, skip: Collection[Place] = ()
) -> tuple[tuple[LocatedSheet, ...], list[Anomaly]]:
    """Find the tables that hold a data set without our codes, in order, and their anomalies.

    A table that goes on after a page with its header repeated is several tables. No tables and no
    anomalies mean that the data set is not there; no tables with anomalies, that it is there but
    cannot be read. What begins at one of ``skip`` belongs to another form.
    """
    if data_set.shape is Shape.OPEN:
        return read_table(scan, data_set, _lists(scan, data_set, skip))
    return read_table(scan, data_set, _parts(scan, data_set, skip))


def find_apart(
    scan: Scan, data_set: DataSet, skip: Collection[Place] = ()
) -> list[Sequence[FixedPart | OpenPart]]:
    """Find the tables of a form of which a file may hold several, each with all its parts.

    A fixed table begins anew where rows come again, a list where its numbers begin again.
    """
    if data_set.shape is Shape.OPEN:
        lists: list[list[OpenPart]] = []
        for part in _lists(scan, data_set, skip):
            if lists and _goes_on(lists[-1][-1], part):
                lists[-1].append(part)
            else:
                lists.append([part])
        return list(lists)
    tables: list[list[FixedPart]] = []
    for fixed in _parts(scan, data_set, skip):
        known = {code for part in tables[-1] for code in part.rows.claims} if tables else set()
        again = known & fixed.rows.claims.keys()
        if tables and 2 * len(again) < len(fixed.rows.claims):
            tables[-1].append(fixed)
        else:
            tables.append([fixed])
    found: list[Sequence[FixedPart | OpenPart]] = []
    for parts in tables:
        sheets, noticed = read_parts(parts, data_set, scan.asked)
        # It can be read, but perhaps for its columns.
        if sheets or any(anomaly.kind == KIND for anomaly in noticed):
            found.append(parts)
    return found


def read_table(
    scan: Scan, data_set: DataSet, parts: Sequence[FixedPart | OpenPart]
) -> tuple[tuple[LocatedSheet, ...], list[Anomaly]]:
    """Locate a data set in the parts of its table, and list what is to be said about them."""
    if data_set.shape is Shape.OPEN:
        found, anomalies = _open([p for p in parts if isinstance(p, OpenPart)], data_set)
    else:
        fixed = [part for part in parts if isinstance(part, FixedPart)]
        found, anomalies = read_parts(fixed, data_set, scan.asked)
    return tuple(replace(sheet, grid=scan.whole[sheet.grid.name]) for sheet in found), anomalies


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


def _parts(scan: Scan, data_set: DataSet, skip: Collection[Place]) -> list[FixedPart]:
    parts = []
    for grid in scan.grids:
        for header, end in sections(grid, data_set, scan.rows[grid.name]):
            rows = find_rows(grid, data_set, header, end)
            if rows.claims and (grid.name, header.top) not in skip:
                parts.append(FixedPart(grid, header, rows))
    return parts


def _lists(scan: Scan, data_set: DataSet, skip: Collection[Place]) -> list[OpenPart]:
    parts = []
    for grid in scan.grids:
        for header, end in sections(grid, data_set, scan.rows[grid.name]):
            if (grid.name, header.top) in skip:
                continue
            body = range(header.bottom + 1, end)
            told = with_columns(grid, data_set, header, body, (), scan.asked)
            untold = told if isinstance(told, Anomaly) else None
            part = _part(grid, header if isinstance(told, Anomaly) else told, end)
            parts.append(replace(part, untold=untold))
    return parts


def _goes_on(before: OpenPart, part: OpenPart) -> bool:
    """Whether a list goes on: it counts on; one that starts again at 1 is a second list."""
    return before.last is not None and part.first is not None and part.first > before.last


def _open(
    found: Sequence[OpenPart], data_set: DataSet
) -> tuple[tuple[LocatedSheet, ...], list[Anomaly]]:
    # Of several tables the empty ones say nothing.
    parts = [part for part in found if part.filled] or found[:1]
    if not parts:
        return (), []
    untold = [part.untold for part in parts if part.untold is not None]
    if untold:
        return (), untold
    if not all(_goes_on(before, part) for before, part in pairwise(parts)):
        names = ", ".join(dict.fromkeys(part.grid.name for part in parts))
        return (), [Anomaly("sheet_twice", data_set.code, found=names, expected=data_set.sheet)]
    anomalies = [retyped(data_set, parts[0].grid, parts[0].header)]
    sheets = []
    for part in parts:
        columns = part.header.columns
        anomalies += [
            no_column(data_set, part.grid, part.header, element.label, element.code)
            for element in data_set.elements
            if element.code not in columns
        ]
        if part.unread:
            cells = tuple(CellRef(part.grid.name, row, column) for row, column in part.unread)
            anomalies.append(not_read(data_set, cells))
        places = {**part.places, HEADER_ROW: part.header.top}
        sheets.append(
            LocatedSheet(part.grid, data_set, places, columns, DefinedNames(), retyped=True)
        )
    return tuple(sheets), anomalies


@dataclass(frozen=True, slots=True)
class OpenPart:
    """One header of an open table and its body. ``places`` are the codes that locate it.

    ``first`` and ``last`` are the running numbers of its first and last row, ``None`` when it has
    none; ``filled`` says that a row holds anything; ``unread`` are filled cells below the body.
    ``untold`` says why its columns of figures cannot be told apart.
    """

    grid: Grid
    header: Header
    places: Mapping[str, int]
    first: int | None
    last: int | None
    filled: bool
    unread: tuple[tuple[int, int], ...]
    untold: Anomaly | None = None


def _part(grid: Grid, header: Header, limit: int) -> OpenPart:
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
        {OPEN_ROW: start, OPEN_END: end},
        numbers[0] if numbers else None,
        numbers[-1] if numbers else None,
        any(held[start:end]),
        tuple(unread),
    )
