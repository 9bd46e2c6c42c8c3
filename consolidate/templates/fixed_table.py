"""Write the tables of a form: heading, body of fixed or open rows, rows printed around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, takewhile
from math import ceil
from typing import TYPE_CHECKING, Any

from consolidate.model.anchors import (
    CODE_COLUMN,
    CODE_ROW,
    LABEL_COLUMN,
    NUMBER_COLUMN,
    OPEN_END,
    OPEN_ROW,
    UNIT_COLUMN,
)
from consolidate.model.datasets import DataElement, DataSet, Heading, ValueType
from consolidate.templates.columns import GOES_ON, SheetColumns
from consolidate.templates.form_page import INDENT, Page, let_rows_grow
from consolidate.templates.live_formulas import LiveFigure
from consolidate.xlsx.write.form_styles import COUNT_FORMAT, HIGHEST, TABLE_SIZE
from consolidate.xlsx.write.text_sizes import lines_needed, row_height

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

CellWriter = Callable[["Worksheet", int, int, DataElement, str], str | None]
"""Writes one value cell (sheet, row, column, element, column code), format included.

May return the text that it wrote, so that the row becomes high enough for it.
"""

_SMALL = 10
"""Font size of guidance under a label."""


@dataclass(frozen=True, slots=True)
class TableBody:
    """Where a table stands; all indexes are zero-based and inclusive.

    ``rows`` gives the row of each element of a fixed table; ``headings`` are the rows without
    figures.
    """

    header_first: int
    header_last: int
    first: int
    last: int
    rows: Mapping[str, int]
    headings: tuple[int, ...] = ()


def write_codes(page: Page, data_set: DataSet) -> None:
    """Write the hidden first row with the column codes and hide the first column (contract 3)."""
    sheet, code = page.sheet, page.styles.named("code")
    sheet.write_string(CODE_ROW, CODE_COLUMN, data_set.code, code)
    for name, position in page.columns.positions.items():
        sheet.write_string(CODE_ROW, position, name, code)
    sheet.set_row(CODE_ROW, None, None, {"hidden": True})
    sheet.set_column(CODE_COLUMN, CODE_COLUMN, 10, None, {"hidden": True})


def write_table_header(page: Page, top: int) -> int:
    """Write the heading of a table from the sheet's columns; return its last row.

    One row, and one more for each level of the merged headings above the columns.
    """
    columns = page.columns
    last = top + max(len(column.groups) for column in columns.columns)
    needed = dict.fromkeys(range(top, last + 1), 1)
    spans = sorted(_heading_cells(columns, top, last), key=lambda cell: (cell[2], cell[0]))
    for row, last_row, first, end, label in spans:
        page.merge(row, first, end, label, page.styles.named("header"), last_row=last_row)
        if row == last_row:
            needed[row] = max(needed[row], page.lines(label, first, end, bold=True))
    for row, last_row, first, end, label in spans:  # Over several rows: what these leave.
        short = page.lines(label, first, end, bold=True) - sum(
            needed[at] for at in range(row, last_row + 1)
        )
        needed[last_row] += max(0, short)
    for row, lines in needed.items():
        page.set_height(row, row_height(lines, TABLE_SIZE, padding=6))
    return last


def _heading_cells(
    columns: SheetColumns, top: int, last: int
) -> Iterator[tuple[int, int, int, int, str]]:
    """Cells of a heading: first and last row, first and last column, text."""
    for level in range(last - top):
        index = columns.first
        for groups, members in groupby(columns.columns, key=lambda item: item.groups[: level + 1]):
            inside = [column.groups[level + 1 :] for column in members]
            end = index + len(inside) - 1
            if len(groups) > level and groups[level] != GOES_ON:
                on = min(len([*takewhile(GOES_ON.__eq__, below)]) for below in inside)
                yield top + level, top + level + on, index, end, groups[level]
            index = end + 1
    for column in columns.columns:
        if column.code:
            first, end = columns.positions[column.code], columns.end_of(column.code)
            yield top + len(column.groups), last, first, end, column.label


def write_fixed_table(
    page: Page,
    data_set: DataSet,
    *,
    top: int,
    write_cell: CellWriter,
    codes: bool = True,
) -> TableBody:
    """Write heading and body of a fixed table from row ``top`` on.

    ``write_cell`` is called for every value cell that applies to its element; the other cells of
    value columns become grey. Columns of the sheet that the data set does not know are left to
    the caller. ``codes`` writes the element codes into the hidden first column.
    """
    columns, styles, sheet = page.columns, page.styles, page.sheet
    header_last = write_table_header(page, top)
    row = header_last
    rows: dict[str, int] = {}
    headings: list[int] = []
    label_at, label_end = columns.positions[LABEL_COLUMN], columns.end_of(LABEL_COLUMN)
    inset = page.inset * INDENT
    label_room = columns.span(label_at, label_end) - inset
    look = {"valign": "top"} if data_set.narrative else {}
    code_style, center = styles.named("code"), styles.named("center", **look)
    locked = styles.named("locked")
    for item in data_set.body:
        row += 1
        if isinstance(item, Heading):
            headings.append(row)
            style = styles.named("subsection" if item.subsection else "section", **inside(page))
            sheet.write_blank(row, columns.positions[NUMBER_COLUMN], None, style)
            page.merge(row, label_at, columns.last, item.label, style)
            room = columns.span(label_at, columns.last) - inset
            lines = _lines(item.label, room, bold=not item.subsection)
            page.set_height(row, max(_LEAST, row_height(lines, TABLE_SIZE)))
            continue
        rows[item.code] = row
        if codes:
            sheet.write_string(row, CODE_COLUMN, item.code, code_style)
        sheet.write_string(row, columns.positions[NUMBER_COLUMN], item.number, center)
        indent = item.indent + page.inset
        more = {**look, "indent": indent} if indent else look
        page.merge(row, label_at, label_end, item.label, styles.named("cell", **more))
        lines = _lines(item.label, label_room - item.indent * INDENT)
        if item.guidance:
            # The label again with its guidance below, in small italics.
            parts = (styles.get(), f"{item.label}\n", styles.get(font_size=_SMALL, italic=True))
            style = styles.named("cell", **more)
            sheet.write_rich_string(row, label_at, *parts, item.guidance, style)
            small = lines_needed(item.guidance, label_room - item.indent * INDENT, _SMALL)
            lines += ceil(small * _SMALL / TABLE_SIZE)
        if UNIT_COLUMN in columns.positions:
            at = columns.positions[UNIT_COLUMN]
            sheet.write_string(row, at, item.unit, center)
            lines = max(lines, page.lines(item.unit, at, at))
        for column in data_set.columns:
            at = columns.positions[column.code]
            if column.code not in item.columns:
                sheet.write_blank(row, at, None, locked)
                continue
            written = write_cell(sheet, row, at, item, column.code)
            if written:
                lines = max(lines, _lines(written, columns.span(at, at) - inset))
        page.set_height(row, min(HIGHEST, max(_LEAST, row_height(lines, TABLE_SIZE))))
    if data_set.narrative:
        let_rows_grow(sheet, frozenset(rows.values()))
    return TableBody(top, header_last, header_last + 1, row, rows, tuple(headings))


def inside(page: Page) -> dict[str, Any]:
    """List the properties that keep a text of a page off the border of its cell."""
    return {"indent": page.inset} if page.inset else {}


def _lines(label: str, room: float, *, bold: bool = False) -> int:
    return lines_needed(label, room, TABLE_SIZE, bold=bold)


RowWriter = Callable[["Worksheet", int, int, DataElement, int], str | None]
"""Writes one cell (sheet, row, column, element, index of the row from 0), format included.

