"""Cells of the file engine: values and colours as Excel takes them, and as it refuses them."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from openpyxl.styles import Alignment, PatternFill
from openpyxl.styles import Font as XFont
from openpyxl.utils import get_column_letter
from xlwings import base_classes as base

from tests.addin.engines.area import Area, ExcelError

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


class Range(Area):
    @property
    def api(self):
        return True

    def _cells(self) -> list[list[Any]]:
        rows = range(self.row, self.row + self.shape[0])
        columns = range(self.column, self.column + self.shape[1])
        return [[self.sheet.api.cell(row, column) for column in columns] for row in rows]

    @property
    def raw_value(self):
        rows = [[_read(cell) for cell in row] for row in self._cells()]
        return rows[0][0] if len(self) == 1 else rows

    @raw_value.setter
    def raw_value(self, value):
        self._unlocked()
        for index, row in enumerate(self._cells()):
            for at, cell in enumerate(row):
                _write(cell, value[index][at] if isinstance(value, list | tuple) else value)

    def _unlocked(self):
        locked = any(cell.protection.locked for row in self._cells() for cell in row)
        if self.sheet.api.protection.sheet and locked:
            raise ExcelError(f"{self.sheet.name} is locked")

    def clear(self):
        for row in self._cells():
            for cell in row:
                cell.value = None
                cell.style = "Normal"

    @property
    def color(self):
        fill = self._cells()[0][0].fill
        if fill.fill_type != "solid":
            return None
        code = fill.fgColor.rgb
        return tuple(int(code[at : at + 2], 16) for at in (2, 4, 6))

    @color.setter
    def color(self, value):
        protection = self.sheet.api.protection
        if protection.sheet and protection.formatCells and not self.sheet.book.colourable:
            raise ExcelError(f"{self.sheet.name} is locked")
        for row in self._cells():
            for cell in row:
                code = None if value is None else f"FF{bytes(value).hex()}"
                cell.fill = PatternFill("solid", fgColor=code) if code else PatternFill()

    @property
    def wrap_text(self):
        return bool(self._cells()[0][0].alignment.wrap_text)

    @wrap_text.setter
    def wrap_text(self, value):
        for row in self._cells():
            for cell in row:
                cell.alignment = Alignment(wrap_text=value)

    def autofit(self, axis=None):
        if axis != "r":
            raise NotImplementedError  # Widths are not worked out here.

    @property
    def column_width(self):
        raise NotImplementedError  # No handler asks for it; one that does shall fail its test.

    @column_width.setter
    def column_width(self, value):
        self.sheet.api.column_dimensions[get_column_letter(self.column)].width = value

    @property
    def column_hidden(self):
        return self.sheet.api.column_dimensions[get_column_letter(self.column)].hidden

    @column_hidden.setter
    def column_hidden(self, value):
        self.sheet.api.column_dimensions[get_column_letter(self.column)].hidden = value

    def select(self):
        if self.sheet.book.api.active is not self.sheet.api:
            raise ExcelError("only cells of the active sheet can be selected")
        self.sheet.book.app.selected = self

    @property
    def font(self):
        return Font(self)


class Font(base.Font):
    api = True

    def __init__(self, cells: Range) -> None:
        self.cells = cells

    @property
    def bold(self):
        return bool(self.cells._cells()[0][0].font.bold)

    @bold.setter
    def bold(self, value):
        for row in self.cells._cells():
            for cell in row:
                cell.font = XFont(bold=value)


def _read(cell: Any) -> Any:
    value = cell.value
    if cell.data_type == "f":
        raise NotImplementedError(f"{cell.coordinate} holds a formula that nothing calculates")
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return dt.datetime(value.year, value.month, value.day)
    return value


def _write(cell: Any, value: Any) -> None:
    if type(cell).__name__ == "MergedCell":
        return
    if isinstance(value, str) and cell.number_format != "@":
        if value.startswith("'"):
            value = value[1:]
            cell.value = value
            cell.data_type = "s"
            cell.quotePrefix = True
            return
        if NUMBER.fullmatch(value.strip()):
            value = float(value)
    cell.value = value
