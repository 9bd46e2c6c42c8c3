"""LibreOffice as the program that opens, recalculates, saves and prints our workbooks.

One runs for a whole session: it takes longer to start than to do most of what a test asks.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from python_calamine import CalamineWorkbook

from tests.office.bridge import OpenOffice

Cell = str | float | bool | None
Sheet = list[list[Cell]]

_FILTERS = {
    "xlsx": "Calc MS Excel 2007 XML",
    "ods": "calc8",
    "xls": "MS Excel 97",
    "csv": "Text - txt - csv (StarCalc)",
    "pdf": "calc_pdf_Export",
}


def installed() -> str | None:
    """Path of the program, ``None`` when it is absent."""
    return shutil.which("soffice")


class Office:
    """Opens workbooks and saves them again; formulas are recalculated whenever one is opened."""

    def __init__(self, bridge: OpenOffice) -> None:
        self._bridge = bridge

    def saved_as(
        self, books: Sequence[Path], kind: str, out: Path, options: str = ""
    ) -> list[Path]:
        """Workbooks saved in another format (``xlsx``, ``ods``, ``xls``, ``csv``, ``pdf``)."""
        out.mkdir(exist_ok=True)
        made = [out / f"{book.stem}.{kind}" for book in books]
        for book, target in zip(books, made, strict=True):
            name = "writer_pdf_Export" if book.suffix == ".docx" else _FILTERS[kind]
            self._bridge.save_as(book, target, name, options)
        return made

    def recalculated(self, book: Path) -> dict[str, Sheet]:
        """Every sheet of an .xlsx after LibreOffice has recalculated it; blank cells are ``""``."""
        (saved,) = self.saved_as([book], "xlsx", book.parent / "recalculated")
        made = CalamineWorkbook.from_path(str(saved))
        return {
            name: made.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in made.sheet_names
        }
