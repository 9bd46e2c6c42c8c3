"""The lines around retyped tables, on their sheet or among the paragraphs of a Word document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from consolidate.intake.retyped.headers import has_codes
from consolidate.model.anchors import CODE_COLUMN, CODE_ROW
from consolidate.model.cells import CellRef, raw_text
from consolidate.model.text import tidy
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
    """Whether a line is that of a data window."""
    folded = tidy(text).casefold()
    return _WINDOW in folded and "ngày" in folded and "đến" in folded


def lines_above(grid: Grid, end: int, start: int = 0) -> Iterator[Line]:
    """Texts of a sheet from one row up to another (exclusive), in reading order."""
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


def lines_before(book: Workbook, table: str) -> list[Line]:
    """Paragraphs between a table of a Word document and the table before it."""
    lines: list[Line] = []
    for grid in book.sheets:
        if grid.name != TEXT_SHEET:
            continue
        for row in range(len(grid.rows)):
            if grid.text(row, 1) == table:
                return lines
            if grid.text(row, 1):
                lines = []
            elif grid.text(row, 0):
                lines.append(Line(grid.text(row, 0), CellRef(grid.name, row, 0)))
    return []
