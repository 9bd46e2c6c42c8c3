"""The workbook that is signed: official tables as the circular prints them, values alone."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from consolidate.definitions.catalogue import text
from consolidate.merge.merge_inbox import write_results
from consolidate.model.anchors import SUMMARY_SIGNATURE
from consolidate.model.deadlines import Calendar, CalendarRow, Deadline
from consolidate.model.period import DataWindow
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.reports.summary import official_bytes, summary_bytes
from consolidate.rollup.completeness import window_of
from consolidate.rollup.result import MergeResult
from consolidate.templates.file_names import official_name
from consolidate.xlsx.write.atomic_files import WriteOutcome, write_unless_edited
from tests.reports.make_result import (
    LIBRARY,
    ROUND,
    WINDOW,
    Bad,
    fixed,
    opened,
    province,
    record,
    result,
)

PCTN, CASES = LIBRARY.by_code["pctn_01"], LIBRARY.by_code["pctn_02"]
PLANS = LIBRARY.by_code["cchc_pl3_1"]
ONE = OrganisationUnit("X1", "UBND xã A", Level.COMMUNE)
TWO = OrganisationUnit("X2", "UBND xã B", Level.COMMUNE)
SHEET = PCTN.sheet


def signed(made: MergeResult) -> openpyxl.Workbook:
    data = official_bytes(made)
    assert data is not None
    return openpyxl.load_workbook(io.BytesIO(data))


def answered(name: str = "Tiền Giang", *, of: tuple[OrganisationUnit, ...] = (ONE,)) -> MergeResult:
    """One unit says zero, a number, x, something unreadable and leaves the rest blank."""
    answers = {
        ("c1", "value"): 0,
        ("c2", "value"): 1819,
        ("c3", "value"): "x",
        ("c4", "value"): Bad("chừng ba lớp"),
    }
    rows = [{"name": "=1+1", "place": "+84 909", "summary": Bad("@SUM(A1)")}]
    sent = record(ONE, "pctn", [fixed(PCTN, answers), opened(CASES, rows)], path="a.xlsx")
    made = result([sent], Roster.of(of, province=name))
    tables = tuple(
        replace(table, window=WINDOW) if table.data_set is PCTN else table for table in made.tables
    )
    return replace(made, tables=tables)


def printed(sheet: Worksheet) -> list[list[object]]:
    area = sheet[sheet.print_area.split("!")[1].replace("$", "")]
    return [[cell.value for cell in row] for row in area]


def lines(sheet: Worksheet) -> list[str]:
    """Every text of the print area, in its order."""
    return [str(value) for row in printed(sheet) for value in row if value not in (None, "")]


def beside(sheet: Worksheet) -> list[str]:
    """Every text to the right of the print area."""
    width = len(printed(sheet)[0])
    rows = sheet.iter_rows(min_col=width + 1, values_only=True)
    return [str(value) for row in rows for value in row if value is not None]


def number_of(sheet: Worksheet, number: int) -> object:
    """The figure of an indicator of Biểu 01."""
    row = next(row for row in printed(sheet) if row[0] == str(number))
    return row[-1]


def test_a_page_says_what_the_circular_prints_and_nothing_of_ours() -> None:
    sheet = signed(answered())[SHEET]
    said = lines(sheet)
    assert said[:6] == [
        "UBND TỈNH TIỀN GIANG",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "THANH TRA TỈNH",
        "Độc lập - Tự do - Hạnh phúc",
        text("summary.official.rule"),
        "KẾT QUẢ CHỦ YẾU",
    ]
    assert said[7] == (
        "(Số liệu tính từ ngày 06/11/2017 đến ngày 28/08/2018)\n"
        "(Kèm theo Báo cáo số …………… ngày …/…/…… của Thanh tra tỉnh)"
    )
    assert said[-5:] == [
        "Tiền Giang, ngày …… tháng …… năm ………",
        "NGƯỜI LẬP BIỂU",
        "CHÁNH THANH TRA",
        "(Ký, ghi rõ họ tên)",
        "(Ký, ghi rõ họ tên)",
    ]
    ours = (SUMMARY_SIGNATURE, text("summary.back"), "Nguồn", "đơn vị, số liệu", "X1")
    assert not [line for line in said for mark in ours if mark in line]
    assert SUMMARY_SIGNATURE in beside(sheet)  # It is never read as a return.


def test_four_kinds_of_answers_look_different_and_are_no_formulas() -> None:
    book = signed(answered())
    sheet = book[SHEET]
    assert [number_of(sheet, number) for number in (1, 2, 3, 4, 5)] == [
        0,
        1819,
        "x",
        text("summary.province.unreadable"),
        None,
    ]
    formulas = [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert formulas == []
    live = openpyxl.load_workbook(io.BytesIO(summary_bytes(answered(), inbox_link=None)))
    theirs = printed(live[f"{SHEET} toàn tỉnh"])
    assert [row[:3] for row in theirs] == [row[:3] for row in printed(sheet)]


def test_what_units_type_stays_text() -> None:
    sheet = signed(answered())[CASES.sheet]
    typed = {cell.value: cell.data_type for row in sheet.iter_rows() for cell in row}
    assert [typed[value] for value in ("=1+1", "+84 909", "@SUM(A1)")] == ["s", "s", "s"]


def test_a_page_of_missing_units_says_so_beside_it_only() -> None:
    warning = "CHƯA ĐỦ: còn thiếu 1 đơn vị phải nộp biểu này"
    short, whole = answered(of=(ONE, TWO)), answered()
    for book in (signed(short), signed(whole)):
        assert not [line for line in lines(book[SHEET]) if "CHƯA ĐỦ" in line]
    assert [line for line in beside(signed(short)[SHEET]) if line.startswith(warning)]
    assert not [line for line in beside(signed(whole)[SHEET]) if "CHƯA ĐỦ" in line]
    assert "1/2 đơn vị · 1 còn thiếu báo cáo" in beside(signed(short)[SHEET])


def test_days_that_nobody_sets_are_left_to_be_written() -> None:
    sheet = signed(answered())[CASES.sheet]
    assert any("(Số liệu tính từ ngày …/…/…… đến ngày …/…/……)" in line for line in lines(sheet))
    assert text("summary.official.no_window") in " ".join(beside(sheet))
    assert text("summary.official.no_window") not in " ".join(beside(signed(answered())[SHEET]))


def test_the_days_are_those_of_the_calendar_where_it_says_one() -> None:
    stale = DataWindow(date(2017, 11, 6), date(2018, 5, 25))
    made = answered(of=(ONE, TWO))
    table = next(table for table in made.tables if table.data_set is PCTN)
    row = CalendarRow(ROUND, Deadline(window=stale), "pctn", Level.COMMUNE)
    other = CalendarRow(ROUND, Deadline(window=WINDOW), "pctn", Level.PROVINCE)
    units = (ONE, TWO)

    def found(*rows: CalendarRow, of: tuple[OrganisationUnit, ...] = units) -> DataWindow | None:
        return window_of(replace(table, owing=of), ROUND, LIBRARY, Calendar(rows))

    assert found(row) == stale
    assert found() == WINDOW  # As all returns say.
    assert found(row, other) == stale
    department = OrganisationUnit("S1", "Sở Y tế", Level.PROVINCE)
    assert found(row, other, of=(*units, department)) is None


def test_the_agency_of_a_pack_signs_its_tables() -> None:
    rows = [{"plan": "Kế hoạch A", "planned": 5, "done": 2}, {"plan": "Kế hoạch B", "planned": 4}]
    sent = record(ONE, "cchc", [opened(PLANS, rows)], path="a.xlsx")
    sheet = signed(result([sent], Roster.of((ONE,), province="Thành phố Huế")))[PLANS.sheet]
    said = lines(sheet)
    assert (said[0], said[2]) == ("UBND THÀNH PHỐ HUẾ", "SỞ NỘI VỤ")
    assert said[5:9] == [
        "PHỤ LỤC 3",
        "Các hoạt động cải cách hành chính quý III/2018",
        "I. KẾT QUẢ THỰC HIỆN CÁC KẾ HOẠCH",
        "(Kèm theo Báo cáo số …………… ngày …/…/…… của Sở Nội vụ)",
    ]
    assert said[-3] == "GIÁM ĐỐC"
    total = next(row for row in sheet.iter_rows() if row[0].value == "Cộng toàn tỉnh")
    first = total[0].row - 2
    planned = f"D{first}:D{total[0].row - 1}"
    assert total[3].value == f'=IF(COUNT({planned})=0,"",SUM({planned}))'


def test_pages_are_counted_for_each_table_and_nothing_stands_alone() -> None:
    book = signed(province(14))
    sheet = book[SHEET]
    assert book.sheetnames == ["Biểu 01", "Biểu 02", "PL3-I", "PL3-II"]
    breaks = [item.id for item in sheet.row_breaks.brk]
    last = int(sheet.print_area.rsplit("$", 1)[1])
    pages = len(breaks) + 1
    assert pages > 2
    assert sheet.oddFooter.center.text == f"Trang &P/{pages}"
    assert sheet.oddFooter.left.text is None
    assert (sheet.page_setup.firstPageNumber or 1) == 1
    assert sheet.page_setup.useFirstPageNumber
    assert sheet.page_setup.paperSize == 9
    signature = next(
        cell.row for row in sheet.iter_rows() for cell in row if cell.value == "NGƯỜI LẬP BIỂU"
    )
    # Four rows of the table stay with the signatures.
    assert breaks[-1] <= signature - 3 - 4
    assert all(
        after - before > 4 for before, after in zip(breaks, [*breaks[1:], last], strict=True)
    )
    labels = {cell.row: cell for cell in sheet["A"]}
    assert all(labels[at].value for at in breaks), "a heading never ends a page"
    names = {cell.font.name for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert names == {"Times New Roman"}
    single = book["PL3-II"]
    assert (single.oddFooter.center.text, single.row_breaks.brk) == (None, [])


@pytest.mark.parametrize("edit", ["[Content_Types].xml", "xl/sharedStrings.xml"])
def test_pages_that_a_person_changed_are_kept(edit: str, tmp_path: Path) -> None:
    first, second = official_bytes(answered()), official_bytes(answered("Tây Ninh"))
    assert first is not None
    assert second is not None
    path = tmp_path / "bao-cao.xlsx"
    assert write_unless_edited(path, first) is WriteOutcome.WRITTEN
    assert write_unless_edited(path, first) is WriteOutcome.UNCHANGED
    assert write_unless_edited(path, second) is WriteOutcome.WRITTEN
    made = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name) + (b" " if name == edit else b""))
    path.write_bytes(made.getvalue())
    assert write_unless_edited(path, first) is WriteOutcome.KEPT
    assert path.read_bytes() == made.getvalue()
    path.write_bytes(b"no workbook")
    assert write_unless_edited(path, first) is WriteOutcome.KEPT


def test_a_merge_names_the_pages_that_it_kept(tmp_path: Path) -> None:
    made = answered()
    written = write_results(made, tmp_path / "kq", tmp_path)
    pages = tmp_path / "kq" / official_name(ROUND)
    assert (written["official"], "kept" in written) == (pages, False)
    book = openpyxl.load_workbook(pages)
    book[SHEET]["A1"] = "sửa tay"
    book.save(pages)
    edited = pages.read_bytes()
    again = write_results(made, tmp_path / "kq", tmp_path)
    assert (again["kept"], "official" in again, pages.read_bytes()) == (pages, False, edited)


def test_the_same_result_gives_the_same_bytes_and_nothing_gives_none() -> None:
    assert official_bytes(province(8)) == official_bytes(province(8))
    assert official_bytes(result([])) is None
