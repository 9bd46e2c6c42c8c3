"""Write open tables of all units in the official layout, and texts beside fixed tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from xlsxwriter.worksheet import Worksheet

from consolidate.definitions.catalogue import text
from consolidate.model.anchors import NUMBER_COLUMN
from consolidate.model.cells import CellRef, column_letters
from consolidate.model.corrections import ADJUSTED
from consolidate.model.data_values import UNKNOWN, DataValue, ValueStatus
from consolidate.model.datasets import Aggregation, DataElement, ValueType
from consolidate.model.units import Level
from consolidate.reports.beside_figures import write_beside, write_notes_beside
from consolidate.reports.captions import caption, cell_note, say
from consolidate.reports.matrix import MOST_RUNS, division_label, runs_of
from consolidate.reports.official_sheet import (
    finish,
    notes_of,
    official_head,
    official_page,
    warning_of,
)
from consolidate.reports.plain_lists import FlatCell, FlatColumn, Linked, write_flat
from consolidate.reports.summary_book import Book, cached, cells_told, severity_marks, sum_of
from consolidate.reports.summary_sheets import SetSheets, noted_values, stamp
from consolidate.rollup.groups import Division, within
from consolidate.rollup.totals import Contribution, DataSetTable
from consolidate.templates.columns import SheetColumns, columns_of
from consolidate.templates.fixed_table import (
    TableBody,
    counted,
    inside,
    write_open_table,
    write_total_row,
)
from consolidate.templates.form_page import Page
from consolidate.templates.live import LiveFigure
from consolidate.xlsx.write.form_styles import (
    ADJUSTED_LOOK,
    BLANK_FILL,
    DATE_FORMAT,
    NUMBER_FORMATS,
    RED,
    SEVERITY_FILLS,
    TABLE_SIZE,
    number_trait,
)
from consolidate.xlsx.write.safe_text import clean

_UNIT_WIDTH, _SOURCE_WIDTH = 34.0, 22.0
_EARLIEST = date(1900, 3, 1)
"""Days before this one have no number that every spreadsheet agrees on."""


@dataclass(frozen=True, slots=True)
class _Row:
    item: Contribution
    values: dict[str, DataValue]

    @property
    def first(self) -> CellRef:
        """The first cell of the row in the unit's file."""
        return min(value.cell for value in self.values.values())


def write_list(book: Book, part: SetSheets) -> None:
    """Fill the sheet of an open table with the rows of all units and live totals below."""
    table = part.table
    data_set = table.data_set
    rows = tuple(
        _Row(item, values) for item in table.contributions for values in item.rows() if values
    )
    columns = SheetColumns(columns_of(data_set).columns, 0)
    page = official_page(book, part.province, columns)
    top = official_head(book, page, table)
    writer = _RowWriter(book, part, page, rows)
    body = write_open_table(
        page,
        data_set,
        top=top,
        count=len(rows),
        write_cell=writer.cell,
        write_number=writer.number,
        codes=False,
    )
    last = sums = body.last
    summed = [figure for figure in table.figures if figure.aggregation is Aggregation.SUM]
    if not rows:
        last += 1
        # On a page to sign "Không có", or nothing where nobody answered.
        said = text("summary.none") if table.contributions else ""
        if book.live:
            said = text("summary.list.empty" if table.contributions else "summary.none")
        page.line(last, said, page.styles.named("center", italic=True), size=TABLE_SIZE)
    elif summed and any(row.item.summed for row in rows):
        sums, last = _totals(page, table, rows, body, levels=book.live)
    if data_set.layout.total_label:
        last += 1
        write_total_row(page, data_set, last, _counts(page, table, rows, body))
    finish(book, page, last, table, (body.header_first, body.header_last))
    at = columns.last + 2
    write_notes_beside(book, page, at, warning_of(table), notes_of(table), body.header_last)
    if rows:
        at = _write_sources(book, page, rows, body)
    if summed and rows:
        write_beside(book, page, table, {sums: summed}, body.header_last, at)


