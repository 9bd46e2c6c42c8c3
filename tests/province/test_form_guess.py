"""A table in Excel or Word gives a proposal that a person finishes, imports and issues."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import openpyxl
import pytest

from consolidate.cli.group import main
from consolidate.definitions.toml_lines import TomlSource
from consolidate.intake.read_file import read_any
from consolidate.province.form_guess import guess_forms
from consolidate.xlsx.read.gate import Limits

FIXED = (
    ("MS", "NỘI DUNG", "ĐVT", "SỐ LIỆU"),
    ("", "CHÍNH SÁCH, PHÁP LUẬT", "", ""),
    ("1", "Số văn bản ban hành mới", "Văn bản", ""),
    ("2.1", "Số tiền thu hồi", "Triệu đồng", ""),
    ("", "Kiến nghị xử lý hành chính", "", ""),
    ("3", "Diện tích đất", "m2", ""),
    ("4", "Tỷ lệ thu hồi", "%", ""),
)
WIDE = (
    ("Đơn vị", "Tổng số đơn", "Khiếu nại", None, None),
    (None, None, "Lần đầu", "Lần hai", "Tiền (triệu đồng)"),
    ("MS", "1 = 2 + 3", "2", "3", "4"),
    (None, None, None, None, None),
)


def a_word_document() -> bytes:
    document = docx.Document()
    document.add_paragraph("Biểu số: 07/KT")
    document.add_paragraph("TỔNG HỢP KẾT QUẢ KIỂM TRA")
    table = document.add_table(rows=len(FIXED), cols=4)
    for row, texts in zip(table.rows, FIXED, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def a_workbook(*tables: tuple[tuple[str | None, ...], ...]) -> bytes:
    book = openpyxl.Workbook()
    for number, rows in enumerate(tables):
        sheet = book.active if not number else book.create_sheet()
        assert sheet is not None
        sheet.append(["TỔNG HỢP KẾT QUẢ XỬ LÝ ĐƠN"])
        for row in rows:
            sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def guessed(data: bytes) -> dict[str, TomlSource]:
    return guess_forms(read_any(data, Limits()), "thu-1", "forms")


def rows_of(source: TomlSource, array: str, *keys: str) -> list[tuple[object, ...]]:
    return [tuple(entry.data.get(key) for key in keys) for entry in source.arrays.get(array, ())]


def test_numbered_lines_are_a_fixed_table() -> None:
    form = guessed(a_word_document())["forms/thu_1_1.toml"]
    assert form.top.data["shape"] == "fixed"
    assert form.top.data["title"] == "TỔNG HỢP KẾT QUẢ KIỂM TRA"
    assert form.tables["layout"].data["form_code"] == "Biểu số: 07/KT"
    assert rows_of(form, "body", "section", "subsection", "code", "number", "unit", "type") == [
        ("CHÍNH SÁCH, PHÁP LUẬT", None, None, None, None, None),
        (None, None, "m1", "1", "Văn bản", "count"),
        (None, None, "m2_1", "2.1", "Triệu đồng", "money"),
        (None, "Kiến nghị xử lý hành chính", None, None, None, None),
        (None, None, "m3", "3", "m2", "area"),
        (None, None, "m4", "4", "%", "percentage"),
    ]
    assert rows_of(form, "columns", "code", "label") == [("value", "SỐ LIỆU")]


def test_a_heading_without_lines_is_a_list_and_its_numbers_tell_sums() -> None:
    form = guessed(a_workbook(WIDE))["forms/thu_1_1.toml"]
    assert form.top.data["shape"] == "open"
    assert rows_of(form, "body", "code", "label", "group", "type") == [
        ("k1", "Đơn vị", None, "text"),
        ("c1", "Tổng số đơn", None, "count"),
        ("c2", "Lần đầu", "Khiếu nại", "count"),
        ("c3", "Lần hai", "Khiếu nại", "count"),
        ("c4", "Tiền (triệu đồng)", "Khiếu nại", "money"),
    ]
    assert rows_of(form, "rules", "expression", "scope") == [("c1 == c2 + c3", "row")]


def test_every_table_of_a_file_is_a_form_and_no_table_is_none() -> None:
    fixed = tuple(tuple(text or None for text in row) for row in FIXED)
    made = guessed(a_workbook(WIDE, fixed))
    assert made["forms/pack.toml"].top.data["data_sets"] == ["thu_1_1", "thu_1_2"]
    assert list(guessed(a_workbook((("Kính gửi", None),)))) == ["forms/pack.toml"]


def test_from_the_table_to_a_blank_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("thông tư.docx").write_bytes(a_word_document())
    assert main(["form", "guess", "thông tư.docx", "--code", "kt-2026", "--out", "bo.xlsx"]) == 0
    # What no table tells is asked for, at its cell.
    capsys.readouterr()
    assert main(["form", "import", "bo.xlsx"]) == 2
    said = capsys.readouterr().err
    assert all(f"thiếu {key}" in said for key in ("legal_basis", "serves_from", "recipient"))
    book = openpyxl.load_workbook("bo.xlsx")
    for row in book["bo_bieu"].iter_rows():
        told = {
            "legal_basis": "Thông tư 01/2026/TT",
            "serves_from": "01/01/2026",
            "recipient": "Thanh tra tỉnh",
        }.get(str(row[0].value))
        if told is not None:
            row[1].value = told
    book.save("bo.xlsx")
    assert main(["form", "import", "bo.xlsx"]) == 0
    assert main(["form", "preview", "kt-2026", "--out", "trang.xlsx"]) == 0
    sheet = openpyxl.load_workbook("trang.xlsx")["07-KT"]
    shown = [cell.value for row in sheet.iter_rows() for cell in row]
    assert "Số tiền thu hồi" in shown
    Path("thư.docx").write_bytes(a_workbook((("Kính gửi", None),)))
    assert main(["form", "guess", "thư.docx"]) == 1
    assert main(["form", "guess", "không có.docx"]) == 2
    assert main(["form", "guess", "thư.docx", "--code", "Mã mới"]) == 2
