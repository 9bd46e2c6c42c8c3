"""Figures struck out, raised, lowered or under a merged cell: the same in every format."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from consolidate.definitions.loader import shipped_library
from consolidate.merge.read_files import check
from consolidate.model.data_values import ValueStatus
from consolidate.model.period import Period
from consolidate.templates.template_build import build_template
from tests.office.office import Office
from tests.saved import saved

STRUCK, RAISED = InlineFont(strike=True), InlineFont(vertAlign="superscript")
LOWERED = InlineFont(vertAlign="subscript")
TYPED: dict[str, tuple[Any, bool]] = {
    "m1": (CellRichText(TextBlock(STRUCK, "12"), "15"), False),
    "m2": (7, True),
    "m3": (CellRichText("12", TextBlock(RAISED, "1")), False),
    "m4": (CellRichText(TextBlock(STRUCK, "9")), False),
    "m5": ("x", True),
    "m6": (CellRichText("3", TextBlock(LOWERED, "2")), False),
    "m7": (
        CellRichText(TextBlock(InlineFont(b=True), "4"), TextBlock(InlineFont(i=True), "0")),
        False,
    ),
    "m90": (CellRichText("500 m", TextBlock(RAISED, "2")), False),
    "m8": (8, False),
}
"""What is typed into a row of Biểu 01/PCTN, and whether the whole cell is struck out."""
FORMATTED = {
    "m10": (12345, "#,##0,"),
    "m11": (7, ";;;"),
    "m12": (3, '0"00"'),
    "m13": (1819, "#,##0.00"),
    "m14": (5, '0" đơn vị"'),
    "m15": (0.05, "0%"),
}
"""Numbers in cells of another format; the row of the last one is hidden."""
READ = {
    "m10": ("12345", "shown_differs"),
    "m11": ("7", "shown_nothing"),
    "m12": ("3", "shown_differs"),
    "m13": ("1819", ""),
    "m14": ("5", ""),
    "m15": (None, "unexpected_percent"),
    "m1": ("15", "crossed_part"),
    "m2": (None, "struck_out"),
    "m3": ("12", "crossed_part"),
    "m4": (None, "struck_out"),
    "m5": (None, "struck_out"),
    "m6": ("3", "crossed_part"),
    "m7": ("40", ""),
    "m8": (None, "under_merge"),
}


def filled() -> bytes:
    """The form of a first quarter with these answers."""
    library = shipped_library().at(Period.parse_code("2026-Q1"))
    book = load_workbook(io.BytesIO(build_template(library, "pctn")), rich_text=True)
    sheet = book["01-PCTN"]
    column = next(cell.column for cell in sheet[1] if cell.value == "value")
    rows = {str(sheet.cell(row, 1).value): row for row in range(1, sheet.max_row + 1)}
    for element, (content, struck) in TYPED.items():
        cell = sheet.cell(rows[element], column)
        cell.value = content
        if struck:
            cell.font = Font(strike=True)
    first, last = (sheet.cell(rows[element], column).coordinate for element in ("m7", "m8"))
    sheet.merged_cells.add(f"{first}:{last}")
    for element, (number, code) in FORMATTED.items():
        cell = sheet.cell(rows[element], column)
        cell.value, cell.number_format = number, code
    sheet.row_dimensions[rows["m15"]].hidden = True
    return saved(book)


def read(path: Path) -> dict[str, tuple[str | None, str]]:
    (reading,) = check(shipped_library(), path).readings
    assert reading.content is not None, reading.reason
    found = {}
    for value in reading.content.values():
        if value.key.data_set == "pctn_01" and value.key.element in {*TYPED, *FORMATTED}:
            assert (value.number is None) == (value.status is ValueStatus.INVALID)
            used = str(value.number) if value.number is not None else None
            found[value.key.element] = (used, value.problem)
    rules = {finding.rule for finding in reading.findings}
    assert {"value.crossed_part", "value.struck_out", "structure.cells_hidden"} <= rules
    return found


@pytest.mark.office
def test_workbooks_of_each_format(office: Office, tmp_path: Path) -> None:
    original = tmp_path / "a.xlsx"
    original.write_bytes(filled())
    paths = [original, *(office.saved_as([original], k, tmp_path / k)[0] for k in ("ods", "xls"))]
    for path in paths:
        found = read(path)
        area = found.pop("m90")
        assert (path.suffix, found) == (path.suffix, READ)
        assert area == ("500", "")
