"""Write the rows that a form prints around a list: column numbers above, totals below."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from consolidate.model.anchors import NUMBER_COLUMN
from consolidate.model.datasets import DataElement, DataSet, ValueType
from consolidate.templates.form_page import Page
from consolidate.xlsx.write.form_styles import COUNT_FORMAT, TABLE_SIZE
from consolidate.xlsx.write.measure import lines_needed, row_height

_LEAST = 19.5


@dataclass(frozen=True, slots=True)
class LiveCount:
    """A number of rows or marks: its formula and what it gives now; ``None`` shows a blank."""

    formula: str
    value: int | None


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
            lines = max(lines, lines_needed(shown[code], columns.span(at, at), TABLE_SIZE))
        else:
            page.sheet.write_blank(row, at, None, style)
    page.set_height(row, row_height(lines, TABLE_SIZE))


def write_total_row(
    page: Page, data_set: DataSet, row: int, totals: Mapping[str, LiveCount]
) -> None:
    """Write the row of totals by element; the label fills the columns before the first element."""
    columns = page.columns
    first = columns.positions[data_set.elements[0].code]
    bold = page.styles.named("center", bold=True, num_format=COUNT_FORMAT)
    label, begin = data_set.layout.total_label, columns.positions[NUMBER_COLUMN]
    page.merge(row, begin, first - 1, label, bold)
    lines = lines_needed(label, columns.span(begin, first - 1), TABLE_SIZE, bold=True)
    page.set_height(row, max(_LEAST, row_height(lines, TABLE_SIZE)))
    for code, at in columns.positions.items():
        total = totals.get(code)
        if total is not None and total.value is not None:
            page.sheet.write_formula(row, at, total.formula, bold, total.value)
        elif at >= first:
            page.sheet.write_blank(row, at, None, bold)
