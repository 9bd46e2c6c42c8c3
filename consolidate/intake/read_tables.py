"""Read the tables of a return: fixed ones cell by cell, open ones row by row."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import lru_cache

from consolidate.intake.answers import (
    read_answer,
    read_answers,
    shared_columns,
    spread_answers,
    traced,
)
from consolidate.intake.changed_template import (
    OTHER_MEASURE,
    headers_changed,
    view_changed,
    words_changed,
)
from consolidate.intake.list_rows import entries_of, unread_below
from consolidate.intake.locate_sheets import (
    LocatedSheet,
    numbers_columns,
    open_body,
    recover_columns,
    window_cell,
)
from consolidate.intake.locate_values import locate_fixed, unread_cells
from consolidate.intake.typed_text.dates_and_marks import read_window
from consolidate.intake.typed_text.typed_numbers import NOTHING
from consolidate.model.cells import Cell, CellRef, raw_text
from consolidate.model.data_values import DataValue, ValueKey, ValueStatus
from consolidate.model.datasets import DataElement, DataSet, Shape
from consolidate.model.returns import Anomaly, DataSetReturn, WindowLine
from consolidate.model.text import Convention, tidy
from consolidate.xlsx.read.features import merged_answers
from consolidate.xlsx.read.grid import Grid

MOST_ROWS = 5_000
"""Rows of an open table that are read; no unit has as many cases or plans."""


def table_of(
    data_set: DataSet, sheets: Sequence[LocatedSheet], anomalies: list[Anomaly]
) -> DataSetReturn:
    """Read the values of a data set; a retyped table may go on in a second one."""
    values: list[DataValue] = []
    rows = 0
    for sheet in sheets:
        if data_set.shape is Shape.OPEN:
            found, rows = _open_values(sheet, anomalies, rows)
            values += found
            continue
        located = locate_fixed(sheet)
        # Of a table without codes the words were compared when it was found.
        changed = () if sheet.retyped else tuple(words_changed(sheet, located.cells))
        anomalies += located.anomalies
        anomalies += changed
        anomalies += view_changed(sheet, ((c.row, c.column) for c in located.cells.values()))
        other = frozenset(item.element for item in changed if item.kind == OTHER_MEASURE)
        facts, origins = sheet.grid.facts, sheet.grid.origins
        special = origins.keys() | facts.special | facts.no_value | facts.errors
        all_special = facts.from_1904 or sheet.grid.convention is not Convention.NONE
        for item in data_set.inputs:
            cell = located.cells.get(item.key)
            if cell is not None:
                content = sheet.grid.get(cell.row, cell.column)
                usual = not all_special and (cell.row, cell.column) not in special
                read = read_answers(sheet.grid, content, cell, item, usual=usual)
                values += [_doubted(value, other) for value in read] if other else read
    lines = (_window_line(sheet) for sheet in sheets if data_set.layout.window)
    window = next((line for line in lines if line is not None), None)
    return DataSetReturn(data_set.code, sheets[0].grid.name, tuple(values), window, rows)


def _window_line(sheet: LocatedSheet) -> WindowLine | None:
    cell = None if sheet.retyped else window_cell(sheet)
    if cell is None:
        return sheet.line
    return window_line(sheet.grid.text(cell.row, cell.column), cell)


@lru_cache(maxsize=1_024)
def window_line(text: str, cell: CellRef) -> WindowLine:
    """Read the line of a data window; most returns of a round have the same one."""
    return WindowLine(text, read_window(text), cell)


def _doubted(value: DataValue, elements: Collection[str]) -> DataValue:
    """A number of an element whose row names another unit of measure, held until it is decided."""
    if value.number is None or value.key.element not in elements:
        return value
    return replace(value, status=ValueStatus.HELD)


def _open_values(
    sheet: LocatedSheet, anomalies: list[Anomaly], count: int
) -> tuple[tuple[DataValue, ...], int]:
    """Values of the rows that say something, and how many such rows there are after ``count``."""
    body, noticed = open_body(sheet)
    anomalies += noticed
    formulas = (row + 1 for row, _ in sheet.grid.facts.no_value)
    whole = body
    body = range(body.start, min(body.stop, max(len(sheet.grid.rows), *formulas, 0)))
    if not sheet.retyped:
        anomalies += unread_cells(sheet, body)
        if body:
            numbers = numbers_columns(sheet, body.start - 1)
            anomalies += headers_changed(sheet, body.start - 1 if numbers else body.start)
    data_set = sheet.data_set
    lost = [element for element in data_set.elements if element.code not in sheet.columns]
    if lost and body:
        sheet, noticed = recover_columns(sheet, body, lost)
        anomalies += noticed
    columns = [
        (element, sheet.columns[element.code])
        for element in data_set.elements
        if element.code in sheet.columns
    ]
    anomalies += [
        Anomaly("column_missing", data_set.code, element.code, found=element.label)
        for element in data_set.elements
        if element.code not in sheet.columns and not sheet.retyped
    ]
    if not sheet.retyped and whole:
        anomalies += unread_below(sheet, whole)
    filled = [row for row in body if _is_filled(sheet.grid, row, columns)]
    rows, noticed = entries_of(sheet, columns, filled)
    anomalies += noticed
    if len(rows) > MOST_ROWS:
        left = (sheet.cell(rows[MOST_ROWS], columns[0][1]),)
        found, most = str(len(rows)), str(MOST_ROWS)
        anomalies.append(Anomaly("too_many_rows", data_set.code, "", left, found, most))
        rows = rows[:MOST_ROWS]
        body = range(body.start, rows[-1] + 1)
    asked = [(row, index) for row in body for _, index in columns]
    anomalies += view_changed(sheet, asked)
    merged = sheet.grid.facts.features.merged
    anomalies += merged_answers(merged, asked, data_set.code, sheet.grid.name)
    values: list[DataValue] = []
    for number, row in enumerate(rows, count + 1):
        contents = [sheet.grid.get(row, index) for _, index in columns]
        values += _row_values(sheet, columns, contents, row, number)
    return tuple(values), count + len(rows)


def _is_filled(grid: Grid, row: int, columns: Sequence[tuple[DataElement, int]]) -> bool:
    """Whether a row of an open table says anything, or will once its formulas are calculated."""
    return any(
        not _says_nothing(grid.get(row, index))
        or ((row, index) in grid.facts.no_value and not element.computed)
        for element, index in columns
    )


def _says_nothing(content: Cell) -> bool:
    """Whether a cell of an open table is blank, zero or a word for nothing (form pctn_02)."""
    if content == "":
        return True
    if isinstance(content, str):
        word = tidy(unicodedata.normalize("NFKC", content)).casefold().rstrip(".")
        return not word or word in NOTHING or not word.strip("0")
    return content == 0 and not isinstance(content, bool)


def _row_values(
    sheet: LocatedSheet,
    columns: Sequence[tuple[DataElement, int]],
    contents: Sequence[Cell],
    row: int,
    number: int,
) -> list[DataValue]:
    code = sheet.data_set.code
    spread = spread_answers(columns, contents)
    shared = shared_columns(columns) if sheet.retyped else ()
    values = []
    for (element, index), content in zip(columns, contents, strict=True):
        key = ValueKey(code, element.code, "", number)
        cell = sheet.cell(row, index)
        if element.code in spread:
            source, digits, text = spread[element.code]
            part, _ = read_answer(sheet.grid, digits, cell, key, element, element.type)
            given = sheet.cell(row, source)
            part = replace(
                part, raw=text, cell=given, normalisation=("one_of_several",), readings=()
            )
            origin = sheet.grid.origins.get((row, source))
            values.append(part if origin is None else traced(part, origin))
        elif index in shared and (spread or not _says_nothing(content)):
            # One answer to several columns: to which of them it belongs cannot be told.
            status = ValueStatus.MISSING if spread else ValueStatus.INVALID
            raw, problem = ("", "") if spread else (raw_text(content), "shared")
            values.append(DataValue(key, None, status, raw, cell, problem=problem))
        else:
            values.append(read_answer(sheet.grid, content, cell, key, element, element.type)[0])
    return values
