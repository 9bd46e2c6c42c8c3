"""A table in Excel or Word gives a proposal that a person finishes, imports and issues."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest

from consolidate.cli.main import main
from consolidate.definitions.toml_lines import TomlSource
from consolidate.intake.read_file import read_any
from consolidate.province.form_guess_from_word import guess_forms
from consolidate.xlsx.read.package_gate import Limits
from tests.saved import saved

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


TREE = (
    ("TT", "Chỉ tiêu", "Đơn vị tính", "Tổng số", "Định kỳ", "Đột xuất", "Ghi chú"),
    ("(1)", "(2)", "(3)", "(4)=(5)+(6)", "(5)", "(6)", "(7)"),
    ("I", "HẠ TẦNG SỐ", "", "", "", "", ""),
    ("1", "Số máy tính", "Cái", "", "", "", ""),
    ("1.1", "Máy tính để bàn", "Cái", "", "", "", ""),
    ("", "- Trong đó: đã thanh lý", "Cái", "", "", "", ""),
    ("2", "Có hệ thống dự phòng", "Có/Không", "", "", "", ""),
    ("", "Tổng cộng", "", "", "", "", ""),
)
CASES = (("TT", "Tên vụ việc", "Ngày phát sinh", "Số người", "Cơ quan giải quyết"), ("",) * 5)


def a_word_document(
    lines: tuple[str, ...] = ("Biểu số: 07/KT", "TỔNG HỢP KẾT QUẢ KIỂM TRA"),
    *more: tuple[tuple[str, ...], ...],
) -> bytes:
    document = docx.Document()
    for rows in more or (FIXED,):
        for line in lines:
            document.add_paragraph(line)
        _add(document, rows)
    return saved(document)


def _add(document: Any, rows: tuple[tuple[str, ...], ...]) -> None:
    table = document.add_table(rows=len(rows), cols=len(rows[0]))
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text


def a_workbook(*tables: tuple[tuple[str | None, ...], ...]) -> bytes:
    book = openpyxl.Workbook()
    for number, rows in enumerate(tables):
        sheet = book.active if not number else book.create_sheet()
        assert sheet is not None
        sheet.append(["TỔNG HỢP KẾT QUẢ XỬ LÝ ĐƠN"])
        for row in rows:
            sheet.append(row)
    return saved(book)


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


ABOVE = (
    "Phụ lục II",
    "Tình hình chuyển đổi số",
    "(Ban hành kèm theo Thông tư số 12/2026/TT-BNV ngày 15 tháng 3 năm 2026)",
)


def test_a_tree_of_lines_with_column_numbers_needs_no_column_typed() -> None:
    made = guessed(a_word_document(ABOVE, TREE))
    basis = made["forms/pack.toml"].top.data["legal_basis"]
    assert basis == "Thông tư số 12/2026/TT-BNV ngày 15 tháng 3 năm 2026"
    form = made["forms/thu_1_1.toml"]
    assert form.top.data["title"] == "Tình hình chuyển đổi số"
    heads = {key: said for key, said in form.tables["layout"].data.items() if "header" in key}
    assert heads == {
        "number_header": "TT",
        "label_header": "Chỉ tiêu",
        "unit_header": "Đơn vị tính",
    }
    assert rows_of(form, "body", "section", "code", "type", "indent", "choices") == [
        ("I HẠ TẦNG SỐ", None, None, None, None),
        (None, "m1", "count", None, None),
        (None, "m1_1", "count", 1, None),
        (None, "r1", "count", 1, None),
        (None, "m2", "choice", None, ["Có", "Không"]),
        (None, "r1_2", "count", None, None),
    ]
    body = [entry.data for entry in form.arrays["body"] if "code" in entry.data]
    assert {tuple(row["columns"]) for row in body} == {("v1", "v2", "v3", "v4")}
    assert {tuple(row["required"]) for row in body} == {("v1", "v2", "v3")}
    assert rows_of(form, "columns", "code", "type") == [
        ("v1", None),
        ("v2", None),
        ("v3", None),
        ("v4", "text"),
    ]
    assert rows_of(form, "rules", "expression", "scope") == [("v1 == v2 + v3", "row")]


@pytest.mark.parametrize(
    ("numbers", "lines"),
    [
        (("A", "B", "C", "1"), 1),
        (("(A)", "(B)", "(C)", "(1)"), 1),
        (("A", "PHẦN CHUNG", "", ""), 2),  # A part of the form, and no row of column numbers.
    ],
)
def test_columns_are_numbered_by_letters_and_figures(numbers: tuple[str, ...], lines: int) -> None:
    head, part, *rest = FIXED
    made = guessed(a_word_document(ABOVE[:2], (head, numbers, part, *rest)))
    body = made["forms/thu_1_1.toml"].arrays["body"]
    assert [entry.data for entry in body[:lines]][-1] == {"section": part[1]}
    assert len(body) == len(FIXED) - 2 + lines


def test_a_list_of_cases_beside_a_table_asks_for_days_and_words() -> None:
    made = guessed(a_word_document(ABOVE[:2], FIXED, CASES))
    assert "legal_basis" not in made["forms/pack.toml"].top.data
    form = made["forms/thu_1_2.toml"]
    assert form.top.data["shape"] == "open"
    assert rows_of(form, "body", "label", "type", "required") == [
        ("Tên vụ việc", "text", ["value"]),
        ("Ngày phát sinh", "date", None),
        ("Số người", "count", None),
        ("Cơ quan giải quyết", "text", None),
    ]


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
    words = docx.Document()
    words.add_paragraph("Kính gửi các sở")
    words.save("lời.docx")
    capsys.readouterr()
    assert main(["form", "guess", "lời.docx"]) == 1
    assert "Chép riêng bảng" in " ".join(capsys.readouterr().out.split())
    assert main(["form", "guess", "không có.docx"]) == 2
    assert main(["form", "guess", "thư.docx", "--code", "Mã mới"]) == 2
