"""Rows that Biểu 02 and 03/PCTN print around their lists: numbers of the columns, "Tổng số:"."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from consolidate.definitions.loader import shipped_library
from consolidate.intake.read_file import read_file
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template
from tests.intake.retyped_2025 import CASE, TEXT, printed
from tests.library_2018 import library_2018
from tests.office.office import Office
from tests.recipes.steps import delete_column_a, delete_name, delete_row, insert_row
from tests.saved import saved

LIBRARY = shipped_library().of_pack("pctn-2025")
CASES = tuple(element.code for element in LIBRARY.by_code["pctn_02"].elements)
TEXTS = tuple(element.code for element in LIBRARY.by_code["pctn_03"].elements)
OTHER = ("Nghị quyết 7", "HĐND tỉnh", "Thiếu chế tài", "", "x", "Chờ sửa luật", "")
ROWS = {
    "pctn_02": [dict(zip(CASES, CASE, strict=True)), {"name": "Vụ B"}],
    "pctn_03": [dict(zip(TEXTS, text, strict=True)) for text in (TEXT, OTHER)],
}
LISTS = ("02-PCTN", "03-PCTN")
FIRST, TOTAL = {"02-PCTN": 11, "03-PCTN": 13}, {"02-PCTN": 18, "03-PCTN": 20}
"""First row and row of totals of the lists, as Excel counts rows."""
Said = dict[str, object]


@cache
def filled() -> bytes:
    return build_template(LIBRARY, "pctn", Prefill(rows=ROWS))


def edited(edit: Callable[[Workbook], None], data: bytes = b"") -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(data or filled()))
    edit(book)
    return saved(book)


def read(data: bytes, name: str = "a.xlsx") -> tuple[Said, list[tuple[str, str]]]:
    """Answers of the lists (``02.1.name``), and what was noticed of their sheets."""
    content = read_file(name, data, shipped_library()).content
    assert content is not None
    answers = {
        f"{value.key.data_set[-2:]}.{value.key.row}.{value.key.element}": value.value
        for part in content.data_sets
        if part.code in ROWS
        for value in part.values
        if value.value is not None
    }
    noticed = [(a.kind, a.found) for a in content.anomalies if a.data_set in ROWS]
    return answers, noticed


@cache
def expected() -> Said:
    return {
        f"{code[-2:]}.{at}.{element}": answer
        for code, rows in ROWS.items()
        for at, row in enumerate(rows, 1)
        for element, answer in row.items()
        if answer
    }


@pytest.mark.parametrize("number", ["02", "03"])
def test_the_form_has_every_printed_row(number: str) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(filled()))[f"{number}-PCTN"]
    lines = printed(f"bieu-{number}-pctn.csv")
    head = [line for line in lines if line[0] not in ("1", "2", "…", "Tổng số:")]
    first, total, width = FIRST[sheet.title], TOTAL[sheet.title], len(lines[0])
    shown = [
        [str(cell.value or "") for cell in row[1 : 1 + width]]
        for row in sheet.iter_rows(min_row=first - len(head), max_row=total)
    ]
    assert shown[: len(head)] == head
    assert lines[-1][0] == "Tổng số:"
    assert [row[0] for row in shown[len(head) :]] == [*"1234567", "Tổng số:"]
    live = {row.column_letter for row in sheet[total] if str(row.value).startswith("=")}
    assert live == ({"C"} if number == "02" else {"C", "F", "G"})
    assert all(cell.protection.locked for cell in sheet[total])
    cached = openpyxl.load_workbook(io.BytesIO(filled()), data_only=True)[sheet.title]
    assert [cached[f"{column}{total}"].value for column in sorted(live)] == (
        [2] if number == "02" else [2, 1, 1]
    )


@pytest.mark.parametrize(("template", "name"), [("pctn", "Biểu 02"), ("cchc", "PL3-I")])
def test_the_lists_of_the_older_packs_end_as_before(template: str, name: str) -> None:
    data = build_template(library_2018(), template, Prefill())
    book = openpyxl.load_workbook(io.BytesIO(data))
    (sheet,) = (sheet for sheet in book if any(cell.value == "row" for cell in sheet["A"]))
    end = next(cell.row for cell in sheet["A"] if cell.value == "end")
    assert sheet.title == name
    assert [cell.value for cell in sheet[end] if cell.value is not None] == ["end"]
    assert sheet.row_dimensions[end].height == 7.5


def without_codes(book: Workbook) -> None:
    for name in LISTS:
        delete_column_a(book, name)


def without_names(book: Workbook) -> None:
    for code in ROWS:
        delete_name(book, f"{code}.rows")


@pytest.mark.parametrize("edit", [lambda _: None, without_codes, without_names])
def test_a_return_is_read_with_and_without_its_marks(edit: Callable[[Workbook], None]) -> None:
    assert read(edited(edit)) == (expected(), [])


def test_without_codes_a_name_left_behind_is_not_believed() -> None:
    def moved(book: Workbook) -> None:
        without_codes(book)
        book.defined_names["pctn_03.rows"].attr_text = "'03-PCTN'!$B$12:$I$18"

    answers, noticed = read(edited(moved))
    assert [key for key in answers if key.startswith("03")] == []
    assert ("body_missing", "") in noticed


@pytest.mark.parametrize("lost", [False, True])
def test_rows_put_in_above_the_totals_and_rows_taken_out(lost: bool) -> None:
    def edit(book: Workbook) -> None:
        if lost:
            without_codes(book)
        insert_row(book, "02-PCTN", TOTAL["02-PCTN"])
        book["02-PCTN"]["C18"] = "Vụ C"
        for _ in range(3):
            delete_row(book, "03-PCTN", TOTAL["03-PCTN"] - 4)

    assert read(edited(edit)) == (expected() | {"02.3.name": "Vụ C"}, [])


def test_totals_that_lost_their_label_are_no_entry() -> None:
    def edit(book: Workbook) -> None:
        without_codes(book)
        book["03-PCTN"]["B20"] = None
        for column, number in zip("CFG", (2, 1, 1), strict=True):
            book["03-PCTN"][f"{column}20"] = number
        book.defined_names["pctn_03.rows"].attr_text = "'03-PCTN'!$B$13:$I$20"

    assert read(edited(edit)) == (expected(), [("sum_row", "2")])


def test_what_is_typed_below_a_list_is_told() -> None:
    def edit(book: Workbook) -> None:
        book["02-PCTN"]["C18"] = "Vụ trên dòng tổng số"
        book["02-PCTN"]["D19"] = "Sở Xây dựng"
        book["02-PCTN"]["B27"], book["02-PCTN"]["C27"] = 4, "Vụ dưới chữ ký"
        book["03-PCTN"]["C28"], book["03-PCTN"]["D28"] = "Quyết định 9", "UBND xã"
        book["03-PCTN"]["E30"] = "Thiếu quy định về thời hạn"
        book["03-PCTN"]["F26"] = "Trần Thị B"  # Who signs, typed by hand.

    told = [("not_read", "C18, D19, C27"), ("not_read", "C28:D28, E30")]
    assert read(edited(edit)) == (expected(), told)


def test_what_is_typed_below_a_list_of_an_older_pack_is_told() -> None:
    rows = {"pctn_02": [{"name": "Vụ A"}]}
    data = build_template(library_2018(), "pctn", Prefill(rows=rows))
    sheet = openpyxl.load_workbook(io.BytesIO(data))["Biểu 02"]
    end = next(cell.row for cell in sheet["A"] if cell.value == "end")
    assert read(data)[1] == []

    def edit(book: Workbook) -> None:
        insert_row(book, "Biểu 02", end + 1)
        book["Biểu 02"][f"C{end + 1}"] = "Vụ B"

    answers, noticed = read(edited(edit, data))
    assert noticed == [("not_read", f"C{end + 1}")]
    assert answers == {"02.1.name": "Vụ A"}


@pytest.mark.office
@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_saving_in_libreoffice_changes_nothing(kind: str, office: Office, tmp_path: Path) -> None:
    def edit(book: Workbook) -> None:
        insert_row(book, "03-PCTN", TOTAL["03-PCTN"])
        book["03-PCTN"]["C20"], book["03-PCTN"]["F20"] = "Công văn 3", "X"

    path = tmp_path / "a.xlsx"
    path.write_bytes(edited(edit))
    (saved,) = office.saved_as([path], kind, tmp_path / kind)
    answers = expected() | {"03.3.text": "Công văn 3", "03.3.fixed": "x"}
    assert read(saved.read_bytes(), saved.name) == (answers, [])
    if kind == "xlsx":
        sheet = openpyxl.load_workbook(saved, data_only=True)["03-PCTN"]
        assert [sheet[f"{column}21"].value for column in "CFG"] == [3, 2, 1]
        sheet = openpyxl.load_workbook(saved, data_only=True)["02-PCTN"]
        assert sheet["C18"].value == 2
