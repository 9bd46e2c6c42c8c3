"""Locate the answers of a fixed table by defined name and by hidden code, and compare (contract 4).

A cell found in one way only is used and noted; a cell for which the two ways disagree is not used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from consolidate.intake.locate_sheets import LocatedSheet, some_of
from consolidate.model.anchors import (
    CODE_COLUMN,
    LABEL_COLUMN,
    NUMBER_COLUMN,
)
from consolidate.model.cells import CellRef, first_cells, raw_text, some_cells
from consolidate.model.data_values import ValueKey
from consolidate.model.datasets import DataSet, InputCell, Shape
from consolidate.model.returns import Anomaly
from consolidate.model.text import name_key
from consolidate.xlsx.read.defined_names import DefinedNames
from consolidate.xlsx.read.features import Area, merged_answers
from consolidate.xlsx.read.grid import Grid


@dataclass(frozen=True, slots=True)
class Located:
    """The cell of each figure of a fixed table, and what was noticed on the way."""

    cells: Mapping[ValueKey, CellRef]
    anomalies: tuple[Anomaly, ...]


def locate_fixed(sheet: LocatedSheet) -> Located:
    """Locate every input cell of a fixed table, and note what is odd about its rows."""
    data_set = sheet.data_set
    found = _anchored(
        data_set,
        sheet.grid.name,
        sheet.names,
        tuple(sheet.rows.items()),
        tuple(sheet.columns.items()),
        sheet.grid.facts.features.merged,
    )
    if sheet.retyped:  # What its rows and columns lack was said when they were found.
        return Located(found.cells, tuple(_not_applicable(sheet)))
    found = _confirmed(sheet, found)
    anomalies: list[Anomaly] = []
    moved = _moved(sheet)
    if moved:
        elements = [data_set.by_code[code] for code in moved]
        several = some_of("number_moved", data_set.code, [data_set.caption(e) for e in elements])
        anomalies.append(replace(several, cells=tuple(moved.values())))
        cells = {key: cell for key, cell in found.cells.items() if key.element not in moved}
        others = tuple(item for item in found.anomalies if item.element not in moved)
        found = Located(cells, others)
    anomalies += found.anomalies
    anomalies += _not_applicable(sheet)
    rows = sorted(row for code, row in sheet.rows.items() if code in data_set.by_code)
    if rows:
        anomalies += unread_cells(sheet, range(first_row(sheet, rows[0]), rows[-1] + 1))
    return Located(found.cells, tuple(grouped(anomalies)))


def _confirmed(sheet: LocatedSheet, found: Located) -> Located:
    """Without the cells that only a name points at and that look like those of another question."""
    if not any(anomaly.kind == "codes_lost" for anomaly in found.anomalies):
        return found
    data_set = sheet.data_set
    wrong = unconfirmed(sheet.grid, data_set, found.cells, sheet.rows, sheet.columns)
    if not wrong:
        return found
    keys = {item.key for item in wrong}
    missing = tuple(
        Anomaly(
            "cell_missing",
            data_set.code,
            item.element.code,
            found=data_set.caption(item.element, item.column),
        )
        for item in wrong
    )
    cells = {key: cell for key, cell in found.cells.items() if key not in keys}
    return Located(cells, (*found.anomalies, *missing))


@lru_cache(maxsize=64)
def _anchored(
    data_set: DataSet,
    name: str,
    names: DefinedNames,
    rows: tuple[tuple[str, int], ...],
    columns: tuple[tuple[str, int], ...],
    merged: tuple[Area, ...],
) -> Located:
    """Cells by name and by code, compared; the same for all returns of one unchanged template."""
    row_of, column_of = dict(rows), dict(columns)
    coded_rows = {row for code, row in rows if code in data_set.by_code}
    coded_columns = {column for code, column in columns if code in data_set.column_by_code}
    cells: dict[ValueKey, CellRef] = {}
    anomalies: list[Anomaly] = []
    lost_names: list[str] = []
    lost_codes: list[str] = []
    for item in data_set.inputs:
        row, column = row_of.get(item.element.code), column_of.get(item.column)
        target = names.get(item.anchor)
        named = None if target is None or target.sheet != name else CellRef(name, *target.first)
        if named is not None and (
            (row is None and named.row in coded_rows)
            or (column is None and named.column in coded_columns)
        ):
            named = None  # Left behind: the row or column there says that it is another one's.
        coded = None if row is None or column is None else CellRef(name, row, column)
        caption = data_set.caption(item.element, item.column)
        if named is not None and (row, column) != (None, None):
            # A code that is left speaks for its row or column even when the other one is lost.
            by_code = CellRef(
                name,
                named.row if row is None else row,
                named.column if column is None else column,
            )
            if by_code != named:
                anomalies.append(
                    Anomaly(
                        "anchors_disagree",
                        data_set.code,
                        item.element.code,
                        (by_code, named),
                        found=named.a1,
                        expected=by_code.a1,
                    )
                )
                continue
        cell = coded or named
        if cell is None:
            if item.element.added_later:
                continue
            code = item.element.code
            anomalies.append(Anomaly("cell_missing", data_set.code, code, found=caption))
            continue
        cells[item.key] = cell
        if named is None:
            lost_names.append(caption)
        if coded is None:
            lost_codes.append(caption)
    # Formats without names (.xls, .ods read by value) lose all of them: nothing to report.
    if lost_names and names.ranges:
        anomalies.append(some_of("names_lost", data_set.code, lost_names))
    if lost_codes:
        anomalies.append(some_of("codes_lost", data_set.code, lost_codes))
    asked = {(cell.row, cell.column) for cell in cells.values()}
    anomalies += merged_answers(merged, asked, data_set.code, name)
    return Located(cells, tuple(anomalies))


def _moved(sheet: LocatedSheet) -> dict[str, CellRef]:
    """Elements in whose row another official number stands now: the rows were sorted."""
    column = sheet.columns.get(NUMBER_COLUMN)
    moved: dict[str, CellRef] = {}
    for element in sheet.data_set.elements:
        row = sheet.rows.get(element.code)
        if column is None or row is None or not element.number:
            continue
        content = sheet.grid.get(row, column)
        if content == element.number:
            continue
        shown = raw_text(content).strip().rstrip(".").lstrip("0")
        if shown and shown.replace(",", ".") != element.number:
            moved[element.code] = sheet.cell(row, column)
    return moved


def unread_cells(sheet: LocatedSheet, rows: range) -> Iterator[Anomaly]:
    """Content of a table in a row or column without a code, or to the right of the form."""
    fixed = sheet.data_set.shape is Shape.FIXED
    answers = {sheet.columns[c.code] for c in sheet.data_set.columns if c.code in sheet.columns}
    width = max(sheet.columns.values(), default=-1) + 1
    uncoded = set(range(CODE_COLUMN + 1, width)) - set(sheet.columns.values())
    found: list[CellRef] = []
    for row in rows if width else ():
        cells = sheet.grid.rows[row] if row < len(sheet.grid.rows) else []
        coded = not fixed or sheet.grid.get(row, CODE_COLUMN) != ""
        if coded and len(cells) <= width and not uncoded:
            continue
        others = [column for column in (uncoded if coded else answers) if column < len(cells)]
        filled = [column for column in (*others, *range(width, len(cells))) if cells[column] != ""]
        found += [sheet.cell(row, column) for column in sorted(filled)]
    if found:
        yield Anomaly("not_read", sheet.data_set.code, "", tuple(found), found=some_cells(found))


def first_row(sheet: LocatedSheet, first: int) -> int:
    """The first row of a table: a heading of rows may stand above the first answer."""
    number, label = (sheet.columns.get(code) for code in (NUMBER_COLUMN, LABEL_COLUMN))
    if number is None or label is None:
        return first
    while sheet.grid.get(first - 1, number) == "" and sheet.grid.text(first - 1, label):
        first -= 1
    return first


def _not_applicable(sheet: LocatedSheet) -> Iterator[Anomaly]:
    """Answers in cells that the form has crossed out for that row."""
    for element in sheet.data_set.elements:
        row = sheet.rows.get(element.code)
        if row is None or len(element.columns) == len(sheet.data_set.columns):
            continue
        for column in sheet.data_set.columns:
            index = sheet.columns.get(column.code)
            if column.code in element.columns or index is None:
                continue
            if sheet.grid.get(row, index) != "":
                caption = sheet.data_set.caption(element, column.code)
                yield Anomaly(
                    "not_asked",
                    sheet.data_set.code,
                    element.code,
                    (sheet.cell(row, index),),
                    found=caption,
                )


_ONE, _SEVERAL = "anchors_disagree", "block_moved"
_Way = tuple[str, int, int]


def grouped(anomalies: Iterable[Anomaly]) -> list[Anomaly]:
    """Join the anomalies of answers that were cut and pasted together into one.

    Their names lie equally far from their codes. The one takes the place of the first of them. It
    names the block by the codes (``expected``) and by the names (``found``), as ranges of the
    outermost cells, and holds the first cells of both.
    """
    items = list(anomalies)
    blocks: dict[_Way, list[Anomaly]] = {}
    for item in items:
        if item.kind == _ONE:
            blocks.setdefault(_way(item), []).append(item)
    made: list[Anomaly] = []
    for item in items:
        block = blocks.get(_way(item), []) if item.kind == _ONE else []
        if len(block) < 2:
            made.append(item)
        elif item is block[0]:
            made.append(_block(block))
    return made


def _way(item: Anomaly) -> _Way:
    """How far, in rows and columns, a name lies from the code of its answer."""
    coded, named = item.cells
    return item.data_set, named.row - coded.row, named.column - coded.column


def _block(items: list[Anomaly]) -> Anomaly:
    coded = tuple(item.cells[0] for item in items)
    named = tuple(item.cells[1] for item in items)
    cells = (*first_cells(coded), *first_cells(named))
    return Anomaly(_SEVERAL, items[0].data_set, "", cells, _area(named), _area(coded))


def _area(cells: Iterable[CellRef]) -> str:
    """The range of the outermost cells: ``F14:F15``."""
    cells = list(cells)
    first = CellRef(cells[0].sheet, min(c.row for c in cells), min(c.column for c in cells))
    last = CellRef(cells[0].sheet, max(c.row for c in cells), max(c.column for c in cells))
    return f"{first.a1}:{last.a1}"


def unconfirmed(
    grid: Grid,
    data_set: DataSet,
    cells: Mapping[ValueKey, CellRef],
    rows: Mapping[str, int],
    columns: Mapping[str, int],
) -> list[InputCell]:
    """List input cells found by name alone whose row or column reads like another question.

    Names stay behind when a program that does not know them puts rows or columns in (openpyxl,
    many converters). Where the hidden code is gone as well, the words decide: the official number
    or the label beside the answer, the header above it.
    """
    return [
        item
        for item in data_set.inputs
        if (cell := cells.get(item.key)) is not None
        and (
            (item.element.code not in rows and not _row_says(grid, cell, item))
            or (item.column not in columns and not _column_says(grid, cell, data_set, item))
        )
    ]


def _row_says(grid: Grid, cell: CellRef, item: InputCell) -> bool:
    shown = [raw_text(grid.get(cell.row, column)).strip() for column in range(cell.column)]
    label = name_key(item.element.label)
    return (bool(item.element.number) and item.element.number in shown) or any(
        text and name_key(text) == label for text in shown
    )


def _column_says(grid: Grid, cell: CellRef, data_set: DataSet, item: InputCell) -> bool:
    known = data_set.column_by_code.get(item.column)
    label = name_key(known.label) if known is not None else ""
    return not label or any(
        name_key(grid.text(row, cell.column)) == label for row in range(cell.row)
    )
