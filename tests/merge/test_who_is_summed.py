"""Who is added: vertical branches stand beside the total, one unit speaks for the province."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from consolidate.definitions.catalogue import sentence
from consolidate.definitions.loader import shipped_library
from consolidate.merge.merge_inbox import MergeRequest, merge, write_results
from consolidate.model.period import Period
from consolidate.model.units import Level, OrganisationUnit, Roster, UnitKind
from consolidate.province.book_columns import ADDED
from consolidate.province.roster import read_roster
from consolidate.rollup.result import MergeResult
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
NINE = Period.parse_code("2026-9M")
WINDOW = (date(2025, 12, 15), date(2026, 9, 14))
UNITS = (
    OrganisationUnit("S1", "Sở Nội vụ", Level.PROVINCE, kind=UnitKind.DEPARTMENT),
    OrganisationUnit("X1", "UBND xã An Đông", Level.COMMUNE, kind=UnitKind.COMMUNE),
    OrganisationUnit("CA", "Công an tỉnh", Level.PROVINCE, kind=UnitKind.POLICE),
)
TYPED = {"S1": 3, "X1": 4, "CA": 50}


def returned(folder: Path, unit: OrganisationUnit) -> None:
    library = shipped_library().at(NINE)
    elements = library.by_code["pctn_01"].elements
    values: dict[str, Any] = {
        "cover.unit_name": unit.name,
        "cover.unit_code": unit.code,
        "cover.level": unit.level.label,
        "cover.period_type": "9 tháng đầu năm",
        "cover.period_year": 2026,
        "cover.revision": 1,
        "cover.window_from": WINDOW[0],
        "cover.window_to": WINDOW[1],
    }
    values |= {f"pctn_01.{item.code}": 0 for item in elements if item.columns == ("value",)}
    values["pctn_01.m14"] = TYPED[unit.code]
    data = build_template(library, "pctn", Prefill(values=values))
    (folder / f"{unit.code}.xlsx").write_bytes(data)


def province(inbox: Path, kind: UnitKind) -> MergeResult:
    """Three units of which one is of the given kind."""
    inbox.mkdir(exist_ok=True)
    for unit in UNITS:
        returned(inbox, unit)
    roster = Roster.of((*UNITS[:2], replace(UNITS[2], kind=kind)), province="Tỉnh Sông Tiền")
    return merge(MergeRequest(shipped_library(), inbox, period=NINE, roster=roster))


def province_page(book: Workbook) -> Worksheet:
    """The official table of the cumulative period."""
    return book[book.sheetnames[book.sheetnames.index(by_unit_name(book)) - 1]]


def by_unit_name(book: Workbook) -> str:
    return next(name for name in book.sheetnames if "9 tháng theo đơn vị" in name)


def totals(document: dict[str, Any], element: str) -> dict[str, Any]:
    (found,) = (
        item
        for item in document["totals"]
        if (item["data_set"], item["element"]) == ("pctn_01", element)
    )
    return dict(found)


@pytest.mark.wording
def test_police_stand_beside_the_total(tmp_path: Path) -> None:
    result = province(tmp_path / "inbox", UnitKind.POLICE)
    written = write_results(result, tmp_path / "out", tmp_path / "inbox")
    told = totals(json.loads(written["json"].read_text(encoding="utf-8")), "m14")
    assert (told["total"], told["units"]) == (7, 2)
    assert told["by_level"] == {"province": 3, "district": None, "commune": 4, "unknown": None}
    assert told["beside"] == [{"unit": "CA", "value": 50}]
    (part,) = (part for part in result.completeness if part.template.code == "pctn")
    assert [unit.code for unit in part.received] == ["S1", "X1", "CA"]
    book = load_workbook(written["workbook"])
    by_unit = book[by_unit_name(book)]
    heads = {cell.value: get_column_letter(cell.column) for cell in by_unit[7] if cell.value}
    last = heads["Công an tỉnh"]
    assert by_unit[f"{last}6"].value == "Không cộng"
    row = next(row for row in range(9, by_unit.max_row) if by_unit[f"A{row}"].value == "14")
    assert by_unit[f"{last}{row}"].value == 50
    formulas = [cell.value for cell in by_unit[row] if str(cell.value).startswith("=")]
    assert len(formulas) == 3
    assert not any(f"{last}{row}" in formula for formula in formulas)
    page = province_page(book)
    (stamp,) = (c.value for r in page.iter_rows() for c in r if "đơn vị, số liệu" in str(c.value))
    said = "2/2 đơn vị, số liệu đến 14/09/2026; 1 đơn vị báo cáo riêng, không cộng"
    assert said in str(stamp)
    beside = [c for r in page.iter_rows() for c in r if c.value == "Ngành dọc, MTTQ (không cộng)"]
    assert len(beside) == 1
    formula = f"SUM('{by_unit.title}'!{last}{row}:{last}{row})"
    column = [cell.value for cell in page[get_column_letter(beside[0].column)]]
    assert any(formula in str(value) for value in column)


@pytest.mark.wording
def test_a_department_is_added(tmp_path: Path) -> None:
    result = province(tmp_path / "inbox", UnitKind.DEPARTMENT)
    written = write_results(result, tmp_path / "out", tmp_path / "inbox")
    told = totals(json.loads(written["json"].read_text(encoding="utf-8")), "m14")
    assert (told["total"], told["units"]) == (57, 3)
    assert "beside" not in told
    book = load_workbook(written["workbook"])
    cells = {cell.value for row in province_page(book).iter_rows() for cell in row}
    assert "Ngành dọc, MTTQ (không cộng)" not in cells


def example(added: str = "", **provides: str) -> MergeResult:
    roster = read_roster(EXAMPLES / "roster.xlsx", shipped_library().families)
    units = [
        replace(unit, provides=frozenset(filter(None, [provides.get(unit.code, "")])))
        for unit in roster.units
    ]
    known = Roster.of(units, added=frozenset(filter(None, [added])))
    return merge(MergeRequest(shipped_library(), EXAMPLES / "inbox", roster=known), executor=None)


def recount(column: str) -> dict[str, int]:
    """The figures of one column of Phụ lục 3 part II as Sở Thông tin và Truyền thông typed them."""
    path = EXAMPLES / "inbox" / "cap-tinh" / "Sở TTTT - CCHC quý III 2018.xlsx"
    sheet = load_workbook(path)["PL3-II"]
    at = next(cell.column_letter for cell in sheet[1] if cell.value == column)
    typed = {sheet[f"A{row}"].value: sheet[f"{at}{row}"].value for row in range(2, sheet.max_row)}
    return {
        code: int(str(value).split("/")[0].replace(".", ""))
        for code, value in typed.items()
        if code and code.startswith("r") and value is not None
    }


@pytest.mark.parametrize("column", ["total", "province", "district", "commune"])
def test_the_example_counts_the_whole_province_once(column: str) -> None:
    result = example(S01="cchc_pl3_2")
    (table,) = (table for table in result.tables if table.data_set.code == "cchc_pl3_2")
    found = {
        figure.element.code: figure.total
        for figure in table.figures
        if figure.column == column and figure.total is not None
    }
    assert found == recount(column)
    if column == "total":
        assert found["r1"] == 241
    if column == "district":
        assert found["r4"] == 9
    assert {figure.given_by for figure in table.figures} == {"S01"}
    told = [record.unit for record, f in result.findings() if f.rule == "single.other_unit"]
    assert sorted(unit.code for unit in told if unit) == ["H01", "H02", "S02", "S03", "S04", "S05"]


@pytest.mark.wording
def test_without_a_name_nothing_is_added_and_the_province_is_told() -> None:
    result = example()
    (table,) = (table for table in result.tables if table.data_set.code == "cchc_pl3_2")
    assert {(figure.total, figure.given_by) for figure in table.figures} == {(None, "")}
    assert not [f for _, f in result.findings() if f.rule.startswith("single.")]
    (told,) = result.unnamed
    assert told.key == "single.several"
    assert (told.value("code"), told.value("count")) == ("cchc_pl3_2", 7)
    assert ADDED in sentence(told)
    assert "Sở Thông tin và Truyền thông (S01); Sở Nội vụ (S02)" in sentence(told)
    assert not result.clean


def test_where_each_unit_reports_a_part_the_parts_are_added() -> None:
    result = example(added="cchc_pl3_2")
    (table,) = (table for table in result.tables if table.data_set.code == "cchc_pl3_2")
    figure = table.figure("r1", "total")
    assert figure is not None
    assert (figure.total, figure.units, figure.given_by) == (247, 7, "")
    assert not result.unnamed
    assert not [f for _, f in result.findings() if f.rule.startswith("single.")]


def test_a_named_unit_gives_the_province_whatever_is_said_of_parts() -> None:
    result = example(added="cchc_pl3_2", S01="cchc_pl3_2")
    (table,) = (table for table in result.tables if table.data_set.code == "cchc_pl3_2")
    figure = table.figure("r1", "total")
    assert figure is not None
    assert (figure.total, figure.given_by) == (241, "S01")
