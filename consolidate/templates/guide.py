"""The sheet "Hướng dẫn": how to fill in and send, for someone who has seen none of this before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consolidate.definitions.catalogue import text, texts
from consolidate.model.anchors import GUIDE_SHEET
from consolidate.model.datasets import Library
from consolidate.templates.columns import SheetColumn, SheetColumns
from consolidate.templates.fixed_table import write_table_header
from consolidate.templates.form_page import Page
from consolidate.xlsx.write.form_styles import TABLE_SIZE, TEXT_SIZE, Styles
from consolidate.xlsx.write.measure import lines_needed, row_height

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

_COLUMNS = (("form_sheet", 11), ("form", 30), ("basis", 27), ("version", 9), ("periods", 17))


def write_guide(workbook: Workbook, styles: Styles, library: Library, template: str) -> None:
    """Add the guidance sheet: numbered steps, then the forms with legal basis and version."""
    spec = library.template_by_code[template]
    sheet = workbook.add_worksheet(GUIDE_SHEET)
    columns = SheetColumns(
        tuple(SheetColumn(name, text(f"template.guide.{name}"), width) for name, width in _COLUMNS),
        first=0,
    )
    page = Page(sheet, styles, columns)
    page.line(0, text("template.guide.title"), styles.named("title"), size=14, bold=True)
    row = 0
    heading = styles.named("text", bold=True)
    part = ""
    for key in texts("template"):
        if not key.startswith("guide_step."):
            continue
        number = key.removeprefix("guide_step.")
        if number.split("-")[0] != part:
            part = number.split("-")[0]
            row += 1
            title = f"{part}. {text(f'template.guide_part.{part}')}"
            page.line(row, title, heading, size=TEXT_SIZE, bold=True, least=24)
        row += 1
        step = text(f"template.{key}", recipient=spec.recipient)
        step = f"{number.replace('-', '.')}. {step}"
        page.line(row, step, styles.named("text", font_size=TABLE_SIZE), size=TABLE_SIZE)
    row += 1
    page.line(row, text("template.guide.forms"), heading, size=TEXT_SIZE, bold=True, least=27)
    row = write_table_header(page, row + 1)
    cell = styles.named("cell")
    for data_set in library.sets_of(template):
        row += 1
        shown = (
            data_set.sheet,
            data_set.short_title,
            library.pack_of[template].legal_basis,
            spec.version,
            ", ".join(kind.label for kind in data_set.periods),
        )
        lines = 1
        for index, content in enumerate(shown):
            sheet.write_string(row, index, content, cell)
            lines = max(lines, lines_needed(content, columns.span(index, index), TABLE_SIZE))
        page.set_height(row, row_height(lines, TABLE_SIZE))
    page.set_up(landscape=False, first_row=0, last_row=row, footer=text("template.page.footer"))
    sheet.protect("", {"format_columns": True, "format_rows": True})
