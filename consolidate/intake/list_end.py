"""Where a list ends: rows of totals and signatures below it, and what stands there unread."""

from __future__ import annotations

import re
from collections.abc import Iterator

from consolidate.intake.locate_sheets import LocatedSheet, is_signature_line
from consolidate.model.anchors import NUMBER_COLUMN
from consolidate.model.cells import Cell, CellRef, raw_text, some_cells
from consolidate.model.returns import Anomaly
from consolidate.model.text import name_key

_TOTALS = frozenset({"tổng cộng", "cộng", "tổng", "tổng số", "tổng cộng chung"})
_SIGNATURE_ROWS = 5
"""Rows from the place and day down to the names of those who sign."""
_NUMBER = re.compile(r"\(?(\d{1,4})[.)]*")


def running_number(cell: Cell) -> int | None:
    """The running number of a row."""
    match = _NUMBER.fullmatch(raw_text(cell).strip())
    return int(match.group(1)) if match is not None else None


def ends_list(row: list[Cell], running: int | None) -> bool:
    """Whether a row is a total, or belongs to the signatures below the table."""
    keys = [name_key(cell) for cell in row if isinstance(cell, str) and cell]
    if running is not None or not keys:
        return False
    if any(key in _TOTALS for key in keys[:2]):
        return True
    return is_signature_line(row)


def unread_below(sheet: LocatedSheet, body: range) -> Iterator[Anomaly]:
    """Entries that a person typed below the body of a list, where none is read.

    Every text in a column of the list is one, above and below the signatures. Among them a row is
    one if it has a running number, or fills two columns with other words than signatures.
    """
    grid, asked = sheet.grid, sheet.data_set.elements
    columns = sorted({sheet.columns[e.code] for e in asked if e.code in sheet.columns})
    number = sheet.columns.get(NUMBER_COLUMN)
    label = name_key(sheet.data_set.layout.total_label)
    found: list[CellRef] = []
    signed: int | None = None
    for row in range(body.stop, len(grid.rows)) if columns else ():
        keys = [name_key(cell) for cell in grid.rows[row] if isinstance(cell, str)]
        filled = [sheet.cell(row, at) for at in columns if _tells(grid.get(row, at))]
        running = None if number is None else running_number(grid.get(row, number))
        if label and label in keys:  # What it counts is no entry, whatever was typed over it.
            filled = [c for c in filled if not _counts(grid.get(c.row, c.column), label)]
            found += filled
        elif ends_list(grid.rows[row], running):
            if signed is None and not _TOTALS & set(keys):
                signed = row
        elif (
            signed is None
            or row >= signed + _SIGNATURE_ROWS
            or running is not None
            or len(filled) > 1
        ):
            found += filled
    if found:
        yield Anomaly("not_read", sheet.data_set.code, "", tuple(found), found=some_cells(found))


def _tells(cell: Cell) -> bool:
    return raw_text(cell).strip(" .-–_") != ""


def _counts(cell: Cell, label: str) -> bool:
    return not isinstance(cell, str) or name_key(cell) == label or cell.strip()[:1].isdigit()
