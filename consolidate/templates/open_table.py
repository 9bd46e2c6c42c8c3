"""The official table with open rows: as many numbered rows as there are cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from consolidate.model.anchors import CODE_COLUMN, NUMBER_COLUMN, OPEN_END, OPEN_ROW
from consolidate.model.datasets import DataElement, DataSet
from consolidate.templates.fixed_table import TableBody, write_table_header
from consolidate.templates.form_page import Page
from consolidate.xlsx.write.form_styles import TABLE_SIZE
from consolidate.xlsx.write.measure import lines_needed, row_height

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

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


def write_open_table(
    page: Page,
    data_set: DataSet,
    *,
    top: int,
    count: int,
    write_cell: RowWriter,
    write_number: NumberWriter | None = None,
    codes: bool = True,
) -> TableBody:
    """Write heading, ``count`` rows and the end row of an open table from row ``top`` on.

    Rows with texts get the height that they need; blank ones keep the automatic height, so that
    they grow while a person types. Numbers 1, 2, 3 … unless ``write_number`` writes them. The row
    after ``last`` is the end row, thin and empty.
    """
    columns, sheet = page.columns, page.sheet
    header_last = write_table_header(page, top)
    code_style = page.styles.named("code")
    center = page.styles.named("center")
    number_at = columns.positions[NUMBER_COLUMN]
    row = header_last
    for index in range(count):
        row += 1
        if codes:
            sheet.write_string(row, CODE_COLUMN, OPEN_ROW, code_style)
        if write_number is None:
            sheet.write_number(row, number_at, index + 1, center)
        else:
            write_number(sheet, row, number_at, index)
        lines = 0
        for element in data_set.elements:
            at = columns.positions[element.code]
            written = write_cell(sheet, row, at, element, index)
            if written:
                lines = max(lines, lines_needed(written, columns.span(at, at), TABLE_SIZE))
        if lines:
            page.set_height(row, max(_LEAST, row_height(lines, TABLE_SIZE)))
        else:
            page.heights[row] = BLANK_HEIGHT
    body = TableBody(top, header_last, header_last + 1, row, {})
    if codes:
        sheet.write_string(row + 1, CODE_COLUMN, OPEN_END, code_style)
    page.set_height(row + 1, _END_HEIGHT)
    return body
