"""The head of an official form: unit and national motto, form code, title lines."""

from __future__ import annotations

from collections.abc import Sequence

from consolidate.definitions.catalogue import text
from consolidate.templates.check_sheet.live import LiveText
from consolidate.templates.form_page import Page
from consolidate.xlsx.write.form_styles import TABLE_SIZE, TEXT_SIZE
from consolidate.xlsx.write.measure import lines_needed, row_height

_TITLE_SIZE = 14
_GAP = 9.0


def write_heading(page: Page, top: int, unit: str | LiveText, *, form_code: str = "") -> int:
    """Write the name of the unit (left) beside the national motto (right); return the next row.

    ``unit`` is shown as given. A form code stands above, at the right.
    """
    columns, styles, row = page.columns, page.styles, top
    middle = columns.middle
    if form_code:
        page.merge(row, middle, columns.last, form_code, styles.named("form_code"))
        page.set_height(row, row_height(1, TEXT_SIZE))
        row += 1
    shown = unit.value if isinstance(unit, LiveText) else unit
    left = columns.span(columns.first, middle - 1)
    lines = max(2, lines_needed(shown, left, TABLE_SIZE, bold=True))
    name = styles.named("unit_name")
    page.merge(row, columns.first, middle - 1, unit, name, last_row=row + 2)
    page.merge(row, middle, columns.last, text("template.heading.state"), styles.named("motto"))
    page.merge(
        row + 1,
        middle,
        columns.last,
        text("template.heading.motto"),
        styles.named("motto_underlined"),
    )
    first, second = row_height(1, TABLE_SIZE), row_height(1, TEXT_SIZE)
    page.set_height(row, first)
    page.set_height(row + 1, second)
    page.set_height(
        row + 2, max(row_height(1, TABLE_SIZE), row_height(lines, TABLE_SIZE) - first - second)
    )
    return row + 3


def write_title(
    page: Page, top: int, lines: Sequence[str], note: str | LiveText | None = None
) -> int:
    """Write the bold centred title lines and the line in italics below; return the next row.

    The note, if there is one, stands in the row before the gap, which is the row returned minus
    two.
    """
    row = top
    title = page.styles.named("title")
    for line in lines:
        page.line(row, line, title, size=_TITLE_SIZE, bold=True)
        row += 1
    if note is not None:
        page.line(row, note, page.styles.named("subtitle"), size=TEXT_SIZE)
        row += 1
    page.set_height(row, _GAP)
    return row + 1
