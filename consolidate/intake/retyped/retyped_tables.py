"""Find the tables of a form that a unit retyped without our codes: on a sheet, in Word or as CSV.

A fixed table is taken for the form when its header is followed by at least half of its elements,
each found by official number and label (:mod:`~consolidate.intake.retyped.retyped_fixed`); an open
one when it has two thirds of the column headers (:mod:`~consolidate.intake.retyped.headers`).
Anything less only mentions words of the form. What cannot be told apart is a finding and not read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from consolidate.intake.locate_sheets import LocatedSheet, is_summary
from consolidate.intake.retyped.headers import (
    HEADER_ROW,
    NUMBER,
    Header,
    has_codes,
    no_column,
    numbers_columns,
    sections,
)
from consolidate.intake.retyped.retyped_fixed import (
    FixedPart,
    find_rows,
    not_read,
    read_parts,
    retyped,
)
from consolidate.model.anchors import CODE_COLUMN, CODE_ROW, OPEN_END, OPEN_ROW
from consolidate.model.cells import Cell, CellRef, raw_text
from consolidate.model.datasets import DataSet, Shape
from consolidate.model.returns import Anomaly
from consolidate.model.text import name_key
from consolidate.xlsx.read.defined_names import DefinedNames
from consolidate.xlsx.read.grid import Grid, Workbook

_LONGEST = 1_000
"""Letters of the longest text that is taken for a header or a label."""


def find_retyped(
    book: Workbook, data_set: DataSet
) -> tuple[tuple[LocatedSheet, ...], list[Anomaly]]:
    """Find the tables that hold a data set without our codes, in order, and their anomalies.

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
    """Cut texts to the length of the longest possible header or label.

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
    # Of several tables the empty ones say nothing.
    parts = [part for part in found if part.filled] or found[:1]
    if not parts:
        return (), []
    for before, part in pairwise(parts):
        # A list that goes on counts on; one that starts again at 1 is a second list.
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


_TOTALS = frozenset({"tổng cộng", "cộng", "tổng", "tổng số", "tổng cộng chung"})
_SIGNATURE = re.compile(
    r"(người )?lập (biểu|bảng|báo cáo)|người lập|nơi nhận.*|thủ trưởng( cơ quan| đơn vị)*"
    r"|.*ghi rõ họ( và)? tên|(tm|kt|tl|tuq|q) .*|(phó |quyền )?(giám đốc|chủ tịch|trưởng phòng)"
)
_DAY = re.compile(r"(.{0,40} )?ngày .{0,12}tháng .{0,12}năm.{0,12}")
_NUMBER = re.compile(r"\(?(\d{1,4})[.)]*")


@dataclass(frozen=True, slots=True)
class OpenPart:
    """One header of an open table and its body. ``places`` are the codes that locate it.

    ``first`` and ``last`` are the running numbers of its first and last row, ``None`` when it has
    none; ``filled`` says that a row holds anything; ``unread`` are filled cells below the body.
    """

    grid: Grid
    header: Header
    places: Mapping[str, int]
    first: int | None
    last: int | None
    filled: bool
    unread: tuple[tuple[int, int], ...]


def open_parts(grid: Grid, data_set: DataSet) -> list[OpenPart]:
    """List the tables of a sheet under a header of the data set, from the top down."""
    return [_part(grid, header, end) for header, end in sections(grid, data_set)]


def _part(grid: Grid, header: Header, limit: int) -> OpenPart:
    columns = sorted(set(header.columns.values()))
    number = header.marks.get(NUMBER)
    start = header.bottom + 1
    if start < limit and numbers_columns(grid.rows[start]):
        start += 1
    end, gap = start, False
    for row in range(start, limit):
        cells = [grid.get(row, column) for column in columns]
        running = _running(grid.get(row, number)) if number is not None else None
        if all(cell == "" for cell in cells) and running is None:
            if _ends(grid.rows[row], None):
                break
            gap = True
            continue
        if _ends(grid.rows[row], running) or (gap and running is None):
            break
        end, gap = row + 1, False
    numbers = [
        found
        for row in range(start, end)
        if number is not None and (found := _running(grid.get(row, number))) is not None
        if any(grid.get(row, column) != "" for column in columns)
    ]
    filled = any(grid.get(row, at) != "" for row in range(start, end) for at in columns)
    unread = [
        (row, at)
        for row in range(end, limit)
        if sum(1 for column in columns if grid.get(row, column) != "") >= 2
        and not _ends(grid.rows[row], None)
        for at in columns
        if grid.get(row, at) != ""
    ]
    return OpenPart(
        grid,
        header,
        {OPEN_ROW: start, OPEN_END: end},
        numbers[0] if numbers else None,
        numbers[-1] if numbers else None,
        filled,
        tuple(unread),
    )


def _running(cell: Cell) -> int | None:
    """The running number of a row."""
    match = _NUMBER.fullmatch(raw_text(cell).strip())
    return int(match.group(1)) if match is not None else None


def _ends(row: list[Cell], running: int | None) -> bool:
    """Whether a row is a total, or belongs to the signatures below the table."""
    keys = [name_key(cell) for cell in row if isinstance(cell, str) and cell]
    if running is not None or not keys:
        return False
    if any(key in _TOTALS for key in keys[:2]):
        return True
    filled = sum(1 for cell in row if cell != "")
    if filled == 1 and _DAY.fullmatch(keys[0]):
        return True
    return filled <= 3 and any(_SIGNATURE.fullmatch(key) for key in keys)
