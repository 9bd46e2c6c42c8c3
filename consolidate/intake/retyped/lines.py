"""Collect the lines around retyped tables, on a sheet or in Word; join tables cut by pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from consolidate.intake.retyped.headers import has_codes, header_rows
from consolidate.model.anchors import CODE_COLUMN, CODE_ROW
from consolidate.model.cells import CellRef, raw_text
from consolidate.model.datasets import DataSet
from consolidate.model.text import tidy
from consolidate.xlsx.read.crossed_out_text import Crossed
from consolidate.xlsx.read.grid import Grid, Workbook

TEXT_SHEET = "Văn bản"
"""Grid of the paragraphs of a Word document: text in column A; in column B the name of a table
where it stands."""
LONGEST = 300
"""Characters of a line that are kept."""
_WINDOW = "số liệu"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text of a file, or the place of a table that was found (no text then)."""

    text: str
    cell: CellRef


def is_window(text: str) -> bool:
    """Tell whether a line is that of a data window."""
    folded = tidy(text).casefold()
    return _WINDOW in folded and "ngày" in folded and "đến" in folded


def lines_above(grid: Grid, end: int, start: int = 0) -> Iterator[Line]:
    """List texts of a sheet from one row up to another (exclusive), in reading order."""
    # A template of which only the corner was cleared still has its hidden codes.
    coded = has_codes(grid)
    for row, cells in enumerate(grid.rows[:end]):
        if row < start:
            continue
        for column, content in enumerate(cells):
            if content == "" or (coded and (row == CODE_ROW or column == CODE_COLUMN)):
                continue
            for part in raw_text(content).splitlines():
                if tidy(part):
                    yield Line(tidy(part)[:LONGEST], CellRef(grid.name, row, column))


def paragraphs_of(book: Workbook) -> Iterator[tuple[Line, str]]:
    """List the paragraphs of a Word document, each with the table that stands in its place, if any.

    Nothing for other files.
    """
    for grid in book.sheets:
        for row in range(len(grid.rows) if grid.name == TEXT_SHEET else 0):
            yield Line(grid.text(row, 0), CellRef(grid.name, row, 0)), grid.text(row, 1)


def lines_before(book: Workbook, table: str) -> list[Line]:
    """List paragraphs between a table of a Word document and the table before it."""
    lines: list[Line] = []
    for line, name in paragraphs_of(book):
        if name == table:
            return lines
        if name:
            lines = []
        elif line.text:
            lines.append(line)
    return []


_HEADER = 3
"""Rows at the top of a table in which its header would stand."""
_PAGE = re.compile(r"(?:trang )?[-–(]* ?\d{1,4} ?[-–)]*(?:/\d{1,4})?", re.IGNORECASE)
"""What may stand between two pieces: a page number."""


def joined_pages(book: Workbook, forms: tuple[DataSet, ...]) -> Workbook:
    """Return the document with every table as one sheet; the same object when none was cut.

    A table without a header that follows another one of as many columns goes on with it. Its rows
    are counted from the top of the first piece, as a person counts them.
    """
    joined: dict[str, Grid] = {}
    last = ""
    for name, follows in _tables(book):
        grid = next(sheet for sheet in book.sheets if sheet.name == name)
        headless = not any(row < _HEADER for row in header_rows(grid, forms))
        if follows and headless and last and _width(joined[last]) == _width(grid):
            joined[last] = _with_rows(joined[last], grid)
        else:
            joined[name] = grid
            last = name
    if not last or len(joined) == len(book.sheets) - 1:
        return book
    words = tuple(sheet for sheet in book.sheets if sheet.name == TEXT_SHEET)
    return replace(book, sheets=(*words, *joined.values()))


def _tables(book: Workbook) -> Iterator[tuple[str, bool]]:
    """The tables of a document in order, and whether nothing but a page number stands before."""
    tables = {sheet.name for sheet in book.sheets} - {TEXT_SHEET}
    follows = True
    for line, name in paragraphs_of(book):
        if name in tables:
            yield name, follows
            follows = True
        elif not _PAGE.fullmatch(line.text):
            follows = False


def _width(grid: Grid) -> int:
    return max(map(len, grid.rows), default=0)


def _with_rows(grid: Grid, more: Grid) -> Grid:
    below = len(grid.rows)
    crossed = Crossed(
        grid.facts.crossed.struck | {(row + below, at) for row, at in more.facts.crossed.struck},
        {
            **grid.facts.crossed.left,
            **{(row + below, at): left for (row, at), left in more.facts.crossed.left.items()},
        },
    )
    origins = {(row + below, at): origin for (row, at), origin in more.origins.items()}
    return replace(
        grid,
        rows=[*grid.rows, *more.rows],
        origins={**grid.origins, **origins},
        facts=replace(grid.facts, crossed=crossed),
    )
