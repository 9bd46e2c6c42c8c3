"""Answers of a workbook that its round does not ask for: told, never read.

A template that was built for no round has the tables and rows of all rounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from consolidate.intake.locate_sheets import find_sheet, open_body
from consolidate.model.cells import CellRef, first_cells, some_cells
from consolidate.model.datasets import DataSet, Library, Shape
from consolidate.model.returns import Anomaly
from consolidate.xlsx.read.grid import Workbook


def not_due(book: Workbook, whole: Library, asked: Library) -> Iterator[Anomaly]:
    """One anomaly for each table with answers that a round does not ask for.

    ``whole`` has the tables and rows of all rounds, ``asked`` those of the round.
    """
    for data_set in whole.data_sets:
        due = asked.by_code.get(data_set.code)
        extra = frozenset(data_set.by_code) - frozenset(due.by_code if due is not None else ())
        cells = _answered(book, data_set, extra) if extra else []
        if cells:
            kind = "rows_not_due" if due is not None else "sheet_not_due"
            yield Anomaly(kind, cells=first_cells(cells), found=some_cells(cells))


def _answered(book: Workbook, data_set: DataSet, extra: frozenset[str]) -> list[CellRef]:
    """The cells of some elements that a person has typed into."""
    sheet, _ = find_sheet(book, data_set)
    if sheet is None:
        return []
    if data_set.shape is Shape.OPEN:
        rows: Iterable[int] = open_body(sheet)[0]
        columns = [sheet.columns[code] for code in extra if code in sheet.columns]
    else:
        rows = [sheet.rows[code] for code in extra if code in sheet.rows]
        columns = [sheet.columns[c.code] for c in data_set.columns if c.code in sheet.columns]
    grid = sheet.grid
    return [
        sheet.cell(row, column)
        for row in sorted(rows)
        for column in sorted(columns)
        if grid.get(row, column) != "" and (row, column) not in grid.facts.no_value
    ]


def of_other_rounds(
    anomalies: Iterable[Anomaly], whole: Library, asked: Library
) -> Iterator[Anomaly]:
    """What is noticed of a template that was built for no round, as its round takes it.

    Rows that other rounds ask for are no rows of another version, and a sheet may have the name
    that it has in a template for no round.
    """
    for anomaly in anomalies:
        form = whole.by_code.get(anomaly.data_set)
        if form is not None and anomaly.kind == "sheet_renamed" and anomaly.found == form.sheet:
            continue
        due = asked.by_code.get(anomaly.data_set)
        known = form is not None and due is not None and anomaly.found in form.by_code
        if anomaly.kind == "unknown_code" and known and due and anomaly.found not in due.by_code:
            continue
        yield anomaly