May return the text that it wrote, so that the row becomes high enough for it.
"""
NumberWriter = Callable[["Worksheet", int, int, int], None]
"""Writes the number of a row (sheet, row, column, index from 0), format included."""

BLANK_HEIGHT = 15.75
"""Height in points that a row without texts takes on paper (it grows as a person types)."""
_LEAST = 18.0
_END_HEIGHT = 7.5
_TOTAL_HEIGHT = 19.5


def write_open_table(
    page: Page,
    data_set: DataSet,
    *,
    top: int,
    count: int,
    write_cell: RowWriter,
    write_number: NumberWriter,
    codes: bool = True,
) -> TableBody:
    """Write heading, ``count`` rows and the end row of an open table from row ``top`` on.

    Rows with texts get the height that they need; blank ones keep the automatic height, so that
    they grow while a person types. The row after ``last`` is the end row: thin and empty, or left
    to the caller where the form has a row of totals.
    """
    columns, sheet = page.columns, page.sheet
    header_last = write_table_header(page, top)
    if data_set.layout.column_numbers:
        header_last += 1
        write_column_numbers(page, data_set, header_last)
    code_style = page.styles.named("code")
    row = header_last
    for index in range(count):
        row += 1
        if codes:
            sheet.write_string(row, CODE_COLUMN, OPEN_ROW, code_style)
        write_number(sheet, row, columns.positions[NUMBER_COLUMN], index)
        lines = 0
        for element in data_set.elements:
            at = columns.positions[element.code]
            written = write_cell(sheet, row, at, element, index)
            if written:
                room = columns.span(at, at) - page.inset * INDENT
                lines = max(lines, lines_needed(written, room, TABLE_SIZE))
        if lines:
            page.set_height(row, max(_LEAST, row_height(lines, TABLE_SIZE)))
        else:
            page.heights[row] = BLANK_HEIGHT
    body = TableBody(top, header_last, header_last + 1, row, {})
    if codes:
        sheet.write_string(row + 1, CODE_COLUMN, OPEN_END, code_style)
    if not data_set.layout.total_label:
        page.set_height(row + 1, _END_HEIGHT)
    return body


def counted(data_set: DataSet) -> tuple[DataElement, ...]:
    """List the columns that have a total: the first one counts rows, marks are counted each."""
    first, *others = data_set.elements
    return (first, *(element for element in others if element.type is ValueType.MARK))


def write_column_numbers(page: Page, data_set: DataSet, row: int) -> None:
    """Write the row that numbers the columns; columns that the form does not have stay blank."""
    columns, style = page.columns, page.styles.named("center", italic=True)
    shown = {element.code: element.number for element in data_set.elements}
    shown[NUMBER_COLUMN] = data_set.layout.column_numbers
    lines = 1
    for code, at in columns.positions.items():
        if code in shown:
            page.sheet.write_string(row, at, shown[code], style)
            lines = max(lines, page.lines(shown[code], at, at))
        else:
            page.sheet.write_blank(row, at, None, style)
    page.set_height(row, row_height(lines, TABLE_SIZE))


def write_total_row(
    page: Page, data_set: DataSet, row: int, totals: Mapping[str, LiveFigure]
) -> None:
    """Write the row of totals by element; the label fills the columns before the first element.

    An element without a total has a blank.
    """
    columns = page.columns
    first = columns.positions[data_set.elements[0].code]
    bold = page.styles.named("center", bold=True, num_format=COUNT_FORMAT)
    label, begin = data_set.layout.total_label, columns.positions[NUMBER_COLUMN]
    page.merge(row, begin, first - 1, label, bold)
    lines = page.lines(label, begin, first - 1, bold=True)
    page.set_height(row, max(_TOTAL_HEIGHT, row_height(lines, TABLE_SIZE)))
    for code, at in columns.positions.items():
        total = totals.get(code)
        if total is not None:
            page.sheet.write_formula(row, at, total.formula, bold, total.value)
        elif at >= first:
            page.sheet.write_blank(row, at, None, bold)
