"""What each button does, on both engines: whole jobs, and everything that can be in the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
import xlwings as xw

from addin.buttons.check_button import find_listing, read_listing
from addin.buttons.issue_and_return_buttons import FOLDER
from addin.ribbon import ACTIONS
from addin.session import decoded
from consolidate.definitions.catalogue import sentence, text
from consolidate.merge.read_files import check
from consolidate.model.reasons import Severity
from consolidate.templates.template_build import verify_all
from tests.addin.conftest import CCHC, EXAMPLES, ODD_UNIT, PCTN, Excel, encoded, table
from tests.library_2018 import library_2018

SHEET = "Lỗi kiểm tra"
ROSE, YELLOW = (255, 199, 206), (255, 235, 156)
CLEAN = "cap-xa/X01 UBND xã Tân An Đông - PCTN.xlsx"
INPUT = "F11"
"""A cell of "Biểu 01" that units fill in."""


def book_with(path: Path, change: Callable[[openpyxl.Workbook], None]) -> Path:
    """A workbook saved again after a change."""
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path


# Merging


def test_merge_writes_the_summary_and_opens_it(excel: Excel, province: Path):
    summary = province / "results" / "tong-hop-9-thang-2018.xlsx"
    before = summary.read_bytes()
    summary.unlink()
    excel.press("merge", str(province / "hộp thư"))
    assert summary.read_bytes() == before
    assert [book.name for book in excel.app.books] == [summary.name]
    (said,) = excel.alerts
    assert "9 tháng đầu năm 2018" in said
    assert "PCTN: đã nhận" in said
    assert str(summary) in said
    assert any("Đang đọc báo cáo" in str(status) for status in excel.app.impl.statuses)
    assert excel.status is False


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_an_open_summary_is_closed_only_with_consent(excel: Excel, province: Path, answer: str):
    summary = province / "results" / "tong-hop-9-thang-2018.xlsx"
    before = excel.open(summary).impl
    summary.write_bytes(b"old")
    excel.answers.append(answer)
    excel.press("merge", str(province / "hộp thư"))
    assert (excel.app.books[0].impl is before) == (answer == "no")
    assert (summary.read_bytes() == b"old") == (answer == "no")
    assert len(excel.app.books) == 1
    assert "không lưu" in excel.alerts[0]


def test_merge_without_roster_says_so(excel: Excel, province: Path):
    (province / "roster.xlsx").unlink()
    excel.press("merge", str(province / "hộp thư"))
    assert "roster.xlsx" in excel.alerts[-1]


def test_merge_of_nothing(excel: Excel, tmp_path: Path):
    (tmp_path / "trống").mkdir()
    for folder in (tmp_path / "trống", tmp_path / "không có", Path(tmp_path.anchor)):
        excel.press("merge", str(folder))
        assert str(folder) in excel.alerts[-1]
    assert not (tmp_path / "results").exists()
    excel.press("merge", "")
    assert len(excel.alerts) == 3


def test_the_folder_of_results_is_no_inbox(excel: Excel, province: Path):
    before = sorted(path.name for path in (province / "results").iterdir())
    excel.press("merge", str(province / "results"))
    assert "thư mục kết quả" in excel.alerts[-1]
    assert sorted(path.name for path in (province / "results").iterdir()) == before


# Checking


def test_check_lists_findings_and_colours_cells(
    excel: Excel, province: Path, copy_of: Callable[[xw.Book], str]
):
    path = province / "hộp thư" / PCTN
    before = path.read_bytes()
    book = excel.open(path)
    copy = copy_of(book)
    excel.press("check", copy)
    assert not Path(copy).exists()
    listing = book.sheets[SHEET]
    assert listing.range("A1").value == f"LỖI KIỂM TRA: {path.name}"
    assert listing.range("H5").wrap_text
    assert excel.status == listing.range("A2").value
    assert excel.front == SHEET
    assert book.sheets[-1].name == SHEET
    coloured = {}
    for finding in check(library_2018(), path).readings[0].findings:
        for cell in finding.cells:
            coloured.setdefault(cell, finding.severity)
    assert coloured
    for cell, severity in coloured.items():
        wanted = {Severity.ERROR: ROSE, Severity.WARNING: YELLOW}.get(severity)
        if wanted is not None:
            assert book.sheets[cell.sheet].range(cell.a1).color == wanted
    assert path.read_bytes() == before


def test_check_again_gives_colours_back_and_sees_unsaved_changes(
    excel: Excel, province: Path, copy_of: Callable[[xw.Book], str]
):
    path = province / "hộp thư" / PCTN
    book = excel.open(path)
    excel.press("check", copy_of(book))
    first = read_listing(book.sheets[SHEET])
    excel.press("check", copy_of(book))
    again = read_listing(book.sheets[SHEET])
    assert again == first
    book.sheets["Biểu 01"].range(INPUT).value = "'=1+"
    excel.press("check", copy_of(book))
    changed = read_listing(book.sheets[SHEET])
    assert any("=1+" in row.found or "=1+" in row.message for row in changed)
    assert len([sheet for sheet in book.sheets if sheet.name.startswith(SHEET)]) == 1


def test_a_repaired_cell_has_its_own_colour_again(
    excel: Excel, province: Path, copy_of: Callable[[xw.Book], str]
):
    path = province / "hộp thư" / ODD_UNIT
    book = excel.open(path)
    excel.press("check", copy_of(book))
    tint = read_listing(book.sheets[SHEET])[0].tints[0]
    typed = book.sheets[tint.cell.sheet].range(tint.cell.a1)
    assert typed.color == YELLOW
    typed.value = 6.15
    excel.press("check", copy_of(book))
    assert typed.color == tint.before
    assert not any(tint.cell.a1 in row.address for row in read_listing(book.sheets[SHEET]))


def test_a_cell_keeps_the_colour_of_the_worst_finding_and_one_before(
    excel: Excel, province: Path, monkeypatch: pytest.MonkeyPatch
):
    path = province / "hộp thư" / PCTN
    (reading,) = check(library_2018(), path).readings
    worst = next(finding for finding in reading.findings if finding.severity is Severity.ERROR)
    twice = (worst, replace(worst, severity=Severity.WARNING))
    monkeypatch.setattr(
        "addin.buttons.check_button.check_bytes", lambda *_: replace(reading, findings=twice)
    )
    book = excel.open(path)
    excel.press("check")
    (cell,) = worst.cells
    assert book.sheets[cell.sheet].range(cell.a1).color == ROSE
    first, second = read_listing(book.sheets[SHEET])
    assert [tint.cell for tint in first.tints] == [cell]
    assert second.tints == ()


def test_texts_of_units_never_become_formulas(excel: Excel, province: Path):
    path = province / "hộp thư" / PCTN

    def change(book: openpyxl.Workbook) -> None:
        sheet = book["Biểu 01"]
        for row in (11, 12, 14, 15):
            cell = sheet.cell(row, 6)
            cell.value = '=HYPERLINK("http://x","y")'
            cell.data_type = "s"

    book = excel.open(book_with(path, change))
    excel.press("check")
    listing = book.sheets[SHEET]
    assert listing.impl.formulas() == []
    assert any("HYPERLINK" in str(value) for row in table(listing) for value in row)


def test_a_sheet_of_the_unit_with_our_name_is_left_alone(excel: Excel, province: Path):
    def change(book: openpyxl.Workbook) -> None:
        book.create_sheet(SHEET)["A1"] = "của đơn vị"

    book = excel.open(book_with(province / "hộp thư" / PCTN, change))
    excel.press("check")
    assert book.sheets[SHEET].range("A1").value == "của đơn vị"
    assert find_listing(book).name == f"{SHEET} (2)"


def test_locked_sheets_are_listed_but_not_coloured(
    excel: Excel, province: Path, monkeypatch: pytest.MonkeyPatch
):
    book = excel.open(province / "hộp thư" / PCTN)
    monkeypatch.setattr(type(book.impl), "colourable", False)
    excel.press("check")
    assert read_listing(book.sheets[SHEET])
    assert "không tô màu được" in excel.alerts[-1]


def test_a_locked_structure_is_said_with_the_first_findings(excel: Excel, province: Path):
    path = province / "hộp thư" / PCTN
    book = excel.open(path)
    book.impl.unlock()
    book.impl.lock("1234")
    excel.press("check")
    assert find_listing(book) is None
    assert sentence(check(library_2018(), path).readings[0].findings[0].message) in excel.alerts[-1]


def test_unsaved_foreign_and_absent_workbooks(excel: Excel, tmp_path: Path):
    excel.press("check")
    assert excel.alerts[-1] == text("addin.no_book")
    excel.app.books.add()
    excel.press("check")
    assert excel.alerts[-1] == text("addin.check.save_first")
    for name in ("a=b & c ễ.xlsx", "Sổ tay.xlsx"):
        openpyxl.Workbook().save(tmp_path / name)
        excel.open(tmp_path / name)
        excel.press("check")
        assert name in excel.alerts[-1]
        assert "biểu mẫu" in excel.alerts[-1]


@pytest.mark.parametrize("excel", ["file"], indirect=True)  # Nothing of Excel is used but a window.
def test_a_summary_is_no_return_to_check(excel: Excel, merged: Path):
    book = excel.open(merged / "results" / "tong-hop-9-thang-2018.xlsx")
    excel.press("check")
    assert excel.alerts == [text("addin.check.summary", file=book.name)]


def test_a_clean_return_says_so(excel: Excel):
    excel.open(EXAMPLES / "inbox" / CLEAN)
    excel.press("check")
    assert text("addin.check.clean") in excel.alerts[-1]
    excel.press("next")
    assert excel.alerts[-1] == text("addin.walk.none")


# Walking


def test_walking_goes_round_both_ways(excel: Excel, province: Path):
    book = excel.open(province / "hộp thư" / CCHC)
    excel.press("next")
    assert excel.alerts[-1] == text("addin.walk.not_checked")
    excel.press("check")
    rows = read_listing(book.sheets[SHEET])
    assert len(rows) > 2
    for index in (*range(len(rows)), 0):
        excel.press("next")
        row = rows[index]
        assert str(excel.status).startswith(f"{index + 1}/{len(rows)} ")
        if row.sheet and row.address:
            assert excel.selected == (book.name, row.sheet, row.first)
    excel.press("previous")
    assert str(excel.status).startswith(f"{len(rows)}/{len(rows)} ")
    assert [row.current for row in read_listing(book.sheets[SHEET])].index(True) == len(rows) - 1


def test_walking_survives_an_edited_list(excel: Excel, province: Path):
    book = excel.open(province / "hộp thư" / PCTN)
    excel.press("check")
    listing = book.sheets[SHEET]
    listing.range("D5").value = "không có trang này"
    listing.range("I5").value = "{not json"
    listing.range("I6").value = '[["Biểu 01","A0",[1]],["Biểu 01","D9",["x",1,2]],7]'
    excel.press("next")
    assert excel.selected[1] == SHEET
    excel.press("check")
    assert not [said for said in excel.alerts if "Lỗi của chương trình" in said]


# Templates, help, and the guard around everything


@pytest.mark.parametrize("excel", ["file"], indirect=True)  # No workbook is used.
def test_templates_are_written_and_never_replace_a_filled_one(excel: Excel, tmp_path: Path):
    excel.press("templates", str(tmp_path))
    assert verify_all(library_2018(), tmp_path / FOLDER) == ()
    assert "pctn-2014.xlsx" in excel.alerts[-1]
    excel.press("templates", str(tmp_path))
    assert "Đã ghi" in excel.alerts[-1]
    book_with(tmp_path / FOLDER / "pctn-2014.xlsx", lambda book: book.create_sheet("số liệu"))
    kept = (tmp_path / FOLDER / "pctn-2014.xlsx").read_bytes()
    excel.press("templates", str(tmp_path))
    assert "không ghi đè" in excel.alerts[-1]
    assert (tmp_path / FOLDER / "pctn-2014.xlsx").read_bytes() == kept


def test_help_names_every_button(excel: Excel):
    excel.press("help")
    for label in (
        "Tổng hợp hộp thư đến",
        "Kiểm tra sổ đang mở",
        "Lỗi trước",
        "Truy nguồn",
        "Biểu mẫu",
    ):
        assert label in excel.alerts[-1]


@pytest.mark.parametrize("key", ACTIONS)
def test_no_action_needs_a_workbook_or_an_argument_to_stay_calm(excel: Excel, key: str):
    excel.press(key)
    assert not [said for said in excel.alerts if "Lỗi của chương trình" in said]
    assert not (Path.home() / ".cache").exists()


def test_a_fault_is_a_vietnamese_message_and_a_log_without_cells(
    excel: Excel, monkeypatch: pytest.MonkeyPatch
):
    def broken(_: object) -> None:
        raise RuntimeError("bí " + "mật")

    monkeypatch.setattr("addin.ribbon.pkgutil.resolve_name", lambda _: broken)
    excel.press("check")
    assert "Lỗi của chương trình (RuntimeError)" in excel.alerts[-1]
    assert "bí mật" not in excel.alerts[-1]
    log = (Path.home() / ".cache" / "consolidate" / "addin.ribbon").read_text(encoding="utf-8")
    assert "broken" in log
    assert "bí mật" not in log
    assert excel.status is False


def test_an_unknown_key_a_bad_argument_and_no_excel_are_survived(
    excel: Excel, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    from addin.ribbon import run

    excel.press("nothing")
    assert "Lỗi của chương trình" in excel.alerts[-1]
    run("help", "xyz")
    monkeypatch.setattr("addin.ribbon.connected", lambda: 1 / 0)
    run("help")
    assert capsys.readouterr().err.count("Lỗi của chương trình") == 2


def test_the_excel_of_the_pressed_window_is_used(excel: Excel, monkeypatch: pytest.MonkeyPatch):
    other = xw.App(add_book=False)
    monkeypatch.setattr("sys.argv", ["-c", "--wb=x", "--from_xl=1", f"--hwnd={excel.app.hwnd}"])
    excel.press("help")
    assert len(excel.alerts) == 1
    assert other.impl.alerts == []


@pytest.mark.parametrize("argument", ["", "C:\\Tổng hợp\\a&b=^%PATH%", "/tmp/ễ 𝔘"])
def test_arguments_survive_their_encoding(argument: str):
    assert decoded(encoded(argument)) == argument
