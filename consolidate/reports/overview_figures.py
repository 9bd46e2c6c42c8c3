"""Write the key figures of the packs on the overview: now, and what has changed."""

from __future__ import annotations

from collections.abc import Sequence

from consolidate.definitions.catalogue import text
from consolidate.model.cells import CellRef
from consolidate.model.units import Level
from consolidate.reports.at_a_glance import KeyRow
from consolidate.reports.matrix import TOTAL_COLUMN, matrix
from consolidate.reports.overview_page import LAST, OverviewPage, none_mark, room
from consolidate.reports.summary_book import cached
from consolidate.rollup.comparison import Against
from consolidate.xlsx.write.form_styles import LIST_SIZE, SMALL_SIZE, number_trait
from consolidate.xlsx.write.measure import lines_needed, row_height

_FIRST = 3
"""First column behind the figure of now."""


def write_key_figures(page: OverviewPage, rows: Sequence[KeyRow]) -> None:
    """Write the key figures beside earlier periods, or by level where none is known."""
    if not rows:
        return
    page.chapter(text("summary.glance.title"))
    if any(row.earlier for row in rows):
        _heads(page, [t for against in Against for t in _titles(rows, against)])
        for row in rows:
            _beside(page, row)
        _notes(page, rows)
        return
    levels = page.book.result.levels[: LAST - _FIRST]
    _heads(page, [*(level.label for level in levels), text("summary.glance.units")])
    for row in rows:
        _by_level(page, row, levels)


def _titles(rows: Sequence[KeyRow], against: Against) -> tuple[str, str]:
    """The headings of an earlier period: its name, if it is one, and the change."""
    named = (row.before(against) for row in rows)
    pasts = {item.past.label for item in named if item is not None}
    title = text(f"summary.comparison.against.{against.value}")
    if pasts:
        title = text("summary.glance.against", against=title, period=", ".join(sorted(pasts)))
    return title, text("summary.comparison.change")


def _heads(page: OverviewPage, titles: Sequence[str]) -> None:
    name = text("summary.glance.figure")
    page.heads(["", "", text("summary.comparison.now"), *titles])
    page.stretch(page.row - 1, 0, name, "head", last=1)


def _name(page: OverviewPage, row: KeyRow) -> int:
    """Write the name and the figure of now, live from the sheets behind; return lines."""
    figure = row.figure
    page.stretch(page.row, 0, row.label, "cell", last=1)
    there = _cell(page, row)
    if figure.total is not None:
        look = page.book.look.of("cell", "bold", "right", number_trait(figure.total))
        if there is not None:
            page.sheet.write_formula(page.row, 2, f"={there.quoted}", look, cached(figure.total))
        else:
            page.sheet.write_number(page.row, 2, float(figure.total), look)
    else:
        page.book.put(page.sheet, page.row, 2, row.shown, page.book.look.of("cell", "center"))
    return lines_needed(row.label, room(0, 1), LIST_SIZE)


def _cell(page: OverviewPage, row: KeyRow) -> CellRef | None:
    """The cell with a key figure: that of the page to sign, unless that shows two in one text."""
    figure, book = row.figure, page.book
    if not figure.element.second:
        return book.figures.get((figure.data_set, figure.element.code, figure.column))
    for part in book.plan.sets:
        if part.table is row.table and part.by_unit:
            for line in matrix(part.table, book.result.levels).rows:
                if (line.element, line.column) == (figure.element.code, figure.column):
                    return CellRef(part.by_unit, line.row, TOTAL_COLUMN)
    return None


def _beside(page: OverviewPage, row: KeyRow) -> None:
    high = row_height(_name(page, row), LIST_SIZE)
    small = page.book.look.of("cell", "small", "center")
    for column, against in zip((_FIRST, _FIRST + 2), Against, strict=True):
        item = row.before(against)
        if item is None or item.change.then is None:
            for at in (column, column + 1):
                page.sheet.write_string(page.row, at, none_mark(), small)
            continue
        look = page.book.look.of("cell", "right", number_trait(item.change.then))
        page.sheet.write_number(page.row, column, float(item.change.then), look)
        said = "\n".join(filter(None, (item.said, item.percent, item.alike)))
        page.book.put(page.sheet, page.row, column + 1, said, small)
        lines = lines_needed(said, room(column + 1, column + 1), SMALL_SIZE)
        high = max(high, row_height(lines, SMALL_SIZE))
    page.high(page.row, high)
    page.row += 1


def _notes(page: OverviewPage, rows: Sequence[KeyRow]) -> None:
    if any(item.alike for row in rows for item in row.earlier):
        page.line(text("summary.glance.alike_note"), "italic", "small", "line", size=SMALL_SIZE)


def _by_level(page: OverviewPage, row: KeyRow, levels: Sequence[Level]) -> None:
    lines = _name(page, row)
    center = page.book.look.of("cell", "center")
    for column, level in enumerate(levels, _FIRST):
        number = row.figure.by_level.get(level)
        if number is None:
            page.sheet.write_string(page.row, column, none_mark(), center)
        else:
            look = page.book.look.of("cell", "right", number_trait(number))
            page.sheet.write_number(page.row, column, float(number), look)
    at = _FIRST + len(levels)
    page.sheet.write_number(page.row, at, row.figure.units, page.book.look.of("cell", "center"))
    page.high(page.row, row_height(lines, LIST_SIZE))
    page.row += 1
