"""Frame a by-unit sheet whose units are rows, where a sheet has too few columns for them.

A column is a figure of the form under its number, a row a unit under its kind and level. What
stands in the cells is written by :mod:`consolidate.reports.by_unit`, as where units are columns.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from xlsxwriter.format import Format

from consolidate.definitions.catalogue import text
from consolidate.model.cells import CellRef
from consolidate.model.text import format_number
from consolidate.reports.matrix import (
    CODE_ROW,
    FIRST_FIGURE_COLUMN,
    FIRST_ROW,
    LEVEL_ROW,
    NAME_ROW,
    TOTAL_COLUMN,
    Matrix,
    RowKind,
    division_label,
)
from consolidate.reports.summary_book import Book
from consolidate.rollup.totals import Contribution
from consolidate.xlsx.write.form_styles import HIGHEST, LIST_SIZE, SMALL_SIZE
from consolidate.xlsx.write.safe_text import clean
from consolidate.xlsx.write.streamed_workbook import Line, LinkedSheet, cell_at
from consolidate.xlsx.write.text_sizes import column_points, lines_needed, row_height

NAMED_WIDTHS = (9.0, 34.0, 10.0, 16.0)
"""Widths in characters of the columns of code, name, level and kind."""
A3 = 8
"""Number of the size of paper in Excel."""
_SCALE = 84
"""Per cent at which the smallest texts can still be read."""
_LINE = 1.25
"""Height of a line of text in sizes of its letters."""
_SPARE = 12
"""Points of a turned label that programs differ by."""
_NARROWEST = 8.0


def write_rows(book: Book, sheet: LinkedSheet, layout: Matrix, units: Iterable[Line]) -> None:
    """Write headings, names of totals and folds, the rows of ``units``; set up the paper."""
    last_row = FIRST_ROW + len(layout.down) - 1
    last = FIRST_FIGURE_COLUMN + len(layout.across) - 1
    for column, named in enumerate(NAMED_WIDTHS):
        sheet.set_column(column, column, named)
    columns = _columns(layout)
    for item in columns:
        sheet.set_column(item.column, item.column, item.width)
    _headings(book, sheet, columns)
    # What each row with totals is of; units fold below kinds, kinds below levels.
    labels = {TOTAL_COLUMN: text("summary.total")}
    labels |= {span.column: division_label(span.division) for span in layout.spans}
    strong = book.look.of("cell", "section")
    for column, depth in layout.down:
        if column in labels:
            at = layout.seat(column)
            for beside, said in enumerate(("", labels[column], "", "")):
                book.put(sheet, at, beside, said, strong)
            folded = {"level": depth} if depth else {}
            sheet.set_row(at, _name_height(labels[column]), None, folded)
    sheet.write_lines(FIRST_ROW, len(layout.down), last + 1, units, folds=2)
    sheet.outline_settings(True, False, False, False)
    sheet.autofilter(CODE_ROW, 0, last_row, last)
    sheet.freeze_panes(FIRST_ROW, 2)
    sheet.repeat_rows(LEVEL_ROW, CODE_ROW)
    sheet.repeat_columns(0, 1)
    book.paper(sheet, landscape=True)
    sheet.set_paper(A3)
    sheet.set_print_scale(_SCALE)
    sheet.print_area(0, 0, last_row, last)


class _FigureColumn(NamedTuple):
    """A figure in its column: section, name, number and unit of measure, width in characters."""

    column: int
    section: str
    label: str
    number: str
    width: float


def _columns(layout: Matrix) -> list[_FigureColumn]:
    found: list[_FigureColumn] = []
    section, element = "", None
    for row in layout.rows:
        if row.kind is RowKind.SECTION:
            section, element = clean(row.label), None
        elif row.kind is RowKind.ELEMENT:
            element = row
        elif row.figures:
            if row.number:
                element = None
            label = f"{element.label}: {row.label}" if element is not None else row.label
            number = row.number or (element.number if element is not None else "")
            said = "\n".join(filter(None, (number, row.unit)))
            # No figure of the column overflows it.
            figure = layout.table.figure(row.element, row.column)
            high = figure.high if figure is not None else None
            numbers = (row.total, *row.by_division.values(), high)
            shown = [len(format_number(each)) for each in numbers if each is not None]
            width = max(_NARROWEST, max(shown, default=0) + 2.0)
            found.append(_FigureColumn(layout.across[row.row], section, clean(label), said, width))
    return found


def _headings(book: Book, sheet: LinkedSheet, columns: list[_FigureColumn]) -> None:
    """The section over its figures, what each is called, its number and unit of measure."""
    head = book.look.of("head")
    for column, title in enumerate(("code", "unit", "level", "kind")):
        said = text(f"summary.by_unit.rows.{title}")
        sheet.merge_range(LEVEL_ROW, column, NAME_ROW, column, said, head)
        sheet.write_string(CODE_ROW, column, "", head)
    small, turned = book.look.of("head", "small"), book.look.of("head", "small", "turned")
    over = book.look.of("head", "small", "left")  # In sight where its columns begin.
    lines, high, deep = 1, 1, 2
    for section, group in groupby(columns, key=lambda item: item.section):
        items = list(group)
        first, last = items[0].column, items[-1].column
        if first != last:
            sheet.merge_range(LEVEL_ROW, first, LEVEL_ROW, last, "", over)
        book.put(sheet, LEVEL_ROW, first, section, over)
        room = sum(column_points(item.width) for item in items)
        lines = max(lines, lines_needed(section, room, SMALL_SIZE, bold=True))
    for item in columns:
        room = column_points(item.width)
        book.put(sheet, NAME_ROW, item.column, item.label, turned)
        book.put(sheet, CODE_ROW, item.column, item.number, small)
        high = max(high, _height(item.label, room))
        deep = max(deep, lines_needed(item.number, room, SMALL_SIZE, bold=True))
    sheet.set_row(LEVEL_ROW, min(HIGHEST, row_height(lines, SMALL_SIZE, padding=6)))
    sheet.set_row(NAME_ROW, high)
    sheet.set_row(CODE_ROW, row_height(deep, SMALL_SIZE, padding=6))


def _height(label: str, room: float) -> int:
    """The least height at which a turned label takes no more lines than its column has room."""
    fit = max(1, int(room / (SMALL_SIZE * _LINE)))
    for height in range(90, int(HIGHEST), 10):
        if lines_needed(label, height - _SPARE, SMALL_SIZE, bold=True) <= fit:
            return height
    return int(HIGHEST)


def _name_height(name: str) -> float:
    """Height in points of a row that a name stands in."""
    lines = lines_needed(clean(name), column_points(NAMED_WIDTHS[1]), LIST_SIZE)
    return row_height(lines, LIST_SIZE)


class UnitNames:
    """Makes the cells that say whose a row is: code, name, level and kind."""

    def __init__(self, book: Book, sheet: LinkedSheet, layout: Matrix) -> None:
        self._book, self._sheet, self._look = book, sheet, book.look
        links = len(layout.table.contributions) if book.inbox_link is not None else 0
        self._links = book.room_for(sheet, links)
        self._small = book.look.of("cell", "small")
        self._known: dict[tuple[str, str], str] = {}

    def of(self, row: int, item: Contribution) -> tuple[str, float]:
        """Make the cells of a unit, and the height of their row in points."""
        unit, look = item.unit, self._look
        target = self._book.file_target(item.record, CellRef(item.content.sheet, 0, 0))
        coded = self._small
        if target is not None and self._links:
            self._links -= 1
            self._sheet.follow(row, 0, target)
            coded = look.of("cell", "small", "link")
        over = unit.level.label if item.summed else text("summary.by_unit.beside")
        own = self._cell(0, unit.code, coded) + self._cell(1, unit.name, look.of("cell"))
        kind = over, unit.kind.label
        alike = self._known.get(kind)
        if alike is None:
            made = [self._cell(at, said, self._small) for at, said in enumerate(kind, 2)]
            alike = self._known[kind] = "".join(made)
        return own + alike, _name_height(unit.name)

    def _cell(self, column: int, said: str, look: Format) -> str:
        return cell_at(column, self._sheet.made(clean(said) or None, look))
