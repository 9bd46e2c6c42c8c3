"""Write the sheet "Hướng dẫn": how to fill in and send, for somebody who is new to this."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from consolidate.definitions.catalogue import text, texts
from consolidate.model.anchors import GUIDE_SHEET, LIVE_SHEET
from consolidate.model.cells import CellRef
from consolidate.model.datasets import DataSet, Library, TemplateSpec
from consolidate.templates.columns import SheetColumn, SheetColumns
from consolidate.templates.fixed_table import write_table_header
from consolidate.templates.form_page import Page, PagePlan
from consolidate.xlsx.write.form_styles import TABLE_SIZE, TEXT_SIZE, Styles
from consolidate.xlsx.write.measure import row_height

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

_COLUMNS = (("form_sheet", 18), ("form", 28), ("basis", 24), ("version", 8), ("periods", 16))


def write_guide(
    workbook: Workbook,
    styles: Styles,
    library: Library,
    spec: TemplateSpec,
    data_sets: Iterable[DataSet],
) -> None:
    """Add the guidance sheet: numbered steps, then the forms with legal basis and version."""
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
    row = _write_decimal(page, row)
    page.line(row, text("template.guide.forms"), heading, size=TEXT_SIZE, bold=True, least=27)
    row = write_table_header(page, row + 1)
    cell = styles.named("cell")
    for name, about in ((library.cover.sheet, "about_cover"), (LIVE_SHEET, "about_check")):
        row += 1
        _write_link(page, row, name)
        page.merge(row, 1, columns.last, text(f"template.guide.{about}"), cell)
        page.set_height(row, row_height(1, TABLE_SIZE))
    for data_set in data_sets:
        row += 1
        shown = (
            data_set.sheet,
            data_set.short_title,
            library.pack_of[spec.code].legal_basis,
            spec.version,
            ", ".join(kind.label for kind in data_set.periods),
        )
        lines = 1
        for index, content in enumerate(shown):
            if index:
                sheet.write_string(row, index, content, cell)
            else:
                _write_link(page, row, content)
            lines = max(lines, page.lines(content, index, index))
        page.set_height(row, row_height(lines, TABLE_SIZE))
    footer = text("template.page.form_footer")
    plan = PagePlan(one_page=True)
    page.set_up(landscape=False, first_row=0, last_row=row, footer=footer, plan=plan)
    sheet.protect("", {"format_columns": True, "format_rows": True})


_SAMPLE = 1234.5
"""Shown in the manner of the machine, whichever sign it has for decimals."""


def _write_link(page: Page, row: int, name: str) -> None:
    """Write the name of a sheet that leads there."""
    link = page.styles.named("cell", font_color="#0000FF", underline=1)
    page.sheet.write_url(row, 0, f"internal:{CellRef(name, 0, 0).quoted}", link, name)


def _write_decimal(page: Page, row: int) -> int:
    """Write how this machine wants decimals typed; returns the next row.

    The number is shown by the machine itself: no formula asks for its settings.
    """
    styles, last = page.styles, page.columns.last
    said = text("template.guide.decimal")
    page.merge(row, 0, last - 1, said, styles.named("text", font_size=TABLE_SIZE))
    sample = styles.named("center", bold=True, num_format="#,##0.0")
    page.sheet.write_number(row, last, _SAMPLE, sample)
    page.set_height(row, row_height(page.lines(said, 0, last - 1), TABLE_SIZE))
    return row + 1
