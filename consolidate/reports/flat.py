"""Plain lists of the summary: one heading, one row per item, a filter, a page that prints well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from consolidate.forms.measure import column_points, lines_needed, row_height
from consolidate.reports.book import Book
from consolidate.reports.look import SIZE


@dataclass(frozen=True, slots=True)
class FlatColumn:
    """A column: its title, its width in characters, traits of its cells besides ``cell``."""

    title: str
    width: float
    traits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Linked:
    """Text with a link; ``target`` is ``None`` when there is nothing to link to."""

    text: str
    target: str | None


@dataclass(frozen=True, slots=True)
class Marked:
    """Text in a cell with further traits, such as the fill of a severity."""

    text: str
    trait: str


FlatCell = str | int | Linked | Marked


def write_flat(
    book: Book,
    name: str,
    lines: Sequence[str],
    stamp: str,
    columns: Sequence[FlatColumn],
    rows: Iterable[Sequence[FlatCell]],
    *,
    empty: str,
    hint: str = "",
) -> None:
    """Fill a sheet with a list, landscape A4 and one page wide; ``empty`` stands for no rows.

    Rows keep the automatic height: Excel and LibreOffice fit wrapped text when they load it.
    """
    sheet = book.sheets[name]
    last = len(columns) - 1
    top = book.heading(sheet, lines, stamp, last=last)
    if hint:
        sheet.merge_range(top, 0, top, last, hint, book.look.of("italic", "small"))
        top += 1
    head = book.look.of("head")
    count = 1
    for index, column in enumerate(columns):
        sheet.set_column(index, index, column.width)
        sheet.write_string(top, index, column.title, head)
        room = column_points(column.width)
        count = max(count, lines_needed(column.title, room, SIZE, bold=True))
    sheet.set_row(top, row_height(count, SIZE, padding=6))
    row = top
    for row, cells in enumerate(rows, top + 1):
        for index, cell in enumerate(cells):
            traits = ("cell", *columns[index].traits)
            if isinstance(cell, int):
                sheet.write_number(row, index, cell, book.look.of(*traits, "n0"))
            elif isinstance(cell, Linked):
                book.link(sheet, row, index, cell.target, cell.text, *traits)
            elif isinstance(cell, Marked):
                book.put(sheet, row, index, cell.text, book.look.of(*traits, cell.trait))
            else:
                book.put(sheet, row, index, cell, book.look.of(*traits))
    if row == top:
        row += 1
        sheet.merge_range(row, 0, row, last, empty, book.look.of("cell", "italic", "center"))
    else:
        sheet.autofilter(top, 0, row, last)
    sheet.freeze_panes(top + 1, 0)
    book.paper(sheet, landscape=True)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(top)
    sheet.print_area(0, 0, row, last)
