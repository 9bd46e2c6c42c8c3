"""Write what units say in rows and words: open tables, reports in words, texts of fixed tables.

The first two have the official layout. A report in words has its items as on the form, below each
"đơn vị: nội dung", equal texts once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
from consolidate.model.datasets import Aggregation, DataElement, Heading, ValueType
from consolidate.model.units import Level
from consolidate.reports.captions import caption, cell_note, say
from consolidate.reports.flat_list_sheet import FlatCell, FlatColumn, FlatText, write_flat
from consolidate.reports.matrix import MOST_RUNS, division_label, runs_of
from consolidate.reports.official_sheet import (
    finish,
    official_head,
    official_page,
    write_beside,
    write_notes_beside,
)
from consolidate.reports.summary_book import Book, cached, cells_told, severity_marks, sum_of
from consolidate.reports.summary_sheets import SetSheets, noted_values, stamp
from consolidate.rollup.texts_by_item import ItemTexts, Said, texts_by_item
from consolidate.rollup.totals import Contribution, DataSetTable
from consolidate.rollup.units_in_totals import Division, within
from consolidate.templates.columns import SheetColumn, SheetColumns, columns_of
from consolidate.templates.fixed_table import (
    TableBody,
    counted,
    inside,
    write_open_table,
    write_table_header,
    write_total_row,
)
from consolidate.templates.form_page import Page
from consolidate.templates.live_formulas import LiveFigure
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
from consolidate.xlsx.write.safe_text import clean, clean_whole
from consolidate.xlsx.write.text_sizes import lines_needed, row_height

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
    page = official_page(book, part.province, SheetColumns(columns_of(data_set).columns, 0))
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
    at = page.columns.last + 2
    write_notes_beside(book, page, table, at, body.header_last)
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
        used, shown = value.used, None
        if isinstance(used, Decimal):
            fill["num_format"] = NUMBER_FORMATS[number_trait(used)]
            sheet.write_number(row, column, float(used), styles.named("number", **fill))
        elif isinstance(used, date) and used >= _EARLIEST:
            style = styles.named("date", **fill, num_format=DATE_FORMAT)
            sheet.write_datetime(row, column, used, style)
        elif value.status is ValueStatus.MISSING:
            blank = {"bg_color": BLANK_FILL, **fill} if marked and element.required else fill
            sheet.write_blank(row, column, None, styles.named("cell", **blank))
        elif value.status is ValueStatus.NOT_APPLICABLE:
            style = styles.named("center", **fill)
            sheet.write_string(row, column, text("summary.not_applicable"), style)
        else:
            shown = clean(say(used))
            if value.status in UNKNOWN:
                shown = clean(value.raw)
                fill |= {"font_color": RED} if marked else {}
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
    own = [(at, row.item.unit) for at, row in enumerate(rows, body.first + 1) if row.item.summed]
    if not levels:
        _total_row(page, table, body.last + 1, None, runs_of(at for at, _ in own))
        return body.last + 1, body.last + 1
    found = {
        division: runs_of(at for at, unit in own if within(unit, division))
        for division in table.divisions
    }
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


_NOTES = (
    FlatColumn("number", 5.5, ("center",)),
    FlatColumn("unit", 28),
    FlatColumn("element", 24),
    FlatColumn("text", 64),
    FlatColumn("file", 28, ("small",)),
    FlatColumn("source", 14, ("center", "small")),
)


def write_notes(book: Book, part: SetSheets) -> None:
    """Fill the sheet with the texts of a fixed table, one row each; there are some."""
    title = text("summary.notes.title", title=part.table.data_set.title)
    rows, line = _note_rows(book, part), stamp(part.table)
    write_flat(book, part.notes, "notes", _NOTES, rows, title=title, stamp=line)


def _note_rows(book: Book, part: SetSheets) -> Iterator[tuple[FlatCell, ...]]:
    code = part.table.data_set.code
    for number, (item, value) in enumerate(noted_values(part.table), 1):
        yield (
            number,
            item.unit.name,
            caption(book.library, code, value.key.element),
            say(value.used) or value.raw,
            item.record.name,
            FlatText(cell_note(value.cell), book.file_target(item.record, value.cell)),
        )


_MOST_LINES = 11
"""Lines of one row; a longer text goes on in the next, so that pages fill up (Excel allows 26)."""
_LEAST = 18.0


def write_narrative(book: Book, part: SetSheets) -> None:
    """Fill the sheet of a report in words, a row for every text that some unit gave."""
    data_set = part.table.data_set
    layout = data_set.layout
    number = SheetColumn(NUMBER_COLUMN, layout.number_header, layout.number_width)
    unit = SheetColumn("_unit", text("summary.list.unit"), 24)
    columns = SheetColumns((number, unit, SheetColumn("_text", text("summary.notes.text"), 66)), 0)
    page = official_page(book, part.province, columns)
    top = official_head(book, page, part.table)
    header = write_table_header(page, top)
    writer = _Writer(book, part, page, header)
    found, headings = list(texts_by_item(part.table)), list[int]()
    for item in data_set.body:
        if isinstance(item, Heading):
            style = page.styles.named("subsection" if item.subsection else "section")
            headings.append(writer.across("", item.label, style, bold=not item.subsection))
            continue
        style = page.styles.named("cell", bold=True)
        headings.append(writer.across(item.number, item.label, style, bold=True))
        for each in found:
            if each.element.code == item.code:
                writer.texts(each)
    finish(book, page, writer.row, part.table, (header, header), headings)
    write_notes_beside(book, page, part.table, columns.last + 2, header)


class _Writer:
    """Writes rows from the top down; ``row`` is the last one."""

    def __init__(self, book: Book, part: SetSheets, page: Page, row: int) -> None:
        self._book = book
        self._part = part
        self._page = page
        self._room = page.columns.span(2, 2)
        self._told = cells_told(part.table.contributions)
        self.row = row

    def across(self, number: str, label: str, style: Any, *, bold: bool) -> int:
        """Write a line over the columns behind the number; returns its row."""
        self.row += 1
        page, columns = self._page, self._page.columns
        self._book.put(page.sheet, self.row, 0, number, page.styles.named("center", bold=bold))
        page.merge(self.row, 1, columns.last, label, style)
        lines = lines_needed(label, columns.span(1, columns.last), TABLE_SIZE, bold=bold)
        page.set_height(self.row, max(_LEAST, row_height(lines, TABLE_SIZE)))
        return self.row

    def texts(self, found: ItemTexts) -> None:
        """Write the texts of an item, then who gave none."""
        for said in found.said:
            self._said(said)
        blank = found.blank if found.element.required else ()
        for key, items in (("blank", blank), ("unread", found.unread)):
            if items:
                self._rows(items, text(f"summary.narrative.{key}"), {"italic": True})
        if not (found.said or blank or found.unread):
            self._rows((), text("summary.narrative.nobody"), {"italic": True})

    def _said(self, said: Said) -> None:
        first, record = said.values[0], said.items[0].record
        more = ADJUSTED_LOOK if any(ADJUSTED in v.normalisation for v in said.values) else {}
        place = CellRef(self._part.province, self.row + 1, 2)
        for item, value in zip(said.items, said.values, strict=True):
            if value.cell in self._told[item.record.name]:
                self._book.places.setdefault((item.record.name, value.cell), place)
        alone = len(said.items) == 1
        target = self._book.file_target(record, first.cell) if alone else None
        self._rows(said.items, said.text, more, target)

    def _rows(
        self,
        items: Sequence[Contribution],
        told: str,
        more: dict[str, Any],
        target: str | None = None,
    ) -> None:
        """Write what one unit or several say, in several rows when it is long.

        Of several it names all behind the text.
        """
        page, sheet, top = self._page, self._page.sheet, {"valign": "top"}
        unit = items[0].unit.name if items else ""
        if len(items) > 1:
            unit = text("summary.narrative.several", count=len(items))
            units = "; ".join(item.unit.name for item in items)
            told = text("summary.narrative.same", text=told, units=units)
        cell = page.styles.named("cell", **top, **more)
        for index, part in enumerate(pieces(clean_whole(told), self._room, _MOST_LINES)):
            self.row += 1
            name = text("summary.narrative.goes_on", unit=unit) if index else unit
            sheet.write_blank(self.row, 0, None, page.styles.named("cell", **top))
            if target is not None and not index and self._book.room_for(sheet, 1):
                link = page.styles.named("cell", **top, font_color="#0000FF", underline=1)
                sheet.write_url(self.row, 1, target, link, clean(name))
            else:
                self._book.put(sheet, self.row, 1, name, page.styles.named("cell", **top))
            self._book.put(sheet, self.row, 2, part, cell)
            lines = lines_needed(part, self._room, TABLE_SIZE)
            lines = max(lines, lines_needed(clean(name), page.columns.span(1, 1), TABLE_SIZE))
            page.set_height(self.row, max(_LEAST, row_height(lines, TABLE_SIZE)))


def pieces(told: str, room: float, most: int) -> Iterator[str]:
    """Cut a text where words end into parts that take at most so many lines of a column.

    ``room`` is the width of the column in points. The parts hold all words in their order.
    """
    now = ""
    for paragraph in told.split("\n"):
        for part in _cut(paragraph, room, most):
            longer = f"{now}\n{part}" if now else part
            if now and lines_needed(longer, room, TABLE_SIZE) > most:
                yield now
                longer = part
            now = longer
    yield now


def _cut(paragraph: str, room: float, most: int) -> Iterator[str]:
    words = paragraph.split(" ")
    start = 0
    while start < len(words):
        least, end = start + 1, len(words)
        while least < end:  # The most words that fit; one alone always stands.
            middle = (least + end + 1) // 2
            fits = lines_needed(" ".join(words[start:middle]), room, TABLE_SIZE) <= most
            least, end = (middle, end) if fits else (least, middle - 1)
        yield " ".join(words[start:least])
        start = least
