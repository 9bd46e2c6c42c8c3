"""From a summary to a file: names lead nowhere but below the inbox, and nothing that runs opens."""

from __future__ import annotations

import hashlib
import io
import os
import unicodedata
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from addin import summaries
from addin.buttons.trace_button import (
    FileKind,
    Place,
    find_source,
    kind_of_bytes,
    kind_of_file,
    laid_out,
)
from addin.session import saved_path
from addin.summaries import beside, safe_parts
from consolidate.model.cells import CellRef
from consolidate.reports.captions import cell_note, cell_noted
from tests.addin.conftest import Excel
from tests.addin.engines import xl_openpyxl
from tests.saved import locked, saved


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """The folder of a summary beside an inbox with one file."""
    (tmp_path / "kỳ" / "results").mkdir(parents=True)
    (tmp_path / "kỳ" / "inbox" / "cấp tỉnh").mkdir(parents=True)
    (tmp_path / "kỳ" / "inbox" / "cấp tỉnh" / "Sở.xlsx").write_bytes(b"a")
    return tmp_path / "kỳ" / "results"


def place(path: str, digest: str = "") -> Place:
    return Place(path, "Biểu 01", "F9", digest)


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "..",
        "../x.xlsx",
        "a/../../x.xlsx",
        "/etc/passwd",
        "//server/share/x.xlsx",
        "\\\\server\\share\\x.xlsx",
        "a\\..\\x.xlsx",
        "C:/x.xlsx",
        "C:x.xlsx",
        "a//x.xlsx",
        "a/... /x.xlsx",
        "x.xlsx ",
        "x.xlsx::$DATA",
        "x\n.xlsx",
        "x?.xlsx",
    ],
)
def test_names_that_could_lead_elsewhere(results: Path, path: str):
    assert safe_parts(path) is None
    assert find_source(beside(results), place(path)) is None


def test_a_file_is_found_beside_the_summary_whatever_the_form_of_its_name(results: Path):
    file = results.parent / "inbox" / "cấp tỉnh" / "Sở.xlsx"
    for form in ("NFC", "NFD"):
        found = find_source(beside(results), place(unicodedata.normalize(form, "cấp tỉnh/Sở.xlsx")))
        assert found is not None
        assert found.path == file
        assert not found.same
    assert find_source(beside(results), place("cấp tỉnh/Sở khác.xlsx")) is None
    assert find_source(beside(results), place("cấp tỉnh")) is None


