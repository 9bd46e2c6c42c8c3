"""What both engines have in common: where a range is, what Excel refuses, names of sheets."""

from __future__ import annotations

import re
from typing import Any

from openpyxl.utils import get_column_letter, range_boundaries
from xlwings import base_classes as base

ADDRESS = re.compile(r"\$?[A-Za-z]{1,3}\$?\d+(:\$?[A-Za-z]{1,3}\$?\d+)?")


class ExcelError(Exception):
    """What Excel would refuse; xlwings passes Excel's own errors on, too."""


class Area(base.Range):
    """A rectangle of a sheet, given as xlwings gives it: an address, corners, or ranges."""

    row = column = shape = None

    def __init__(self, sheet: Any, first: Any, last: Any = None) -> None:
        self.sheet = sheet
        if isinstance(first, str):
            if not ADDRESS.fullmatch(first):
                raise ExcelError(f"no address: {first!r}")
            left, top, right, bottom = range_boundaries(first.replace("$", "").upper())
        else:
            if isinstance(first, Area):
                first = (first.row, first.column)
            if isinstance(last, Area):
                last = (last.row, last.column)
            (top, left), (bottom, right) = first, last or first
        self.row, self.column = top, left
        self.shape = (bottom - top + 1, right - left + 1)

    @property
    def coords(self):
        return (self.sheet.name, self.row, self.column, *self.shape)

    def __len__(self):
        return self.shape[0] * self.shape[1]

    def __call__(self, row, column=None):
        if column is None:
            row, column = divmod(row - 1, self.shape[1])
            row, column = row + 1, column + 1
        return type(self)(self.sheet, (self.row + row - 1, self.column + column - 1))

    def get_address(self, row_absolute=True, column_absolute=True, external=False):
        last = (self.row + self.shape[0] - 1, self.column + self.shape[1] - 1)
        ends = [f"${get_column_letter(c)}${r}" for r, c in ((self.row, self.column), last)]
        return ends[0] if ends[0] == ends[1] else ":".join(ends)

    @property
    def address(self):
        return self.get_address()


def allowed_name(name: str) -> str:
    """The name of a sheet, unless Excel refuses it."""
    if not 0 < len(name) <= 31 or re.search(r"[\\/?*\[\]:]", name):
        raise ExcelError(f"no name for a sheet: {name}")
    return name
