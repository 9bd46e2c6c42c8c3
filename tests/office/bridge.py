"""One LibreOffice for many workbooks: opened, recalculated and read without being saved."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.addin.engines.office import MacroOffice

Rows = tuple[tuple[Any, ...], ...]


class OpenOffice(MacroOffice):
    """A running LibreOffice that no macro of a workbook runs in."""

    def recalculated(self, path: Path, names: Iterable[str]) -> dict[str, Rows]:
        """The cells of some sheets after a hard recalculation; sheets that are gone are left out.

        A cell is a text, a float, ``""`` for a blank or ``None`` for an error value.
        """
        document = self.load(path, Hidden=True, MacroExecutionMode=0)
        try:
            document.calculateAll()
            return {
                name: _cells(document.Sheets.getByName(name))
                for name in names
                if document.Sheets.hasByName(name)
            }
        finally:
            document.close(True)


def _cells(sheet: Any) -> Rows:
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    end = cursor.RangeAddress
    area = sheet.getCellRangeByPosition(0, 0, end.EndColumn, end.EndRow)
    cells: Rows = area.getDataArray()
    return cells
