"""The roster as an officer keeps it, and what is said when it cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from consolidate.definitions.catalogue import text
from consolidate.model.raw import Cell
from consolidate.model.units import Level, OrganisationUnit
from consolidate.register.roster import RosterError, parse_roster, read_roster

HEADER: list[Cell] = [
    "Mã đơn vị",
    "Tên đơn vị",
    "Tên khác, viết tắt",
    "Cấp",
    "Biểu mẫu phải nộp",
    "Đơn vị cấp trên",
]
TOP: list[list[Cell]] = [["DANH SÁCH"], [], ["Tỉnh, thành phố", "Tỉnh  Sông Tiền"], HEADER]
TEMPLATES = ("pctn", "cchc")


def problems(*rows: list[Cell]) -> tuple[str, ...]:
    with pytest.raises(RosterError) as caught:
        parse_roster([*TOP, *rows], "ds.xlsx", TEMPLATES)
    return caught.value.problems


def test_units_in_their_order_with_everything_about_them() -> None:
    rows: list[list[Cell]] = [
        ["S02", " Sở Nội vụ ", "SNV; Sở NV ;", "Cấp tỉnh", "pctn, cchc", ""],
        ["", "", "", "", "", ""],
        [12.0, "UBND xã A", "", "xã", "", "H01"],
        ["X3", "UBND xã B", "", "COMMUNE"],
    ]
    roster = parse_roster([*TOP, *rows], "ds.xlsx", TEMPLATES)
    assert roster.units == (
        OrganisationUnit(
            "S02", "Sở Nội vụ", Level.PROVINCE, ("SNV", "Sở NV"), "", frozenset(TEMPLATES)
        ),
        OrganisationUnit("12", "UBND xã A", Level.COMMUNE, parent="H01"),
        OrganisationUnit("X3", "UBND xã B", Level.COMMUNE),
    )
    assert (roster.province, roster.source) == ("Tỉnh Sông Tiền", "ds.xlsx")
    assert [unit.expects("cchc") for unit in roster.units] == [True, True, True]


def test_headers_in_any_order_case_and_unicode_form() -> None:
    header: list[Cell] = ["STT", "TÊN ĐƠN VỊ", "ca\u0302\u0301p", " mã đơn vị:"]
    roster = parse_roster([header, [1.0, "Sở A", "tỉnh", "S1"]], "ds.xlsx", TEMPLATES)
    assert roster.units == (OrganisationUnit("S1", "Sở A", Level.PROVINCE),)


def test_every_mistake_is_named_with_its_row() -> None:
    assert problems(
        ["S1", "", "", "tỉnh"],
        ["", "Sở B", "", "tỉnh"],
        ["S3", "Sở C", "", "phòng"],
        ["S4", "Sở D", "", "tỉnh"],
        ["s4", "Sở E", "", "tỉnh"],
        ["S6", "Sở F", "", "tỉnh", "pctn, nd"],
    ) == (
        text("roster.incomplete", row=5),
        text("roster.incomplete", row=6),
        text("roster.level", row=7, level="phòng"),
        text("roster.repeated", row=9, code="s4", first=8),
        text("roster.template", row=10, unknown="nd", known="cchc, pctn"),
    )


def test_a_roster_of_nobody() -> None:
    assert problems() == (text("roster.empty"),)


@pytest.mark.parametrize("rows", [[], [["Mã đơn vị", "Tên đơn vị"]], [[1.0, "x"]]])
def test_a_sheet_without_the_header(rows: list[list[Cell]]) -> None:
    with pytest.raises(RosterError) as caught:
        parse_roster(rows, "ds.xlsx", TEMPLATES)
    assert caught.value.problems == (text("roster.no_header", file="ds.xlsx"),)


def test_a_file_with_blank_rows_above_keeps_its_row_numbers(tmp_path: Path) -> None:
    path = tmp_path / "ds.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(4, 1, ["Mã đơn vị", "Tên đơn vị", "Cấp"])
        sheet.write_row(5, 1, ["S1", "Sở A", "Cấp tỉnh"])
        sheet.write_row(7, 1, ["S1", "Sở B", "Cấp tỉnh"])
    with pytest.raises(RosterError) as caught:
        read_roster(path, TEMPLATES)
    assert caught.value.problems == (text("roster.repeated", row=8, code="S1", first=6),)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4", b"PK\x03\x04", b"\xd0\xcf\x11\xe0" * 200])
def test_a_file_that_is_no_workbook(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ds.xlsx"
    path.write_bytes(content)
    with pytest.raises(RosterError) as caught:
        read_roster(path, TEMPLATES)
    assert caught.value.problems == (text("roster.unreadable", file="ds.xlsx"),)


def test_a_roster_is_searched_by_code_name_and_other_name() -> None:
    rows: list[list[Cell]] = [["S1", "Sở A", "SA", "tỉnh"], ["S2", "Sở B", "SA", "tỉnh"]]
    roster = parse_roster([*TOP, *rows], "ds.xlsx", TEMPLATES)
    one, two = roster.units
    assert roster.find("s1") == (one,)
    assert roster.find(" SỞ  B ") == (two,)
    assert roster.find("SA") == (one, two)
    assert roster.find("Sở C") == roster.find("") == ()
