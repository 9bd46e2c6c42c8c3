"""Filled-in templates: what goes in comes out, formulas carry the values Excel would show."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from consolidate.templates.live_formulas import (
    CoverCells,
    attached_by_hand,
    attached_line,
    echo_line,
    period_line,
    place_line,
    signatory_title_line,
    unit_line,
    window_line,
)
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template

FIELDS = (
    "unit_name", "period_type", "period_year", "window_from", "window_to", "officer", "place",
    "date", "signatory_title", "signatory_title_2", "signatory", "report_number", "report_date",
)  # fmt: skip


def cover(**values) -> CoverCells:
    return CoverCells({field: f"'Bìa'!$C${n}" for n, field in enumerate(FIELDS, 1)}, values)


def test_values_come_back_as_they_were_typed(library, filled):
    data = build_template(library, "pctn", filled["pctn"])
    book = openpyxl.load_workbook(io.BytesIO(data))
    grids = {
        name: CalamineWorkbook.from_filelike(io.BytesIO(data))
        .get_sheet_by_name(name)
        .to_python(skip_empty_area=False)
        for name in book.sheetnames
    }
    for name, value in filled["pctn"].values.items():
        ((sheet, address),) = book.defined_names[name].destinations
        cell = book[sheet][address]
        assert grids[sheet][cell.row - 1][cell.column - 1] == value
    rows = {row[1]: row for row in grids["Biểu 02"]}
    assert rows["01"][2:6] == [0, "", "", "//"]
    lines = [cell for row in grids["Biểu 02"] for cell in row if isinstance(cell, str)]
    assert "(Số liệu tính từ ngày 06/11/2017 đến 25/5/2018)" in lines
    shown = [cell for row in grids["Biểu 01"] for cell in row]
    for line in (
        "SỞ THÔNG TIN VÀ TRUYỀN THÔNG",
        "(Số liệu tính từ ngày 06/11/2017 đến ngày 28/08/2018)",
        "Tiền Giang, ngày 31 tháng 8 năm 2018",
        "(Kèm theo Báo cáo số 1183/BC-STTTT ngày 05/09/2018 của Sở Thông tin và Truyền thông)",
        "KT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC",
        "Người ký mẫu",
    ):
        assert line in shown


def test_numbers_texts_and_days_keep_their_kind(library):
    values = {
        "pctn_01.c1": "=1+1",
        "pctn_01.c2": "https://example.org",
        "pctn_01.c3": "1.819",
        "pctn_01.c15": Decimal("1556.3"),
        "pctn_01.c5": date(2018, 1, 1),
    }
    data = build_template(library, "pctn", Prefill(values=values))
    book = openpyxl.load_workbook(io.BytesIO(data))
    kinds = {}
    for name in values:
        ((sheet, address),) = book.defined_names[name].destinations
        kinds[name] = (book[sheet][address].data_type, book[sheet][address].hyperlink)
    assert kinds == {
        "pctn_01.c1": ("s", None),
        "pctn_01.c2": ("s", None),
        "pctn_01.c3": ("s", None),
        "pctn_01.c15": ("n", None),
        "pctn_01.c5": ("d", None),
    }


@pytest.mark.parametrize(
    "prefill",
    [
        Prefill(values={"pctn_01.c999": 1}),
        Prefill(values={"cchc_pl3_2.r1.total": 1}),
        Prefill(values={"pctn_02.name": "x"}),
        Prefill(values={"pctn_01.c1": True}),
        Prefill(values={"pctn_01.c1": float("nan")}),
        Prefill(values={"pctn_01.c1": None}),
        Prefill(rows={"pctn_01": [{}]}),
        Prefill(rows={"pctn_02": [{"who": "x"}]}),
        Prefill(windows={"cchc_pl3_1": "x"}),
        Prefill(windows={"nothing": "x"}),
    ],
)
def test_what_the_template_has_no_cell_for_is_refused(library, prefill):
    with pytest.raises(ValueError, match=r"unknown|not a"):
        build_template(library, "pctn", prefill)


def test_unknown_template_is_refused(library):
    with pytest.raises(KeyError):
        build_template(library, "nothing")


def test_stamp_carries_unit_period_and_serial(library):
    data = build_template(library, "cchc", Prefill(unit="S01", period="2018-Q3", serial="0007"))
    sheet = openpyxl.load_workbook(io.BytesIO(data))["_stamp"]
    stamp = {row[0].value: row[1].value for row in sheet.iter_rows()}
    assert (stamp["unit"], stamp["period"], stamp["serial"]) == ("S01", "2018-Q3", "0007")


@pytest.mark.parametrize(
    ("kind", "year", "shown"),
    [
        ("Quý III", 2018, "Quý III/2018"),
        ("9 tháng đầu năm", 2018, "9 tháng đầu năm 2018"),
        ("Cả năm", 2018.0, "Năm 2018"),
        ("Quý I", "2019", "Quý I/2019"),
    ],
)
def test_period_line(kind, year, shown):
    assert period_line(cover(period_type=kind, period_year=year)).value == shown


def test_blank_cover_leaves_dots_to_write_on():
    nothing = cover()
    assert "…" in unit_line(nothing).value
    assert "…" in period_line(nothing).value
    assert window_line(nothing).value == "(Số liệu tính từ ngày …/…/…… đến ngày …/…/……)"
    assert place_line(nothing).value == "……………, ngày …… tháng …… năm ………"
    assert signatory_title_line(nothing).value == "THỦ TRƯỞNG ĐƠN VỊ"
    attached = "(Kèm theo Báo cáo số …………… ngày …/…/…… của ……………………………)"
    assert attached_line(nothing).value == attached_by_hand("……………………………") == attached
    assert echo_line(nothing, "officer").value == ""


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        ("Giám đốc", "", "GIÁM ĐỐC"),
        ("KT. Giám đốc", "Phó Giám đốc", "KT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC"),
        ("", "Phó Giám đốc", "PHÓ GIÁM ĐỐC"),
        ("KT. Giám đốc\nPhó Giám đốc", "", "KT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC"),
    ],
)
def test_title_of_the_signatory(first, second, shown):
    assert (
        signatory_title_line(cover(signatory_title=first, signatory_title_2=second)).value == shown
    )


def test_dates_typed_as_text_or_number_are_shown_as_excel_shows_them():
    typed = cover(window_from="6/11/17", window_to=43340, date="31/8", place="Tiền Giang")
    assert window_line(typed).value == "(Số liệu tính từ ngày 6/11/17 đến ngày 28/08/2018)"
    assert place_line(typed).value == "Tiền Giang, ngày 31/8"
    early = cover(date=date(2018, 2, 5), place="X")
    assert place_line(early).value == "X, ngày 05 tháng 02 năm 2018"


@pytest.mark.parametrize(
    ("period", "level", "asked"),
    [
        ("", "", ["Cấp tỉnh", "Cấp huyện", "Cấp xã"]),
        ("2025-6M", "", ["Cấp tỉnh", "Cấp huyện", "Cấp xã"]),
        ("2025-Q3", "", ["Cấp tỉnh", "Cấp xã"]),
        ("2026-Y", "Cấp xã", ["Cấp tỉnh", "Cấp xã"]),
        ("2026-Y", "Cấp huyện", ["Cấp tỉnh", "Cấp huyện", "Cấp xã"]),
    ],
)
def test_levels_to_choose_from_are_those_of_the_period(library, period, level, asked):
    values = {"cover.level": level} if level else {}
    data = build_template(library, "cchc", Prefill(values=values, period=period))
    book = openpyxl.load_workbook(io.BytesIO(data))
    ((sheet, address),) = book.defined_names["cover.level"].destinations
    (found,) = (
        rule for rule in book[sheet].data_validations.dataValidation
        if address.replace("$", "") in str(rule.sqref).split()
    )  # fmt: skip
    assert found.formula1.strip('"').split(",") == asked
