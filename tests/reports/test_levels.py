"""A summary shows the levels of its round: districts until 30/6/2025 and where a unit is of one."""

from __future__ import annotations

import io
from dataclasses import replace

import openpyxl
import pytest

from consolidate.model.period import Period
from consolidate.model.units import Level, OrganisationUnit, Roster
from consolidate.reports.plan import plan
from consolidate.reports.summary import summary_bytes
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
