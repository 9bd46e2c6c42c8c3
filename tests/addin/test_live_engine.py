"""The live engine itself: what LibreOffice holds comes and goes as it does with Excel."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest
import xlwings as xw

from tests.addin.conftest import CCHC, EXAMPLES, Excel
from tests.addin.engines.area import ExcelError

pytestmark = pytest.mark.parametrize(
    "excel", [pytest.param("live", marks=pytest.mark.office)], indirect=True
)


@pytest.fixture
def sheet(excel: Excel) -> xw.Sheet:
    return excel.app.books.add().sheets[0]


@pytest.mark.parametrize(
    ("typed", "held"),
    [
        (7, 7.0),
        ("0102", 102.0),
        ("'0102", "0102"),
        ("'=1+1", "=1+1"),
        ("=1+1", 2.0),
        ('=1&"x"', "1x"),
        ("=NA()", None),
        ("ễ 1/2", "ễ 1/2"),
        (True, True),
        (dt.datetime(2018, 9, 30), dt.datetime(2018, 9, 30)),
        (dt.date(2018, 9, 30), dt.datetime(2018, 9, 30)),
        (None, None),
    ],
)
def test_values(sheet: xw.Sheet, typed: object, held: object):
    cell = sheet.range("B2")
    cell.value = typed
    assert cell.value == held
    assert sheet.range("A1:C3").value == [[None] * 3, [None, held, None], [None] * 3]


def test_text_stays_text_where_the_format_says_so(sheet: xw.Sheet):
    sheet.range("A1:A2").number_format = "@"
    sheet.range("A1").value = [["0102"], ["=1"]]
    assert sheet.range("A1:A2").value == ["0102", "=1"]
    assert sheet.range("A2").number_format == "@"
    assert sheet.impl.formulas() == []


def test_formulas_follow_what_they_read(sheet: xw.Sheet):
    sheet.range("A1").value = [[1], [2], ["=SUM(A1:A2)"]]
    assert sheet.range("A3").value == 3
    sheet.range("A1").value = 5
    assert sheet.range("A3").value == 7
    assert sheet.range("A3").formula == "=SUM(A1:A2)"
    assert sheet.impl.formulas() == ["A3"]
    sheet.range("A3").clear_contents()
    assert sheet.used_range.address == "$A$1:$A$2"


def test_looks(sheet: xw.Sheet):
    cells = sheet.range("B2:C3")
    assert (cells.color, cells.font.bold, cells.wrap_text, cells.merge_cells) == (
        None,
        False,
        False,
        False,
    )
    cells.color, cells.font.bold, cells.font.size = (255, 199, 206), True, 14
    cells.font.color, cells.wrap_text, cells.column_width = (1, 2, 3), True, 20
    assert cells.color == (255, 199, 206)
    assert (cells.font.bold, cells.font.size, cells.wrap_text) == (True, 14, True)
    assert cells.font.color == (1, 2, 3)
    assert cells.column_width == pytest.approx(20, abs=0.1)
    cells.columns.hidden, cells.rows.hidden = True, True
    assert (cells.columns.hidden, cells.rows.hidden) == (True, True)
    cells.merge()
    assert sheet.range("C3").merge_area.address == "$B$2:$C$3"
    cells.unmerge()
    assert not cells.merge_cells
    sheet.clear()
    assert sheet.range("B2").color is None


def test_sheets(excel: Excel, sheet: xw.Sheet):
    book = sheet.book
    first = book.sheets.add("Đầu", before=sheet)
    last = book.sheets.add("Cuối", after=sheet)
    assert [one.name for one in book.sheets] == ["Đầu", sheet.name, "Cuối"]
    last.name = "Sau cùng"
    assert last.index == 3
    last.visible = False
    with pytest.raises(ExcelError):
        last.activate()
    for name in ("x" * 32, "a/b"):
        with pytest.raises((ExcelError, ValueError)):
            last.name = name
    first.delete()
    assert "đầu" not in book.sheets
    with pytest.raises(ExcelError):
        last.range("A1").select()
    sheet.range("C4").select()
    assert excel.selected == (book.name, sheet.name, "C4")
    book.impl.lock()
    for change in (book.sheets.add, last.delete, lambda: setattr(last, "visible", True)):
        with pytest.raises(ExcelError):
            change()


def test_locks_names_and_copies_of_an_issued_workbook(excel: Excel, tmp_path: Path):
    book = excel.open(EXAMPLES / "inbox" / CCHC)
    names = {name.name for name in book.names}
    held = openpyxl.load_workbook(EXAMPLES / "inbox" / CCHC).defined_names
    assert names >= {name for name in held if not name.startswith("_xlnm")}
    name = next(name for name in held if "!$D$16" in held[name].value)
    cells = book.names[name].refers_to_range
    assert (cells.sheet.name, cells.address) == ("PL3-II", "$D$16")
    assert book.sheets["PL3-I"].range(name).address == cells.address
    locked = book.sheets["PL3-II"].range("A1")
    for change in (locked.clear, locked.clear_contents, lambda: setattr(locked, "value", 1)):
        with pytest.raises(ExcelError):
            change()
    cells.value = 17
    with pytest.raises(ExcelError):
        book.save()
    book.impl.save_copy(tmp_path / "bản sao.xlsx")
    assert openpyxl.load_workbook(tmp_path / "bản sao.xlsx")["PL3-II"]["D16"].value == 17


def test_a_new_workbook_can_be_saved_once(excel: Excel, sheet: xw.Sheet, tmp_path: Path):
    sheet.range("A1").value = "ễ"
    sheet.book.save(tmp_path / "mới.xlsx")
    assert openpyxl.load_workbook(tmp_path / "mới.xlsx").worksheets[0]["A1"].value == "ễ"
    assert excel.app.books["mới.xlsx"].fullname == str(tmp_path / "mới.xlsx")
    with pytest.raises(ExcelError):
        sheet.book.save(tmp_path / "khác.xlsx")


def test_what_is_not_there_raises(sheet: xw.Sheet):
    for ask in (
        lambda: sheet.range("A1").add_hyperlink("http://x"),
        lambda: sheet.charts,
        lambda: sheet.range("A1").expand("table").row_height,
        lambda: sheet.range("A1").font.name,
        lambda: sheet.range("A1:B2").merge(across=True),
    ):
        with pytest.raises((NotImplementedError, AttributeError)):
            ask()
