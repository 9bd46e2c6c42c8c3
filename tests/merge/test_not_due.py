"""A template for no round, and one made for units that owe less: what is asked, what is told."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from consolidate.definitions.loader import shipped_library
from consolidate.merge.merge_inbox import MergeRequest, merge
from consolidate.merge.read_files import check_bytes
from consolidate.model.datasets import Library
from consolidate.model.period import Period
from consolidate.model.reasons import Finding
from consolidate.model.units import Level, OrganisationUnit, Roster, UnitKind
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template
from tests.saved import saved

LIBRARY = shipped_library()
BLANK = LIBRARY.of_pack("pctn-2025")
"""The forms as ``template build`` makes them: every table and every row."""
Q1 = Period.parse_code("2026-Q1")


def filled(library: Library, period: Period, typed: Mapping[str, object] | None = None) -> bytes:
    ends = {"Q1": date(2026, 3, 14), "6M": date(2026, 6, 14)}
    values = {
        "cover.unit_name": "Công an tỉnh",
        "cover.unit_code": "CA",
        "cover.period_type": period.type.label,
        "cover.period_year": period.year,
        "cover.window_from": date(2025, 12, 15),
        "cover.window_to": ends[period.type.value],
        **(typed or {}),
    }
    return build_template(library, "pctn", Prefill(values=values))  # type: ignore[arg-type]  # Texts, days.


def structure(data: bytes) -> list[tuple[str, str, str]]:
    """Rule, sheet and cells of what a check says of the form itself."""
    found: tuple[Finding, ...] = check_bytes(LIBRARY, "x.xlsx", data).findings
    return [
        (f.rule.removeprefix("structure."), f.sheet, f.found)
        for f in found
        if f.rule.startswith("structure.")
    ]


def test_what_the_round_does_not_ask_for_is_told_and_not_read() -> None:
    typed = {"pctn_01.m14": 3, "pctn_01_q.m14": 2, "pctn_tm.i1a": "Đã làm", "pctn_tm.ii1a": "Giảm"}
    data = filled(BLANK, Q1, typed)
    assert structure(data) == [
        ("sheet_not_due", "01-PCTN quý", "F31"),
        ("rows_not_due", "Mẫu 03", "D48"),
    ]
    content = check_bytes(LIBRARY, "x.xlsx", data).content
    assert content is not None
    assert [part.code for part in content.data_sets] == ["pctn_01", "pctn_02", "pctn_03", "pctn_tm"]
    assert not [v for part in content.data_sets for v in part.values if v.raw in ("2", "Giảm")]


def test_what_it_asks_for_is_read_without_a_word_about_the_form() -> None:
    half = Period.parse_code("2026-6M")
    typed = {"pctn_01.m14": 3, "pctn_01_q.m14": 2, "pctn_tm.ii1a": "Giảm"}
    data = filled(BLANK, half, typed)
    assert structure(data) == []
    content = check_bytes(LIBRARY, "x.xlsx", data).content
    assert content is not None
    said = {v.raw for part in content.data_sets for v in part.values}
    assert {"3", "2", "Giảm"} <= said
    assert structure(filled(BLANK, Q1)) == []


def test_a_workbook_misses_no_table_that_it_never_had() -> None:
    data = filled(LIBRARY.at(Q1).owed(UnitKind.POLICE, Q1), Q1)
    assert structure(data) == []
    book = load_workbook(io.BytesIO(filled(LIBRARY.at(Q1), Q1)))
    del book["03-PCTN"]
    assert ("sheet_missing", "03-PCTN") in [item[:2] for item in structure(saved(book))]


@pytest.mark.parametrize(
    ("kind", "missing"),
    [(UnitKind.POLICE, []), (UnitKind.DEPARTMENT, ["pctn_02", "pctn_03", "pctn_tm"])],
)
def test_the_roster_says_what_a_workbook_lacks(
    tmp_path: Path, kind: UnitKind, missing: list[str]
) -> None:
    data = filled(LIBRARY.at(Q1).owed(UnitKind.POLICE, Q1), Q1, {"pctn_01.m14": 3})
    (tmp_path / "CA.xlsx").write_bytes(data)
    unit = OrganisationUnit("CA", "Công an tỉnh", Level.PROVINCE, kind=kind)
    roster = Roster.of((unit,), province="Tỉnh Sông Tiền")
    result = merge(MergeRequest(LIBRARY, tmp_path, period=Q1, roster=roster))
    found = [f.data_set for _, f in result.findings() if f.rule == "structure.sheet_missing"]
    assert found == missing
