"""Join the pieces of a table that a Word document cuts at the end of a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from consolidate.intake.retyped.headers import header_rows
from consolidate.intake.retyped.lines import TEXT_SHEET
from consolidate.model.datasets import DataSet
from consolidate.xlsx.read.crossed import Crossed
from consolidate.xlsx.read.grid import Grid, Workbook

_HEADER = 3
"""Rows at the top of a table in which its header would stand."""
_PAGE = re.compile(r"(?:trang )?[-–(]* ?\d{1,4} ?[-–)]*(?:/\d{1,4})?", re.IGNORECASE)
"""What may stand between two pieces: a page number."""


def joined_pages(book: Workbook, forms: tuple[DataSet, ...]) -> Workbook:
    """The document with every table as one sheet; the same object when none was cut.

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
    for words in book.sheets:
        if words.name != TEXT_SHEET:
            continue
        follows = True
        for row in range(len(words.rows)):
            name = words.text(row, 1)
            if name in tables:
                yield name, follows
                follows = True
            elif not _PAGE.fullmatch(words.text(row, 0)):
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
