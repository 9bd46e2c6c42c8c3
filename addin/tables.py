"""Tables on sheets by the titles of their columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import xlwings as xw

HEAD_ROWS = 12
"""Rows in which the header of a table stands."""


def find_header(sheet: xw.Sheet, titles: Sequence[str]) -> tuple[int, list[int]] | None:
    """Row of the header, and the columns of some titles (one-based); ``None`` without one."""
    block = cells(sheet, 1, 1, HEAD_ROWS, last_column(sheet))
    for number, line in enumerate(block, 1):
        if all(title in line for title in titles):
            return number, [line.index(title) + 1 for title in titles]
    return None


def cells(sheet: xw.Sheet, top: int, left: int, bottom: int, right: int) -> list[list[Any]]:
    """The values of a block, row by row; corners are one-based and belong to it."""
    block: list[list[Any]] = sheet.range((top, left), (bottom, right)).options(ndim=2).value
    return block


def last_row(sheet: xw.Sheet) -> int:
    """The last row in use."""
    used = sheet.used_range
    return int(used.row + used.shape[0] - 1)


def last_column(sheet: xw.Sheet) -> int:
    """The last column in use."""
    used = sheet.used_range
    return int(used.column + used.shape[1] - 1)
