"""A fixed table that was typed anew, from all its parts: what is read of it, and what is not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from consolidate.intake.locate_sheets import LocatedSheet
from consolidate.intake.retyped.headers import (
    HEADER_ROW,
    UNIT,
    Header,
    corner,
    has_codes,
    header_cells,
    no_column,
    numbers_columns,
)
from consolidate.intake.retyped.labels import caption
from consolidate.intake.retyped.measures import other_unit, other_units
from consolidate.intake.retyped.retyped_rows import Rows
from consolidate.model.anchors import CODE_COLUMN
from consolidate.model.cells import CellRef, merge_cells
from consolidate.model.datasets import DataSet
from consolidate.model.raw_cells import raw_text
from consolidate.model.returns import Anomaly
from consolidate.model.text import tidy
from consolidate.xlsx.read.defined_names import DefinedNames
from consolidate.xlsx.read.grid import Grid

_SHOWN = 120
"""Characters of a typed row that a finding shows."""
_LISTED = 5
"""Rows that a finding about many of them names."""


@dataclass(frozen=True, slots=True)
class FixedPart:
    """One header of a fixed table with the rows below it."""

    grid: Grid
    header: Header
    rows: Rows

    def cell(self, row: int, column: int) -> CellRef:
        """An address on its sheet."""
        return CellRef(self.grid.name, row, column)


def read_parts(
    parts: Sequence[FixedPart], data_set: DataSet
) -> tuple[tuple[LocatedSheet, ...], list[Anomaly]]:
    """The parts as located sheets, when together they hold half of the elements or more."""
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


def retyped(data_set: DataSet, grid: Grid, header: Header) -> Anomaly:
    """That a data set was read from a table typed anew."""
    place = (corner(grid, header),)
    return Anomaly("retyped", data_set.code, "", place, grid.name, data_set.sheet)


def not_read(data_set: DataSet, cells: tuple[CellRef, ...]) -> Anomaly:
    """Cells with content that is no answer to the form."""
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
    """Columns of figures that the header lacks; a column of words that nobody typed is no loss."""
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
