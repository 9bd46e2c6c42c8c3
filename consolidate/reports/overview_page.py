"""Place rows on the overview: its columns, heights of rows, pages of paper."""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter.worksheet import Worksheet

from consolidate.definitions.catalogue import text
from consolidate.reports.summary_book import Book
from consolidate.xlsx.write.form_styles import LIST_SIZE
from consolidate.xlsx.write.measure import column_points, lines_needed, row_height

WIDTHS = (6.0, 36.0, 11.0, 11.0, 11.0, 13.0, 11.0)
"""Widths of the columns in characters."""
LAST = len(WIDTHS) - 1
_SCALE, _SMALLEST = 90, 84
"""Per cent at which these columns fill the width of an A4 page, and at which they can be read."""
ROW = 15.0
"""Height of a row by default, in points."""
_PAGE = 780.0
"""Points of rows on an A4 page at this scale, less what programs differ by."""
_LEAST = 17.25


class OverviewPage:
    """Writes block after block; ``row`` is the first free row."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.sheet: Worksheet = book.sheets[book.plan.overview]
        self.row = 0
        self._heights: dict[int, float] = {}
        self._blocks: list[int] = []
        for column, width in enumerate(WIDTHS):
            self.sheet.set_column(column, column, width)

    def high(self, row: int, points: float) -> None:
        """Give a row its height."""
        self._heights[row] = points
        self.sheet.set_row(row, points)

    def points(self, first: int, end: int | None = None) -> float:
        """Add up the heights of rows from one to the last before ``end``, by default to the end."""
        last = self.row if end is None else end
        return sum(self._heights.get(row, ROW) for row in range(first, last))

    def free_rows(self) -> tuple[int, int]:
        """Count usual rows that the first page has left, at the usual and at the least scale."""
        used = self.points(0)
        least = _PAGE * _SCALE / _SMALLEST
        return int((_PAGE - used) / ROW), int((least - used) / ROW)

    def block(self) -> None:
        """Begin what is not divided between two pages if it fits on one."""
        self._blocks.append(self.row)

    def line(self, value: str, *traits: str, size: float = LIST_SIZE) -> None:
        """Write one line over all columns, as high as it needs."""
        self.stretch(self.row, 0, value, *traits)
        lines = lines_needed(value, room(0, LAST), size, bold="bold" in traits)
        self.high(self.row, row_height(lines, size))
        self.row += 1

    def chapter(self, title: str, *, gap: bool = True) -> None:
        """Write a title, below a blank row."""
        self.row += gap
        self.book.put(self.sheet, self.row, 0, title, self.book.look.of("chapter"))
        self.high(self.row, 20)
        self.row += 1

    def heads(self, titles: Sequence[str]) -> None:
        """Write headings of the first columns."""
        lines = 1
        for column, title in enumerate(titles):
            self.book.put(self.sheet, self.row, column, title, self.book.look.of("head"))
            lines = max(lines, lines_needed(title, room(column, column), LIST_SIZE, bold=True))
        self.high(self.row, row_height(lines, LIST_SIZE, padding=6))
        self.row += 1

    def stretch(self, row: int, first: int, value: str, *traits: str, last: int = LAST) -> None:
        """Write a text over several columns."""
        look = self.book.look.of(*traits)
        self.sheet.merge_range(row, first, row, last, "", look)
        self.book.put(self.sheet, row, first, value, look)

    def halves(self, row: int, values: Sequence[str], *traits: str) -> None:
        """Write two texts over the columns of figures."""
        for value, first, last in zip(values, (2, 4), (3, LAST), strict=True):
            self.stretch(row, first, value, *traits, last=last)

    def band(self, title: str) -> None:
        """Write a row that says what those below it are about."""
        self.stretch(self.row, 0, title, "cell", "section")
        self.row += 1

    def fit(self, *texts: tuple[str, int, int]) -> None:
        """Close a row that is as high as the longest of its texts (text, columns) needs."""
        lines = max(
            lines_needed(value, room(first, last), LIST_SIZE) for value, first, last in texts
        )
        self.high(self.row, max(_LEAST, row_height(lines, LIST_SIZE)))
        self.row += 1

    def close(self) -> None:
        """Set up the paper: the first block on a page of its own, the others as they fit."""
        self.book.paper(self.sheet, landscape=False)
        # Excel passes over page breaks when it fits a sheet to a width: the scale is given.
        first = self.points(0, self._blocks[1] if len(self._blocks) > 1 else None)
        self.sheet.set_print_scale(min(_SCALE, max(_SMALLEST, int(_SCALE * _PAGE / first))))
        self.sheet.set_h_pagebreaks(self._breaks())
        self.sheet.center_horizontally()
        self.sheet.print_area(0, 0, self.row, LAST)

    def _breaks(self) -> list[int]:
        """Rows that start a page."""
        breaks, filled = list[int](), 0.0
        ends = [*self._blocks[1:], self.row]
        for number, (first, end) in enumerate(zip(self._blocks, ends, strict=True)):
            points = self.points(first, end)
            if number == 1 or (number and filled + points > _PAGE):
                breaks.append(first)
                filled = 0.0
            filled = (filled + points) % _PAGE
        return breaks


def room(first: int, last: int) -> float:
    """Measure some columns of the overview in points."""
    return sum(column_points(width) for width in WIDTHS[first : last + 1])


def none_mark() -> str:
    """Give the sign for a figure that is not known."""
    return text("summary.missing_mark")
