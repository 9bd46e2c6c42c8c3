"""The trace sheet: for every figure of the by-unit sheet, at the same address, where it is from."""

from __future__ import annotations

from decimal import Decimal

from consolidate.definitions.catalogue import text
from consolidate.model.cells import CellRef
from consolidate.model.data_values import DataValue, ValueStatus
from consolidate.model.datasets import Aggregation
from consolidate.reports.by_unit import REPEATED_WIDTHS, write_frame
from consolidate.reports.captions import cell_note, column_note
from consolidate.reports.matrix import (
    CODE_ROW,
    LEVEL_ROW,
    NAME_ROW,
    TOTAL_COLUMN,
    UNIT_COLUMN,
    Matrix,
)
from consolidate.reports.plan import SetSheets, stamp
from consolidate.reports.summary_book import Book, internal
from consolidate.xlsx.write.form_styles import HIGHEST, SMALL_SIZE
from consolidate.xlsx.write.measure import column_points, lines_needed, row_height
from consolidate.xlsx.write.safe_text import clean

PLACE_WIDTH = 17
"""Width in characters of the column of a unit."""
_PRINT_SCALE = 90
HASH_DIGITS = 12
"""Digits of a file's SHA-256 that are shown; enough to tell any two files of an inbox apart."""


def write_trace(book: Book, part: SetSheets, layout: Matrix) -> None:
    """Fill the trace sheet of a fixed table, with the geometry of its by-unit sheet."""
    sheet = book.sheets[part.trace]
    table = part.table
    title = text("summary.trace.title", title=table.data_set.title)
    book.heading(
        sheet,
        (title, book.subtitle(table.period)),
        stamp(table),
        widths=REPEATED_WIDTHS,
        hint=book.printed(part.trace, text("summary.trace.legend", sheet=part.by_unit))[0],
        left=True,
    )
    write_frame(book, sheet, layout)
    book.paper(sheet, landscape=True)
    sheet.set_print_scale(_PRINT_SCALE)
    sheet.print_area(0, 0, LEVEL_ROW - 1, UNIT_COLUMN)
    sheet.set_column(TOTAL_COLUMN, layout.first_unit - 1, 13.5)
    if table.contributions:
        sheet.set_column(layout.first_unit, layout.last_column, PLACE_WIDTH)
    _headers(book, part, layout)
    _places(book, part, layout)
    _sums(book, part, layout)


def _headers(book: Book, part: SetSheets, layout: Matrix) -> None:
    sheet = book.sheets[part.trace]
    sheet.set_row(LEVEL_ROW, 28)
    sheet.set_row(CODE_ROW, 26)
    source = book.look.of("head", "small")
    height = 40.0
    for column, item in enumerate(layout.table.contributions, layout.first_unit):
        back = internal(CellRef(part.by_unit, CODE_ROW, column))
        book.link(sheet, LEVEL_ROW, column, back, item.unit.code, "head", "small")
        named = column_note(item.unit.name, item.record.name)
        book.put(sheet, NAME_ROW, column, named, source)
        lines = lines_needed(clean(named), column_points(PLACE_WIDTH), SMALL_SIZE, bold=True)
        height = max(height, row_height(lines, SMALL_SIZE))
        target = book.file_target(item.record, CellRef(item.content.sheet, 0, 0))
        digest = item.record.sha256[:HASH_DIGITS]
        book.link(sheet, CODE_ROW, column, target, digest, "head", "small")
    sheet.set_row(NAME_ROW, min(height, HIGHEST))


def _places(book: Book, part: SetSheets, layout: Matrix) -> None:
    sheet = book.sheets[part.trace]
    look = book.look.of("cell", "small")
    blank = book.look.of("cell", "absent")
    rows = [(row.row, (row.element, row.column)) for row in layout.rows if row.figures]
    known: dict[tuple[str, int, int], str] = {}
    write = sheet.write_string
    for column, item in enumerate(layout.table.contributions, layout.first_unit):
        values = item.values
        for row, key in rows:
            value = values.get(key)
            if value is None:
                sheet.write_blank(row, column, None, blank)
                continue
            cell = value.cell
            address = (cell.sheet, cell.row, cell.column)
            place = known.get(address)
            if place is None:
                place = known[address] = clean(cell_note(cell))
            if value.raw and not _as_typed(value):
                place = clean(cell_note(cell, value.raw))
            write(row, column, place, look)


def _as_typed(value: DataValue) -> bool:
    """Whether the figure was typed exactly as it was used."""
    used = value.value
    if value.status is ValueStatus.NOT_APPLICABLE:
        return value.raw == text("summary.not_applicable")
    if isinstance(used, Decimal):
        return value.raw == str(used) or value.raw == format(used, "f")
    return False


def _sums(book: Book, part: SetSheets, layout: Matrix) -> None:
    """What the totals at the same addresses are made of."""
    sheet = book.sheets[part.trace]
    look = book.look.of("cell", "total", "small", "center")
    for row in layout.rows:
        if not row.figures:
            continue
        if row.aggregation is Aggregation.SINGLE:
            cell = layout.given_cell(row)
            said = text("summary.trace.given", cell=cell) if cell else ""
            for column in range(TOTAL_COLUMN, layout.first_unit):
                book.put(sheet, row.row, column, said if column == TOTAL_COLUMN else "", look)
            continue
        if row.aggregation is Aggregation.RATIO:
            said = text("summary.trace.ratio") if row.total is not None else ""
            for column in range(TOTAL_COLUMN, layout.first_unit):
                book.put(sheet, row.row, column, said if column == TOTAL_COLUMN else "", look)
            continue
        for span in layout.spans:
            cells = text("summary.trace.sum", cells=span.units(row.row)) if span.runs else ""
            book.put(sheet, row.row, span.column, cells, look)
        cells = text("summary.trace.sum", cells=layout.level_cells(row.row))
        book.put(sheet, row.row, TOTAL_COLUMN, cells, look)
