"""Cells of the live engine: what LibreOffice holds, given and taken as Excel does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from xlwings import base_classes as base

from tests.addin.engines.area import ADDRESS, Area, ExcelError
from tests.addin.engines.cells import NUMBER

EPOCH = dt.datetime(1899, 12, 30)
CONTENT, FORMATTING, EVERYTHING = 1 | 2 | 4 | 16, 32 | 64, 1023
"""Of com.sun.star.sheet.CellFlags."""
DATE_OR_TIME, LOGICAL = 2 | 4, 1024
"""Of com.sun.star.util.NumberFormat."""
BOLD, REGULAR = 150.0, 100.0
"""Of com.sun.star.awt.FontWeight."""
HUNDREDTHS_PER_LETTER = 200
"""Width of a column in hundredths of a millimetre for one letter, about."""


class Range(Area):
    """Cells of a sheet; a name of the workbook is an address, too."""

    def __init__(self, sheet: Any, first: Any, last: Any = None) -> None:
        if isinstance(first, str) and not ADDRESS.fullmatch(first):
            named = sheet.book.names(first).refers_to_range
            sheet, first, last = named.sheet, (named.row, named.column), named.last
        super().__init__(sheet, first, last)

    @property
    def last(self):
        """Row and column of the last cell."""
        return self.row + self.shape[0] - 1, self.column + self.shape[1] - 1

    @property
    def api(self):
        bottom, right = self.last
        left, top = self.column - 1, self.row - 1
        return self.sheet.api.getCellRangeByPosition(left, top, right - 1, bottom - 1)

    def _cell(self, row: int = 0, column: int = 0) -> Any:
        return self.sheet.api.getCellByPosition(self.column - 1 + column, self.row - 1 + row)

    @property
    def raw_value(self):
        cells = self.api
        rows = [list(row) for row in cells.getDataArray()]
        if any(isinstance(value, float) for row in rows for value in row):
            self._typed(cells, rows)
        return rows[0][0] if len(self) == 1 else rows

    def _typed(self, cells: Any, rows: list[list[Any]]) -> None:
        """Make days and truth values of the numbers that are formatted so."""
        ranges = cells.UniqueCellFormatRanges
        for index in range(ranges.Count):
            alike = ranges.getByIndex(index)
            kind = self.sheet.book.kind_of(alike.getByIndex(0).NumberFormat)
            if not kind & (DATE_OR_TIME | LOGICAL):
                continue
            for place in alike.RangeAddresses:
                for row in range(place.StartRow, place.EndRow + 1):
                    for column in range(place.StartColumn, place.EndColumn + 1):
                        at = row - self.row + 1, column - self.column + 1
                        rows[at[0]][at[1]] = _as_formatted(rows[at[0]][at[1]], kind)

    @raw_value.setter
    def raw_value(self, value):
        self._unlocked()
        for row in range(self.shape[0]):
            for column in range(self.shape[1]):
                one = value[row][column] if isinstance(value, list | tuple) else value
                self._write(self._cell(row, column), one)

    def _unlocked(self):
        # LibreOffice's interface lets a program write to locked cells; Excel does not.
        if self.sheet.api.isProtected() and any(
            self._cell(row, column).CellProtection.IsLocked
            for row in range(self.shape[0])
            for column in range(self.shape[1])
        ):
            raise ExcelError(f"{self.sheet.name} is locked")

    def _write(self, cell: Any, value: Any) -> None:
        if value is None:
            cell.clearContents(CONTENT)
        elif isinstance(value, bool):
            cell.setFormula("=TRUE()" if value else "=FALSE()")
        elif isinstance(value, dt.date):
            day = value if isinstance(value, dt.datetime) else dt.datetime(*value.timetuple()[:3])
            cell.Value = (day - EPOCH) / dt.timedelta(days=1)
            cell.NumberFormat = self.sheet.book.number_format("DD/MM/YYYY")
        elif isinstance(value, int | float):
            cell.Value = value
        elif not isinstance(value, str):
            raise ExcelError(f"no value for a cell: {value!r}")
        elif self.sheet.book.format_of(cell.NumberFormat) == "@":
            cell.String = value
        elif value.startswith("'"):
            cell.String = value[1:]
        elif value.startswith("="):
            cell.setFormula(value)
        elif NUMBER.fullmatch(value.strip()):
            cell.Value = float(value)
        else:
            cell.String = value

    @property
    def formula(self):
        rows = self.api.getFormulaArray()
        return rows[0][0] if len(self) == 1 else rows

    @formula.setter
    def formula(self, value):
        self.raw_value = value

    def clear(self):
        self._unlocked()
        self.api.clearContents(EVERYTHING)

    def clear_contents(self):
        self._unlocked()
        self.api.clearContents(CONTENT)

    def clear_formats(self):
        with self._formatting() as cells:
            cells.clearContents(FORMATTING)

    @contextmanager
    def _formatting(self) -> Iterator[Any]:
        """The cells, to be formatted; what VBA made colourable is, though it stays locked.

        LibreOffice ignores a format for a locked cell without a word.
        """
        sheet = self.sheet.api
        locked = sheet.isProtected()
        if locked:
            if self.sheet.book.colourable:
                sheet.unprotect("")
            if sheet.isProtected():
                raise ExcelError(f"{self.sheet.name} is locked")
        try:
            yield self.api
        finally:
            if locked:
                sheet.protect("")

    @property
    def color(self):
        return _triple(self._cell().CellBackColor)

    @color.setter
    def color(self, value):
        with self._formatting() as cells:
            cells.CellBackColor = -1 if value is None else int.from_bytes(bytes(value), "big")

    @property
    def number_format(self):
        return self.sheet.book.format_of(self._cell().NumberFormat)

    @number_format.setter
    def number_format(self, value):
        with self._formatting() as cells:
            cells.NumberFormat = self.sheet.book.number_format(value)

    @property
    def wrap_text(self):
        return self._cell().IsTextWrapped

    @wrap_text.setter
    def wrap_text(self, value):
        with self._formatting() as cells:
            cells.IsTextWrapped = value

    @property
    def column_width(self):
        return self.api.Columns.getByIndex(0).Width / HUNDREDTHS_PER_LETTER

    @column_width.setter
    def column_width(self, value):
        self.api.Columns.Width = round(value * HUNDREDTHS_PER_LETTER)

    @property
    def column_hidden(self):
        return not self.api.Columns.getByIndex(0).IsVisible

    @column_hidden.setter
    def column_hidden(self, value):
        self.api.Columns.IsVisible = not value

    @property
    def row_hidden(self):
        return not self.api.Rows.getByIndex(0).IsVisible

    @row_hidden.setter
    def row_hidden(self, value):
        self.api.Rows.IsVisible = not value

    def autofit(self, axis=None):
        if axis != "r":
            self.api.Columns.OptimalWidth = True
        if axis != "c":
            self.api.Rows.OptimalHeight = True

    @property
    def merge_cells(self):
        return self.api.IsMerged

    @property
    def merge_area(self):
        cursor = self.sheet.api.createCursorByRange(self._cell())
        cursor.collapseToMergedArea()
        return at(self.sheet, cursor.RangeAddress)

    def merge(self, across=False):
        if across:
            raise NotImplementedError  # No handler merges row by row; one that does shall fail.
        self._unlocked()
        self.api.merge(True)

    def unmerge(self):
        self._unlocked()
        self.api.merge(False)

    def select(self):
        view = self.sheet.book.api.CurrentController
        if view.ActiveSheet.Name != self.sheet.name:
            raise ExcelError("only cells of the active sheet can be selected")
        view.select(self.api)

    @property
    def font(self):
        return Font(self)


class Font(base.Font):
    api = True

    def __init__(self, cells: Range) -> None:
        self.cells = cells

    @property
    def bold(self):
        return self.cells._cell().CharWeight > REGULAR

    @bold.setter
    def bold(self, value):
        with self.cells._formatting() as cells:
            cells.CharWeight = BOLD if value else REGULAR

    @property
    def size(self):
        return self.cells._cell().CharHeight

    @size.setter
    def size(self, value):
        with self.cells._formatting() as cells:
            cells.CharHeight = value

    @property
    def color(self):
        return _triple(self.cells._cell().CharColor)

    @color.setter
    def color(self, value):
        with self.cells._formatting() as cells:
            cells.CharColor = -1 if value is None else int.from_bytes(bytes(value), "big")


def at(sheet: Any, place: Any) -> Range:
    """The range of a com.sun.star.table.CellRangeAddress."""
    first = place.StartRow + 1, place.StartColumn + 1
    return Range(sheet, first, (place.EndRow + 1, place.EndColumn + 1))


def _triple(colour: int) -> tuple[int, ...] | None:
    return None if colour < 0 else tuple(colour.to_bytes(3, "big"))


def _as_formatted(value: Any, kind: int) -> Any:
    if not isinstance(value, float):
        return value
    if kind & LOGICAL:
        return bool(value)
    return EPOCH + dt.timedelta(seconds=round(value * 86_400))
