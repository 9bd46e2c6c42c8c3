"""One LibreOffice for many workbooks: opened, recalculated and read without being saved."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.addin.engines.office import MacroOffice

_ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
</item>
</oor:items>
"""
Rows = tuple[tuple[Any, ...], ...]


class OpenOffice(MacroOffice):
    """A running LibreOffice that no macro of a workbook runs in."""

    def __init__(self, uno: ModuleType, folder: Path) -> None:
        user = folder / "profile" / "user"
        user.mkdir(parents=True)
        (user / "registrymodifications.xcu").write_text(_ALWAYS_RECALCULATE, encoding="utf-8")
        super().__init__(uno, folder)

    def save_as(self, path: Path, target: Path, filter_name: str, options: str) -> None:
        """Open a document and save it through one of the program's filters."""
        document = self.load(path, Hidden=True, MacroExecutionMode=0)
        try:
            chosen = {"FilterName": filter_name, "FilterOptions": options}
            document.storeToURL(target.as_uri(), self.properties(chosen))
        finally:
            document.close(True)

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
