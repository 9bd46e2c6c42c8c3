"""The trace sheet of a fixed table: for every figure its lines, from the province down to cells.

A line of the province says how its figure is made and leads to the official sheet; below it each
unit has a line, which leads to the cell of the unit's file and back to the by-unit sheet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from xlsxwriter.format import Format

from consolidate.definitions.catalogue import sentence, text
from consolidate.model.cells import CellRef
from consolidate.model.corrections import ADJUSTED, Adjustment
from consolidate.model.data_values import DataValue, ValueStatus
from consolidate.model.reasons import because
from consolidate.reports.captions import (
    adjusted_row,
    cell_note,
    decision,
    figure_caption,
    place_words,
    unit_caption,
)
from consolidate.reports.figure_cells import FigureCells
from consolidate.reports.matrix import (
    FIRST_LINE,
    Matrix,
    MatrixRow,
    RowKind,
    TraceLines,
    trace_lines,
)
from consolidate.reports.plan import SetSheets, stamp
from consolidate.reports.summary_book import Book, has_cells, internal, severity_marks
from consolidate.rollup.figure_trace import how_made
from consolidate.rollup.totals import Contribution
from consolidate.xlsx.write.form_styles import number_trait
from consolidate.xlsx.write.linked_sheet import LinkedSheet
from consolidate.xlsx.write.safe_text import LINK_LIMIT, anchor_of, clean

HASH_DIGITS = 12
"""Digits of a file's SHA-256 that are shown; enough to tell any two files of an inbox apart."""
COLUMNS = (
    ("figure", 20.0),
    ("unit", 40.0),
    ("used", 13.0),
    ("shown", 9.0),
    ("file", 36.0),
    ("place", 24.0),
    ("raw", 24.0),
    ("note", 70.0),
)
"""Keys of the titles of the columns, and their widths in characters."""
FIGURE, UNIT, USED, SHOWN, FILE, PLACE, RAW, NOTE = range(len(COLUMNS))


def write_trace(book: Book, part: SetSheets, layout: Matrix) -> None:
    """Fill the trace sheet of a fixed table; the official sheet comes first."""
    _Trace(book, part, layout).write()


