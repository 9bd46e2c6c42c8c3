"""Workbooks calculated anew by LibreOffice, which has nothing to go by but their formulas."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from examples.year.compare import Findings
from examples.year.sheets import near
from examples.year.workbooks import formulas_in, read_book

_ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
</item>
</oor:items>
"""


def installed() -> bool:
    """Whether there is a LibreOffice."""
    return shutil.which("soffice") is not None


def recalculated(books: Iterable[Path], folder: Path) -> Path:
    """A folder with the same workbooks, saved by LibreOffice; values of formulas are its own.

    Raises:
        subprocess.SubprocessError: it failed, or took longer than a quarter of an hour.
    """
    bare, made, user = (folder / name for name in ("bare", "made", "profile/user"))
    for each in (bare, made, user):
        each.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(_ALWAYS, encoding="utf-8")
    names = []
    for book in books:
        (bare / book.name).write_bytes(b"")
        _without_values(book, bare / book.name)
        names.append(str(bare / book.name))
    profile = f"-env:UserInstallation={user.parent.resolve().as_uri()}"
    call = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(made)]
    subprocess.run([*call, *names], check=True, timeout=900, capture_output=True)
    return made


def _without_values(book: Path, target: Path) -> None:
    """The workbook with its formulas only."""
    with (
        zipfile.ZipFile(book) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            part = old.read(name)
            if name.startswith("xl/worksheets/"):
                part = re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", part)
            new.writestr(name, part)


def compare_cells(book: Path, again: Path) -> Findings:
    """Every cell of every sheet: what was written, and what LibreOffice makes of it."""
    found = Findings()
    ours, theirs = read_book(book), read_book(again)
    found.hold("trang tính", book.name, list(ours), list(theirs))
    for name, sheet in ours.items():
        other = theirs[name].rows
        for row, line in enumerate(sheet.rows):
            for at, cell in enumerate(line):
                inside = row < len(other) and at < len(other[row])
                must, seen = _plain(cell.value), _plain(other[row][at].value if inside else None)
                if must != "" or seen != "":
                    place = f"{book.name} {name}, hàng {row + 1}, cột {at + 1}"
                    found.hold("ô tính lại", place, must, seen)
    found.compared["công thức tính lại"] = formulas_in(book)
    return found


def _plain(value: object) -> object:
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if value is None or isinstance(value, str):
        said = (value or "").replace("\r", "")
        # In "2.486/3.780" a formula writes the mark of thousands of the machine.
        return re.sub("[.,]", "", said) if re.fullmatch(r"[\d.,]+/[\d.,]+", said) else said
    return near(value)
