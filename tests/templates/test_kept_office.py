"""Roster, calendar and issued templates on paper, as LibreOffice prints them."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from consolidate.definitions.calendars import example
from consolidate.definitions.catalogue import text
from consolidate.model.corrections import Adjustment, Corrections, Waiver
from consolidate.model.data_values import ValueKey
from consolidate.model.deadlines import Deadline
from consolidate.model.period import Period
from consolidate.model.units import Level, OrganisationUnit, Roster, UnitKind
from consolidate.province.calendar import build_calendar
from consolidate.province.corrections_book import build_corrections
from consolidate.province.roster import build_roster
from consolidate.templates.issued import Issue, issued_template
from tests.library_2018 import library_2018 as load

pytestmark = pytest.mark.office

Convert = Callable[[dict[str, bytes], str], Path]
SINCE = date(2025, 7, 1)
UNITS = [
    OrganisationUnit(
        f"2{index:04d}",
        f"UBND đặc khu Nguyễn Nghiêm số {index}",
        Level.COMMUNE,
        aliases=("Nguyễn Nghiêm", "xã Nguyễn Nghiêm"),
        parent="H01",
        templates=frozenset({"pctn", "cchc"}),
        identifier=f"000.{index:02d}.12.H35",
        kind=list(UnitKind)[index % 7],
        email="vanthu.nguyennghiem@quangngai.gov.vn",
        valid_from=SINCE,
        valid_to=date(2030, 12, 31),
        predecessors=("20001", "20002", "20003"),
        old_names=("UBND xã Khánh Cường", "UBND phường Sa Huỳnh"),
    )
    for index in range(30)
]
ADJUSTED = Adjustment(
    "DC-1",
    Period.parse_code("2018-9M"),
    UNITS[0].code,
    ValueKey("pctn_01", "c56c", "value"),
    "987.654.321",
    "Phòng Tổng hợp",
    SINCE,
    "Đơn vị đính chính theo công văn gửi Thanh tra tỉnh",
    "123/UBND-NC ngày 05/09/2018",
    SINCE,
)
WAIVED = Waiver("MT-1", "history.cumulative_drop", "*", SINCE, "Phòng A", SINCE, "Mẫu cũ", "13/CV")


@pytest.fixture(scope="module")
def printed(convert: Convert) -> dict[str, list[str]]:
    """Text of every page by book; the size of every page is checked on the way."""
    if shutil.which("pdfinfo") is None or shutil.which("pdftotext") is None:
        pytest.skip("poppler is not installed: how kept tables print is NOT tested")
    nine, six = Period.parse_code("2018-9M"), Period.parse_code("2018-6M")
    deadline = Deadline(due=date(2018, 9, 5), final=date(2018, 9, 15))
    issue = Issue(UNITS[0], "pctn", nine, deadline, (six, {"pctn_01.c3": 987654}))
    folder = convert(
        {
            "roster": build_roster(Roster.of(UNITS, province="Tỉnh Quảng Ngãi")),
            "calendar": build_calendar(example("quang-ngai"), load().template_by_code),
            "corrections": build_corrections(
                Corrections((ADJUSTED,) * 30, (WAIVED,)), load(), Roster.of(UNITS), (WAIVED.rule,)
            ),
            "issued": issued_template(load(), issue, bytes(32)),
        },
        "pdf",
    )
    pages = {}
    for path in sorted(folder.glob("*.pdf")):
        info = said("pdfinfo", "-f", "1", "-l", "99", str(path))
        sizes = re.findall(r"Page +\d+ size: +([\d.]+) x ([\d.]+)", info)
        shape = "".join("L" if float(wide) > float(high) else "P" for wide, high in sizes)
        assert {tuple(sorted(round(float(side)) for side in size)) for size in sizes} == {
            (595, 842)
        }
        content = said("pdftotext", "-layout", str(path), "-").split("\f")
        pages[path.stem] = [shape, *content]
    return pages


def said(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_roster_and_calendar_are_landscape_with_their_heading_on_every_page(
    printed: dict[str, list[str]],
) -> None:
    shape, *pages = printed["roster"]
    assert set(shape) == {"L"}
    assert len(shape) > 2
    tables = [page for page in pages if "UBND đặc khu" in page]
    assert len(tables) > 1
    for page in tables:
        assert "Mã đơn vị" in page
        assert "Thư điện tử" in page
    whole = "\n".join(pages)
    assert "#" not in whole
    assert [f"2{index:04d}" in whole for index in range(30)] == [True] * 30
    shape, *pages = printed["calendar"]
    assert shape == "LL"
    assert "#" not in pages[0]
    for shown in ("LỊCH BÁO CÁO", "05/03/2023", "05/12/2023", "9 tháng đầu năm"):
        assert shown in pages[0]
    assert "Cơ quan ngành dọc" in pages[1]  # The list of choices.


def test_corrections_are_landscape_and_nothing_is_cut(printed: dict[str, list[str]]) -> None:
    shape, *pages = printed["corrections"]
    assert set(shape) == {"L"}
    assert "#" not in "\n".join(pages)
    adjusted = [page for page in pages if "987.654.321" in page]
    assert sum(page.count("987.654.321") for page in adjusted) == 30
    assert all("Giá trị mới" in page for page in adjusted)
    (waived,) = [page for page in pages if "MIỄN TRỪ PHÉP KIỂM TRA" in page]
    assert "history.cumulative_drop" in waived


def test_an_issued_template_prints_as_the_official_form(printed: dict[str, list[str]]) -> None:
    shape, *pages = printed["issued"]
    assert shape == "PPPPPPLLLLL"
    cover = " ".join(pages[0].split())
    assert text("issue.cover.due", day="05/09/2018") in cover
    assert text("issue.cover.final", day="15/09/2018") in cover
    whole = "\n".join(pages)
    assert "#" not in whole
    assert "987" not in whole
    assert "Kỳ trước" not in whole
