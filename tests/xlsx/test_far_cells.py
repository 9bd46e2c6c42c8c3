"""Cells far from the table: cut and listed where that saves the form, refused where it does not."""

from __future__ import annotations

import struct

import openpyxl
import pytest

from consolidate.intake.read_file import ReadSettings, read_file
from consolidate.model.reasons import Reason, because
from consolidate.model.returns import FileReading
from consolidate.xlsx.read.package_gate import Limits
from consolidate.xlsx.read.read_workbook import read_workbook
from tests.library_2018 import library_2018
from tests.saved import saved
from tests.xlsx.packages import (
    CELL,
    PARTS,
    binary_workbook,
    open_document,
    record,
    sheet,
    workbook,
)

LAST = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


def read(data: bytes, limits: Limits | None = None) -> FileReading:
    return read_file("tệp.xlsx", data, library_2018(), ReadSettings(limits or Limits()))


def reason(key: str, detail: str | int = "") -> Reason:
    return because(key, detail=detail) if detail else because(key)


FAR = {
    "usual": LAST,
    "single quotes": LAST.replace('"', "'"),
    "small letters": LAST.replace("XFD", "xfd"),
    "line breaks": LAST.replace(" ", "\n"),
    "blanks around the sign": LAST.replace("=", " = "),
    "no addresses": f'<row r="9999">{"<c/>" * 16_383}<c><v>1</v></c></row>',
    "comment before the value": LAST.replace("<v>", "<!-- a --><v>"),
    "attribute of the value": LAST.replace("<v>", '<v xml:space="preserve">'),
    "attribute of the text": LAST.replace("<v>1</v>", '<is a="1"><t>1</t></is>'),
    "error": '<row r="2"><c r="XFD1048576" t="e"/></row>',
    "column beyond Excel": '<row r="1"><c r="ZZZZZZ1"><v>1</v></c></row>',
    "row beyond Excel": '<row r="4294967295"><c r="XFD4294967295"><v>1</v></c></row>',
}


CORNERS = {"column beyond Excel": (0, 321_272_405), "row beyond Excel": (4_294_967_294, 16_383)}
"""Where those cells say they are, zero-based, that are not in the last corner of Excel."""
CORNERS |= {"no addresses": (9_998, 16_383), "error": (1_048_575, 16_383)}


@pytest.mark.parametrize("name", FAR)
def test_a_cell_in_the_last_corner_is_cut_and_listed(name: str) -> None:
    (grid,) = read_workbook(workbook(f'<row r="1">{CELL}</row>{FAR[name]}'), Limits()).sheets
    assert grid.facts.far == (CORNERS.get(name, (1_048_575, 16_383)),)
    assert (grid.rows, grid.facts.errors) == ([[1.0]], frozenset())


def test_a_far_cell_behind_prefixed_tags_is_cut() -> None:
    body = sheet(f'<row r="1">{CELL}</row>{LAST}').replace("xmlns=", "xmlns:x=")
    for tag in ("worksheet", "sheetData", "row", "c ", "c>", "v>"):
        body = body.replace(f"<{tag}", f"<x:{tag}").replace(f"</{tag}", f"</x:{tag}")
    (grid,) = read_workbook(workbook(sheet=body), Limits()).sheets
    assert (grid.rows, grid.facts.far) == ([[1.0]], ((1_048_575, 16_383),))


def filled(*cells: str) -> str:
    return "".join(
        f'<row r="{cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}"><c r="{cell}"><v>1</v></c></row>'
        for cell in cells
    )


@pytest.mark.parametrize(
    ("cells", "far"),
    [
        (("A1", "B8000", "XFD2"), ((1, 16_383),)),
        (("A1", "IV2", "B1048576"), ((1_048_575, 1),)),
        (("A1", "B8000", "IV2"), ((1, 255),)),
        (("A1", "XFD200", "B1048576"), ((199, 16_383), (1_048_575, 1))),
        (("A1", "B8000", "Z60000"), ()),
    ],
)
def test_no_more_is_cut_than_needed(cells: tuple[str, ...], far: object) -> None:
    (grid,) = read_workbook(workbook(filled(*cells)), Limits()).sheets
    assert grid.facts.far == far
    kept = [cell for row in grid.rows for cell in row if cell != ""]
    assert len(kept) + len(grid.facts.far) == len(cells)


