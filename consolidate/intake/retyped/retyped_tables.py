"""Tables of a form that a unit typed anew, on a sheet, in Word or as CSV, without our codes.

A fixed table is taken for the form when a header of its own stands above at least half of its
elements, each found by official number and label (:mod:`~consolidate.intake.retyped.retyped_rows`);
an open one when two thirds of its column headers stand there
(:mod:`~consolidate.intake.retyped.headers`). Anything that merely mentions words of the form is
none. What cannot be told apart is a finding and not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from consolidate.intake.locate_sheets import LocatedSheet
from consolidate.intake.own_sheets import is_summary
from consolidate.intake.retyped.headers import HEADER_ROW, has_codes, no_column, sections
from consolidate.intake.retyped.retyped_fixed import FixedPart, not_read, read_parts, retyped
from consolidate.intake.retyped.retyped_list import open_parts
from consolidate.intake.retyped.retyped_rows import find_rows
from consolidate.model.anchors import CODE_COLUMN, CODE_ROW
from consolidate.model.cells import CellRef
from consolidate.model.datasets import DataSet, Shape
from consolidate.model.returns import Anomaly
from consolidate.xlsx.read.defined_names import DefinedNames
from consolidate.xlsx.read.grid import Grid, Workbook

_LONGEST = 1_000
"""Letters of the longest text that is taken for a header or a label."""


def find_retyped(
    book: Workbook, data_set: DataSet
) -> tuple[tuple[LocatedSheet, ...], list[Anomaly]]:
    """Tables that hold a data set without our codes, in order, and what is to be said of them.

    A table that goes on after a page with its header repeated is several tables. No tables and no
    anomalies mean that the data set is not there; no tables with anomalies, that it is there but
    cannot be read.
    """
    whole = {grid.name: grid for grid in book.sheets}
    shown = [_shortened(grid) for grid in book.sheets if grid.rows]
    grids = [grid for grid in shown if not _is_known(grid)]
    if data_set.shape is Shape.OPEN:
        found, anomalies = _open(grids, data_set)
    else:
        found, anomalies = read_parts(_parts(grids, data_set), data_set)
    return tuple(replace(sheet, grid=whole[sheet.grid.name]) for sheet in found), anomalies


def _shortened(grid: Grid) -> Grid:
    """A sheet to look for headers and labels in: no text is longer than one of them may be.

    Patterns and likeness take their time by the length of a text, and a cell may hold megabytes.
    """
    if not any(isinstance(cell, str) and len(cell) > _LONGEST for row in grid.rows for cell in row):
        return grid
    rows = [
        [cell[:_LONGEST] if isinstance(cell, str) else cell for cell in row] for row in grid.rows
    ]
    return replace(grid, rows=rows)


def _is_known(grid: Grid) -> bool:
    """Whether a sheet carries codes of a template, or is one of the province's own summary."""
    return bool(grid.text(CODE_ROW, CODE_COLUMN) and has_codes(grid)) or is_summary(grid)


def _parts(grids: Sequence[Grid], data_set: DataSet) -> list[FixedPart]:
    parts = []
    for grid in grids:
        for header, end in sections(grid, data_set):
            rows = find_rows(grid, data_set, header, end)
            if rows.claims:
                parts.append(FixedPart(grid, header, rows))
    return parts


def _open(
    grids: Sequence[Grid], data_set: DataSet
) -> tuple[tuple[LocatedSheet, ...], list[Anomaly]]:
    found = [part for grid in grids for part in open_parts(grid, data_set)]
    # Of several tables those that nobody filled in say nothing.
    parts = [part for part in found if part.filled] or found[:1]
    if not parts:
        return (), []
    for before, part in pairwise(parts):
        # A list that goes on counts on; one that begins anew is a second list.
        if before.last is None or part.first is None or part.first <= before.last:
            names = ", ".join(dict.fromkeys(part.grid.name for part in parts))
            twice = Anomaly("sheet_twice", data_set.code, found=names, expected=data_set.sheet)
            return (), [twice]
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
