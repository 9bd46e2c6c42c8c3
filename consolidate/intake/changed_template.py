"""Note what was changed around the answers: words, unknown codes, hidden and filtered cells."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache

from consolidate.intake.locate_sheets import LocatedSheet
from consolidate.intake.typed_text.units_of_measure import AREA, MONEY
from consolidate.model.anchors import (
    CODE_COLUMN,
    CODE_ROW,
    LABEL_COLUMN,
    LAST_YEAR,
    NUMBER_COLUMN,
    OPEN_END,
    OPEN_ROW,
    PREVIOUS,
    UNIT_COLUMN,
    WINDOW_ROW,
    definition_digest,
    earlier_code,
)
from consolidate.model.cells import CellRef, first_cells, raw_text, some_cells
from consolidate.model.data_values import ValueKey
from consolidate.model.datasets import DataElement, DataSet, Library, Shape, ValueType
from consolidate.model.returns import Anomaly
from consolidate.model.text import name_key, tidy
from consolidate.xlsx.read.grid import Workbook

_CODES = frozenset(
    {OPEN_ROW, OPEN_END, WINDOW_ROW, NUMBER_COLUMN, LABEL_COLUMN, UNIT_COLUMN, "note"}
)
"""Codes that stand on the sheets of templates beside those of elements and columns."""


def other_template(
    stamp: Mapping[str, str], made: Iterable[Library], template: str
) -> Iterator[Anomaly]:
    """Note a template of another version, or of the same one with other definitions.

    ``made`` show the forms that it may hold: those of its round, or of all of them.
    """
    made = [library for library in made if template in library.template_by_code]
    (expected,) = {library.template_by_code[template].version for library in made}
    found = stamp.get("version", "")
    if found != expected:
        yield Anomaly("other_version", found=found, expected=expected)
        return
    said = stamp.get("definition")
    if said and said not in {definition_digest(library, template) for library in made}:
        yield Anomaly("definition_changed", found=found)


def issued_with(
    stamp: Mapping[str, str], made: Mapping[str, tuple[Library, ...]], template: str
) -> str:
    """Find the digest of the definitions whose mark a stamp bears; the first of ``made`` if none.

    ``made`` are the views of the forms that it may hold, by the digest of their definitions.
    """
    said = stamp.get("definition", "")
    for digest, views in made.items():
        shown = (view for view in views if template in view.template_by_code)
        if said and said in {definition_digest(view, template) for view in shown}:
            return digest
    return next(iter(made))


def far_cells(book: Workbook) -> Iterator[Anomaly]:
    """Note content so far from any table that it had to be left out."""
    for sheet in book.sheets:
        if sheet.facts.far:
            cells = [CellRef(sheet.name, *cell) for cell in sheet.facts.far]
            count = str(len(cells))
            yield Anomaly(
                "far_cells", cells=first_cells(cells), found=some_cells(cells), expected=count
            )


OTHER_MEASURE = "other_measure"
"""Kind of anomaly: the row names another unit of measure, so its numbers wait for a decision."""


def words_changed(sheet: LocatedSheet, cells: Mapping[ValueKey, CellRef]) -> Iterator[Anomaly]:
    """Compare the surroundings of the answers ``cells`` of a fixed table with the template."""
    answered = {key.element for key in cells}
    # The cover adds marks to its labels and is no table: a field is what its code says.
    if sheet.data_set.layout.label_header:
        yield from _row_changed(sheet, LABEL_COLUMN, "label_changed", answered)
    yield from _row_changed(sheet, UNIT_COLUMN, "unit_changed", answered)
    rows = [row for code, row in sheet.rows.items() if code in sheet.data_set.by_code]
    if rows:
        yield from headers_changed(sheet, min(rows))
    yield from _unknown_codes(sheet, cells)


def _row_changed(
    sheet: LocatedSheet, code: str, kind: str, answered: Collection[str]
) -> Iterator[Anomaly]:
    """Note rows that are answered and whose label or unit of measure is not that of the element."""
    column, is_unit = sheet.columns.get(code), code == UNIT_COLUMN
    if column is None:
        return
    for element in sheet.data_set.elements:
        row = sheet.rows.get(element.code)
        if row is None or element.code not in answered:
            continue
        said = (element.unit,) if is_unit else (element.label, element.written_label)
        content = sheet.grid.get(row, column)
        if content in said or (is_unit and content == ""):
            continue
        found = tidy(raw_text(content))
        if name_key(found) not in map(name_key, said):
            place = (sheet.cell(row, column),)
            told = OTHER_MEASURE if is_unit and _is_other_measure(element, found) else kind
            yield Anomaly(told, sheet.data_set.code, element.code, place, found, said[0])


def _is_other_measure(element: DataElement, found: str) -> bool:
    """Whether a row of amounts or areas names another unit: "Đồng" where "Triệu đồng" is asked."""
    units = {ValueType.MONEY: MONEY, ValueType.AREA: AREA}.get(element.type, {})
    asked, said = (units.get(words.casefold()) for words in (element.unit, found))
    return asked is not None and said is not None and asked != said


def headers_changed(sheet: LocatedSheet, first: int) -> Iterator[Anomaly]:
    """Note columns that lost their heading; ``first`` is the first row of figures."""
    fixed = sheet.data_set.shape is Shape.FIXED
    asked = sheet.data_set.columns if fixed else sheet.data_set.elements
    for item in asked:
        column = sheet.columns.get(item.code)
        if column is None:
            continue
        found: list[int] = []
        for row in range(first - 1, CODE_ROW, -1):
            content = sheet.grid.get(row, column)
            if content == item.label:
                break
            if content != "":
                found.append(row)
        else:
            texts = [tidy(raw_text(sheet.grid.get(row, column))) for row in found]
            if name_key(item.label) in map(name_key, texts):
                continue
            row = found[0] if found else first - 1
            yield Anomaly(
                "header_changed",
                sheet.data_set.code,
                "",
                (sheet.cell(row, column),),
                texts[0] if texts else "",
                item.label,
            )


def _unknown_codes(sheet: LocatedSheet, cells: Mapping[ValueKey, CellRef]) -> Iterator[Anomaly]:
    """Rows and columns with codes of another version of the template, and answers in them."""
    data_set = sheet.data_set
    known = known_codes(data_set)
    if sheet.rows.keys() <= known and sheet.columns.keys() <= known:
        return
    answers = {(cell.row, cell.column) for cell in cells.values()}
    columns = [sheet.columns[c.code] for c in data_set.columns if c.code in sheet.columns]
    rows = [sheet.rows[e.code] for e in data_set.elements if e.code in sheet.rows]
    for code, row in sheet.rows.items():
        if code not in known and row != CODE_ROW:
            yield from _unknown(sheet, code, [(row, column) for column in columns], answers)
    for code, column in sheet.columns.items():
        if code not in known and column != CODE_COLUMN:
            yield from _unknown(sheet, code, [(row, column) for row in rows], answers)


@cache
def known_codes(data_set: DataSet) -> frozenset[str]:
    columns = data_set.column_by_code
    earlier = {earlier_code(period, code) for period in (PREVIOUS, LAST_YEAR) for code in columns}
    return frozenset({data_set.code, *data_set.by_code, *columns}) | earlier | _CODES


def _unknown(
    sheet: LocatedSheet,
    code: str,
    cells: Collection[tuple[int, int]],
    answers: Collection[tuple[int, int]],
) -> Iterator[Anomaly]:
    """Note an unknown code beside figures that no defined name locates either."""
    filled = [sheet.cell(*cell) for cell in cells if sheet.grid.get(*cell) != ""]
    if filled and not any((cell.row, cell.column) in answers for cell in filled):
        yield Anomaly(
            "unknown_code", sheet.data_set.code, "", first_cells(filled), code, some_cells(filled)
        )


def view_changed(sheet: LocatedSheet, cells: Iterable[tuple[int, int]]) -> Iterator[Anomaly]:
    """Note hidden and filtered ones among the cells (row, column) that are read as answers."""
    features = sheet.grid.facts.features
    if not features.hidden_rows and not features.hidden_columns:
        return
    hidden = [
        sheet.cell(row, column)
        for row, column in cells
        if (row in features.hidden_rows or column in features.hidden_columns)
        and sheet.grid.get(row, column) != ""
    ]
    if hidden:
        kind = "rows_filtered" if features.filtered else "cells_hidden"
        shown, count = some_cells(hidden), str(len(hidden))
        yield Anomaly(kind, sheet.data_set.code, "", first_cells(hidden), shown, count)