def test_what_lies_far_away_in_masses_is_no_stray_content() -> None:
    limits = Limits(far_cells=3)
    three, four = (filled("A1", *(f"C{1_048_573 + n}" for n in range(count))) for count in (3, 4))
    (grid,) = read_workbook(workbook(three), limits).sheets
    assert len(grid.facts.far) == 3
    assert read(workbook(four), limits).reason == reason("intake.too_many_cells", "S")


def test_a_million_formatted_rows_are_not_walked(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(
        f'<row r="{n}" spans="1:6"/><row r="{n + 1}"><c r="A{n + 1}" s="1"/></row>'
        for n in range(2, 100_000, 2)
    )
    monkeypatch.setattr("consolidate.xlsx.read.sheet_bounds.SheetWalk", None)
    (grid,) = read_workbook(workbook(f'<row r="1">{CELL}</row>{rows}'), Limits()).sheets
    assert (grid.rows, grid.facts.far) == ([[1.0]], ())


def test_a_far_row_that_says_its_number_only_in_its_cells_is_seen() -> None:
    rows = '<row><c r="A1"><v>1</v></c></row><row><c r="Z1048576"><v>2</v></c></row>'
    (grid,) = read_workbook(workbook(rows), Limits()).sheets
    assert (grid.rows, grid.facts.far) == ([[1.0]], ((1_048_575, 25),))


@pytest.mark.parametrize(
    ("old", "new"),
    [("<sheet name", "<a-b:sheet name"), ('name="S"', "name='a>b'"), ("rId1", "rId2")],
)
def test_a_sheet_that_nobody_measured_is_not_opened(old: str, new: str) -> None:
    book = PARTS["xl/workbook.xml"].replace(old, new)
    assert read(workbook(LAST, book=book)).reason == reason("intake.damaged")


@pytest.mark.parametrize("target", ["/xl/Worksheets/SHEET1.xml", "xl/worksheets/sheet1.xml"])
def test_a_far_cell_is_found_however_its_part_is_named(target: str) -> None:
    relations = PARTS["xl/_rels/workbook.xml.rels"].replace("worksheets/sheet1.xml", target)
    reading = read(workbook(LAST, relations=relations), Limits(far_cells=0))
    assert reading.reason == reason("intake.too_many_cells", "S")


@pytest.mark.parametrize(
    "rows",
    ['<row r="1048576"><c r="XFD1048576" s="1"/></row>', '<row r="1"><c r="AB40000" s="1"/></row>'],
)
def test_blank_cells_far_away_are_no_harm(rows: str) -> None:
    assert read(workbook(rows)).reason == reason("intake.not_our_form")


@pytest.mark.parametrize(
    ("row", "column", "why"),
    [
        (1_048_575, 16_383, because("intake.too_many_cells_binary", detail="sheet1.bin")),
        (9, 9, because("intake.damaged")),
    ],
)
def test_a_far_cell_of_a_binary_workbook_is_refused(row: int, column: int, why: Reason) -> None:
    records = record(0, struct.pack("<I", row)) + record(5, struct.pack("<Id", column, 1.0))
    assert read(binary_workbook(records)).reason == why


@pytest.mark.parametrize("repeated", ["1048576", "4000000000", "x", "-1"])
def test_repeated_rows_of_an_open_document_are_not_unrolled(repeated: str) -> None:
    value = 'office:value-type="float" office:value="1"'
    rows = (
        f'<table:table-row table:number-rows-repeated="{repeated}"><table:table-cell {value} '
        f'table:number-columns-repeated="{repeated}"/></table:table-row>'
    )
    assert read(open_document(rows)).content is None


@pytest.mark.parametrize(
    ("hours", "key"), [(25.5, "intake.not_our_form"), (1e15, "intake.damaged")]
)
def test_hours_past_any_day_refuse_the_file_with_a_reason(hours: float, key: str) -> None:
    """``[h]:mm`` is read as a length of time, and Python's ends at some 2.7 million years."""
    made = openpyxl.Workbook()
    assert made.active is not None
    cell = made.active["A1"]
    cell.value, cell.number_format = hours, "[h]:mm"
    assert read(saved(made)).reason == because(key)
