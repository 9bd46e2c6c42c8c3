"""Totals of levels, of kinds of unit and of superiors: which a summary shows, and their numbers."""

from __future__ import annotations

import io
from dataclasses import replace

import openpyxl
import pytest

from consolidate.model.period import Period
from consolidate.model.units import Level, OrganisationUnit, Roster, UnitKind
from consolidate.reports.result_json import result_document
from consolidate.reports.summary import summary_bytes
from consolidate.reports.summary_sheets import plan
from consolidate.rollup.result import MergeResult
from tests.reports.make_result import LIBRARY, fixed, record, result

PCTN = LIBRARY.by_code["pctn_01"]
UNITS = (
    OrganisationUnit("S1", "Sở Nội vụ", Level.PROVINCE),
    OrganisationUnit("H1", "UBND huyện An Đông", Level.DISTRICT),
    OrganisationUnit("X1", "UBND xã An Tây", Level.COMMUNE),
)


def merged(period: str, *, roster: bool = True) -> MergeResult:
    """The same returns of a department and a commune, in a round of one year or another."""
    name = Period.parse_code(period)
    whole = Roster.of(UNITS) if roster else None
    records = [
        record(unit, "pctn", [fixed(PCTN, {("c1", "value"): 2})], path=f"{unit.code}.xlsx")
        for unit in (UNITS[0], UNITS[2])
    ]
    made = result(records, whole.for_period(name) if whole is not None else None)
    return replace(made, period=name)


def said(made: MergeResult) -> set[str]:
    """The texts of the overview and of the sheet of units."""
    book = openpyxl.load_workbook(io.BytesIO(summary_bytes(made, inbox_link=None)))
    sheets = plan(made)
    names = [sheets.overview, *(p.by_unit for p in sheets.sets if p.table.data_set is PCTN)]
    return {
        cell.value
        for name in names
        for row in book[name].iter_rows()
        for cell in row
        if isinstance(cell.value, str)
    }


@pytest.mark.parametrize(
    ("period", "roster", "levels"),
    [
        ("2018-9M", True, ("Cấp tỉnh", "Cấp huyện", "Cấp xã")),
        ("2025-6M", True, ("Cấp tỉnh", "Cấp huyện", "Cấp xã")),
        ("2025-9M", True, ("Cấp tỉnh", "Cấp xã")),
        ("2026-9M", True, ("Cấp tỉnh", "Cấp xã")),
        ("2018-9M", False, ("Cấp tỉnh", "Cấp xã")),
    ],
)
def test_the_levels_of_a_summary(period: str, roster: bool, levels: tuple[str, ...]) -> None:
    made = merged(period, roster=roster)
    assert tuple(level.label for level in made.levels) == levels
    texts = said(made)
    assert ("Cấp huyện" in texts) is ("Cấp huyện" in levels)
    assert {"Cấp tỉnh", "Cấp xã"} <= texts


def test_without_any_unit_the_levels_are_those_of_the_day() -> None:
    empty = replace(merged("2018-9M", roster=False), records=())
    assert Level.DISTRICT in empty.levels
    assert Level.DISTRICT not in replace(empty, period=Period.parse_code("2026-9M")).levels


def placed(code: str, kind: UnitKind, parent: str = "") -> OrganisationUnit:
    """A unit of the level of the province."""
    return OrganisationUnit(code, f"Đơn vị {code}", Level.PROVINCE, kind=kind, parent=parent)


BRANCHED = (
    placed("S1", UnitKind.DEPARTMENT),
    placed("T1", UnitKind.SUBORDINATE, "S1"),
    placed("S2", UnitKind.DEPARTMENT),
    placed("T2", UnitKind.SUBORDINATE, "S1"),
    placed("T3", UnitKind.SUBORDINATE, "S2"),
    placed("K1", UnitKind.OTHER),
    OrganisationUnit("X1", "Xã An Tây", Level.COMMUNE, kind=UnitKind.COMMUNE, parent="H1"),
    OrganisationUnit("X2", "Xã An Hòa", Level.COMMUNE, kind=UnitKind.COMMUNE, parent="H1"),
)


