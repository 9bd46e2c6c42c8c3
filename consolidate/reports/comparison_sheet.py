"""Write a form's totals beside those of the period before and of last year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import accumulate

from xlsxwriter.worksheet import Worksheet

from consolidate.definitions.catalogue import text
from consolidate.model.cells import column_letters
from consolidate.model.data_values import DENOMINATOR, NUMERATOR, RATIO_PLACES
from consolidate.model.datasets import Aggregation
from consolidate.reports.captions import (
    both_note,
    figure_caption,
    figure_label,
    tile_note,
    units_named,
)
from consolidate.reports.matrix import Matrix, MatrixRow, RowKind, matrix, runs_of
from consolidate.reports.summary_book import Book, cached
from consolidate.reports.summary_sheets import SetSheets, stamp
from consolidate.rollup.comparison import Against, Change, Compared, Comparison
from consolidate.rollup.result import MergeResult
from consolidate.xlsx.write.form_styles import HIGHEST, LIST_SIZE, SMALL_SIZE, number_trait
from consolidate.xlsx.write.safe_text import clean
from consolidate.xlsx.write.text_sizes import column_points, lines_needed, row_height

COLUMNS = 3
"""Columns of one comparison."""
_SMALLEST = 6
"""Decimals of a difference; more would show what binary numbers add to it."""


def _live(now: str, then: str, formula: str) -> str:
    """A formula that asks whether there is a total: figures may be taken out of it."""
    return f'=IF(COUNT({now},{then})<2,"",{formula})'


def compared_with(result: MergeResult, data_set: str) -> list[str]:
    """Say for each compared period from which run it is, or that no run has it, one line each."""
    found = [item for item in result.comparisons if item.table.data_set.code == data_set]
    lines = list[str]()
    if found and all(item.against is not Against.PREVIOUS for item in found):
        lines.append(text("summary.comparison.none"))
    for item in found:
        key = "known" if item.pack is None else "known_mapped"
        if not item.known:
            key = "unknown" if item.mapped else "unmapped"
        against = text(f"summary.comparison.against.{item.against.value}")
        form = item.pack.legal_basis if item.pack is not None else ""
        names = {"form": form, "against": against, "period": item.past.label}
        counts = {"run": item.run, "count": len(item.reporters), "both": len(item.both)}
        lines.append(text(f"summary.comparison.{key}", **names, **counts))
    return lines


_NUMBER, _LABEL, _UNIT, _NOW, _FIRST = range(5)
_WIDTHS = (5.0, 32.0, 9.0)
_NOTE_WIDTH, _LONG_NOTE_WIDTH = 20.0, 34.0
_MOST_RANGES = 200
"""Ranges of units in one formula; Excel takes 255, and 8192 characters."""


def write_comparison(book: Book, part: SetSheets, layout: Matrix) -> None:
    """Fill the comparison of a fixed table: rows as on the form, one figure and its past each."""
    _ComparisonSheet(book, part, layout).write()


class _ComparisonSheet:
    """Writes line after line; ``_row`` is the first free row."""

    def __init__(self, book: Book, part: SetSheets, layout: Matrix) -> None:
        self._book = book
        self._part = part
        self._layout = layout
        self._parts = layout.row_of
        self._sheet: Worksheet = book.sheets[part.comparison]
        self._beside = book.result.comparisons_of(part.table.data_set.code)
        self._figures = {
            beside.against: {(item.element.code, item.column): item for item in beside.figures}
            for beside in self._beside
        }
        self._blocks = [list(_columns(beside)) for beside in self._beside]
        self._firsts = list(accumulate(map(len, self._blocks), initial=_FIRST))
        self._note = self._firsts.pop()
        self._quarter: tuple[Matrix, str] | None = None
        """Layout and name of the by-unit sheet of the quarter's own table."""
        quarters = [beside.quarter for beside in self._beside]
        for each in book.plan.sets:
            if each.by_unit and any(each.table is quarter for quarter in quarters):
                self._quarter = matrix(each.table, book.result.levels), each.by_unit
                break
        gaps = any(tile.gap for beside in self._beside for tile in beside.tiles)
        found = (item.total.now for beside in self._beside for item in beside.figures)
        columns = [width for block in self._blocks for _, width in block]
        note = _LONG_NOTE_WIDTH if gaps else _NOTE_WIDTH
        self._widths = [*_WIDTHS, _fitting(found), *columns, note]
        self._row = 0

    def write(self) -> None:
        """Write heading, table, what cannot be compared, and the print set-up."""
        for column, width in enumerate(self._widths):
            self._sheet.set_column(column, column, width)
        table = self._part.table
        hints = [text("summary.comparison.hint", sheet=self._part.by_unit)]
        if any(beside.within_year for beside in self._beside):
            hints.append(text("summary.comparison.red"))
        if any(beside.quarter is not None for beside in self._beside):
            hints.append(text("summary.tile.hint"))
        title, subtitle = text("summary.comparison.title"), self._book.subtitle(table.period)
        lines, hint = (title, table.data_set.title, subtitle), " ".join(hints)
        self._row = self._book.heading(
            self._sheet, lines, stamp(table), widths=self._widths, hint=hint
        )
        for line in compared_with(self._book.result, table.data_set.code):
            self._line(line)
        head = self._row
        self._heads()
        first = self._row
        for row in self._layout.rows:
            if row.kind is not RowKind.PART:
                self._body(row)
        self._ended()
        self._row += 1
        for line in self._remarks():
            self._line(line)
        sheet = self._sheet
        sheet.freeze_panes(first, _UNIT + 1)
        self._book.paper(sheet, landscape=True)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(head, first - 1)
        sheet.print_area(0, 0, self._row - 1, self._note)

    def _line(self, value: str) -> None:
        look = self._book.look.of("italic", "small", "line", "left")
        self._sheet.merge_range(self._row, 0, self._row, self._note, "", look)
        self._book.put(self._sheet, self._row, 0, value, look)
        room = sum(map(column_points, self._widths))
        height = row_height(lines_needed(clean(value), room, SMALL_SIZE), SMALL_SIZE)
        self._sheet.set_row(self._row, min(HIGHEST, height))
        self._row += 1

    def _heads(self) -> None:
        """Two rows: which period, then what of it."""
        sheet, look, top = self._sheet, self._book.look.of("head"), self._row
        data_set, table = self._part.table.data_set, self._part.table
        fixed = {
            _NUMBER: data_set.layout.number_header or text("summary.comparison.number"),
            _LABEL: text("summary.comparison.label"),
            _UNIT: text("summary.comparison.unit"),
            self._note: text("summary.comparison.note"),
        }
        for column, title in fixed.items():
            sheet.merge_range(top, column, top + 1, column, title, look)
        sheet.write_string(top, _NOW, text("summary.comparison.now"), look)
        for at, beside, block in zip(self._firsts, self._beside, self._blocks, strict=True):
            against = text(f"summary.comparison.against.{beside.against.value}")
            sheet.merge_range(top, at, top, at + len(block) - 1, against, look)
        lower = [table.period.label, *(title for block in self._blocks for title, _ in block)]
        lines = 1
        for column, title in enumerate(lower, _NOW):
            sheet.write_string(top + 1, column, title, look)
            room = column_points(self._widths[column])
            lines = max(lines, lines_needed(title, room, LIST_SIZE, bold=True))
        sheet.set_row(top, row_height(1, LIST_SIZE, padding=6))
        sheet.set_row(top + 1, row_height(lines, LIST_SIZE, padding=6))
        self._row = top + 2

    def _body(self, row: MatrixRow) -> None:
        look, sheet, at = self._book.look, self._sheet, self._row
        section = row.kind in (RowKind.SECTION, RowKind.SUBSECTION)
        strong = ("section",) if section else ("bold",) if row.kind is RowKind.ELEMENT else ()
        if row.kind is RowKind.SUBSECTION:
            strong = (*strong, "italic")
        indent = ("indent",) if row.indent == 1 else ("indent2",) if row.indent else ()
        sheet.write_string(at, _NUMBER, row.number, look.of("cell", "center", *strong))
        sheet.write_string(at, _LABEL, row.label, look.of("cell", *strong, *indent))
        sheet.write_string(at, _UNIT, row.unit, look.of("cell", "center", "small", *strong))
        notes: list[str] = []
        if row.figures:
            self._now(row)
            for first, beside, block in zip(self._firsts, self._beside, self._blocks, strict=True):
                notes += self._compared(first, first + len(block) - 1, row, beside)
            note = "\n".join(notes)
            self._book.put(sheet, at, self._note, note, look.of("cell", "small", "left"))
        else:
            self._blank(range(_NOW, self._note + 1), *strong)
        room = column_points(_WIDTHS[_LABEL]) - 7 * min(row.indent, 2)
        lines = lines_needed(row.label, room, LIST_SIZE, bold=bool(strong))
        unit = lines_needed(row.unit, column_points(_WIDTHS[_UNIT]), SMALL_SIZE)
        said = lines_needed("\n".join(notes), column_points(self._widths[-1]), SMALL_SIZE)
        height = max(row_height(lines, LIST_SIZE), row_height(max(unit, said), SMALL_SIZE))
        sheet.set_row(at, min(HIGHEST, max(17.25, height)))
        self._row += 1

    def _now(self, row: MatrixRow) -> None:
        """The figure of the province, live from the by-unit sheet."""
        look, at = self._book.look, self._row
        if row.aggregation is not Aggregation.SUM and row.total is None:
            shown = text("summary.by_unit.not_summed") if self._part.table.contributions else ""
            if None in row.crossed:
                shown = text("summary.not_applicable")
            style = look.of("cell", "italic", "small", "center")
            self._book.put(self._sheet, at, _NOW, shown, style)
            return
        source = self._layout.total(self._part.by_unit, row.row).quoted
        style = look.of("cell", "right", "bold", number_trait(row.total))
        crossed = row.total is None and None in row.crossed
        value = text("summary.not_applicable") if crossed else cached(row.total)
        self._sheet.write_formula(at, _NOW, f"={source}", style, value)

    def _compared(self, first: int, last: int, row: MatrixRow, beside: Comparison) -> Iterator[str]:
        """Write the cells of a comparison; what is to be said of it."""
        item = self._figures[beside.against].get((row.element, row.column))
        if item is None:
            self._blank(range(first, last + 1))
            return
        fallen = bool(beside.fallen(item))
        change = item.total.difference
        less = change is not None and change < 0
        traits = ("red", "bold") if fallen and less else ()
        marked = ("warning",) if item.tile is not None and item.tile.wrong else ()
        self._change(first, last - 1, item.total, (*traits, *marked))
        self._both(last, row, item, fallen=fallen)
        if beside.quarter is not None:
            self._of_quarter(first + 2, item, marked)
        formers = beside.formers(item.element.code, item.column)
        told = [figure_caption(x.data_set, x.element, x.column) for x in formers]
        own = figure_caption(beside.table.data_set, item.element, item.column)
        if told and told != [own]:
            yield text("summary.comparison.origin", captions=" + ".join(told))
        data_set = beside.table.data_set
        if less and beside.within_year and data_set.accumulates(item.element, item.column):
            # Why a total that adds up is less: units that fell, or absences alone.
            if fallen:
                yield text("summary.comparison.falls")
            elif item.both is not None:
                yield text("summary.comparison.falls_absent")
        count = sum(beside.falls(item, change) for change in item.units.values())
        if count:
            yield text("summary.comparison.falls_units", count=count)
        yield from both_note(beside, item)
        if item.tile is not None:
            yield from tile_note(beside, item.tile)

    def _change(self, first: int, percent: int, change: Change, traits: tuple[str, ...]) -> None:
        """Write then, difference and, in column ``percent``, percent; what hinders as a word."""
        sheet, look, at = self._sheet, self._book.look, self._row
        if change.then is not None:
            style = look.of("cell", "right", number_trait(change.then))
            sheet.write_number(at, first, float(change.then), style)
        if change.then is None or change.obstacle:
            why = text(f"summary.comparison.obstacle.{change.obstacle}")
            place = first if change.then is None else first + 1
            style = look.of("cell", "italic", "small", "center")
            self._book.put(sheet, at, place, why, style)
            self._blank({first + 1, percent} - {place}, *traits)
            return
        now, then = f"{column_letters(_NOW)}{at + 1}", f"{column_letters(first)}{at + 1}"
        signed = ("p" if change.points else "s") + number_trait(change.difference)[1:]
        formula = _live(now, then, f"ROUND({now}-{then},{_SMALLEST})")
        style = look.of("cell", "right", signed, *traits)
        sheet.write_formula(at, first + 1, formula, style, cached(change.difference))
        if change.points:
            self._blank([percent], *traits)
            return
        zero = text("summary.comparison.zero")
        told: float | str = ""
        if change.difference is not None:
            told = float(change.difference / abs(change.then)) if change.then else zero
        formula = _live(now, then, f'IF({then}=0,"{zero}",({now}-{then})/ABS({then}))')
        style = look.of("cell", "right", "change", *traits)
        sheet.write_formula(at, percent, formula, style, told)

    def _both(self, column: int, row: MatrixRow, item: Compared, *, fallen: bool) -> None:
        """The difference over the units that have the figure both times, live from their cells."""
        both, sheet, at = item.both, self._sheet, self._row
        if both is None or not both.units:
            self._blank([column])
            return
        difference = both.now - both.then
        traits = ("red", "bold") if fallen and difference < 0 else ()
        style = self._book.look.of("cell", "right", "s" + number_trait(difference)[1:], *traits)
        rows = [row]
        if item.total.points:
            rows = [self._parts[row.element, part] for part in (NUMERATOR, DENOMINATOR)]
        cells = [self._unit_cells(line, set(both.units)) for line in rows]
        if len(cells[0]) > _MOST_RANGES // len(rows):
            sheet.write_number(at, column, float(difference), style)
            return
        sums = [f"SUM({','.join(ranges)})" for ranges in cells]
        now = f"ROUND(100*{sums[0]}/{sums[-1]},{RATIO_PLACES})" if len(sums) > 1 else sums[0]
        formula = f"=ROUND({now}-{both.then:f},{_SMALLEST})"
        sheet.write_formula(at, column, formula, style, cached(difference))

    def _unit_cells(self, row: MatrixRow, units: set[str]) -> list[str]:
        """Ranges of the by-unit sheet with what some units say in one row."""
        layout, items = self._layout, enumerate(self._part.table.contributions)
        seats = sorted(
            layout.seat(layout.first_unit + at) for at, item in items if item.unit.code in units
        )
        sheet = self._part.by_unit
        return [
            layout.stretch(row.row, first, last, sheet)
            if first != last
            else layout.stretch(row.row, first, last, sheet).partition(":")[0]
            for first, last in runs_of(seats)
        ]

    def _of_quarter(self, column: int, item: Compared, marked: tuple[str, ...]) -> None:
        """The figure of the quarter, live from its own by-unit sheet; blank where it is unknown."""
        key = item.element.code, item.column
        if item.tile is None or self._quarter is None or key not in self._quarter[0].row_of:
            self._blank([column])
            return
        layout, sheet = self._quarter
        cell, number = layout.total(sheet, layout.row_of[key].row), item.tile.quarter
        style = self._book.look.of("cell", "right", number_trait(number), *marked)
        self._sheet.write_formula(self._row, column, f"={cell.quoted}", style, cached(number))

    def _blank(self, columns: Iterable[int], *traits: str) -> None:
        for column in columns:
            self._sheet.write_blank(self._row, column, None, self._book.look.of("cell", *traits))

    def _ended(self) -> None:
        """Figures of the pack of then that this form asks no more, with their totals of then."""
        look, sheet = self._book.look, self._sheet
        for first, beside in zip(self._firsts, self._beside, strict=True):
            if beside.pack is None or not beside.ended:
                continue
            title = text("summary.comparison.ended", form=beside.pack.legal_basis)
            style = look.of("cell", "section", "left")
            sheet.merge_range(self._row, 0, self._row, self._note, title, style)
            for former, total in beside.ended:
                self._row += 1
                element, at = former.element, self._row
                label = figure_label(former.data_set, element, former.column)
                note = text("summary.comparison.ended_note")
                self._blank(range(self._note + 1))
                self._book.put(sheet, at, _NUMBER, element.number, look.of("cell", "center"))
                self._book.put(sheet, at, _LABEL, label, look.of("cell"))
                self._book.put(sheet, at, _UNIT, element.unit, look.of("cell", "center", "small"))
                if total is not None:
                    style = look.of("cell", "right", number_trait(total))
                    sheet.write_number(at, first, float(total), style)
                self._book.put(sheet, at, self._note, note, look.of("cell", "small", "left"))
                lines = lines_needed(label, column_points(_WIDTHS[_LABEL]), LIST_SIZE)
                sheet.set_row(at, max(17.25, row_height(lines, LIST_SIZE)))
            self._row += 1

    def _remarks(self) -> Iterator[str]:
        """Units that cannot be compared, by name."""
        for beside in self._beside:
            period, count = beside.past.label, beside.restated
            if count:
                key = "summary.comparison.restated"
                yield text(key, count=count, period=period, run=beside.run)
            for name in ("absent", "gone", "split", "silent", "new"):
                codes = getattr(beside, name)
                if codes:
                    units = units_named(beside, codes)
                    yield text(f"summary.comparison.{name}", period=period, units=units)


def _columns(beside: Comparison) -> Iterator[tuple[str, float]]:
    """Title and width of each column of a comparison; the quarter's own table has one if there is.

    The percentages stand last but one, the change over the same units last.
    """
    changes = [item.total for item in beside.figures]
    yield beside.past.label, _fitting(change.then for change in changes)
    key = "since" if beside.within_year else "change"
    yield text(f"summary.comparison.{key}"), _fitting(change.difference for change in changes)
    if beside.quarter is not None:
        title = text("summary.tile.head", quarter=beside.quarter.period.label)
        yield title, _fitting(tile.quarter for tile in beside.tiles)
    yield text("summary.comparison.percent"), 8.5
    both = (item.both for item in beside.figures if item.both is not None)
    title = text("summary.comparison.both", count=len(beside.both))
    yield title, _fitting(each.now - each.then for each in both)


def _fitting(numbers: Iterable[Decimal | None]) -> float:
    """The width that the longest of some numbers fits, with separators, sign and padding."""
    shown = (len(f"{number:,.0f}") + 4 for number in numbers if number is not None)
    return max(11.0, max(shown, default=0))
