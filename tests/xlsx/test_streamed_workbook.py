"""Rows that are written at once say what XlsxWriter makes of the same cells; nothing is lost."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

import pytest
from openpyxl import load_workbook
from xlsxwriter.workbook import Workbook

from consolidate.model.cells import CellRef
from consolidate.xlsx.write import streamed_workbook
from consolidate.xlsx.write.form_styles import Styles, open_workbook
from consolidate.xlsx.write.streamed_workbook import (
    CellFormula,
    Content,
    Line,
    LinkedSheet,
    Own,
    cell_at,
    row_at,
)

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

    def write(row: int, column: int, content: Content) -> None:
        look = looks[column % 3]
        if content is None:
            sheet.write_blank(row, column, None, look)
        elif isinstance(content, str):
            sheet.write_string(row, column, content, look)
        else:
            sheet.write_number(row, column, content, look)

    def lines() -> Iterator[Line]:
        for row, cells in enumerate(ROWS[1:], 2):
            sheet.lead(row, 0, CellRef("B", 0, row))
            sheet.follow(row, 3, f"external:inbox/tệp {row % 2}.xlsx#'B & C'!A1")
            made = "".join(
                cell_at(column, sheet.made(content, looks[column % 3]))
                for column, content in enumerate(cells)
            )
            yield row, row_at(row, sheet.line(made, row % 2, 30.2 if row % 2 else 15.0))

    sheet.lead(1, 0, CellRef("B", 0, 1))
    for column, content in enumerate(ROWS[0]):
        if column < 2 or not at_once:
            write(1, column, content)
    if at_once:
        rest = "".join(cell_at(at, sheet.made(ROWS[0][at], looks[at % 3])) for at in (2, 3))
        sheet.write_rest(1, 3, rest)
        sheet.write_lines(2, len(ROWS) - 1, 4, lines(), folds=1)
    else:
        for (row, _), cells in zip(lines(), ROWS[1:], strict=True):
            sheet.set_row(row, 30.2 if row % 2 else 15.0, None, {"level": row % 2})
            for column, content in enumerate(cells):
                write(row, column, content)
    other = workbook.add_worksheet("B", LinkedSheet)
    other.write_string(0, 0, "Đơn vị <1> & “hai”", looks[0])
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
    shown = [sheet.row_dimensions[row] for row in range(1, 5)]
    levels = [(row.outlineLevel, row.height) for row in shown]
    return sheet.dimensions, sheet.sheet_format.outlineLevelRow, levels, cells


def test_rows_at_once_are_the_rows_of_xlsxwriter() -> None:
    assert told(book(at_once=True)) == told(book(at_once=False))


def test_every_text_that_a_cell_says_is_counted() -> None:
    for at_once in (True, False):
        with zipfile.ZipFile(io.BytesIO(book(at_once=at_once))) as package:
            texts = package.read("xl/sharedStrings.xml").decode()
            sheets = [package.read(f"xl/worksheets/sheet{at}.xml") for at in (1, 2)]
        count = sum(sheet.count(b' t="s"') for sheet in sheets)
        assert f'count="{count}" uniqueCount="6"' in texts


def test_own_texts_and_formulas_are_in_their_cells_and_rows_end_once() -> None:
    stream = io.BytesIO()
    workbook = open_workbook(stream)
    sheet = workbook.add_worksheet("A", LinkedSheet)
    look = Styles(workbook).of("cell")
    formula = CellFormula('HYPERLINK("#\'B & C\'!A1","A1")', "A1")
    cells = cell_at(0, sheet.made(Own("E9"), look)) + cell_at(1, sheet.made(formula, look))
    with pytest.raises(ValueError, match="no beginning"):
        sheet.write_rest(1, 1, cells)
    # No sheet has as many rows: those are not asked for.
    last = ((row, row_at(row, sheet.line(cells))) for row in (1_048_574, 1_048_575))
    sheet.write_lines(1_048_574, 3, 2, last)
    workbook.close()
    for values in (False, True):
        made = load_workbook(io.BytesIO(stream.getvalue()), data_only=values)["A"]
        assert made.dimensions == "A1048575:B1048576"
        assert made["A1048576"].value == "E9"
        assert made["B1048576"].value == ("A1" if values else f"={formula.text}")


def test_parts_are_those_of_xlsxwriter(monkeypatch: pytest.MonkeyPatch) -> None:
    streamed = book(at_once=False)
    monkeypatch.setattr(
        streamed_workbook,
        "StreamedWorkbook",
        lambda target, options, **_: Workbook(target, {**options, "in_memory": True}),
    )
    assert book(at_once=False) == streamed
