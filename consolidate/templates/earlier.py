"""Write answers of earlier periods in grey beside a form, outside the official page."""

from __future__ import annotations

from collections.abc import Sequence

from consolidate.model.anchors import CODE_ROW, earlier_code
from consolidate.model.datasets import DataSet, Shape, ValueColumn
from consolidate.templates.fixed_table import TableBody
from consolidate.templates.form_page import Page
from consolidate.templates.inputs import hide_trailing_point, write_value
from consolidate.templates.prefill import Earlier
from consolidate.xlsx.write.form_styles import (
    DATE_FORMAT,
    DECIMAL_FORMAT,
    LOCKED_FILL,
    number_format,
)
from consolidate.xlsx.write.measure import column_points, lines_needed, row_height

_SIZE = 9
"""Font size of the headings: they have to fit the heading of the form, which stays as it is."""
_LEAST, _MOST = 13, 48
"""Widths of a column in characters."""


def write_earlier(
    page: Page, data_set: DataSet, body: TableBody, earlier: Sequence[tuple[str, Earlier]]
) -> None:
    """Write a locked grey column per column of figures and period, to the right of the form.

    They are not printed and change neither the heights nor the pages of the form. Each has a column
    code, by which intake knows that nothing there is an answer.
    """
    at = page.columns.last
    figures = grey_columns(data_set)
    for period, answers in earlier:
        for column in figures:
            at += 1
            label = answers.label if data_set.single else f"{answers.label} – {column.label}"
            _write_column(page, data_set, body, at, column.code, label, answers)
            code = page.styles.named("code")
            page.sheet.write_string(CODE_ROW, at, earlier_code(period, column.code), code)


def grey_columns(data_set: DataSet) -> list[ValueColumn]:
    """List columns of a form that are shown for an earlier period: those with a figure in them."""
    if data_set.shape is not Shape.FIXED:
        return []
    return [
        column
        for column in data_set.columns
        if any(item.column == column.code and item.type.numeric for item in data_set.inputs)
    ]


def _write_column(
    page: Page,
    data_set: DataSet,
    body: TableBody,
    at: int,
    column: str,
    label: str,
    answers: Earlier,
) -> None:
    sheet, styles = page.sheet, page.styles
    heading = styles.named("header", font_size=_SIZE, italic=True, bg_color=LOCKED_FILL)
    sheet.set_column(at, at, _width(page, body, label))
    if body.header_first == body.header_last:
        sheet.write_string(body.header_last, at, label, heading)
    else:
        sheet.merge_range(body.header_first, at, body.header_last, at, label, heading)
    decimals: list[tuple[int, int]] = []
    for element in data_set.elements:
        if column not in element.columns:
            continue
        row = body.rows[element.code]
        shown = number_format(data_set.type_of(element, column))
        look = {"border": 1, "valign": "vcenter", "align": "center", "bg_color": LOCKED_FILL}
        style = styles.get(**look, text_wrap=True, num_format=shown)
        dated = styles.get(**look, num_format=DATE_FORMAT)
        value = answers.values.get(data_set.name_of(element.code, column))
        write_value(sheet, row, at, value, style, dated)
        if shown == DECIMAL_FORMAT:
            decimals.append((row, at))
    hide_trailing_point(sheet, styles, decimals)


def _width(page: Page, body: TableBody, label: str) -> float:
    """Least width at which the heading fits the height that the form gives it."""
    rows = range(body.header_first, body.header_last + 1)
    room = sum(page.heights[row] for row in rows)
    width = _LEAST
    while width < _MOST:
        lines = lines_needed(label, column_points(width), _SIZE, bold=True)
        if row_height(lines, _SIZE) <= room:
            break
        width += 1
    return width
