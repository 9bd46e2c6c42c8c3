"""The way from figures of a summary to the cells of files and back, as LibreOffice goes it.

    python -m tests.office.clicks SUMMARY.xlsx --figures 100

walks from that many random figures, half of them of pages to sign, and says how many it was told
to and how many arrived. The inbox lies where it lay when the summary was written.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote, urlsplit

import openpyxl
from openpyxl.cell.cell import Cell

from tests.addin.engines.office import load_uno
from tests.office.bridge import OpenOffice

OFFICIAL, BY_UNIT, TRACE = " toàn tỉnh", " theo đơn vị", "Nguồn "
_FIRST = 9
"""Row from which tables have figures."""
_HEADS = ("MS", "STT")


@dataclass(frozen=True, slots=True)
class Walk:
    """A figure that a person clicks: where it ends, ``""`` where it ends as it should."""

    figure: str
    end: str
    wrong: str = ""


def walks(office: OpenOffice, summary: Path, wanted: int, seed: int = 5) -> list[Walk]:
    """Click from random figures to the cells of files, and back.

    Links are those that LibreOffice has once it has opened the summary, not those of the file.
    """
    with TemporaryDirectory() as folder:
        saved = Path(folder) / "saved.xlsx"
        office.save_as(summary, saved, "Calc MS Excel 2007 XML", "")
        links, values = openpyxl.load_workbook(saved), openpyxl.load_workbook(saved, data_only=True)
    chance = random.Random(seed)
    found: list[Walk] = []
    document = office.load(summary, Hidden=False)
    try:
        way = _Way(office, document, links, values, chance)
        for kind, count in ((OFFICIAL, wanted // 2), (BY_UNIT, wanted - wanted // 2)):
            figures = list(way.figures(kind))
            found += map(way.walk, chance.sample(figures, min(count, len(figures))))
    finally:
        document.close(False)
    return found


def place_of(location: str) -> tuple[str, str]:
    """Sheet and address of a link within a workbook."""
    sheet, _, cell = location.lstrip("#").rpartition("!")
    return sheet.strip("'"), cell.replace("$", "")


@dataclass(frozen=True, slots=True)
class _Way:
    office: OpenOffice
    document: Any
    links: openpyxl.Workbook
    values: openpyxl.Workbook
    chance: random.Random

    def figures(self, kind: str) -> Iterator[Cell]:
        """Cells with a number that lead somewhere, on all sheets of a kind.

        Of a sheet by unit those of units: a total of a level leads to the lines of all of them.
        """
        for sheet in self.links.worksheets:
            if not sheet.title.endswith(kind):
                continue
            codes = next(
                (row for row in self.values[sheet.title].iter_rows() if row[0].value in _HEADS), ()
            )
            owned = {cell.column for cell in codes if self._code(sheet.title, cell)}
            for row in sheet.iter_rows(min_row=_FIRST):
                for cell in row:
                    if kind == BY_UNIT and cell.column not in owned:
                        continue
                    value = self.values[sheet.title][cell.coordinate].value
                    if cell.hyperlink is not None and isinstance(value, int | float):
                        yield cell

    def _code(self, sheet: str, head: Cell) -> object:
        """The code of a unit, two rows below the heading of its column."""
        return self.values[sheet].cell(head.row + 2, head.column).value

    def walk(self, figure: Cell) -> Walk:
        """There and back."""
        sheet = figure.parent.title
        value = self.values[sheet][figure.coordinate].value
        name = f"{sheet}!{figure.coordinate} = {value}"
        trace, at = place_of(figure.hyperlink.location)
        if not trace.startswith(TRACE):
            return Walk(name, f"{trace}!{at}", "leads to no trace")
        row = self.links[trace][at].row
        line = [cell.value for cell in self.values[trace][row]]
        if line[2] != value:
            return Walk(name, f"{trace}!{at}", f"the line says {line[2]}")
        back = [self._place(trace, row, column) for column in (3, 5)]
        if line[4] is None:  # A total: its own line leads back, and lines of units follow.
            if (sheet, figure.coordinate) not in back:
                return Walk(name, f"{trace}!{at}", f"leads back to {back}")
            rows = list(self._units(trace, row, line[0]))
            amounts = [self.values[trace].cell(each, 3).value for each in rows]
            numbers = [each for each in amounts if isinstance(each, int | float)]
            if "%" not in str(line[7]) and abs(sum(numbers) - value) > 1e-6:
                made = line[7] if "tử số" in str(line[7]) else ""
                if not made:
                    return Walk(name, f"{trace}!{at}", f"the units make {sum(numbers)}")
            row = self.chance.choice(rows)
        elif back[0] != (sheet, figure.coordinate):
            return Walk(name, f"{trace}!{at}", f"leads back to {back[0]}")
        return self._to_the_file(name, trace, row)

    def _place(self, sheet: str, row: int, column: int) -> tuple[str, str] | None:
        link = self.links[sheet].cell(row, column + 1).hyperlink
        return place_of(link.location) if link is not None and not link.target else None

    def _units(self, trace: str, row: int, caption: object) -> Iterator[int]:
        sheet = self.values[trace]
        row += 1
        while sheet.cell(row, 1).value == caption and sheet.cell(row, 5).value is not None:
            yield row
            row += 1

    def _to_the_file(self, name: str, trace: str, row: int) -> Walk:
        """Follow the place of a line to the unit's file; the cell must say what the line says."""
        line = [cell.value for cell in self.values[trace][row]]
        shown = self.document.Sheets.getByName(trace).getCellByPosition(5, row - 1)
        fields = shown.getTextFields()
        if not fields.getCount():
            return Walk(name, f"{trace}!F{row}", "leads to no file")
        address = fields.getByIndex(0).URL
        end = f"{line[4]} {line[5]}"
        file = Path(unquote(urlsplit(address).path))
        if not file.is_file():
            return Walk(name, end, f"no such file: {address}")
        if file.suffix != ".xlsx":  # The place is written out: nothing opens a cell in there.
            return Walk(name, end, "" if file.name in str(line[4]) else f"another file: {address}")
        document = self.office.follow(address)
        try:
            sheet = document.CurrentController.ActiveSheet
            cell = sheet.getCellRangeByName(document.CurrentSelection.AbsoluteName)
            at = document.CurrentSelection.AbsoluteName.rpartition(".")[2].replace("$", "")
            if f"{sheet.Name}!{at}" != line[5]:
                return Walk(name, end, f"arrives at {sheet.Name}!{at}")
            if line[6] is not None:
                says = str(cell.String) == str(line[6])
            elif isinstance(line[2], int | float):
                says = cell.Value == line[2]
            else:
                says = str(cell.String).strip().lower() == str(line[2] or "")
            return Walk(name, end, "" if says else f"the cell says {cell.String}")
        finally:
            document.close(False)


def main(arguments: list[str] | None = None) -> int:
    """Walk, and say where figures end. 0: all arrived, 1: some did not, 2: no LibreOffice."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("summary", type=Path)
    parser.add_argument("--figures", type=int, default=100)
    parser.add_argument("--seed", type=int, default=5)
    given = parser.parse_args(arguments)
    uno = load_uno()
    if uno is None:
        print("LibreOffice with its bridge is not installed.", file=sys.stderr)
        return 2
    with TemporaryDirectory() as folder:
        office = OpenOffice(uno, Path(folder))
        try:
            found = walks(office, given.summary.resolve(), given.figures, given.seed)
        finally:
            office.close()
    for walk in found:
        print(f"{walk.figure} -> {walk.end}" + (f" WRONG: {walk.wrong}" if walk.wrong else ""))
    wrong = sum(bool(walk.wrong) for walk in found)
    print(f"{len(found)} figures, {wrong} did not arrive")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
