"""LibreOffice as the program that recalculates our formulas: one profile, one call per workbook."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from python_calamine import CalamineWorkbook

Cell = str | float | bool | None
Sheet = list[list[Cell]]

_ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
</item>
</oor:items>
"""


def installed() -> str | None:
    """Path of the program, ``None`` when it is absent."""
    return shutil.which("soffice")


class Office:
    """Recalculates workbooks in a profile of its own under ``folder``."""

    def __init__(self, program: str, folder: Path) -> None:
        self.program = program
        self.profile = folder / "profile"
        user = self.profile / "user"
        user.mkdir(parents=True)
        (user / "registrymodifications.xcu").write_text(_ALWAYS_RECALCULATE, encoding="utf-8")

    def saved_as(self, books: Sequence[Path], kind: str, out: Path) -> list[Path]:
        """Workbooks opened and saved in another format (``xlsx``, ``ods``, ``xls``, ``pdf``)."""
        command = [self.program, f"-env:UserInstallation={self.profile.as_uri()}", "--headless"]
        command += ["--convert-to", kind, "--outdir", str(out), *map(str, books)]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        return [out / f"{book.stem}.{kind}" for book in books]

    def recalculated(self, book: Path) -> dict[str, Sheet]:
        """Every sheet of an .xlsx after LibreOffice has recalculated it; blank cells are ``""``."""
        out = book.parent / "recalculated"
        self.saved_as([book], "xlsx", out)
        made = CalamineWorkbook.from_path(str(out / book.name))
        return {
            name: made.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in made.sheet_names
        }
