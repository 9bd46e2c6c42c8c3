"""From a figure of a summary to the file, sheet and cell it came from, on both engines."""

from __future__ import annotations

import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest
import xlwings as xw
from docx import Document
from openpyxl import load_workbook

from consolidate.definitions.catalogue import text
from consolidate.merge.merge_inbox import MergeRequest, merge, write_results
from tests.addin.conftest import PCTN, Excel, table
from tests.addin.vba_stubs import armed_book
from tests.library_2018 import library_2018
from tests.saved import locked, saved

FIGURE = "MS 4"
"""The figure that is traced: the unit typed "03"."""
SHOWN, PLACE, RAW = "Ô theo đơn vị", "Vị trí trong tệp", "Nguyên văn nếu khác"


def summary_of(excel: Excel, folder: Path) -> xw.Book:
    return excel.open(folder / "results" / "tong-hop-9-thang-2018.xlsx")


def figure(book: xw.Book, file: str) -> dict[str, str]:
    """The line of the trace sheet about MS 4 of the unit that sent a file."""
    rows = table(book.sheets["Nguồn 01"])
    titles = next(row for row in rows if SHOWN in row)
    lines = (dict(zip(titles, map(str, row), strict=True)) for row in rows)
    return next(line for line in lines if line["Chỉ tiêu"] == FIGURE and file in line["Tệp"])


def select_figure(excel: Excel, book: xw.Book, line: dict[str, str]) -> None:
    excel.select(book.sheets["Biểu 01 theo đơn vị"], line[SHOWN])


def test_a_figure_leads_to_the_file_sheet_and_cell(excel: Excel, merged: Path):
    book = summary_of(excel, merged)
    cell = figure(book, PCTN)
    place = cell[PLACE].rpartition("!")
    select_figure(excel, book, cell)
    excel.press("trace")
    assert excel.alerts == []
    assert excel.selected == (Path(PCTN).name, place[0], place[2])
    assert excel.app.books.active.impl.read_only
    assert PCTN in str(excel.status)
    assert f"«{cell[RAW]}»" in str(excel.status)


def test_a_finding_leads_to_its_cell(excel: Excel, merged: Path):
    book = summary_of(excel, merged)
    sheet = book.sheets["Lỗi và cảnh báo"]
    number, row = next(
        (number, row)
        for number, row in enumerate(table(sheet), 1)
        if row[3] == PCTN and row[5] is not None
    )
    excel.select(sheet, f"H{number}")
    excel.press("trace")
    first = str(row[5]).replace(":", ",").split(",")[0]
    assert excel.selected == (Path(PCTN).name, row[4], first)


def test_cells_without_a_source_say_why(excel: Excel, merged: Path):
    book = summary_of(excel, merged)
    sheet = book.sheets["Biểu 01 theo đơn vị"]
    for address, words in (
        ("D14", "đơn vị. Chọn ô ở cột của một đơn vị."),
        ("B14", "Chọn một ô số liệu"),
    ):
        excel.select(sheet, address)
        excel.press("trace")
        assert words in excel.alerts[-1]
    excel.select(book.sheets["Tổng quan"], "A1")
    excel.press("trace")
    assert excel.alerts[-1] == text("addin.trace.elsewhere")
    assert len(excel.app.books) == 1


def test_a_file_that_changed_or_went_is_said(excel: Excel, province: Path):
    book = summary_of(excel, province)
    cell = figure(book, PCTN)
    file = province / "hộp thư" / PCTN
    load_workbook(file).save(file)
    for answer, count in (("no", 1), ("yes", 2)):
        select_figure(excel, book, cell)
        excel.answers.append(answer)
        excel.press("trace")
        assert "đã thay đổi" in excel.alerts[-1]
        assert len(excel.app.books) == count
    excel.app.books[-1].close()
    file.unlink()
    select_figure(excel, book, cell)
    excel.press("trace")
    assert "Không thấy tệp" in excel.alerts[-1]