def test_of_several_the_one_with_the_digest_counts(results: Path):
    other = results.parent / "zz"
    (other / "cấp tỉnh").mkdir(parents=True)
    (other / "cấp tỉnh" / "Sở.xlsx").write_bytes(b"b")
    digest = hashlib.sha256(b"b").hexdigest()[:12]
    found = find_source(beside(results), place("cấp tỉnh/Sở.xlsx", digest))
    assert found is not None
    assert found.same
    assert found.path == other / "cấp tỉnh" / "Sở.xlsx"


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")
def test_links_out_of_the_inbox_are_not_followed(results: Path, tmp_path: Path):
    (tmp_path / "secret.xlsx").write_bytes(b"s")
    (results.parent / "inbox" / "link.xlsx").symlink_to(tmp_path / "secret.xlsx")
    assert find_source(beside(results), place("link.xlsx")) is None


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")
def test_folders_that_are_links_are_not_looked_into(results: Path, tmp_path: Path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret.xlsx").write_bytes(b"s")
    (results.parent / "linked").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert [folder.name for folder in beside(results)] == ["inbox", "results"]
    assert find_source(beside(results), place("secret.xlsx")) is None


def test_only_so_many_folders_beside_a_summary_are_looked_into(
    results: Path, monkeypatch: pytest.MonkeyPatch
):
    for number in range(9):
        (results / f"{number}").mkdir()
    monkeypatch.setattr(summaries, "_MOST_FOLDERS", 4)
    assert [folder.name for folder in beside(results)] == ["inbox", "results", "0", "1"]


@pytest.mark.parametrize("sheet", ["Biểu 01", "a!b", "x ← y"])
def test_places_are_read_as_they_are_written(sheet: str):
    assert cell_noted(cell_note(CellRef(sheet, 8, 5))) == (sheet, "F9")


@pytest.mark.parametrize("said", ["", "cộng E9:G9", "Biểu 01", "!A1", "Biểu 01!", "tính từ tử số"])
def test_what_is_no_place(said: str):
    assert cell_noted(said) is None


def test_only_plain_workbooks_are_opened(tmp_path: Path):
    plain = tmp_path / "a.xlsx"
    Workbook().save(plain)
    assert kind_of_file(plain) is FileKind.SHEET
    for name in ("a.xlsm", "a.xls", "a.xlsb", "a", "a.xlsx.exe"):
        other = tmp_path / name
        other.write_bytes(plain.read_bytes())
        assert kind_of_file(other) is FileKind.OTHER
    for part in ("xl/vbaProject.bin", "XL/VBAPROJECT.BIN", "xl/macrosheets/s.xml", "xl/activeX/a"):
        armed = tmp_path / "b.xlsx"
        armed.write_bytes(plain.read_bytes())
        with zipfile.ZipFile(armed, "a") as package:
            package.writestr(part, b"")
        assert kind_of_file(armed) is FileKind.MAY_RUN
    assert kind_of_bytes(b"PK\3\4") is FileKind.OTHER
    assert kind_of_file(tmp_path / "absent.xlsx") is FileKind.MAY_RUN


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        ("vnd.ms-excel.sheet.macroEnabled.main+xml", FileKind.MAY_RUN),
        ("vnd.ms-excel.sheet.binary.macroEnabled.main", FileKind.MAY_RUN),
        ("vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml", FileKind.WORD),
        ("vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml", FileKind.SHEET),
        ("vnd.openxmlformats-officedocument.presentationml.presentation.main+xml", FileKind.OTHER),
    ],
)
def test_a_package_is_what_it_says_of_its_main_part(content_type: str, kind: FileKind):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        package.writestr("[Content_Types].xml", content_type)
    assert kind_of_bytes(made.getvalue()) is kind


def test_text_in_columns_and_locked_books_are_told():
    assert kind_of_bytes("1;Số cuộc;03\r\n".encode()) is FileKind.CSV
    assert kind_of_bytes(locked(saved(Workbook()), "mật khẩu")) is FileKind.LOCKED


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("cấp tỉnh/Sở Nội vụ.xlsx", "Sở Nội vụ.xlsx"),
        ("thư.zip › Sở.xls", "Sở.xlsx"),
        ("thư.zip › trong/Sở.v2.xlsx", "Sở.v2.xlsx"),
        ("../x.xlsm", "bao-cao.xlsx"),
        ("C:\\x.xlsx", "bao-cao.xlsx"),
    ],
)
def test_bytes_are_laid_out_under_the_name_of_the_file_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, name: str
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    made = [laid_out(data, place(path)) for data in (b"a", b"b")]
    assert [one.read_bytes() for one in made] == [b"a", b"b"]
    assert {one.name for one in made} == {name}
    assert {one.parent.parent for one in made} == {tmp_path}
    assert not made[0].stat().st_mode & 0o222


@pytest.mark.parametrize("excel", ["file"], indirect=True)
def test_a_return_does_not_say_where_it_is_saved(
    excel: Excel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """For a workbook in a cloud xlwings would take the folder from the sheet "xlwings.conf"."""
    asked: list[str] = []
    usual = xl_openpyxl.Book.fullname.fget

    def fullname(book: xl_openpyxl.Book) -> str:
        asked.append(book.name)
        return usual(book)

    monkeypatch.setattr(xl_openpyxl.Book, "fullname", property(fullname))
    for name, sheet in (("thật.xlsx", "Biểu 01"), ("bẫy.xlsx", "XLwings.conf")):
        made = Workbook()
        made.create_sheet(sheet).append(["ONEDRIVE_CONSUMER_WIN", r"\\evil\share"])
        made.save(tmp_path / name)
    assert saved_path(excel.open(tmp_path / "thật.xlsx")) == tmp_path / "thật.xlsx"
    assert saved_path(excel.open(tmp_path / "bẫy.xlsx")) is None
    assert asked == ["thật.xlsx"]
