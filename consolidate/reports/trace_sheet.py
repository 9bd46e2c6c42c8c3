"""Write the trace sheet of a fixed table: for every figure its lines, down to cells.

A line of the province says how its figure is made and leads to the official sheet; below it each
unit has a line, which leads to the cell of the unit's file and back to the by-unit sheet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from xlsxwriter.format import Format

from consolidate.definitions.catalogue import sentence, text
from consolidate.model.cells import CellRef, column_letters
from consolidate.model.corrections import ADJUSTED, Adjustment
from consolidate.model.data_values import DataValue, ValueStatus
from consolidate.model.reasons import Severity, because
from consolidate.reports.captions import (
    adjusted_row,
    cell_note,
    decision,
    figure_caption,
    place_words,
    unit_caption,
)
from consolidate.reports.matrix import (
    FIRST_LINE,
    TOTAL_COLUMN,
    Matrix,
    MatrixRow,
    RowKind,
    TraceLines,
    trace_lines,
)
from consolidate.reports.summary_book import Book, FigureCells, severity_marks
from consolidate.reports.summary_sheets import SetSheets, stamp
from consolidate.rollup.figure_trace import how_made
from consolidate.rollup.totals import Contribution, answers_to
from consolidate.xlsx.write.form_styles import number_trait
from consolidate.xlsx.write.safe_text import LINK_LIMIT, anchor_of, clean, has_cells
from consolidate.xlsx.write.streamed_workbook import (
    ROW,
    CellFormula,
    Content,
    Line,
    LinkedSheet,
    Own,
    cell_at,
    row_at,
)

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
_AT_ONCE = 256
"""Lines of units that are handed on together."""
_THERE = "\1"
"""Stands for an address that is put in later; no text may hold it."""
FIGURE, UNIT, USED, SHOWN, FILE, PLACE, RAW, NOTE = range(len(COLUMNS))
_SHOWN, _PLACE = column_letters(SHOWN), column_letters(PLACE)


def write_trace(book: Book, part: SetSheets, layout: Matrix) -> None:
    """Fill the trace sheet of a fixed table; the official sheet comes first."""
    _Trace(book, part, layout).write()


@dataclass(slots=True)
class _Unit:
    """What the lines of one unit have in common.

    ``seat`` is its column, or its row, on the by-unit sheet; ``room`` is how many links out its
    lines may have. ``usual``: nothing but its value says what stands in a line.
    """

    item: Contribution
    seat: str
    name: str
    file: str
    marks: Mapping[CellRef, Severity]
    beside: str
    target: str | None
    elsewhere: bool
    room: int
    usual: bool


class _Told(NamedTuple):
    """What a value says in its line: the figure, its place without and with a link, the rest."""

    used: str
    place: str
    linked: str
    rest: str
    anchor: str


class _Trace:
    """Writes the lines of one sheet."""

    def __init__(self, book: Book, part: SetSheets, layout: Matrix) -> None:
        self._book = book
        self._part = part
        self._layout = layout
        self._sheet: LinkedSheet = book.sheets[part.trace]
        self._lines: TraceLines = trace_lines(part.trace, layout)
        self._cells = FigureCells(book, self._sheet)
        self._places: dict[CellRef, tuple[str, str, str]] = {}
        self._rows = layout.row_of
        data_set = layout.table.data_set
        self._captions = {
            key: figure_caption(data_set, data_set.by_code[row.element], row.column)
            for key, row in self._rows.items()
        }
        self._adjustments: Mapping[object, Adjustment] = {
            item.id: item for item in book.result.adjustments
        }
        look = book.look
        self._plain = look.of("cell", "small", "unwrapped")
        self._linked = look.of("cell", "small", "unwrapped", "link")
        self._total = look.of("cell", "total", "unwrapped")
        self._heads = 0
        """Links that lines of the province may still have to official sheets."""
        # Two links a line; Excel takes so many of a sheet, and any number of formulas.
        self._formulas = 2 * len(self._lines.order) * (self._lines.units + 1) > LINK_LIMIT

    def write(self) -> None:
        """Write head, lines of the province, lines of units."""
        book, sheet, part = self._book, self._sheet, self._part
        table = part.table
        title = text("summary.trace.title", title=table.data_set.title)
        lines, widths = (title, book.subtitle(table.period)), [width for _, width in COLUMNS]
        hint, _ = book.printed(part.trace, text("summary.trace.legend"))
        shown = widths[: PLACE + 1]
        top = book.heading(sheet, lines, stamp(table), widths=shown, hint=hint, left=True)
        head = book.look.of("head")
        for column, (key, width) in enumerate(COLUMNS):
            sheet.set_column(column, column, width)
            sheet.write_string(top, column, text(f"summary.trace.{key}"), head)
        sheet.set_row(top, 32)
        held = [book.figures.get((table.data_set.code, *figure)) for figure in self._rows]
        self._heads = book.room_for(sheet, sum(official is not None for official in held))
        count = len(self._rows) * (self._lines.units + 1)
        sheet.write_lines(FIRST_LINE, count, len(COLUMNS), self._written(), folds=1)
        sheet.autofilter(top, 0, FIRST_LINE + max(1, count) - 1, NOTE)
        sheet.outline_settings(True, False, True, False)
        sheet.freeze_panes(FIRST_LINE, UNIT + 1)
        book.paper(sheet, landscape=True)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(top)
        sheet.print_area(0, 0, top, PLACE)

    def _written(self) -> Iterator[Line]:
        """The lines one after the other, made when they are written."""
        units = [self._of(at, item) for at, item in enumerate(self._layout.table.contributions)]
        total, linked = self._way_back(self._total), self._way_back(self._linked)
        for figure, row in self._rows.items():
            head = self._lines.head(figure).row
            yield head, row_at(head, self._sheet.line(self._province(row, head, total)))
            yield from self._of_units(row, figure, head + 1, units, linked)

    def _cell(self, column: int, content: Content, look: Format) -> str:
        return cell_at(column, self._sheet.made(content, look))

    def _province(self, row: MatrixRow, line: int, way: list[str]) -> str:
        """The line of a figure of the province."""
        book, sheet, look, layout = self._book, self._sheet, self._total, self._layout
        key = (row.element, row.column)
        used = self._cell(USED, None, look)
        if row.total is not None:
            number = book.look.of("cell", "total", "right", number_trait(row.total))
            used = self._cell(USED, float(row.total), number)
        address = CellRef("", *layout.place(row.row, TOTAL_COLUMN)).a1
        place = self._cell(PLACE, None, look)
        official = book.figures.get((self._layout.table.data_set.code, *key))
        if official is not None:
            traits: tuple[str, ...] = ("cell", "total", "unwrapped", "link")
            if self._heads:
                self._heads -= 1
                sheet.lead(line, PLACE, official)
            else:
                traits = traits[:-1]
            place = self._cell(PLACE, clean(cell_note(official)), book.look.of(*traits))
        if not self._formulas:
            sheet.lead_to(line, SHOWN, self._part.by_unit, address)
        return "".join(
            (
                self._cell(FIGURE, clean(self._captions[key]), look),
                self._cell(UNIT, text("summary.total"), look),
                used,
                address.join(way),
                self._cell(FILE, None, look),
                place,
                self._cell(RAW, None, look),
                self._cell(NOTE, clean(self._made(row)), look),
            )
        )

    def _made(self, row: MatrixRow) -> str:
        """How the figure of the province is made of those of the units."""
        table, data_set = self._layout.table, self._layout.table.data_set
        asked, name = table.summed, ""
        for item in table.contributions if row.given_by else ():
            if row.given_by == item.unit.code:
                name = name or item.unit.name
                asked += () if item.summed else (item,)
        told = answers_to(asked, row.element, row.column)
        said = {id(value): value for value in told if value is not None}
        counts = Counter(map(id, told))
        units = sum(counts[at] for at, value in said.items() if value.used is not None)
        made = because("trace.made.sum", units=units)
        if row.kind is not RowKind.PART:
            element, known = data_set.by_code[row.element], row.total is not None
            made = how_made(data_set, element, row.column, units, known, name)
        return f"{row.label}: {sentence(made)}"

    def _of(self, at: int, item: Contribution) -> _Unit:
        """What the lines of a unit have in common."""
        book, record = self._book, item.record
        target = book.file_target(record)
        known = len(self._rows.keys() & item.places.keys()) if target is not None else 0
        seat = self._layout.seat(self._layout.first_unit + at)
        marks, elsewhere = severity_marks(record), not has_cells(record)
        return _Unit(
            item,
            str(seat + 1) if self._layout.turned else column_letters(seat),
            self._cell(UNIT, clean(unit_caption(item.unit.name, item.unit.code)), self._plain),
            self._cell(FILE, clean(record.name), self._plain),
            marks,
            "" if item.summed else text("summary.trace.beside"),
            target,
            elsewhere,
            book.room_for(self._sheet, known),
            usual=item.summed and not (marks or elsewhere),
        )

    def _of_units(
        self,
        row: MatrixRow,
        key: tuple[str, str],
        first: int,
        units: Sequence[_Unit],
        way: list[str],
    ) -> Iterator[Line]:
        """The lines of one figure of all units, many at once; what one value says is made once."""
        sheet, layout = self._sheet, self._layout
        caption = self._cell(FIGURE, self._captions[key], self._plain)
        begin, end = sheet.line(f"{caption}{_THERE}", 1).split(_THERE)
        before, after = "", f"{row.row + 1}"
        if layout.turned:
            before, after = column_letters(layout.across[row.row]), ""
        known: dict[int, _Told] = {}
        lines: list[str] = []
        ways: list[tuple[str, str]] = []
        values = answers_to(layout.table.contributions, *key)
        for line, unit, value in zip(range(first, sheet.xls_rowmax), units, values, strict=False):
            if len(lines) == _AT_ONCE:
                sheet.lead_by(ways)
                yield line - _AT_ONCE, "".join(lines)
                lines, ways = [], []
            told = known.get(id(value)) if unit.usual else None
            if told is None:
                told = self._told(unit, value)
                if unit.usual and (value is None or not value.normalisation):
                    known[id(value)] = told
            place = told.place
            if unit.room and unit.target is not None and value is not None:
                unit.room -= 1
                ways.append((f"{_PLACE}{line + 1}", sheet.way_out(unit.target, told.anchor)))
                place = told.linked
            address = f"{before}{unit.seat}{after}"
            if not self._formulas:
                ways.append((f"{_SHOWN}{line + 1}", sheet.way_to(self._part.by_unit, address)))
            lines.append(
                f"{begin}{unit.name}{told.used}{address.join(way)}{unit.file}{place}{told.rest}"
                f"{end}".replace(ROW, str(line + 1))
            )
        sheet.lead_by(ways)
        if lines:
            yield line + 1 - len(lines), "".join(lines)

    def _told(self, unit: _Unit, value: DataValue | None) -> _Told:
        """What a value of a unit says in its line."""
        plain, item = self._plain, unit.item
        mark = unit.marks.get(value.cell) if unit.marks and value is not None else None
        used = cell_at(USED, self._cells.made(value, mark))
        if value is None:
            absent = self._cell(NOTE, text("summary.trace.no_cell"), plain)
            return _Told(used, "", "", absent, "")
        notes = [unit.beside] if unit.beside else []
        if unit.elsewhere:
            notes.append(place_words(item.record.path, item.record.member, value.cell))
        if ADJUSTED in value.normalisation:
            notes += self._decided(item, value)
        rest = ""
        if value.raw and not _as_typed(value):
            rest += self._cell(RAW, clean(value.raw), plain)
        if notes:
            rest += self._cell(NOTE, clean(" · ".join(notes)), plain)
        anchor, place, linked = self._place(value.cell)
        return _Told(used, place, linked, rest, "" if unit.elsewhere else anchor)

    def _place(self, cell: CellRef) -> tuple[str, str, str]:
        """How a link ends at a cell of a file, and what its line says: without and with one."""
        known = self._places.get(cell)
        if known is None:
            said = clean(cell_note(cell))
            plain, linked = (self._cell(PLACE, said, look) for look in (self._plain, self._linked))
            known = self._places[cell] = anchor_of(cell), plain, linked
        return known

    def _way_back(self, look: Format) -> list[str]:
        """The cell that leads to a figure on the by-unit sheet, divided where its address stands.

        It is a formula where links would not do.
        """
        way: Own | CellFormula = Own(_THERE)
        if self._formulas:
            sheet = CellRef(self._part.by_unit, 0, 0).quoted.removesuffix("A1")
            place = sheet.replace('"', '""')
            way = CellFormula(f'HYPERLINK("#{place}{_THERE}","{_THERE}")', _THERE)
        return cell_at(SHOWN, self._sheet.made(way, look)).split(_THERE)

    def _decided(self, item: Contribution, value: DataValue) -> Iterator[str]:
        """Who replaced a figure, when and why, and the row of the workbook of corrections."""
        for finding in item.record.findings:
            if finding.rule == "memory.adjusted" and value.cell in finding.cells:
                made = self._adjustments.get(finding.message.value("id"))
                if made is not None:
                    library = self._book.library
                    yield f"{decision(made)} · {adjusted_row(library, made)}"
                else:
                    yield sentence(finding.message)


def _as_typed(value: DataValue) -> bool:
    """Whether the figure was typed exactly as it was used."""
    used = value.used
    if value.status is ValueStatus.NOT_APPLICABLE:
        return value.raw == text("summary.not_applicable")
    if isinstance(used, Decimal):
        return value.raw == str(used) or value.raw == format(used, "f")
    return False