def _write_sources(book: Book, page: Page, rows: tuple[_Row, ...], body: TableBody) -> int:
    """Write whose each row is and where it stands, beside the page; returns the next column."""
    unit_at = page.columns.last + 2
    source_at, small = unit_at + 1, book.look.of("small", "italic")
    book.put(page.sheet, body.header_last, unit_at, text("summary.list.unit"), small)
    book.put(page.sheet, body.header_last, source_at, text("summary.list.source"), small)
    page.sheet.set_column(unit_at, unit_at, _UNIT_WIDTH)
    page.sheet.set_column(source_at, source_at, _SOURCE_WIDTH)
    for row, found in enumerate(rows, body.first):
        name = found.item.unit.name
        if not found.item.summed:
            name = text("summary.list.beside", unit=name)
        book.put(page.sheet, row, unit_at, name, book.look.of("small"))
        target = book.file_target(found.item.record, found.first) if book.live else None
        book.link(page.sheet, row, source_at, target, cell_note(found.first), "small")
    return source_at + 1


class _RowWriter:
    """Writes the cells of the rows; ``places`` of the book learn where questioned ones stand."""

    def __init__(self, book: Book, part: SetSheets, page: Page, rows: tuple[_Row, ...]) -> None:
        self._book = book
        self._part = part
        self._page = page
        self._rows = rows
        self._marks = {
            item.record.name: severity_marks(item.record) for item in part.table.contributions
        }
        self._told = cells_told(part.table.contributions)

    def number(self, sheet: Worksheet, row: int, column: int, index: int) -> None:
        """Write the number of a row where the official form does not leave it to elements."""
        sheet.write_number(row, column, index + 1, self._page.styles.named("center"))

    def cell(
        self, sheet: Worksheet, row: int, column: int, element: DataElement, index: int
    ) -> str | None:
        """Write one answer; the four kinds look different from each other."""
        found = self._rows[index]
        value = found.values.get(element.code)
        styles = self._page.styles
        if value is None:
            sheet.write_blank(row, column, None, styles.named("cell"))
            return None
        path = found.item.record.name
        mark = self._marks[path].get(value.cell)
        if value.cell in self._told[path]:
            place = CellRef(self._part.province, row, column)
            self._book.places.setdefault((path, value.cell), place)
        marked = self._book.live  # What is signed shows no marks of ours.
        fill: dict[str, Any] = {}
        if marked and mark is not None:
            fill["bg_color"] = SEVERITY_FILLS[mark]
        if marked and ADJUSTED in value.normalisation:
            fill |= ADJUSTED_LOOK
        used = value.used
        if isinstance(used, Decimal):
            fill["num_format"] = NUMBER_FORMATS[number_trait(used)]
            sheet.write_number(row, column, float(used), styles.named("number", **fill))
            return None
        if isinstance(used, date) and used >= _EARLIEST:
            style = styles.named("date", **fill, num_format=DATE_FORMAT)
            sheet.write_datetime(row, column, used, style)
            return None
        if value.status is ValueStatus.MISSING:
            blank = {"bg_color": BLANK_FILL, **fill} if marked and element.required else fill
            sheet.write_blank(row, column, None, styles.named("cell", **blank))
            return None
        if value.status is ValueStatus.NOT_APPLICABLE:
            style = styles.named("center", **fill)
            sheet.write_string(row, column, text("summary.not_applicable"), style)
            return None
        if value.status in UNKNOWN:
            shown = clean(value.raw)
            if marked:
                fill["font_color"] = RED
        else:
            shown = clean(say(used))
        centred = element.center or element.type is ValueType.MARK
        look = {} if centred else inside(self._page)
        style = styles.named("center" if centred else "cell", **look, **fill)
        self._book.put(sheet, row, column, shown, style)
        return shown


def _counts(
    page: Page, table: DataSetTable, rows: tuple[_Row, ...], body: TableBody
) -> dict[str, LiveFigure]:
    """Numbers of rows and marks of the units that are summed, as live formulas."""
    if not rows:
        summed = any(item.summed for item in table.contributions)
        return dict.fromkeys(
            (e.code for e in counted(table.data_set) if summed), LiveFigure("=0", 0)
        )
    blocks = [
        [body.first + index for index, _ in inside]
        for summed, inside in groupby(enumerate(rows), key=lambda pair: pair[1].item.summed)
        if summed
    ]
    own = [row for row in rows if row.item.summed]
    counts = {}
    for element in counted(table.data_set):
        marked = element.type is ValueType.MARK
        at = page.columns.positions[element.code if marked else NUMBER_COLUMN]
        letters = column_letters(at)
        spans = [f"{letters}{block[0] + 1}:{letters}{block[-1] + 1}" for block in blocks]
        # Every row has its running number; a mark that was read is shown as x.
        parts = [f'COUNTIF({span},"x")' if marked else f"COUNT({span})" for span in spans]
        answers = [row.values.get(element.code) for row in own]
        marks = sum(value is not None and value.used is not None for value in answers)
        counts[element.code] = LiveFigure(
            f"={'+'.join(parts) or '0'}", marks if marked else len(own)
        )
    return counts


