"""A province with one unreadable part, on every page that shows it; and one without."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from consolidate.cli.main import main
from consolidate.definitions.catalogue import text
from consolidate.model.units import Level, OrganisationUnit, Roster
from tests.merge.province import NINE, PCTN, Merged, Province, blank_filled
from tests.office.office import Office

pytestmark = pytest.mark.wording
S1, X1, X2, X3 = UNITS = (
    OrganisationUnit("S1", "Sở Nội vụ", Level.PROVINCE, templates=PCTN),
    OrganisationUnit("X1", "UBND xã An Tây", Level.COMMUNE, templates=PCTN),
    OrganisationUnit("X2", "UBND xã Bình Minh", Level.COMMUNE, templates=PCTN),
    OrganisationUnit("X3", "UBND xã Bình Yên", Level.COMMUNE, templates=PCTN),
)
PARTS = {"c39": 1, "c40": 10, "c41": 4, "c42": 3, "c43": 2, "c44": 1}
NOTHING = {"c5": "x", "c9": "", "c10": "khoảng 3"}
LATE = "10/09/2018"
OFFICIAL, BY_UNIT = "Biểu 01 toàn tỉnh", "Biểu 01 theo đơn vị"
SENTENCE = (
    "MS 40 phải bằng MS 41 + MS 42 + MS 43 + MS 44: đang ghi 30, so với 12 + 9 + 4 + 3 = 28; "
    "lệch 2. Do UBND xã An Tây (X1) có MS 43 không đọc được, phần lệch 2."
)


def merged(
    root: Path, *, part: Any, units: tuple[OrganisationUnit, ...]
) -> tuple[Province, Merged]:
    """Three returns; of X1 the figure MS 43 is ``part``."""
    province = Province.make(root, Roster.of(units, province="Tỉnh Sông Tiền"))
    for number, unit in enumerate((S1, X1, X2)):  # No return is a copy of another.
        own = PARTS | {"c1": number} | ({"c43": part} if unit is X1 else {})
        nothing = NOTHING if len(units) > 3 else {}
        data = blank_filled(unit, NINE, **own, **nothing)
        province.send(NINE, f"{unit.code}.xlsx", data)
    return province, province.merge(NINE, "31/08/2018")


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Province, Merged]:
    return merged(tmp_path_factory.mktemp("broken") / "tinh", part="chưa rõ", units=UNITS)


def rows_of(sheet: Worksheet) -> dict[str, list[Any]]:
    """What stands in the row of each figure of an official sheet, from the figure on."""
    return {
        str(row[0].value): [cell.value for cell in row[4:] if cell.value is not None]
        for row in sheet.iter_rows()
        if isinstance(row[0].value, str)
    }


def test_the_contradiction_is_told_with_its_cause_and_unit(
    broken: tuple[Province, Merged],
) -> None:
    _, made = broken
    assert made.code == 1
    province, commune = made.document["contradictions"]
    figures = [f"c{number}" for number in (40, 41, 42, 43, 44)]
    assert [figure["element"] for figure in province["figures"]] == figures
    keys = ("severity", "rule", "row", "level", "left", "right", "message")
    assert [province[key] for key in keys] == [
        "error", "pctn_01.r40", "", None, 30, 28, SENTENCE,
    ]  # fmt: skip
    assert [commune[key] for key in keys[3:6]] == ["commune", 20, 18]
    cause = {"data_set": "pctn_01", "element": "c43", "column": "value", "cause": "invalid"}
    part = {"unit": "X1", "gap": 2, "causes": [cause], "breaks": False, "excused": False}
    assert province["units"] == commune["units"] == [part]
    assert SENTENCE in made.said
    # No unit is told: the findings of returns are those of their own cells.
    assert not [item for item in made.document["findings"] if "pctn_01.r40" in item["rule"]]


def test_every_page_shows_it_and_how_many_units_there_are(
    broken: tuple[Province, Merged],
) -> None:
    province, _ = broken
    book = load_workbook(province.workspace.results / "tong-hop-9-thang-2018.xlsx", data_only=True)
    rows = rows_of(book[OFFICIAL])
    full, absent = "3/4 đơn vị", "1 còn thiếu báo cáo"
    assert rows["40"] == [30, f"{full} · {absent}", SENTENCE]
    assert rows["43"] == [4, f"2/4 đơn vị · 1 không đọc được · {absent}", "Xem MS 40."]
    assert rows["6"] == [0, f"{full} · {absent}"]
    # Four kinds of nothing look different.
    assert rows["5"] == ["x", f"0/4 đơn vị · 3 x · {absent}"]
    assert rows["9"] == [f"0/4 đơn vị · 3 trống · {absent}"]
    assert rows["10"] == ["không đọc được", f"0/4 đơn vị · 3 không đọc được · {absent}"]
    sheet = book[OFFICIAL]
    *_, last, _ = range_boundaries(sheet.print_area.split("!")[1].replace("$", ""))
    beside = {c.column for row in sheet.iter_rows() for c in row if "đơn vị ·" in str(c.value)}
    assert beside == {last + 2}
    page = (province.workspace.results / "tong-quan-9-thang-2018.html").read_text("utf-8")
    assert SENTENCE in html.unescape(page)
    overview = [cell.value for row in book["Tổng quan"].iter_rows() for cell in row]
    assert {SENTENCE, text("summary.decide.title"), "Biểu 01, MS 40"} <= set(overview)
    line = next(row for row in book[BY_UNIT].iter_rows() if row[0].value == "43")
    marked = {cell.column_letter for cell in line if cell.fill.start_color.rgb == "FFF8CBCB"}
    # The province, the communes, and the unit's own cell: not the total of the departments.
    assert marked == {"D", "F", "H"}


def test_a_decision_names_it(broken: tuple[Province, Merged], capsys: Any) -> None:
    root = str(broken[0].workspace.root)
    for name in ("approve", "lock"):
        call = [name, "2018-9M", "--yes", "--author", "A", "--on", LATE, "--workspace", root]
        assert main(call) == 0
        said = " ".join(capsys.readouterr().out.split())
        assert text("runs.state.contradicted", count=1, told=SENTENCE) in said


@pytest.mark.office
def test_the_pages_say_the_same_once_recalculated(
    broken: tuple[Province, Merged], office: Office
) -> None:
    path = broken[0].workspace.results / "tong-hop-9-thang-2018.xlsx"
    book, again = load_workbook(path, data_only=True), office.recalculated(path)
    for name in (OFFICIAL, BY_UNIT):
        for row, line in enumerate(book[name].iter_rows()):
            for column, cell in enumerate(line):
                now = again[name][row][column] if row < len(again[name]) else ""
                assert now == ("" if cell.value is None else cell.value), (name, cell.coordinate)


def test_a_province_without_a_fault_is_told_nothing(tmp_path: Path) -> None:
    province, made = merged(tmp_path / "tinh", part=2, units=(S1, X1, X2))
    assert (made.code, made.document["contradictions"]) == (0, [])
    book = load_workbook(province.workspace.results / "tong-hop-9-thang-2018.xlsx", data_only=True)
    assert rows_of(book[OFFICIAL])["40"] == [30, "3/3 đơn vị"]
    overview = [cell.value for row in book["Tổng quan"].iter_rows() for cell in row]
    assert text("summary.decide.title") not in overview
