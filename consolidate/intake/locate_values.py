"""Locate the answers of a fixed table by defined name and by hidden code, and compare (contract 4).

A cell found in one way only is used and noted; a cell for which the two ways disagree is not used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from consolidate.intake.locate_sheets import LocatedSheet, some_of
from consolidate.model.anchors import CODE_COLUMN, LABEL_COLUMN, NUMBER_COLUMN
from consolidate.model.cells import CellRef, first_cells, raw_text, some_cells
from consolidate.model.data_values import ValueKey
from consolidate.model.datasets import DataSet, InputCell, Shape
from consolidate.model.returns import Anomaly
from consolidate.model.text import name_key
from consolidate.xlsx.read.defined_names import DefinedNames
from consolidate.xlsx.read.features import Area, merged_answers
from consolidate.xlsx.read.grid import Grid

_ONE, _SEVERAL = "anchors_disagree", "block_moved"
_Way = tuple[str, int, int]
"""A form, and how far in rows and columns a name lies from the code of its answer."""


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
    return Located(found.cells, tuple(_grouped(anomalies)))


def _confirmed(sheet: LocatedSheet, found: Located) -> Located:
    """Without the cells that only a name points at and that look like those of another question.

    Names stay behind when a program that does not know them puts rows or columns in (openpyxl,
    many converters). Where the hidden code is gone as well, the words decide: the official number
    or the label beside the answer, the header above it.
    """
    if not any(anomaly.kind == "codes_lost" for anomaly in found.anomalies):
        return found
    data_set, grid = sheet.data_set, sheet.grid
    wrong = [
        item
        for item in data_set.inputs
        if (cell := found.cells.get(item.key)) is not None
        and (
            (item.element.code not in sheet.rows and not _row_says(grid, cell, item))
            or (item.column not in sheet.columns and not _column_says(grid, cell, data_set, item))
        )
    ]
    keys = {item.key for item in wrong}
    missing = tuple(_missing(data_set, item) for item in wrong)
    cells = {key: cell for key, cell in found.cells.items() if key not in keys}
    return Located(cells, (*found.anomalies, *missing))


def _missing(data_set: DataSet, item: InputCell) -> Anomaly:
    caption = data_set.caption(item.element, item.column)
    return Anomaly("cell_missing", data_set.code, item.element.code, found=caption)


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
                both, code = (by_code, named), item.element.code
                anomalies.append(Anomaly(_ONE, data_set.code, code, both, named.a1, by_code.a1))
                continue
        cell = coded or named
        if cell is None:
            if not item.element.added_later:
                anomalies.append(_missing(data_set, item))
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
    data_set = sheet.data_set
    for element in data_set.elements:
        row = sheet.rows.get(element.code)
        if row is None or len(element.columns) == len(data_set.columns):
            continue
        for column in data_set.columns:
            index = sheet.columns.get(column.code)
            if column.code in element.columns or index is None or sheet.grid.get(row, index) == "":
                continue
            caption, cells = data_set.caption(element, column.code), (sheet.cell(row, index),)
            yield Anomaly("not_asked", data_set.code, element.code, cells, found=caption)


def _grouped(anomalies: Iterable[Anomaly]) -> list[Anomaly]:
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
    coded, named = item.cells
    return item.data_set, named.row - coded.row, named.column - coded.column


def _block(items: list[Anomaly]) -> Anomaly:
    coded, named = ([item.cells[at] for item in items] for at in (0, 1))
    cells = (*first_cells(coded), *first_cells(named))
    return Anomaly(_SEVERAL, items[0].data_set, "", cells, _area(named), _area(coded))


def _area(cells: Sequence[CellRef]) -> str:
    """The range of the outermost cells: ``F14:F15``."""
    rows, columns = [cell.row for cell in cells], [cell.column for cell in cells]
    first, last = (CellRef(cells[0].sheet, end(rows), end(columns)) for end in (min, max))
    return f"{first.a1}:{last.a1}"
