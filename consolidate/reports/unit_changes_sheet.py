"""List what changed in single units, and the units that cannot be compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from consolidate.definitions.catalogue import text
from consolidate.model.datasets import DataElement, DataSet
from consolidate.model.units import OrganisationUnit
from consolidate.reports.captions import figure_label, unit_caption
from consolidate.reports.comparison_sheet import COLUMNS, compared_with
from consolidate.reports.summary_book import Book
from consolidate.reports.summary_sheets import stamp_overall
from consolidate.rollup.comparison import Against, Change, Compared, Comparison
from consolidate.rollup.totals import DataSetTable
from consolidate.xlsx.write.form_styles import LIST_SIZE, number_trait
from consolidate.xlsx.write.safe_text import clean
from consolidate.xlsx.write.text_sizes import column_points, lines_needed, row_height

_UNIT, _FORM, _NUMBER, _ELEMENT, _NOW, _FIRST = range(6)
_WIDTHS = (24.0, 8.5, 6.0, 39.0, 12.0)
_CHANGE_WIDTHS = (12.0, 14.0, 9.5)
_FROM_WIDTH, _NOTE_WIDTH = 18.0, 21.0
_LEAST = 17.25
_BUTTON = 12
"""Points that the button of the filter takes from a title."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One row: a figure of a unit with its changes, or a unit that cannot be compared."""

    unit: str
    table: DataSetTable
    element: DataElement | None = None
    column: str = ""
    changes: tuple[tuple[Comparison, Change, bool], ...] = ()
    taken_from: str = ""
    note: str = ""


def write_changes(book: Book) -> None:
    """Fill the list: by form and unit, only figures that changed, all that cannot be compared."""
    sheet = book.sheets[book.plan.changes]
    lines = list(_lines(book))
    known = {item.against for item in book.result.comparisons if item.known}
    against, sources = [each for each in Against if each in known], any(x.taken_from for x in lines)
    writer = _Lines(book, against, sources=sources)
    hint, printed = book.printed(book.plan.changes, text("summary.changes.hint"), len(lines))
    titles = (text("summary.changes.title"), book.subtitle(book.result.period))
    stamped = stamp_overall(book.result)
    top = book.heading(sheet, titles, stamped, widths=writer.widths, hint=hint)
    style = book.look.of("italic", "small", "left")
    for part in book.plan.sets:
        data_set = part.table.data_set
        for base in compared_with(book.result, data_set.code) if part.comparison else ():
            said = text("summary.comparison.of_set", sheet=data_set.sheet, line=base)
            book.put(sheet, top, 0, said, style)
            top += 1
    for column, width in enumerate(writer.widths):
        sheet.set_column(column, column, width)
    writer.heads(top)
    row, last = top + max(1, len(lines)), writer.note
    for at, line in enumerate(lines, top + 1):
        writer.write(at, line)
    if not lines:
        style = book.look.of("cell", "italic", "center")
        sheet.merge_range(row, 0, row, last, text("summary.changes.none"), style)
    else:
        sheet.autofilter(top, 0, row, last)
        drawn = {"type": "no_errors", "format": book.look.of("drawn")}
        sheet.conditional_format(top + 1, 0, row, last, drawn)
    sheet.freeze_panes(top + 1, _UNIT + 1)
    book.paper(sheet, landscape=True)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(top)
    sheet.print_area(0, 0, row if printed else top, last)