class _Trace:
    """Writes the lines of one sheet."""

    def __init__(self, book: Book, part: SetSheets, layout: Matrix) -> None:
        self._book = book
        self._part = part
        self._layout = layout
        self._sheet: LinkedSheet = book.sheets[part.trace]
        self._lines: TraceLines = trace_lines(part.trace, layout)
        self._cells = FigureCells(book, self._sheet)
        data_set = layout.data_set
        self._captions = {
            key: figure_caption(data_set, data_set.by_code[row.element], row.column)
            for key, row in layout.row_of().items()
        }
        self._adjustments = {item.id: item for item in book.result.adjustments}
        look = book.look
        self._plain = look.of("cell", "small", "unwrapped")
        self._linked = look.of("cell", "small", "unwrapped", "link")
        self._total = look.of("cell", "total", "unwrapped")
        # Two links a line; Excel takes so many of a sheet, and any number of formulas.
        self._formulas = 2 * len(self._lines.order) * (self._lines.units + 1) > LINK_LIMIT

    def write(self) -> None:
        """Head, lines of the province, lines of units."""
        book, sheet, part = self._book, self._sheet, self._part
        table = part.table
        widths = [width for _, width in COLUMNS]
        top = book.heading(
            sheet,
            (text("summary.trace.title", title=table.data_set.title), book.subtitle(table.period)),
            stamp(table),
            widths=widths[: PLACE + 1],
            hint=book.printed(part.trace, text("summary.trace.legend"))[0],
            left=True,
        )
        head = book.look.of("head")
        for column, (key, width) in enumerate(COLUMNS):
            sheet.set_column(column, column, width)
            sheet.write_string(top, column, text(f"summary.trace.{key}"), head)
        sheet.set_row(top, 32)
        rows = self._layout.row_of()
        for row in rows.values():
            self._province(row)
        for at, item in enumerate(self._layout.table.contributions):
            self._unit(item, at, rows)
        last = FIRST_LINE + max(1, len(rows) * (self._lines.units + 1)) - 1
        sheet.autofilter(top, 0, last, NOTE)
        sheet.outline_settings(True, False, True, False)
        sheet.freeze_panes(FIRST_LINE, UNIT + 1)
        book.paper(sheet, landscape=True)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(top)
        sheet.print_area(0, 0, top, PLACE)

    def _province(self, row: MatrixRow) -> None:
        """The line of a figure of the province."""
        book, sheet, look = self._book, self._sheet, self._total
        key = (row.element, row.column)
        data_set = self._layout.data_set
        line = self._lines.head(key).row
        book.put(sheet, line, FIGURE, self._captions[key], look)
        book.put(sheet, line, UNIT, text("summary.total"), look)
        if row.total is not None:
            number = book.look.of("cell", "total", "right", number_trait(row.total))
            sheet.write_number(line, USED, float(row.total), number)
        else:
            sheet.write_blank(line, USED, None, look)
        shown = self._layout.total(self._part.by_unit, row.row)
        self._back(line, shown, look)
        sheet.write_blank(line, FILE, None, look)
        official = book.figures.get((data_set.code, *key))
        if official is None:
            sheet.write_blank(line, PLACE, None, look)
        else:
            said = cell_note(official)
            book.link(sheet, line, PLACE, internal(official), said, "cell", "total", "unwrapped")
        sheet.write_blank(line, RAW, None, look)
        book.put(sheet, line, NOTE, self._made(row), look)

    def _made(self, row: MatrixRow) -> str:
        """How the figure of the province is made of those of the units."""
        layout = self._layout
        data_set, table = layout.data_set, layout.table
        element = data_set.by_code[row.element]
        values = [
            (item, item.value(row.element, row.column))
            for item in table.contributions
            if item.summed or item.unit.code == row.given_by
        ]
        units = sum(value is not None and value.used is not None for _, value in values)
        given = [item.unit.name for item, _ in values if item.unit.code == row.given_by]
        known, name = row.total is not None, given[0] if given else ""
        if row.kind is RowKind.PART:
            made = because("trace.made.sum", units=units)
        else:
            made = how_made(data_set, element, row.column, units, known, name)
        return f"{row.label}: {sentence(made)}"

    def _unit(self, item: Contribution, at: int, rows: Mapping[tuple[str, str], MatrixRow]) -> None:
        """The lines of one unit, one for each figure."""
        book, sheet, lines = self._book, self._sheet, self._lines
        plain, record = self._plain, item.record
        write, values = sheet.write_text, item.values
        unit = clean(unit_caption(item.unit.name, item.unit.code))
        file = clean(record.name)
        marks = severity_marks(record)
        beside = "" if item.summed else text("summary.trace.beside")
        elsewhere = not has_cells(record)
        column = self._layout.first_unit + at
        target = book.file_target(record)
        folded = {"level": 1}
        for key, row in rows.items():
            line = lines.line(key, at).row
            value = values.get(key)
            sheet.set_row(line, None, None, folded)
            write(line, FIGURE, self._captions[key], plain)
            write(line, UNIT, unit, plain)
            mark = marks.get(value.cell) if marks and value is not None else None
            self._cells.write(line, USED, value, mark)
            shown = CellRef(self._part.by_unit, *self._layout.place(row.row, column))
            self._back(line, shown, self._linked)
            write(line, FILE, file, plain)
            if value is None:
                book.put(sheet, line, NOTE, text("summary.trace.no_cell"), plain)
                continue
            way = target
            if target and not elsewhere and (anchor := anchor_of(value.cell)):
                way = f"{target}#{anchor}"
            leads = book.lead_out(sheet, line, PLACE, way)
            write(line, PLACE, clean(cell_note(value.cell)), self._linked if leads else plain)
            if value.raw and not _as_typed(value):
                book.put(sheet, line, RAW, value.raw, plain)
            notes = [beside] if beside else []
            if elsewhere:
                notes.append(place_words(record.path, record.member, value.cell))
            if ADJUSTED in value.normalisation:
                notes += self._decided(item, value)
            if notes:
                book.put(sheet, line, NOTE, " · ".join(notes), plain)

    def _back(self, line: int, cell: CellRef, look: Format) -> None:
        """The way back to the figure on the by-unit sheet: a formula where links would not do."""
        if self._formulas:
            place = f"#{cell.quoted}".replace('"', '""')
            formula = f'=HYPERLINK("{place}","{cell.a1}")'
            self._sheet.write_formula(line, SHOWN, formula, look, cell.a1)
        else:
            self._book.lead(self._sheet, line, SHOWN, cell)
            self._sheet.write_text(line, SHOWN, cell.a1, look)

    def _decided(self, item: Contribution, value: DataValue) -> Iterator[str]:
        """Who replaced a figure, when and why, and the row of the workbook of corrections."""
        for finding in item.record.findings:
            if finding.rule == "memory.adjusted" and value.cell in finding.cells:
                made = self._adjustment(finding.message.value("id"))
                if made is not None:
                    library = self._book.library
                    yield f"{decision(made)} · {adjusted_row(library, made)}"
                else:
                    yield sentence(finding.message)

    def _adjustment(self, code: object) -> Adjustment | None:
        return self._adjustments.get(code) if isinstance(code, str) else None


def _as_typed(value: DataValue) -> bool:
    """Whether the figure was typed exactly as it was used."""
    used = value.used
    if value.status is ValueStatus.NOT_APPLICABLE:
        return value.raw == text("summary.not_applicable")
    if isinstance(used, Decimal):
        return value.raw == str(used) or value.raw == format(used, "f")
    return False