def test_a_file_that_would_run_something_is_not_opened(excel: Excel, province: Path):
    armed_book(province / "hộp thư" / PCTN)
    book = summary_of(excel, province)
    select_figure(excel, book, figure(book, PCTN))
    excel.press("trace")
    assert PCTN in excel.alerts[-1]
    assert "macro" in excel.alerts[-1]
    assert [one.name for one in excel.app.books] == [book.name]


@pytest.mark.parametrize("excel", ["file"], indirect=True)  # No file is opened.
def test_each_kind_of_file_has_its_own_sentence(excel: Excel, province: Path):
    file = province / "hộp thư" / PCTN
    book = summary_of(excel, province)
    for data, key in (
        (locked(file.read_bytes(), "2018"), "locked"),
        (saved(Document()), "word"),
        (b"1;2;03\n", "csv"),
        (b"\xd0\xcf\x11\xe0", "other"),
    ):
        file.write_bytes(data)
        select_figure(excel, book, figure(book, PCTN))
        excel.press("trace")
        assert excel.alerts[-1].startswith(f"Nguồn: {PCTN} › ")
        said = text(f"addin.trace.{key}", place="", path=file)
        assert excel.alerts[-1].endswith(said.partition("\n")[2])
    assert [one.name for one in excel.app.books] == [book.name]


@pytest.mark.parametrize("excel", ["file"], indirect=True)  # No file is opened.
def test_a_row_of_no_file_is_no_finding(excel: Excel, merged: Path):
    sheet = summary_of(excel, merged).sheets["Lỗi và cảnh báo"]
    excel.select(sheet, "H90")
    excel.press("trace")
    assert excel.alerts == [text("addin.trace.elsewhere")]


def test_a_file_in_an_archive_is_said_to_lie_there(excel: Excel, province: Path):
    inbox = province / "hộp thư"
    with zipfile.ZipFile(inbox / "thư.zip", "w") as archive:
        archive.write(inbox / PCTN, Path(PCTN).name)
    (inbox / PCTN).unlink()
    write_results(
        merge(MergeRequest(library_2018(), inbox)),
        province / "results",
        inbox,
    )
    book = summary_of(excel, province)
    cell = figure(book, "thư.zip › ")
    select_figure(excel, book, cell)
    excel.press("trace")
    assert "Tệp nằm trong “thư.zip”" in excel.alerts[-1]
    assert f"lấy tệp “{Path(PCTN).name}” ra" in excel.alerts[-1]
    (inbox / "thư.zip").unlink()
    excel.press("trace")
    assert "“thư.zip” đã bị xóa" in excel.alerts[-1]
    assert excel.alerts[-1].endswith(text("addin.trace.no_workspace"))


@pytest.mark.parametrize("excel", ["file"], indirect=True)  # No file is opened.
def test_a_file_in_a_mail_is_said_to_be_attached(excel: Excel, province: Path):
    inbox = province / "hộp thư"
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "so@tinh.gov.vn", "PCTN"
    mail.add_attachment(
        (inbox / PCTN).read_bytes(), maintype="application", subtype="zip", filename="a.xlsx"
    )
    (inbox / "thư.eml").write_bytes(mail.as_bytes())
    (inbox / PCTN).unlink()
    write_results(
        merge(MergeRequest(library_2018(), inbox)),
        province / "results",
        inbox,
    )
    book = summary_of(excel, province)
    select_figure(excel, book, figure(book, "thư.eml › "))
    excel.press("trace")
    assert "đính kèm thư “thư.eml”" in excel.alerts[-1]
    assert "“a.xlsx”" in excel.alerts[-1]


def test_a_summary_that_is_not_on_this_machine(
    excel: Excel, merged: Path, monkeypatch: pytest.MonkeyPatch
):
    book = summary_of(excel, merged)
    select_figure(excel, book, figure(book, PCTN))
    monkeypatch.setattr(book.impl, "path", Path("https://one.drive/tong-hop.xlsx"))
    excel.press("trace")
    assert "chưa được lưu trên máy này" in excel.alerts[-1]
