"""A ratio is rounded in one way: in the document, as cached, as recalculated and in words."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from consolidate.intake.typed_text.typed_numbers import read_number
from consolidate.model.data_values import ratio, rounded
from consolidate.model.datasets import ValueType
from consolidate.model.text import format_number
from consolidate.model.units import Roster
from tests.merge.province import NINE, UNITS, Province, blank_filled
from tests.office.office import Office


def row_of(sheet: Worksheet, number: str) -> int:
    """Row of a figure by its number on the form."""
    return next(int(cell.row) for cell in sheet["A"] if str(cell.value) == number)


@pytest.mark.wording
@pytest.mark.office
def test_a_half_goes_up_wherever_the_ratio_stands(tmp_path: Path, office: Office) -> None:
    roster = Roster.of((UNITS[0], UNITS[3]), province="Tỉnh Sông Tiền")
    province = Province.make(tmp_path / "tỉnh", roster)
    for unit, c3 in ((UNITS[0], 5), (UNITS[3], 6)):
        province.send(NINE, f"{unit.code}.xlsx", blank_filled(unit, NINE, c3=c3, c28="1/800"))
    merged = province.merge(NINE, "2018-09-01")
    # Twice 1/800: 2/1600 is 0,125 %, and so is each unit and each level.
    (total,) = (item for item in merged.document["totals"] if item["element"] == "c28")
    assert total["total"] == 0.13
    assert set(total["by_level"].values()) - {None} == {0.13}
    data = merged.files["tong-hop-9-thang-2018.xlsx"]
    path = tmp_path / "tong-hop.xlsx"
    path.write_bytes(data)
    after = office.recalculated(path)
    cached = load_workbook(io.BytesIO(data), data_only=True)
    live = load_workbook(io.BytesIO(data))
    name = "Biểu 01 theo đơn vị"
    row = row_of(cached[name], "28")
    figures = [column for column in range(4, 9) if cached[name].cell(row, column).value == 0.13]
    # The province, its two levels, the two units.
    assert len(figures) == 5
    assert {after[name][row - 1][column - 1] for column in figures} == {0.13}
    assert all(str(live[name].cell(row, column).value).startswith("=") for column in figures[:3])
    official = cached["Biểu 01 toàn tỉnh"]
    printed = [
        (cell.value, cell.number_format, after[official.title][cell.row - 1][cell.column - 1])
        for line in official.iter_rows()
        for cell in line
        if cell.value == 0.13
    ]
    assert [(value, again) for value, _, again in printed] == [(0.13, 0.13)]
    assert printed[0][1].split(";")[0].endswith("0.00_)")
    assert format_number(Decimal(str(total["total"]))) == "0,13"


@pytest.mark.office
def test_the_formula_and_the_program_agree_at_every_half(tmp_path: Path, office: Office) -> None:
    pairs = [(over, under) for under in (800, 1600, 4000, 20000) for over in range(1, 200, 2)]
    path = tmp_path / "halves.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("S")
        for row, (over, under) in enumerate(pairs):
            sheet.write_number(row, 0, over)
            sheet.write_number(row, 1, under)
            sheet.write_formula(row, 2, f"=ROUND(100*A{row + 1}/B{row + 1},2)")
    found = [row[2] for row in office.recalculated(path)["S"]]
    assert found == [float(ratio(Decimal(over), Decimal(under))) for over, under in pairs]


@pytest.mark.parametrize(
    ("number", "places", "shown"),
    [("0.125", 2, "0.13"), ("0.124999", 2, "0.12"), ("-0.125", 2, "-0.13"), ("2.5", 0, "3"),
     ("3.5", 0, "4"), ("0.045", 2, "0.05"), ("7", 1, "7.0")],
)  # fmt: skip
def test_halves_go_away_from_zero(number: str, places: int, shown: str) -> None:
    assert str(rounded(Decimal(number), places)) == shown


def test_what_a_unit_types_is_rounded_alike() -> None:
    read = read_number("1/800", ValueType.PERCENTAGE)
    assert read.figures == (Decimal("0.13"), Decimal(1), Decimal(800))
