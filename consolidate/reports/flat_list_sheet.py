"""Write plain lists: one heading, one row per item, a filter, a page that prints well."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from consolidate.definitions.catalogue import text
from consolidate.reports.summary_book import Book
from consolidate.reports.summary_sheets import stamp_overall
from consolidate.xlsx.write.form_styles import HIGHEST, LIST_SIZE, SMALL_SIZE
from consolidate.xlsx.write.safe_text import clean
from consolidate.xlsx.write.streamed_workbook import Line, cell_at, row_at
from consolidate.xlsx.write.text_sizes import column_points, lines_needed, row_height

_LEAST = 17.25
_MOST = 256
"""Cells of a column that are kept: those of a list say few things many times, or never again."""
_WIDEST = 0.62
"""Ems that no text takes per character on average; shorter texts are not measured."""


@dataclass(frozen=True, slots=True)
class FlatColumn:
    """A column: key of its title, width in characters, traits of its cells besides ``cell``.

    A column for the ``screen`` says nothing on paper and is not printed; it stands behind all that
    are.
    """

    key: str
    width: float
    traits: tuple[str, ...] = ()
    screen: bool = False


class FlatText(NamedTuple):
    """A text with what it links to, or a further trait, such as the fill of a severity."""

    text: str
    target: str | None = None
    trait: str = ""


FlatCell = str | int | FlatText


def write_flat(
    book: Book,
    name: str,
    section: str,
    columns: Sequence[FlatColumn],
    rows: Iterable[Sequence[FlatCell]],
    *,
    count: int | None = None,
    hint: str = "",
    title: str = "",
    stamp: str = "",
) -> None:
    """Fill a sheet with a list, landscape A4 and one page wide.

    ``summary.<section>`` has the titles of the columns, what stands for no rows (``none``) and,
    unless it is given, the ``title`` of the sheet. The ``stamp`` is that of the whole merge
    unless another is given. With their ``count`` the rows are only asked for when the workbook is
    closed, and none is kept.

    Rows get the height that their texts need: not every program fits rows when it loads them.
    Columns at the end that serve the screen alone stay off the paper.
    """
    sheet = book.sheets[name]
    if count is None:
        rows = list(rows)
        count = len(rows)
    hint, printed = book.printed(name, hint, count)
    last = len(columns) - 1
    printed_last = sum(not column.screen for column in columns) - 1
    titled, line = title or text(f"summary.{section}.title"), stamp or stamp_overall(book.result)
    widths = [column.width for column in columns[: printed_last + 1]]
    top = book.heading(sheet, (titled,), line, widths=widths, hint=hint)
    head = book.look.of("head")
    high = 1
    for index, column in enumerate(columns):
        sheet.set_column(index, index, column.width)
        shown = text(f"summary.{section}.{column.key}")
        sheet.write_string(top, index, shown, head)
        high = max(high, lines_needed(shown, column_points(column.width), LIST_SIZE, bold=True))
    sheet.set_row(top, row_height(high, LIST_SIZE, padding=6))
    row = top + max(1, count)
    sheet.write_lines(top + 1, count, len(columns), _Rows(book, name, columns).lines(rows, top))
    if not count:
        style = book.look.of("cell", "italic", "center")
        sheet.merge_range(row, 0, row, printed_last, text(f"summary.{section}.none"), style)
        sheet.set_row(row, 24)
    else:
        sheet.autofilter(top, 0, row, last)
    sheet.freeze_panes(top + 1, 0)
    book.paper(sheet, landscape=True)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(top)
    sheet.print_area(0, 0, row if printed else top, printed_last)


class _Rows:
    """Makes rows, each as high as its longest text needs; what the cells of a column say, once."""

    def __init__(self, book: Book, name: str, columns: Sequence[FlatColumn]) -> None:
        self._book = book
        self._sheet = book.sheets[name]
        self._traits = [("cell", *column.traits) for column in columns]
        self._sizes = [SMALL_SIZE if "small" in column.traits else LIST_SIZE for column in columns]
        self._rooms = [column_points(column.width) for column in columns]
        self._sure = [
            int(room / size / _WIDEST) for room, size in zip(self._rooms, self._sizes, strict=True)
        ]
        self._known: list[dict[FlatCell, tuple[str, float]]] = [{} for _ in columns]

    def lines(self, rows: Iterable[Sequence[FlatCell]], top: int) -> Iterator[Line]:
        """Make the rows below ``top`` one after the other."""
        for row, cells in enumerate(rows, top + 1):
            made, height = [], _LEAST
            for index, cell in enumerate(cells):
                cell_made = self._known[index].get(cell) or self._cell(row, index, cell)
                made.append(cell_made[0])
                height = max(height, cell_made[1])
            yield row, row_at(row, self._sheet.line("".join(made), 0, min(height, HIGHEST)))

    def _cell(self, row: int, index: int, cell: FlatCell) -> tuple[str, float]:
        """Make a cell, and the height of its text; one that leads nowhere is kept."""
        book, sheet, traits = self._book, self._sheet, self._traits[index]
        target = None
        if isinstance(cell, int):
            made = cell_at(index, sheet.made(cell, book.look.of(*traits, "n0"))), _LEAST
        else:
            said, target, trait = FlatText(cell) if isinstance(cell, str) else cell
            traits = (*traits, trait) if trait else traits
            if said and target is not None and book.room_for(sheet, 1):
                sheet.follow(row, index, target)
                traits = (*traits, "link")
            shown = sheet.made(clean(said) or None, book.look.of(*traits))
            made = cell_at(index, shown), self._height(index, said)
        known = self._known[index]
        if target is None and len(known) < _MOST:
            known[cell] = made
        return made

    def _height(self, index: int, said: str) -> float:
        if len(said) <= self._sure[index]:
            return _LEAST
        size = self._sizes[index]
        lines = lines_needed(clean(said), self._rooms[index], size)
        return max(_LEAST, row_height(lines, size))
