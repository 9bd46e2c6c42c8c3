"""Tables that an officer keeps by hand in a workbook: header row, fields of a row, days."""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from consolidate.model.raw import Cell, raw_text
from consolidate.model.text import name_key, tidy

_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


class Unopened(ValueError):
    """The file cannot be opened as a workbook."""


class NotADay(ValueError):
    """The cell holds something that is no day; ``shown`` is what a person sees there."""

    def __init__(self, shown: str) -> None:
        super().__init__(shown)
        self.shown = shown


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a table: ``number`` as Excel counts it, its cells by field.

    Several columns may fill one field (``Tên khác``, ``Tên viết tắt``).
    """

    number: int
    cells: Mapping[str, tuple[Cell, ...]]

    @property
    def blank(self) -> bool:
        """Whether no field says anything."""
        return not any(self.text(field) for field in self.cells)

    def text(self, field: str) -> str:
        """The field as text, ``""`` for a blank and for a column that is not there."""
        return next(filter(None, self._texts(field)), "")

    def items(self, field: str, separators: str) -> tuple[str, ...]:
        """The parts of a field that stand between any of the separators."""
        parts = [re.split(f"[{separators}]", text) for text in self._texts(field)]
        return tuple(item.strip() for part in parts for item in part if item.strip())

    def cell(self, field: str) -> Cell:
        """The first cell of the field that says something, as the workbook holds it."""
        return next((cell for cell in self.cells.get(field, ()) if tidy(raw_text(cell))), "")

    def day(self, field: str) -> date | None:
        """The field as a day: a date cell, or a text ``dd/mm/yyyy``; ``None`` for a blank.

        Raises:
            NotADay: it says something else.
        """
        for cell in self.cells.get(field, ()):
            if isinstance(cell, datetime):
                return cell.date()
            if isinstance(cell, date):
                return cell
            shown = tidy(raw_text(cell))
            if shown:
                return _day(shown)
        return None

    def _texts(self, field: str) -> list[str]:
        return [tidy(raw_text(cell)) for cell in self.cells.get(field, ())]


def _day(shown: str) -> date:
    match = _DAY.fullmatch(shown.replace(" ", ""))
    if match is None:
        raise NotADay(shown)
    try:
        return date(int(match.group(3)), int(match.group(2)), int(match.group(1)))
    except ValueError:
        raise NotADay(shown) from None


@dataclass(frozen=True, slots=True)
class Table:
    """A table below its header row, blank rows left out, and what stands above it."""

    above: tuple[tuple[Cell, ...], ...]
    rows: tuple[TableRow, ...]

    @property
    def head(self) -> int:
        """Number of its header row, as Excel counts it."""
        return len(self.above) + 1

    def labelled(self, label: str) -> str:
        """The text in the cell to the right of a label above the table, ``""`` for none."""
        for row in self.above:
            for cell, following in pairwise(row):
                if name_key(raw_text(cell)) == label:
                    return tidy(raw_text(following))
        return ""


@dataclass(frozen=True, slots=True)
class KeptSheet:
    """The cells of a sheet; ``merged`` are its cells over several rows: rows and columns from 0."""

    rows: list[list[Cell]]
    merged: tuple[tuple[int, int, int, int], ...] = ()

    def spans(self, table: Table) -> list[tuple[int, int]]:
        """First and last row, as Excel counts them, of what is merged across rows of a table."""
        return sorted(
            {(top + 1, bottom + 1) for top, _, bottom, _ in self.merged if bottom >= table.head}
        )


def kept_sheet(path: Path, columns: Mapping[str, str], required: Collection[str]) -> KeptSheet:
    """The first sheet of a workbook that has the table, or its first sheet if none has.

    Raises:
        Unopened: the file is no workbook that can be opened.
    """
    try:
        book = CalamineWorkbook.from_path(path)
        sheets = [book.get_sheet_by_index(at) for at in range(len(book.sheet_names))]
        cells = [list(sheet.to_python(skip_empty_area=False)) for sheet in sheets]
        found = (at for at, rows in enumerate(cells) if find_table(rows, columns, required))
        at = next(found, 0)
        ranges = sheets[at].merged_cell_ranges or []  # None where the format cannot tell.
    except (CalamineError, OSError, IndexError):
        raise Unopened(path.name) from None
    merged = [(*start, *end) for start, end in ranges if end[0] > start[0]]
    return KeptSheet(cells[at], tuple(merged))


def all_sheets(path: Path) -> dict[str, list[list[Cell]]]:
    """The cells of every sheet of a workbook, by name.

    Raises:
        Unopened: the file is no workbook that can be opened.
    """
    try:
        return _cells(CalamineWorkbook.from_path(path))
    except (CalamineError, OSError):
        raise Unopened(path.name) from None


def sheets_in(data: bytes) -> dict[str, list[list[Cell]]]:
    """The cells of every sheet of a workbook that is given as bytes, by name.

    Raises:
        Unopened: they are no workbook that can be opened.
    """
    try:
        return _cells(CalamineWorkbook.from_filelike(io.BytesIO(data)))
    except (CalamineError, OSError):
        raise Unopened from None


def _cells(book: CalamineWorkbook) -> dict[str, list[list[Cell]]]:
    return {
        name: list(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
        for name in book.sheet_names
    }


def find_table(
    rows: list[list[Cell]], columns: Mapping[str, str], required: Collection[str]
) -> Table | None:
    """The table below the first row that heads every required field, ``None`` without one.

    ``columns`` maps header texts (as :func:`name_key` gives them) to fields.
    """
    for index, row in enumerate(rows):
        places: dict[str, list[int]] = {}
        for column, cell in enumerate(row):
            field = columns.get(name_key(raw_text(cell)))
            if field is not None:
                places.setdefault(field, []).append(column)
        if places.keys() >= set(required):
            body = tuple(_rows(rows, index + 1, places))
            return Table(tuple(tuple(above) for above in rows[:index]), body)
    return None


def _rows(
    rows: list[list[Cell]], first: int, places: Mapping[str, list[int]]
) -> Iterator[TableRow]:
    for number, row in enumerate(rows[first:], first + 1):
        cells = {
            field: tuple(row[column] for column in columns if column < len(row))
            for field, columns in places.items()
        }
        made = TableRow(number, cells)
        if not made.blank:
            yield made
