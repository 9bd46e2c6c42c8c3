"""From a figure of a summary to the file, sheet and cell it came from, on the file engine."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import xlwings as xw

from consolidate.definitions.catalogue import text
from consolidate.pipeline import MergeRequest, merge, write_results
from tests.addin.conftest import PCTN, Excel
from tests.addin.engines.xl_openpyxl import load

FIGURE_ROW = 14
"""Row of the indicator MS 4 in the summary: the unit typed "03"."""


def summary_of(excel: Excel, folder: Path) -> xw.Book:
    return excel.open(folder / "results" / "tong-hop-2018-9M.xlsx")


def test_a_figure_leads_to_the_file_sheet_and_cell(excel: Excel, merged: Path):
    book = summary_of(excel, merged)
    trace = book.sheets["Nguồn 01"].impl.api
    column = next(c for c in range(5, 40) if str(trace.cell(7, c).value).endswith(PCTN))
    cell = trace.cell(FIGURE_ROW, column)
    wanted, raw = str(cell.value).split(" ← ")
    place = wanted.rpartition("!")
    excel.select(book.sheets["Biểu 01 theo đơn vị"], cell.coordinate)
    excel.press("trace")
    assert excel.alerts == []
    assert excel.selected == (Path(PCTN).name, place[0], place[2])
    assert excel.app.books.active.impl.read_only
    assert PCTN in str(excel.status)
    assert raw in str(excel.status)


def test_a_finding_leads_to_its_cell(excel: Excel, merged: Path):
    book = summary_of(excel, merged)
    sheet = book.sheets["Lỗi và cảnh báo"]
    rows = [row for row in sheet.impl.api.iter_rows() if row[3].value == PCTN and row[5].value]
    excel.select(sheet, rows[0][7].coordinate)
    excel.press("trace")
    first = str(rows[0][5].value).replace(":", ",").split(",")[0]
    assert excel.selected == (Path(PCTN).name, rows[0][4].value, first)


def test_cells_without_a_source_say_why(excel: Excel, merged: Path):
    book = summary_of(excel, merged)
    sheet = book.sheets["Biểu 01 theo đơn vị"]
    for address, words in (("D14", "Ô này không do một đơn vị"), ("B14", "Chọn một ô số liệu")):
        excel.select(sheet, address)
        excel.press("trace")
        assert words in excel.alerts[-1]
    excel.select(book.sheets["Tổng quan"], "A1")
    excel.press("trace")
    assert excel.alerts[-1] == text("addin.trace.elsewhere")
    assert len(excel.app.books) == 1


def test_a_file_that_changed_or_went_is_said(excel: Excel, province: Path):
    book = summary_of(excel, province)
    trace = book.sheets["Nguồn 01"].impl.api
    column = next(c for c in range(5, 40) if str(trace.cell(7, c).value).endswith(PCTN))
    address = trace.cell(FIGURE_ROW, column).coordinate
    file = province / "hộp thư" / PCTN
    load(file).save(file)
    for answer, count in (("no", 1), ("yes", 2)):
        excel.select(book.sheets["Biểu 01 theo đơn vị"], address)
        excel.answers.append(answer)
        excel.press("trace")
        assert "đã thay đổi" in excel.alerts[-1]
        assert len(excel.app.books) == count
    excel.app.books[-1].close()
    file.unlink()
    excel.select(book.sheets["Biểu 01 theo đơn vị"], address)
    excel.press("trace")
    assert "Không thấy tệp" in excel.alerts[-1]


def test_a_file_in_an_archive_is_said_to_lie_there(excel: Excel, province: Path):
    inbox = province / "hộp thư"
    with zipfile.ZipFile(inbox / "thư.zip", "w") as archive:
        archive.write(inbox / PCTN, Path(PCTN).name)
    (inbox / PCTN).unlink()
    write_results(merge(MergeRequest(inbox)), province / "results", inbox)
    book = summary_of(excel, province)
    trace = book.sheets["Nguồn 01"].impl.api
    column = next(c for c in range(5, 40) if "thư.zip › " in str(trace.cell(7, c).value))
    address = trace.cell(FIGURE_ROW, column).coordinate
    excel.select(book.sheets["Biểu 01 theo đơn vị"], address)
    excel.press("trace")
    assert "Tệp nằm trong “thư.zip”" in excel.alerts[-1]
    assert f"lấy tệp “{Path(PCTN).name}” ra" in excel.alerts[-1]


def test_a_summary_that_is_not_on_this_machine(
    excel: Excel, merged: Path, monkeypatch: pytest.MonkeyPatch
):
    book = summary_of(excel, merged)
    trace = book.sheets["Nguồn 01"].impl.api
    excel.select(book.sheets["Biểu 01 theo đơn vị"], trace.cell(FIGURE_ROW, 8).coordinate)
    monkeypatch.setattr(book.impl, "path", Path("https://one.drive/tong-hop.xlsx"))
    excel.press("trace")
    assert "chưa được lưu trên máy này" in excel.alerts[-1]