def branched(**answers: dict[tuple[str, str], int | str]) -> MergeResult:
    """What these units answer."""
    records = [
        record(unit, "pctn", [fixed(PCTN, answers[unit.code])], path=f"{unit.code}.xlsx")
        for unit in BRANCHED
        if unit.code in answers
    ]
    return result(records, Roster.of(BRANCHED))


def test_kinds_and_superiors_have_totals_where_these_repeat_nothing() -> None:
    asked = ("c1", "value")
    numbers = {"S1": 1, "T1": 10, "S2": 100, "T2": "x", "T3": 1000, "K1": 5, "X1": 7}
    made = branched(
        **{code: {asked: number, ("c2", "value"): "x"} for code, number in numbers.items()}
    )
    total = next(t for t in result_document(made)["totals"] if t["element"] == "c1")
    # One unit of its own, the units of a level, of another group: none of them is told again.
    assert total["by_kind"] == {"department": 101, "subordinate": 1010}
    assert total["by_parent"] == {"Đơn vị S1": 10}
    assert total["by_level"]["province"] == 1116

    book = openpyxl.load_workbook(io.BytesIO(summary_bytes(made, inbox_link=None)))
    name = next(part.by_unit for part in plan(made).sets if part.table.data_set is PCTN)
    at = next(
        row[0].row for row in book[name].iter_rows() if row[0].value == PCTN.by_code["c1"].number
    )
    heads = [cell.value for cell in book[name][6]][3:9]
    assert heads == [
        "Toàn tỉnh",
        "Cấp tỉnh",
        "Cấp xã",
        "Sở, ban, ngành tỉnh",
        "Đơn vị trực thuộc",
        "Trực thuộc Đơn vị S1",
    ]
    sums = [cell.value for cell in book[name][at]][4:9]
    assert [formula.split(",SUM(")[-1] for formula in sums] == [
        f"J{at}:O{at}))",
        f"P{at}:P{at}))",
        f"J{at}:J{at},L{at}:L{at}))",
        f"K{at}:K{at},M{at}:N{at}))",
        f"K{at}:K{at},M{at}:M{at}))",
    ]
    crossed = [cell.value for cell in book[name][at + 1]][7]
    assert f'COUNTIF(K{at + 1}:K{at + 1},"x")+COUNTIF(M{at + 1}:N{at + 1},"x")=3,"x"' in crossed
    shown = openpyxl.load_workbook(io.BytesIO(summary_bytes(made, inbox_link=None)), data_only=True)
    assert [cell.value for cell in shown[name][at]][3:9] == [1123, 1116, 7, 101, 1010, 10]
    assert {cell.value for cell in shown[name][at + 1][3:9]} == {"x"}


def test_a_rule_that_only_a_kind_breaks_is_told_of_it() -> None:
    good = {("c40", "value"): 10, ("c41", "value"): 10}
    good |= {(code, "value"): 0 for code in ("c42", "c43", "c44")}
    more, less = {**good, ("c40", "value"): 11}, {**good, ("c40", "value"): 9}
    made = branched(S1=more, T1=less, S2=good, T2=good, X1=good)
    told = [
        (item["axis"], item["level"], item["group"], item["left"], item["right"])
        for item in result_document(made)["contradictions"]
        if item["rule"] == "pctn_01.r40"
    ]
    # Those of the superior are told with their kind.
    assert told == [
        ("kind", None, "department", 21, 20),
        ("kind", None, "subordinate", 19, 20),
        ("parent", None, "Đơn vị S1", 19, 20),
    ]
    assert [item.division.label for item in made.contradicted if item.division] == [
        "Sở, ban, ngành tỉnh",
        "Đơn vị trực thuộc",
    ]
