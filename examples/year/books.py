"""Workbooks as a program reads them that knows nothing of formulas: values alone."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from python_calamine import CalamineWorkbook


class Cell(NamedTuple):
    """What a cell shows, ``None`` for a blank one, and the number of its column from 1."""

    value: str | float | bool | date | None
    column: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet from its first row and column on, all rows equally long."""

    title: str
    rows: Sequence[tuple[Cell, ...]]

    def iter_rows(self, min_row: int = 1) -> Iterator[tuple[Cell, ...]]:
        """Go through the rows from a row on, counted from 1."""
        return iter(self.rows[min_row - 1 :])


def read_book(path: Path) -> Mapping[str, Sheet]:
    """Read every sheet of a workbook, in their order."""
    book = CalamineWorkbook.from_path(str(path))
    found = {}
    for name in book.sheet_names:
        lines = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        rows = [
            tuple(Cell(_plain(value), column) for column, value in enumerate(line, 1))
            for line in lines
        ]
        found[name] = Sheet(name, rows)
    return found


def _plain(value: object) -> str | float | bool | date | None:
    if isinstance(value, str | float | bool | date):
        return None if value == "" else value
    return float(value) if isinstance(value, int) else str(value)


def formulas_in(path: Path) -> int:
    """Count the formulas of a workbook."""
    with zipfile.ZipFile(path) as package:
        parts = (name for name in package.namelist() if name.startswith("xl/worksheets/sheet"))
        return sum(len(re.findall(rb"<f[ >]", package.read(name))) for name in parts)
