"""Write the by-unit sheet: every figure of every unit, added up by level and for the province."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from consolidate.definitions.catalogue import text
from consolidate.model.cells import CellRef, column_letters
from consolidate.model.data_values import RATIO_PLACES, DataValue, ValueStatus
from consolidate.model.datasets import Aggregation
from consolidate.model.reasons import Severity
from consolidate.model.text import format_number
from consolidate.reports.matrix import (
    CODE_ROW,
    FIRST_ROW,
    LABEL_COLUMN,
    LEVEL_ROW,
    NAME_ROW,
    NUMBER_COLUMN,
    TOTAL_COLUMN,
    UNIT_COLUMN,
    Matrix,
    MatrixRow,
    RowKind,
    TraceLines,
    division_label,
    runs_of,
    trace_lines,
)
from consolidate.reports.official_sheet import marks_of
from consolidate.reports.summary_book import Book, FigureCells, cached, severity_marks, sum_of
from consolidate.reports.summary_sheets import SetSheets, has_adjusted, stamp
from consolidate.reports.unit_rows_sheet import A3, NAMED_WIDTHS, UnitNames, write_rows
from consolidate.rollup.totals import Contribution, DataSetTable
from consolidate.rollup.units_in_totals import Division
from consolidate.xlsx.write.form_styles import LIST_SIZE, number_trait
from consolidate.xlsx.write.safe_text import clean
from consolidate.xlsx.write.streamed_workbook import ROW, Line, LinkedSheet, row_at
from consolidate.xlsx.write.text_sizes import column_points, lines_needed, row_height

NUMBER_WIDTH, UNIT_WIDTH = 5.0, 13.0
LABEL_WIDTHS = (46.0, 58.0, 70.0)
"""Widths in characters that the column of labels may have: wider ones make fewer lines."""
_A4_UNITS = 24
"""Most units whose columns go on A4: a page takes about eight, one of A3 about twenty."""
_LEAST_SCALE = 84
"""Per cent at which the smallest texts can still be read."""
_A4_PAGE, _A3_PAGE = (769.0, 508.0), (1118.0, 755.0)
"""Points between the margins of a page across."""
_WIDER = 1.06
"""How much wider than in Excel other programs draw columns."""
_LEVEL_HEIGHT, _CODE_HEIGHT = 28, 26
_NAME_HEIGHTS = range(70, 200, 10)
"""Heights in points that the row of the turned names of units may have."""
_NAME_LINES = 3
"""Lines of a turned name that fit the narrowest column."""


def write_by_unit(book: Book, part: SetSheets, layout: Matrix) -> None:
    """Fill the by-unit sheet of a fixed table and note where each questioned figure stands."""
    sheet = book.sheets[part.by_unit]
    table = part.table
    units, totals = _widths(table)
    label = min(LABEL_WIDTHS, key=lambda width: _pages(layout, width, units, totals))
    title = text("summary.by_unit.title", title=table.data_set.title)
    hint = text("summary.by_unit.legend")
    if has_adjusted(table):
        hint = f"{hint} · {text('summary.by_unit.adjusted')}"
    if table.beside:
        hint = f"{hint} · {text('summary.by_unit.beside_hint')}"
    lines = (title, book.subtitle(table.period))
    widths = NAMED_WIDTHS if layout.turned else (NUMBER_WIDTH, label, UNIT_WIDTH)
    book.heading(sheet, lines, stamp(table), widths=widths, hint=hint, left=True)
    figures = _Figures(book, sheet, part, layout)
    figures.note_places()
    if layout.turned:
        write_rows(book, sheet, layout, figures.lines())
    else:
        _frame(book, sheet, layout, label)
        _unit_headers(book, sheet, layout)
        sheet.set_column(TOTAL_COLUMN, layout.first_unit - 1, totals)
        if table.contributions:
            # Folded, the province and its levels are left.
            sheet.set_column(layout.first_unit, layout.last_column, units, None, {"level": 1})
        figures.columns()
    _Totals(book, sheet, layout, trace_lines(part.trace, layout)).write()


def _widths(table: DataSetTable) -> tuple[float, float]:
    """Widths in characters that no figure of a unit and no total overflows."""
    figures = table.figures
    longest = [len(format_number(figure.high)) for figure in figures if figure.high is not None]
    longest += [
        len(format_number(value.number))
        for item in table.beside
        for value in item.content.values
        if value.number is not None
    ]
    sums = [len(format_number(figure.total)) for figure in figures if figure.total is not None]
    return max(8.5, max(longest, default=0) + 1.5), max(11.0, max(sums, default=0) + 2.5)


def _pages(layout: Matrix, label: float, units: float, totals: float) -> int:
    """How many pages a sheet takes with a width of its labels, about."""
    many = len(layout.table.contributions) > _A4_UNITS
    wide, high = (100 * points / _LEAST_SCALE for points in (_A3_PAGE if many else _A4_PAGE))
    named = sum(map(column_points, (NUMBER_WIDTH, label, UNIT_WIDTH)))
    columns = [totals] * (layout.first_unit - TOTAL_COLUMN)
    columns += [units] * len(layout.table.contributions)
    across = _filled(map(column_points, columns), wide / _WIDER - named)
    names = (item.unit.name for item in layout.table.contributions)
    head = _LEVEL_HEIGHT + _name_height(names) + _CODE_HEIGHT
    return across * _filled((_height(row, label) for row in layout.rows), high - head)


def _filled(sizes: Iterable[float], room: float) -> int:
    """Number of pages that are filled one after the other."""
    pages, used = 1, 0.0
    for size in sizes:
        if used and used + size > room:
            pages, used = pages + 1, 0.0
        used += size
    return pages


def _frame(book: Book, sheet: Worksheet, layout: Matrix, label: float) -> None:
    """Headers of the fixed columns, labels of the rows, panes, what every printed page repeats."""
    head = book.look.of("head")
    fixed = {
        NUMBER_COLUMN: layout.table.data_set.layout.number_header or text("summary.by_unit.number"),
        LABEL_COLUMN: text("summary.by_unit.label"),
        UNIT_COLUMN: text("summary.by_unit.unit"),
        TOTAL_COLUMN: text("summary.total"),
    }
    fixed |= {span.column: division_label(span.division) for span in layout.spans}
    for column, title in fixed.items():
        sheet.merge_range(LEVEL_ROW, column, CODE_ROW, column, title, head)
    for column, width in enumerate((NUMBER_WIDTH, label, UNIT_WIDTH)):
        sheet.set_column(column, column, width)
    depth = 0
    for row in layout.rows:
        if row.kind is RowKind.SECTION:
            depth = 0
        elif row.kind is RowKind.SUBSECTION:
            depth = min(depth, 1)
        _row_labels(book, sheet, row, depth, label)
        depth += row.kind in (RowKind.SECTION, RowKind.SUBSECTION)
    sheet.outline_settings(True, False, False, False)
    if layout.rows:
        sheet.autofilter(CODE_ROW, NUMBER_COLUMN, layout.last_row, TOTAL_COLUMN)
    _draw_empty(sheet, layout, (RowKind.SECTION, RowKind.SUBSECTION), book.look.of("drawn_section"))
    _draw_empty(sheet, layout, (RowKind.ELEMENT,), book.look.of("drawn"))
    sheet.freeze_panes(FIRST_ROW, TOTAL_COLUMN + 1)
    sheet.repeat_rows(LEVEL_ROW, CODE_ROW)
    sheet.repeat_columns(NUMBER_COLUMN, UNIT_COLUMN)
    book.paper(sheet, landscape=True)
    if len(layout.table.contributions) > _A4_UNITS:
        sheet.set_paper(A3)
    # Excel would press a selection of many units onto one page if the sheet were fitted to it.
    sheet.set_print_scale(_LEAST_SCALE)
    sheet.print_area(0, 0, layout.last_row, layout.last_column)


def _draw_empty(sheet: Worksheet, layout: Matrix, kinds: tuple[RowKind, ...], look: Format) -> None:
    """Draw the cells of rows without figures by one conditional format that always holds.

    A blank cell of its own for each unit would be a sixth of the sheet.
    """
    rows = [row.row + 1 for row in layout.rows if row.kind in kinds]
    if not rows:
        return
    first, last = column_letters(UNIT_COLUMN), column_letters(layout.last_column)
    ranges = " ".join(f"{first}{row}:{last}{row}" for row in rows)
    box = (rows[0] - 1, UNIT_COLUMN, rows[-1] - 1, layout.last_column)
    always = {"type": "no_errors", "format": look, "multi_range": ranges}
    sheet.conditional_format(*box, always)


def _row_labels(book: Book, sheet: Worksheet, row: MatrixRow, depth: int, label: float) -> None:
    """The fixed columns of a row, which folds below ``depth`` headings."""
    look = book.look
    if row.kind in (RowKind.SECTION, RowKind.SUBSECTION):
        traits = ("cell", "section") + (("italic",) if row.kind is RowKind.SUBSECTION else ())
        sheet.write_blank(row.row, NUMBER_COLUMN, None, look.of("cell", "section"))
        sheet.write_string(row.row, LABEL_COLUMN, row.label, look.of(*traits))
    else:
        strong = ("bold",) if row.kind is RowKind.ELEMENT else ()
        indent = ("indent",) if row.indent == 1 else ("indent2",) if row.indent else ()
        sheet.write_string(row.row, NUMBER_COLUMN, row.number, look.of("cell", "center", *strong))
        sheet.write_string(row.row, LABEL_COLUMN, row.label, look.of("cell", *strong, *indent))
        sheet.write_string(row.row, UNIT_COLUMN, row.unit, look.of("cell", "center"))
    folded = {"level": depth} if depth else {}
    sheet.set_row(row.row, _height(row, label), None, folded)


def _height(row: MatrixRow, label: float) -> float:
    """The height in points that the texts of a row need, labels of a width among them."""
    bold = row.kind in (RowKind.SECTION, RowKind.SUBSECTION, RowKind.ELEMENT)
    room = column_points(label) - 7 * min(row.indent, 2)
    count = lines_needed(row.label, room, LIST_SIZE, bold=bold)
    count = max(count, lines_needed(row.unit, column_points(UNIT_WIDTH), LIST_SIZE))
    return max(17.25, row_height(count, LIST_SIZE))


def _unit_headers(book: Book, sheet: Worksheet, layout: Matrix) -> None:
    sheet.set_row(NAME_ROW, _name_height(item.unit.name for item in layout.table.contributions))
    level, name = book.look.of("head", "small"), book.look.of("head", "turned")
    for column, item in enumerate(layout.table.contributions, layout.first_unit):
        over = item.unit.level.label if item.summed else text("summary.by_unit.beside")
        book.put(sheet, LEVEL_ROW, column, over, level)
        book.put(sheet, NAME_ROW, column, item.unit.name, name)
        target = book.file_target(item.record, CellRef(item.content.sheet, 0, 0))
        book.link(sheet, CODE_ROW, column, target, item.unit.code, "head", "small")
    sheet.set_row(LEVEL_ROW, _LEVEL_HEIGHT)
    sheet.set_row(CODE_ROW, _CODE_HEIGHT)


def _name_height(names: Iterable[str]) -> int:
    """The least height at which the longest names take no more lines than the columns fit."""
    longest = sorted((clean(name) for name in names), key=len)[-8:]
    for height in _NAME_HEIGHTS:
        if all(lines_needed(name, height, LIST_SIZE, bold=True) <= _NAME_LINES for name in longest):
            break
    return height


_MOST = 512
"""Cells of a figure that are kept: memory does not grow with units that say nothing alike."""
_Made = tuple[str, bool]
"""A cell, and whether it says anything."""


class _Figures:
    """Makes the cells of units, each with the way to the line that says where it is from.

    A cell is made once for all units that say the same of a figure, in one object.
    """

    def __init__(self, book: Book, sheet: LinkedSheet, part: SetSheets, layout: Matrix) -> None:
        lines = trace_lines(part.trace, layout)
        rows = layout.row_of
        self._book, self._sheet, self._trace = book, sheet, part.trace
        self._cells = FigureCells(book, sheet)
        self._keys = list(rows)
        self._rows = [row.row for row in rows.values()]
        self._columns = [column_letters(layout.across.get(row, 0)) for row in self._rows]
        self._firsts = [lines.line(key, 0).row + 1 for key in self._keys]
        self._layout = layout
        self._known: list[dict[int, _Made]] = [{} for _ in rows]
        self._places: Mapping[tuple[str, str], int] | None = None
        self._found: list[int | None] = []

    def columns(self) -> None:
        """Write the cells of units that are columns."""
        layout = self._layout
        waiting: list[list[str]] = [[] for _ in self._rows]
        for at, item in enumerate(layout.table.contributions):
            letters = column_letters(layout.first_unit + at)
            made = self._made(item)
            self._lead(at, made, (f"{letters}{row + 1}" for row in self._rows))
            for cells, (cell, _) in zip(waiting, made, strict=True):
                cells.append(f'<c r="{letters}{ROW}"{cell}')
        for row, cells in zip(self._rows, waiting, strict=True):
            if cells:
                self._sheet.write_rest(row, layout.last_column, "".join(cells))

    def lines(self) -> Iterator[Line]:
        """Make the rows of units, in the order in which they stand on the sheet."""
        layout, sheet = self._layout, self._sheet
        names = UnitNames(self._book, sheet, layout)
        for column, depth in layout.down:
            at = column - layout.first_unit
            if at >= 0:
                item, row = layout.table.contributions[at], layout.seat(column)
                said, height = names.of(row, item)
                made = self._made(item)
                self._lead(at, made, (f"{letters}{row + 1}" for letters in self._columns))
                line = sheet.line(said + "".join([cell for cell, _ in made]), depth, height)
                yield row, row_at(row, line)

    def _made(self, item: Contribution) -> list[_Made]:
        """Make the cells of a unit, without their columns where units are these."""
        marks, content = severity_marks(item.record), item.content.values
        if item.places is not self._places:  # Most have those of the unit before.
            self._places = item.places
            self._found = [item.places.get(key) for key in self._keys]
        values = [content[at] if at is not None else None for at in self._found]
        if marks:
            told = zip(self._columns, values, strict=True)
            return [self._cell(letters, value, marks) for letters, value in told]
        made = []
        for letters, known, value in zip(self._columns, self._known, values, strict=True):
            cell = known.get(id(value))
            if cell is None:
                cell = self._cell(letters, value, marks)
                if len(known) < _MOST:
                    known[id(value)] = cell
            made.append(cell)
        return made

    def _cell(
        self, letters: str, value: DataValue | None, marks: Mapping[CellRef, Severity]
    ) -> _Made:
        cell = self._cells.made(value, marks.get(value.cell) if value is not None else None)
        says = value is not None and value.status is not ValueStatus.MISSING
        return (f'<c r="{letters}{ROW}"{cell}' if self._layout.turned else cell), says

    def _lead(self, at: int, made: Sequence[_Made], addresses: Iterable[str]) -> None:
        """Lead the cells of a unit that say something to the lines of its figures."""
        room = self._book.room_for(self._sheet, sum([says for _, says in made]))
        if room:
            ways = [
                (address, self._sheet.way_to(self._trace, f"A{first + at}"))
                for address, first, (_, says) in zip(addresses, self._firsts, made, strict=True)
                if says
            ]
            self._sheet.lead_by(ways[:room])

    def note_places(self) -> None:
        """Note where each figure stands that a finding speaks of."""
        layout = self._layout
        for at, item in enumerate(layout.table.contributions):
            spoken_of = {cell for finding in item.record.findings for cell in finding.cells}
            for row, key in zip(self._rows, self._keys, strict=True) if spoken_of else ():
                value = item.value(*key)
                if value is not None and value.cell in spoken_of:
                    place = CellRef(self._sheet.name, *layout.place(row, layout.first_unit + at))
                    self._book.places.setdefault((item.record.name, value.cell), place)


class _Totals:
    """Writes the totals of the province and its divisions, marked where they contradict a rule."""

    def __init__(self, book: Book, sheet: LinkedSheet, layout: Matrix, lines: TraceLines) -> None:
        self._book = book
        self._lines = lines
        self._look = book.look
        self._sheet = sheet
        self._layout = layout
        self._marks = marks_of(book.result, layout.table)
        self._x = text("summary.not_applicable")
        self._refused = self._look.of("cell", "total", "italic", "small", "center")

    def write(self) -> None:
        """Fill the totals of every row with figures."""
        rows = [row for row in self._layout.rows if row.figures]
        for index, row in enumerate(rows):
            if row.aggregation is Aggregation.SUM:
                self._sums(row)
            elif row.aggregation is Aggregation.SINGLE:
                self._given(row)
            elif row.aggregation is Aggregation.RATIO:
                rolled = index + 2 < len(rows) and rows[index + 1].kind is RowKind.PART
                self._ratio(row, rolled=rolled)
            else:
                for column in range(TOTAL_COLUMN, self._layout.first_unit):
                    self._blank(row, column, self._refused)

    def _sums(self, row: MatrixRow) -> None:
        layout = self._layout
        for span in layout.spans:
            if not span.runs:
                self._blank(row, span.column, self._look.of("cell", "total"))
                continue
            count = sum(last - first + 1 for first, last in span.runs)
            crossed = count if span.division in row.crossed else 0
            ranges = ",".join(layout.stretch(row.row, *run) for run in span.runs)
            formula = sum_of(ranges, crossed)
            self._formula(row, span.column, formula, span.division)
        crossed = sum(bool(span.runs) for span in layout.levels) if None in row.crossed else 0
        seats = runs_of(sorted(layout.seat(span.column) for span in layout.levels))
        levels = ",".join(layout.stretch(row.row, *run) for run in seats)
        self._formula(row, TOTAL_COLUMN, sum_of(levels, crossed))

    def _given(self, row: MatrixRow) -> None:
        """Take the figure of the province from the column of the one unit that gives it."""
        layout = self._layout
        for span in layout.spans:
            self._blank(row, span.column, self._refused)
        giving = enumerate(layout.table.contributions, layout.first_unit)
        columns = [at for at, item in giving if row.given_by and item.unit.code == row.given_by]
        if columns:
            cell = CellRef("", *layout.place(row.row, columns[0])).a1
            nothing = f'IF({cell}="{self._x}","{self._x}","")' if None in row.crossed else '""'
            self._formula(row, TOTAL_COLUMN, f"=IF(ISNUMBER({cell}),{cell},{nothing})")
            return
        answered = any(item.value(row.element, row.column) for item in layout.table.contributions)
        shown = text("summary.by_unit.not_summed") if answered else ""
        if None in row.crossed:
            shown = self._x
        self._say(row, TOTAL_COLUMN, shown)

    def _ratio(self, row: MatrixRow, *, rolled: bool) -> None:
        """Divide the two rows below a ratio where they have numbers; never sum ratios."""
        spans = self._layout.spans
        empty = {span.column for span in spans if not span.runs}
        columns: dict[int, Division | None] = {TOTAL_COLUMN: None}
        for column, division in (columns | {span.column: span.division for span in spans}).items():
            total = row.total_of(division)
            if total is not None and rolled:
                over, under = (
                    CellRef("", *self._layout.place(row.row + below, column)).a1 for below in (1, 2)
                )
                formula = f'=IF(N({under})=0,"",ROUND(100*{over}/{under},{RATIO_PLACES}))'
                self._formula(row, column, formula, division)
            elif total is not None:  # Worked out of the totals of its parts, like with like.
                self._formula(row, column, f"={total:f}", division)
            elif column in empty or not self._layout.table.contributions:
                self._blank(row, column, self._refused)
            else:
                refused = text("summary.by_unit.not_summed")
                shown = self._x if division in row.crossed else refused
                self._say(row, column, shown)

    def _formula(
        self, row: MatrixRow, column: int, formula: str, division: Division | None = None
    ) -> None:
        """A live total with the value that we have computed ourselves as its cached value."""
        total = row.total_of(division)
        mark = self._marks.get((row.element, row.column, division))
        marked = (mark.value,) if mark is not None else ()
        crossed = total is None and division in row.crossed
        aligned = ("center",) if crossed else ("right", number_trait(total))
        look = self._look.of("cell", "total", *aligned, *marked)
        value = self._x if crossed else cached(total)
        if value != "":
            self._lead(row, column)
        self._sheet.write_formula(*self._layout.place(row.row, column), formula, look, value)

    def _blank(self, row: MatrixRow, column: int, look: Format) -> None:
        self._sheet.write_blank(*self._layout.place(row.row, column), None, look)

    def _say(self, row: MatrixRow, column: int, shown: str) -> None:
        """Words where there is no number."""
        if shown:
            self._lead(row, column)
        self._sheet.write_string(*self._layout.place(row.row, column), shown, self._refused)

    def _lead(self, row: MatrixRow, column: int) -> None:
        head = self._lines.head((row.element, row.column))
        self._book.lead(self._sheet, *self._layout.place(row.row, column), head)