class _Lines:
    """Writes rows, each as high as its longest text needs.

    There can be ten thousand of them. Changes are written as numbers: Excel's library spends more
    on one formula than on a whole row without any. Nothing is written into blank cells; lines
    between cells are drawn once for all. An earlier period without reports has no columns;
    ``sources`` tells whether some figures of then are those of other units.
    """

    def __init__(self, book: Book, against: Sequence[Against], *, sources: bool) -> None:
        self._book = book
        self._against = against
        self._sources = sources
        # The column with the units that reported then, and the last one.
        self._source = _FIRST + COLUMNS * len(against)
        self.note = self._source + sources
        changes, units = _CHANGE_WIDTHS * len(against), (_FROM_WIDTH,) * sources
        self.widths = (*_WIDTHS, *changes, *units, _NOTE_WIDTH)
        self._sheet = book.sheets[book.plan.changes]
        self._rooms = [column_points(width) for width in self.widths]

    def heads(self, row: int) -> None:
        """Write the titles of the columns, each with room for the button of the filter."""
        titles = [
            text("summary.changes.unit"),
            text("summary.changes.form"),
            text("summary.comparison.number"),
            text("summary.changes.element"),
            text("summary.comparison.now"),
        ]
        for against in self._against:
            titles.append(text(f"summary.comparison.against.{against.value}"))
            titles += [text(f"summary.comparison.{key}") for key in ("change", "percent")]
        titles += [text("summary.changes.from")] * self._sources
        titles.append(text("summary.comparison.note"))
        lines = 1
        for column, title in enumerate(titles):
            self._sheet.write_string(row, column, title, self._book.look.of("head"))
            room = self._rooms[column] - _BUTTON
            lines = max(lines, lines_needed(title, room, LIST_SIZE, bold=True))
        self._sheet.set_row(row, row_height(lines, LIST_SIZE, padding=6))

    def write(self, row: int, line: _Line) -> None:
        """Write one row."""
        element, sheet = line.element, self._sheet
        said = {_UNIT: line.unit, _FORM: line.table.data_set.sheet}
        if element is None:
            said[_ELEMENT] = text("summary.changes.all")
        else:
            said[_NUMBER] = element.number
            said[_ELEMENT] = _measured(line.table.data_set, element, line.column)
        if line.taken_from:
            said[self._source] = line.taken_from
        said[self.note] = line.note
        height = _LEAST
        for column, value in said.items():
            if value:
                shown, look = clean(value), "center" if column in (_FORM, _NUMBER) else "line"
                sheet.write_string(row, column, shown, self._book.look.of(look))
                lines = lines_needed(shown, self._rooms[column], LIST_SIZE)
                height = max(height, row_height(lines, LIST_SIZE))
        if height > _LEAST:
            sheet.set_row(row, height)
        if line.changes and line.changes[0][1].now is not None:
            self._number(row, _NOW, line.changes[0][1].now, "n")
        for beside, change, falls in line.changes:
            first = _FIRST + COLUMNS * self._against.index(beside.against)
            self._change(row, first, change, falls=falls)

    def _change(self, row: int, first: int, change: Change, *, falls: bool) -> None:
        traits = ("red", "bold") if falls else ()
        if change.then is None:
            why = text(f"summary.comparison.obstacle.{change.obstacle}")
            style = self._book.look.of("italic", "small", "center")
            self._sheet.write_string(row, first, why, style)
            return
        self._number(row, first, change.then, "n")
        if change.difference is None:
            return
        self._number(row, first + 1, change.difference, "p" if change.points else "s", *traits)
        if change.then and not change.points:
            share = float(change.difference / abs(change.then))
            style = self._book.look.of("right", "change", *traits)
            self._sheet.write_number(row, first + 2, share, style)

    def _number(self, row: int, column: int, number: Decimal, kind: str, *traits: str) -> None:
        style = self._book.look.of("right", kind + number_trait(number)[1:], *traits)
        self._sheet.write_number(row, column, float(number), style)


@lru_cache
def _measured(data_set: DataSet, element: DataElement, column: str) -> str:
    """What a figure is, with its column and its unit of measure."""
    second = bool(element.second) and column == element.second
    label, unit = figure_label(data_set, element, column), element.unit
    unit = element.second_unit if second else unit
    return text("summary.changes.measured", label=label, unit=unit) if unit else label


def _lines(book: Book) -> Iterator[_Line]:
    for part in book.plan.sets:
        beside = book.result.comparisons_of(part.table.data_set.code)
        if beside:
            for item in part.table.contributions:
                yield from _of_unit(part.table, item.unit, beside)
            yield from _absent(part.table, beside)


def _of_unit(
    table: DataSetTable, unit: OrganisationUnit, beside: Sequence[Comparison]
) -> Iterator[_Line]:
    """What hinders a unit as a whole, then its figures that changed, in form order."""
    named = (unit_caption(unit.name, unit.code), table)
    taken_from = _taken_from(unit.code, beside)
    notes, open_to = list[str](), list[Comparison]()
    for item in beside:
        why = item.obstacle(unit.code)
        if why:
            against = text(f"summary.comparison.against.{item.against.value}")
            said = text(f"history.obstacle.{why}")
            notes.append(text("summary.changes.obstacle", against=against, why=said))
        else:
            open_to.append(item)
    if notes:
        yield _Line(*named, taken_from=taken_from, note="\n".join(notes))
    for compared in zip(*(item.figures for item in open_to), strict=True):
        changes = tuple(
            (item, figure.units[unit.code], item.falls(figure, figure.units[unit.code]))
            for item, figure in zip(open_to, compared, strict=True)
        )
        if any(change.tells for _, change, _ in changes):
            figure: Compared = compared[0]
            note = text("summary.changes.falls") if any(fall for *_, fall in changes) else ""
            if changes[0][1].now is None:
                note = text("summary.comparison.now_missing")
            yield _Line(*named, figure.element, figure.column, changes, taken_from, note)


def _taken_from(code: str, beside: Sequence[Comparison]) -> str:
    """The units that reported then, where they are not the unit itself."""
    found: dict[tuple[str, ...], str] = {}
    for comparison in beside:
        past = comparison.units.get(code)
        if past is not None and past.units not in ((), (code,)):
            names = (unit_caption(comparison.name(item), item) for item in past.units)
            found.setdefault(past.units, ", ".join(names))
    return "\n".join(found.values())


def _absent(table: DataSetTable, beside: Sequence[Comparison]) -> Iterator[_Line]:
    """Units that reported then and do not now: those that still could, then those that are gone."""
    for key in ("absent", "gone"):
        note = text(f"summary.changes.{key}")
        found = {code: each for each in reversed(beside) for code in getattr(each, key)}
        order = dict.fromkeys(code for each in beside for code in getattr(each, key))
        for code in order:
            unit = unit_caption(found[code].name(code), code)
            yield _Line(unit, table, taken_from=_taken_from(code, beside), note=note)
