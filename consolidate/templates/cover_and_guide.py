"""Write the two sheets that every template has beside its forms.

The cover asks who reports, for which period, and who signs. The guide ("Hướng dẫn") tells somebody
who is new to this how to fill in and send.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from consolidate.definitions.catalogue import text, texts
from consolidate.model.anchors import CODE_COLUMN, GUIDE_SHEET, LABEL_COLUMN, LIVE_SHEET
from consolidate.model.cells import CellRef, column_letters
from consolidate.model.datasets import (
    VALUE_COLUMN,
    DataElement,
    DataSet,
    Heading,
    Library,
    TemplateSpec,
)
from consolidate.model.period import Period
from consolidate.model.units import Level, levels_on
from consolidate.templates.columns import FormPlace, SheetColumn, SheetColumns
from consolidate.templates.fixed_table import write_codes, write_table_header
from consolidate.templates.form_page import Page, PagePlan, write_heading, write_title
from consolidate.templates.inputs import Inputs
from consolidate.templates.live_formulas import CoverCells, period_line, unit_line
from consolidate.templates.prefill import Prefill
from consolidate.xlsx.write.form_styles import TABLE_SIZE, TEXT_SIZE, Styles
from consolidate.xlsx.write.text_sizes import lines_needed, row_height

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

_TOP = 1
_HEADING_ROWS = 3
_LABEL_WIDTH = 32
_NOTE_WIDTH = 24
_LEAST = 24.0
_TALL = 36.0
_TALL_FIELDS = ("unit_name", "signatory_title")
_PERIOD_FIELD, _LEVEL_FIELD = "period_type", "level"


def write_cover(
    workbook: Workbook,
    styles: Styles,
    library: Library,
    spec: TemplateSpec,
    data_sets: Iterable[DataSet],
    prefill: Prefill,
) -> tuple[FormPlace, CoverCells]:
    """Add the cover sheet of a template; also give what other sheets repeat of it."""
    cover = library.cover
    value = cover.columns[0]
    columns = SheetColumns(
        (
            SheetColumn(LABEL_COLUMN, text("template.cover.label_header"), _LABEL_WIDTH),
            SheetColumn(VALUE_COLUMN, value.label, value.width),
            SheetColumn("note", text("template.cover.note_header"), _NOTE_WIDTH),
        )
    )
    # Below heading, title lines, period line, gap and table heading.
    header = _TOP + _HEADING_ROWS + len(spec.title) + 2
    rows = {
        item.code: row
        for row, item in enumerate(cover.body, header + 1)
        if not isinstance(item, Heading)
    }
    sheet = workbook.add_worksheet(cover.sheet)
    place = FormPlace(cover, sheet, columns.positions, rows, min(rows.values()), max(rows.values()))
    cells = _cells(place, prefill)
    page = Page(sheet, styles, columns)
    write_codes(page, cover)
    inputs = Inputs(workbook, sheet, styles, cover.sheet)
    row = write_heading(page, _TOP, unit_line(cells))
    write_title(page, row, spec.title, period_line(cells))
    row = write_table_header(page, header)
    choices = {
        _PERIOD_FIELD: tuple(kind.label for kind in library.pack_of[spec.code].periods),
        _LEVEL_FIELD: _levels(cover, prefill),
    }
    for item in cover.body:
        row += 1
        if isinstance(item, Heading):
            label_at = columns.positions[LABEL_COLUMN]
            page.merge(row, label_at, columns.last, item.label, styles.named("section"))
            page.set_height(row, _LEAST)
        else:
            _write_field(page, inputs, cover, item, prefill, choices.get(item.code, ()), row)
    row = _write_notes(page, row + 1, data_sets, spec, prefill.notice)
    inputs.finish()
    page.set_up(
        landscape=cover.layout.landscape,
        first_row=_TOP,
        last_row=row,
        footer=text("template.page.form_footer"),
    )
    sheet.protect("", {"format_columns": True, "format_rows": True})
    first = (rows["unit_name"], columns.positions[VALUE_COLUMN])
    sheet.set_selection(*first, *first)
    sheet.activate()
    return place, cells


def _cells(place: FormPlace, prefill: Prefill) -> CoverCells:
    """Addresses of the fields of the cover and what they are filled with."""
    letters = column_letters(place.columns[VALUE_COLUMN])
    names = {code: place.data_set.name_of(code) for code in place.rows}
    return CoverCells(
        {code: f"{place.prefix}${letters}${row + 1}" for code, row in place.rows.items()},
        {code: prefill.values[name] for code, name in names.items() if name in prefill.values},
    )


def _write_field(
    page: Page,
    inputs: Inputs,
    cover: DataSet,
    item: DataElement,
    prefill: Prefill,
    choices: tuple[str, ...],
    row: int,
) -> None:
    """Write the row of a field: code, label, answer, note."""
    sheet, styles, columns = page.sheet, page.styles, page.columns
    label_at, value_at = columns.positions[LABEL_COLUMN], columns.positions[VALUE_COLUMN]
    label = text("template.cover.required", label=item.label) if item.required else item.label
    note = texts("template").get(f"cover_note.{item.code}", "")
    sheet.write_string(row, CODE_COLUMN, item.code, styles.named("code"))
    sheet.write_string(row, label_at, label, styles.named("cell", indent=1))
    sheet.write_string(row, value_at + 1, note, styles.named("cell", italic=True, font_size=10))
    name = cover.name_of(item.code)
    written = inputs.write(
        cover,
        item,
        VALUE_COLUMN,
        row,
        value_at,
        prefill.values.get(name),
        defined_name=name,
        choices=choices,
        cover=True,
    )
    lines = max(
        lines_needed(label, columns.span(label_at, label_at) - 9, TABLE_SIZE),
        page.lines(written, value_at, value_at),
        page.lines(note, value_at + 1, value_at + 1, size=10),
    )
    least = _TALL if item.code in _TALL_FIELDS else _LEAST
    page.set_height(row, max(least, row_height(lines, TABLE_SIZE)))


def _levels(cover: DataSet, prefill: Prefill) -> tuple[str, ...]:
    """Levels to choose from: those that there are in the period, all while it is not known."""
    choices = cover.by_code[_LEVEL_FIELD].choices
    if not prefill.period:
        return choices
    gone = set(Level) - set(levels_on(Period.parse_code(prefill.period).last_day))
    own = prefill.values.get(cover.name_of(_LEVEL_FIELD))
    return tuple(label for label in choices if label == own or Level.parse(label) not in gone)


def _write_notes(
    page: Page, top: int, data_sets: Iterable[DataSet], spec: TemplateSpec, notice: str
) -> int:
    sheets = "; ".join(
        text("template.cover.sheet", sheet=data_set.sheet, title=data_set.short_title)
        for data_set in data_sets
    )
    note = page.styles.named("note")
    page.set_height(top, 6)
    page.line(top + 1, text("template.cover.required_note"), note, size=TABLE_SIZE)
    contents = text("template.cover.contents", sheets=sheets, recipient=spec.recipient)
    page.line(top + 2, contents, note, size=TABLE_SIZE)
    if not notice:
        return top + 2
    page.line(top + 3, notice, page.styles.named("note", bold=True), size=TABLE_SIZE, bold=True)
    return top + 3


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