def _totals(
    page: Page, table: DataSetTable, rows: tuple[_Row, ...], body: TableBody, *, levels: bool
) -> tuple[int, int]:
    """Rows with the sums of each level, of the province, then of groups.

    Without ``levels`` there is that of the province alone, as on the form. Returns the row of the
    province, and the last one.
    """
    found = {
        division: runs_of(
            at
            for at, row in enumerate(rows, body.first + 1)
            if row.item.summed and within(row.item.unit, division)
        )
        for division in table.divisions
    }
    if not levels:
        own = runs_of(at for at, row in enumerate(rows, body.first + 1) if row.item.summed)
        _total_row(page, table, body.last + 1, None, own)
        return body.last + 1, body.last + 1
    shown = [(item, found[item]) for item in Level if found.get(item)]
    total = body.last + 1 + len(shown)
    lines: list[tuple[Division | None, tuple[tuple[int, int], ...]]] = [
        *shown,
        (None, ((body.last + 2, total),)),
        *((item, found[item]) for item in table.groups if 0 < len(found[item]) <= MOST_RUNS),
    ]
    for row, (division, runs) in enumerate(lines, body.last + 1):
        _total_row(page, table, row, division, runs)
    return total, body.last + len(lines)


def _total_row(
    page: Page,
    table: DataSetTable,
    row: int,
    division: Division | None,
    runs: tuple[tuple[int, int], ...],
) -> None:
    """One row of sums over runs of rows, each from its first to its last as Excel counts them."""
    columns, styles = page.columns, page.styles
    bold = styles.named("cell", bold=True)
    page.set_height(row, 19.5)
    label = text("summary.list.total")
    if isinstance(division, Level):
        label = text("summary.list.level_total", level=division.label.lower())
    elif division is not None:
        label = text("summary.list.group_total", name=division_label(division))
    style = styles.named("cell", bold=True, **inside(page))
    first_element = columns.positions[table.data_set.elements[0].code]
    page.merge(row, columns.positions[NUMBER_COLUMN], first_element, label, style)
    for column in range(first_element + 1, columns.last + 1):
        page.sheet.write_blank(row, column, None, bold)
    for figure in table.figures:
        column = columns.positions[figure.element.code]
        total = figure.total_of(division)
        number = NUMBER_FORMATS[number_trait(total)]
        style = styles.named("number", bold=True, num_format=number)
        if figure.aggregation is Aggregation.RATIO and total is not None:
            page.sheet.write_number(row, column, float(total), style)  # Of the totals of its parts.
        if figure.aggregation is not Aggregation.SUM:
            continue
        letters = column_letters(column)
        formula = sum_of(",".join(f"{letters}{first}:{letters}{last}" for first, last in runs))
        page.sheet.write_formula(row, column, formula, style, cached(total))


_NOTE_COLUMNS = (
    FlatColumn("number", 5.5, ("center",)),
    FlatColumn("unit", 28),
    FlatColumn("element", 24),
    FlatColumn("text", 64),
    FlatColumn("file", 28, ("small",)),
    FlatColumn("source", 14, ("center", "small")),
)


def write_notes(book: Book, part: SetSheets) -> None:
    """Fill the sheet with the texts of a fixed table, one row each."""
    write_flat(
        book,
        part.notes,
        "notes",
        _NOTE_COLUMNS,
        _note_rows(book, part),
        title=text("summary.notes.title", title=part.table.data_set.title),
        stamp=stamp(part.table),
        empty=text("summary.none"),
    )


def _note_rows(book: Book, part: SetSheets) -> Iterator[tuple[FlatCell, ...]]:
    code = part.table.data_set.code
    for number, (item, value) in enumerate(noted_values(part.table), 1):
        yield (
            number,
            item.unit.name,
            caption(book.library, code, value.key.element),
            say(value.used) or value.raw,
            item.record.name,
            Linked(cell_note(value.cell), book.file_target(item.record, value.cell)),
        )
