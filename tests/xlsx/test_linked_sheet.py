"""Rows that are written at once say what XlsxWriter makes of the same cells; nothing is lost."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from consolidate.model.cells import CellRef
from consolidate.xlsx.write.form_styles import Styles, open_workbook
from consolidate.xlsx.write.linked_sheet import Content, Formula, LinkedSheet, Own

ROWS: list[list[Content]] = [
    ["Đơn vị <1> & “hai”", 1.5, None, "  cách  "],
    ["một\nhai", -0.1, None, "x"],
    ["Đơn vị <1> & “hai”", 123456789012.25, None, "1e5"],
]


def book(*, at_once: bool) -> bytes:
    stream = io.BytesIO()
    workbook = open_workbook(stream)
    sheet = workbook.add_worksheet("A", LinkedSheet)
    styles = Styles(workbook)
    looks = [styles.of("cell"), styles.of("cell", "right"), styles.of("cell", "blank")]
    sheet.write_string(0, 0, "đầu", looks[0])
    for row, cells in enumerate(ROWS, 1):
        given = [(column, content, looks[column % 3]) for column, content in enumerate(cells)]
        if at_once:
            sheet.write_line(row, given, level=row % 2)
        else:
            sheet.set_row(row, None, None, {"level": row % 2})
            for cell in given:
                sheet.write_content(row, *cell)
        sheet.lead(row, 0, CellRef("A", 0, row))
        sheet.lead_out(row, 3, f"external:inbox/tệp {row}.xlsx#'B & C'!A1")
    workbook.close()
    return stream.getvalue()


def told(data: bytes) -> object:
    sheet = load_workbook(io.BytesIO(data))["A"]
    cells = [
        (
            *(cell.coordinate, cell.value, cell.data_type, repr(cell.border), repr(cell.fill)),
            cell.hyperlink and (cell.hyperlink.target, cell.hyperlink.location),
        )
        for row in sheet.iter_rows()
        for cell in row
    ]
    levels = [sheet.row_dimensions[row].outlineLevel for row in range(1, 5)]
    return sheet.dimensions, sheet.sheet_format.outlineLevelRow, levels, cells


def test_rows_at_once_are_the_rows_of_xlsxwriter() -> None:
    assert told(book(at_once=True)) == told(book(at_once=False))


def test_own_texts_and_formulas_are_in_their_cells_and_rows_ascend() -> None:
    stream = io.BytesIO()
    workbook = open_workbook(stream)
    sheet = workbook.add_worksheet("A", LinkedSheet)
    look = Styles(workbook).of("cell")
    formula = Formula('HYPERLINK("#\'B & C\'!A1","A1")', "A1")
    sheet.write_line(1, [(0, Own("E9"), look), (1, formula, look)])
    with pytest.raises(ValueError, match="behind"):
        sheet.write_line(1, [])
    sheet.write_line(1_048_576, [(0, Own("E9"), look)])  # No sheet has such a row.
    workbook.close()
    for values in (False, True):
        made = load_workbook(io.BytesIO(stream.getvalue()), data_only=values)["A"]
        assert made.dimensions == "A2:B2"
        assert made["A2"].value == "E9"
        assert made["B2"].value == ("A1" if values else f"={formula.text}")
