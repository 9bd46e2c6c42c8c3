"""Marks of Biểu 03/PCTN: every way to set one, what is none, and what is refused."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date

import docx
import openpyxl
import pytest

from consolidate.checks.rule_checks import check_rules
from consolidate.checks.value_checks import check_values
from consolidate.intake.read_file import read_file
from consolidate.intake.typed_text.dates_and_marks import read_mark
from consolidate.model.cells import Cell
from consolidate.model.data_values import ValueStatus
from consolidate.model.reasons import Finding
from consolidate.model.returns import Return
from tests.messages import says
from tests.saved import saved
from tests.small_library import MARKS, UNITS, returned, small_library

LIBRARY = small_library(MARKS)
COLUMNS = ("name", "issuer", "fixed", "pending", "cause", "note")


def row(*cells: Cell) -> dict[str, Cell]:
    return {code: cell for code, cell in zip(COLUMNS, cells, strict=False) if cell != ""}


ROWS = (
    row("Quyết định A", "UBND tỉnh", "x"),
    row("Quyết định B", "UBND tỉnh", "", "X", "Chờ Bộ trả lời"),
    row("Quyết định C", "UBND tỉnh", "x", "x", "Chờ Bộ trả lời"),
    row("Quyết định D", "UBND tỉnh", "-", "0"),
    row("Quyết định E", "UBND tỉnh", "", "✓"),
    row("Quyết định F", "UBND tỉnh", "x", "không", "Thiếu kinh phí"),
    row("Quyết định G", "UBND tỉnh", "rồi"),
)


def read(data: bytes, name: str = "a.xlsx") -> Return:
    content = read_file(name, data, LIBRARY).content
    assert content is not None
    return content


def found(content: Return) -> list[tuple[str, str]]:
    """Rule and cells of what is wrong in the rows."""
    findings = [*check_values(content, LIBRARY), *check_rules(content, LIBRARY)]
    return [
        (item.rule, " ".join(cell.a1 for cell in item.cells))
        for item in findings
        if item.data_set == "marks"
    ]


@pytest.mark.parametrize("cell", ["x", "X", " x ", "×", "✓", "✔", "✔️", "Có", "có.", "ｘ"])
def test_a_mark_is_set_in_many_ways(cell: str) -> None:
    read = read_mark(cell)
    assert read.status is ValueStatus.REPORTED
    assert read.step == ("" if cell.strip() == "x" else "mark")


@pytest.mark.parametrize("cell", ["", " ", "không", "Không có", "-", "//", "0", 0.0])
def test_no_mark_is_no_answer(cell: Cell) -> None:
    read = read_mark(cell)
    assert (read.status, read.problem) == (ValueStatus.MISSING, "")
    assert read.step == ("no_mark" if str(cell).strip() else "")


@pytest.mark.parametrize("cell", [1.0, "1", "xx", "rồi", "đã xong", True, date(2026, 1, 5)])
def test_anything_else_is_refused(cell: Cell) -> None:
    read = read_mark(cell)
    assert (read.status, read.problem) == (ValueStatus.INVALID, "not_a_mark")


def test_a_return_with_marks_is_read_and_asked() -> None:
    content = read(returned(LIBRARY, UNITS[0], rows={"marks": ROWS}))
    assert found(content) == [
        ("value.not_a_mark", "E17"),
        ("marks.one_of_4_5", "E13 F13"),
        ("marks.one_of_4_5", "E14 F14"),
        ("marks.cause_iff_5", "G15 F15"),
        ("marks.cause_iff_5", "G16 F16"),
    ]
    pending = {v.key.row: v for v in content.data_sets[0].values if v.key.element == "pending"}
    assert [pending[n].value for n in range(1, 8)] == [None, "x", "x", None, "x", None, None]
    assert [pending[n].normalisation for n in (2, 4, 5, 6)] == [
        ("mark",),
        ("no_mark",),
        ("mark",),
        ("no_mark",),
    ]


def test_findings_say_what_to_do() -> None:
    content = read(returned(LIBRARY, UNITS[0], rows={"marks": ROWS}))
    (typed,) = (item for item in check_values(content, LIBRARY) if item.data_set == "marks")
    assert says(
        typed.message,
        "Đã được khắc phục theo thẩm quyền: “rồi” không phải dấu x. Ghi x nếu đúng; nếu không thì "
        "để trống ô.",
    )
    broken: list[Finding] = check_rules(content, LIBRARY)
    assert says(
        broken[0].message,
        "Dòng 3: phải ghi đúng một trong các mục (Đã được khắc phục theo thẩm quyền; Chưa khắc "
        "phục xong); Đã được khắc phục theo thẩm quyền đang ghi “x”; Chưa khắc phục xong đang ghi "
        "“x”. Kiểm tra và sửa các ô liên quan.",
    )


def test_the_form_offers_the_mark() -> None:
    book = openpyxl.load_workbook(io.BytesIO(returned(LIBRARY, UNITS[0])))
    sheet = book["03-PCTN"]
    lists = [rule for rule in sheet.data_validations.dataValidation if rule.type == "list"]
    assert [(rule.formula1, str(rule.sqref)) for rule in lists] == [('"x"', "E11:E15 F11:F15")]
    assert sheet["E11"].alignment.horizontal == "center"


LABELS = tuple(element.label for element in LIBRARY.by_code["marks"].elements)
HEADER = (
    ("TT", *LABELS[:2], "Kết quả khắc phục", "", "", LABELS[5]),
    ("", "", "", *LABELS[2:5], ""),
    ("MS", "1", "2", "3", "4", "5", "6"),
)


def retyped_rows() -> list[Sequence[str]]:
    return [
        *HEADER,
        *((str(n), *(str(r.get(code, "")) for code in COLUMNS)) for n, r in enumerate(ROWS, 1)),
    ]


def own_workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Biểu số: 03/PCTN"])
    for line in retyped_rows():
        sheet.append([cell or None for cell in line])
    for area in ("A2:A3", "B2:B3", "C2:C3", "D2:F2", "G2:G3"):
        sheet.merge_cells(area)
    return saved(book)


def own_document() -> bytes:
    document = docx.Document()
    document.add_paragraph("Biểu số: 03/PCTN")
    rows = retyped_rows()
    table = document.add_table(len(rows), len(rows[0]))
    for at, line in enumerate(rows):
        for column, cell in enumerate(line):
            table.cell(at, column).text = cell
    for first, last in (((0, 0), (1, 0)), ((0, 1), (1, 1)), ((0, 2), (1, 2)), ((0, 3), (0, 5))):
        table.cell(*first).merge(table.cell(*last))
    table.cell(0, 6).merge(table.cell(1, 6))
    return saved(document)


@pytest.mark.parametrize("name", ["a.xlsx", "a.docx"])
def test_a_form_typed_anew_gives_the_same_marks(name: str) -> None:
    made = read(own_workbook() if name == "a.xlsx" else own_document(), name)
    asked = read(returned(LIBRARY, UNITS[0], rows={"marks": ROWS}))
    assert [(v.key, v.value, v.status) for v in made.data_sets[0].values] == [
        (v.key, v.value, v.status) for v in asked.data_sets[0].values
    ]
