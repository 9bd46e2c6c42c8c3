"""What a file says beside its cover: stamp, headings, time of saving; nothing is followed."""

from __future__ import annotations

import io
import zipfile

import pytest
from openpyxl import load_workbook

from consolidate.intake.evidence_of_owner import heading_lines
from consolidate.intake.read_file import read_file
from consolidate.merge.read_files import check_bytes
from consolidate.model.cells import Cell
from consolidate.model.returns import Evidence, FileReading
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template
from consolidate.xlsx.read.grid import Grid
from consolidate.xlsx.read.package_facts import saved_time
from tests.intake.retyping import as_workbook
from tests.intake.test_retyped import filled
from tests.library_2018 import library_2018
from tests.saved import packed, saved

CORE = "docProps/core.xml"


def time_of(parts: dict[str, bytes]) -> str:
    made = zipfile.ZipFile(io.BytesIO(packed(parts)))
    return saved_time(made, {name.casefold(): name for name in made.namelist()})


def core(modified: str, created: str = "2018-01-01T00:00:00Z", prefix: str = "dcterms:") -> bytes:
    return (
        f'<?xml version="1.0"?><cp:coreProperties><{prefix}created xsi:type="dcterms:W3CDTF">'
        f"{created}</{prefix}created><{prefix}modified>{modified}</{prefix}modified>"
        "</cp:coreProperties>"
    ).encode()


@pytest.mark.parametrize(
    ("parts", "time"),
    [
        ({CORE: core("2018-09-05T08:00:00Z")}, "2018-09-05T08:00:00Z"),
        ({"docProps/CORE.xml": core("2018-09-05T08:00:00Z")}, "2018-09-05T08:00:00Z"),
        ({CORE: core("2018-09-05T15:00:00+07:00", prefix="x:")}, "2018-09-05T15:00:00+07:00"),
        ({"meta.xml": b"<dc:date>2018-09-05T08:00:00.12</dc:date>"}, "2018-09-05T08:00:00.12"),
        ({CORE: core("2018-01-01T00:00:00Z")}, ""),  # A template nobody has saved.
        ({CORE: core("5/9/2018")}, ""),
        ({CORE: core("&now;")}, ""),
        ({CORE: b"not xml"}, ""),
        ({CORE: b" " * 20_000 + core("2018-09-05T08:00:00Z")}, ""),
        ({CORE: "<modified>2018-09-05T08:00:00Z<".encode("utf-16")}, ""),
        ({"xl/workbook.xml": b""}, ""),
    ],
)  # fmt: skip
def test_when_a_file_was_saved(parts: dict[str, bytes], time: str) -> None:
    assert time_of(parts) == time


def test_damaged_properties_cost_nobody_a_return() -> None:
    data = bytearray(build_template(library_2018(), "pctn", Prefill()))
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        entry = book.getinfo(CORE)
    start = entry.header_offset + 30 + len(CORE) + 5
    data[start : start + 40] = b"\xff" * 40
    reading = read_file("a.xlsx", bytes(data), library_2018())
    assert reading.content is not None, reading.reason
    assert reading.content.evidence.saved == ""


def issued(**answers: str | int) -> FileReading:
    values = {name.replace("__", "."): value for name, value in answers.items()}
    prefill = Prefill(values=values, unit="S02", period="2018-9M", serial="0007")
    return read_file("a.xlsx", build_template(library_2018(), "pctn", prefill), library_2018())


def test_an_ordinary_return_has_its_stamp_and_no_headings() -> None:
    reading = issued(
        cover__unit_name="Sở Nội vụ", cover__period_type="9 tháng đầu năm", cover__period_year=2018
    )
    assert reading.content is not None
    assert reading.content.evidence == Evidence("S02", "2018-9M", "0007")


def test_headings_are_read_when_the_cover_is_silent() -> None:
    reading = issued(cover__unit_name="Sở Nội vụ")
    assert reading.content is not None
    lines = reading.content.evidence.headings
    assert "KẾT QUẢ CHỦ YẾU" in lines
    assert any("SỞ NỘI VỤ" in line for line in lines)
    assert "CHÍNH SÁCH, PHÁP LUẬT" not in lines  # The table is no heading.
    assert "pctn_01" not in lines
    assert not any("Năm" in line for line in lines)  # Nor is what the cover asks for.


def test_a_workbook_that_was_saved_says_when() -> None:
    book = load_workbook(io.BytesIO(build_template(library_2018(), "pctn", Prefill())))
    reading = read_file("a.xlsx", saved(book), library_2018())
    assert reading.content is not None
    assert reading.content.evidence.saved > "2018-01-01T00:00:00Z"


def grid(*rows: list[Cell], name: str = "Sheet1") -> Grid:
    return Grid(name, list(rows))


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ([["UBND TỈNH X", "", "CỘNG HÒA"], ["SỞ A"]], ("UBND TỈNH X", "CỘNG HÒA", "SỞ A")),
        ([["Đơn vị báo cáo:", "", "Sở Nội vụ"]], ("Đơn vị báo cáo: Sở Nội vụ",)),
        ([["Kỳ báo cáo:"], ["Năm:", 2018.0]], ("Năm: 2018.0",)),
        ([["SỞ A"], ["STT", "Nội dung", "Số"], ["1", "dòng"]], ("SỞ A",)),
        ([["SỞ A"], ["", "MS", "NỘI DUNG"], ["dòng"]], ("SỞ A",)),
        ([["SỞ A"], ["SỞ A"], [12.5, "---"]], ("SỞ A",)),
        ([["x" * 1000]], ("x" * 300,)),
        ([[]] * 25 + [["dòng"]], ()),
        ([], ()),
    ],
)  # fmt: skip
def test_lines_above_the_table(rows: list[list[Cell]], lines: tuple[str, ...]) -> None:
    assert heading_lines((grid(*rows),)) == lines


def test_headings_are_bounded_and_our_codes_are_none() -> None:
    many = grid(*[[f"dòng {row}.{column}" for column in range(9)] for row in range(25)])
    assert len(heading_lines((many, many))) == 60
    ours = grid(["pctn_01", "number"], ["window", "TIÊU ĐỀ"])
    assert heading_lines((ours,), frozenset({"pctn_01"})) == ("TIÊU ĐỀ",)
    assert heading_lines((grid(["unit", "S02"], name="_stamp"),)) == ()


def test_a_cover_that_kept_its_marks_is_read() -> None:
    data, original, forms = filled("cchc")
    made = load_workbook(io.BytesIO(as_workbook(forms)))
    page = made.create_sheet("Bìa", 0)
    for row in load_workbook(io.BytesIO(data))["Bìa"].iter_rows(values_only=True):
        page.append(row)
    reading = check_bytes(library_2018(), "a.xlsx", saved(made))
    assert reading.content is not None
    assert original.content is not None
    assert reading.content.period == original.content.period
    assert reading.content.cover_text("unit_name") == "Sở Nội vụ"
