"""Rules that ask another template of the unit, or other units of the round."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from consolidate.definitions.catalogue import sentence
from consolidate.definitions.loader import library_with
from consolidate.definitions.toml_lines import DefinitionError
from consolidate.merge.merge_inbox import MergeRequest, merge
from consolidate.model.datasets import Library
from consolidate.model.period import Period
from consolidate.model.reasons import Ours
from consolidate.model.units import Level, OrganisationUnit, Roster, UnitKind
from consolidate.reports.summary import summary_bytes
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template
from examples.forms import library_of
from tests.small_library import form, item, pack, rule, table

YEAR = Period.parse_code("2026-Y")
FIGURES = (
    table("[layout]", number_header="MS", label_header="Nội dung"),
    table("[[columns]]", code="value", label="Số liệu"),
)
PEOPLE = form(
    "people", "Biểu people", "Nhân sự", "fixed", *FIGURES,
    item("staff", "Số người", "count", number="1"),
    item("below", "Số người của các đơn vị trực thuộc", "count", number="2"),
    rule("same_staff", "staff == money.paid", "error"),
    rule("sum_below", "below == units_below.staff", "warning"),
    periods=["Y"],
)  # fmt: skip
MONEY = form(
    "money", "Biểu money", "Chi lương", "fixed", *FIGURES,
    item("paid", "Số người được trả lương", "count", number="7"),
    periods=["Y"],
)  # fmt: skip
CASES = form(
    "cases", "Biểu cases", "Vụ việc", "open",
    table("[layout]", number_header="MS", open_rows=5),
    item("case", "Số vụ", "text", width=20, required=["value"]),
    item("way", "Chiều", "choice", width=20, choices=["Chuyển đi", "Nhận"]),
    rule(
        "received",
        'implies(way == "Chuyển đi", count(all_units.cases, same(case) and way == "Nhận") >= 1)',
        "warning", scope="row",
    ),
    periods=["Y"],
)  # fmt: skip
COVER: dict[str, Any] = {
    "cover.level": "Cấp tỉnh",
    "cover.period_type": "Cả năm",
    "cover.period_year": 2026,
    "cover.window_from": date(2026, 1, 1),
    "cover.window_to": date(2026, 12, 31),
    "cover.revision": 1,
}
UNITS = (
    OrganisationUnit("S1", "Sở Một", Level.PROVINCE, kind=UnitKind.DEPARTMENT),
    OrganisationUnit("D1", "Trung tâm Một", Level.PROVINCE, kind=UnitKind.OTHER, parent="S1"),
    OrganisationUnit("D2", "Trung tâm Hai", Level.PROVINCE, kind=UnitKind.OTHER, parent="S1"),
)


@cache
def library(people: str = PEOPLE) -> Library:
    return library_with(
        {
            "forms/aa/pack.toml": pack("aa", "Gói aa", ["people", "cases"], ["Y"]),
            "forms/aa/people.toml": people,
            "forms/aa/cases.toml": CASES,
            "forms/bb/pack.toml": pack("bb", "Gói bb", ["money"], ["Y"]),
            "forms/bb/money.toml": MONEY,
        }
    )


def returned(folder: Path, unit: str, pack: str, rows: Any = (), **figures: int) -> None:
    name = next(item.name for item in UNITS if item.code == unit)
    values: dict[str, Any] = {**COVER, "cover.unit_name": name, "cover.unit_code": unit}
    form = {"aa": "people", "bb": "money"}[pack]
    values |= {f"{form}.{key}": value for key, value in figures.items()}
    listed = [{"case": number, "way": way} for number, way in rows]
    prefill = Prefill(values=values, rows={"cases": listed} if listed else {})
    made = build_template(library().of_pack(pack), pack, prefill)
    (folder / f"{unit}-{pack}.xlsx").write_bytes(made)


def told(folder: Path) -> dict[tuple[str, str], tuple[str, str, str, str]]:
    """Findings of rules across files by file and rule: severity, element, cells, whose it is."""
    result = merge(MergeRequest(library(), folder, YEAR, Roster.of(UNITS)))
    assert summary_bytes(result, inbox_link=None)
    ours = {(record.path, finding): why for record in result.records
            for finding, why in record.ours.items()}  # fmt: skip
    return {
        (record.path.removesuffix(".xlsx"), finding.rule): (
            finding.severity.value,
            finding.element,
            finding.address,
            ours.get((record.path, finding), ""),
        )
        for record, finding in result.findings()
        if finding.rule.startswith(("across.", "people.", "cases.received"))
    }


def whole(folder: Path, **changed: int) -> None:
    """Files of a round in which everything agrees, but for what is changed."""
    figures = {"paid": 3, "below": 9, "d1": 4, "d2": 5} | changed
    returned(folder, "S1", "aa", staff=3, below=figures["below"])
    returned(folder, "S1", "bb", paid=figures["paid"])
    for unit in ("D1", "D2"):
        returned(folder, unit, "aa", staff=figures[unit.lower()])
        returned(folder, unit, "bb", paid=figures[unit.lower()])


def test_files_that_agree_say_nothing(tmp_path: Path) -> None:
    whole(tmp_path)
    assert told(tmp_path) == {}


@pytest.mark.wording
def test_two_templates_of_a_unit_are_compared(tmp_path: Path) -> None:
    whole(tmp_path, paid=2)
    wanted = ("error", "staff", "E9", "")
    assert told(tmp_path) == {("S1-aa", "people.same_staff"): wanted}
    result = merge(MergeRequest(library(), tmp_path, YEAR, Roster.of(UNITS)))
    (finding,) = (f for _, f in result.findings() if f.rule == "people.same_staff")
    assert sentence(finding.message) == (
        "MS 1 phải bằng MS 7 (Gói bb, Chi lương): đang ghi 3, so với 2; lệch 1. Kiểm tra và sửa "
        "các ô liên quan. Số ở nơi khác: MS 7 (Gói bb, Chi lương) ở Chi lương E9, tệp S1-bb.xlsx."
    )


@pytest.mark.wording
def test_a_superior_is_compared_with_the_units_below(tmp_path: Path) -> None:
    whole(tmp_path, below=8)
    assert told(tmp_path) == {("S1-aa", "people.sum_below"): ("warning", "below", "E10", "")}
    result = merge(MergeRequest(library(), tmp_path, YEAR, Roster.of(UNITS)))
    (finding,) = (f for _, f in result.findings() if f.rule == "people.sum_below")
    assert sentence(finding.message).endswith(
        "MS 1 cộng các đơn vị trực thuộc là của Trung tâm Một (D1) 4; Trung tâm Hai (D2) 5."
    )


def test_what_has_not_come_is_neither_kept_nor_broken(tmp_path: Path) -> None:
    whole(tmp_path, paid=2, below=8)
    for name in ("S1-bb", "D2-aa"):
        (tmp_path / f"{name}.xlsx").unlink()
    assert told(tmp_path) == {
        ("S1-aa", "across.waiting_form"): ("info", "", "", ""),
        ("S1-aa", "across.waiting_units"): ("info", "", "", Ours.ACROSS),
    }


@pytest.mark.parametrize("number", ["12/2026", "13/2026"])
def test_a_case_is_looked_for_with_all_units(number: str, tmp_path: Path) -> None:
    whole(tmp_path)
    returned(tmp_path, "S1", "aa", [("12/2026", "Chuyển đi")], staff=3, below=9)
    returned(tmp_path, "D1", "aa", [(number, "Nhận")], staff=4)
    lost = {("S1-aa", "cases.received"): ("warning", "way", "C9:D9", Ours.ACROSS)}
    assert told(tmp_path) == ({} if number == "12/2026" else lost)


BRANCHES = (
    OrganisationUnit("CA", "Công an tỉnh", Level.PROVINCE, kind=UnitKind.POLICE),
    OrganisationUnit("KS", "Viện kiểm sát tỉnh", Level.PROVINCE, kind=UnitKind.PROCURACY),
)


@pytest.mark.parametrize("asked", [3, 2])
def test_two_branches_that_report_the_same_cases(asked: int, tmp_path: Path) -> None:
    """Cases that the police and the procuracy report are compared; neither is told (seed 003)."""
    forms = library_of("nganh-doc")
    for unit, code, element, value in (
        (BRANCHES[0], "pctn_nd_ca", "ca6", 3),
        (BRANCHES[1], "pctn_nd_ks", "ks1", asked),
    ):
        view = forms.of_pack("nganh-doc", 4).only([code])
        values = {
            f"{code}.{cell.element.code}.{cell.column}": 0 for cell in view.by_code[code].inputs
        }
        cover = {"cover.unit_name": unit.name, "cover.unit_code": unit.code}
        values |= {f"{code}.{element}.total": value, f"{code}.{element}.province": value}
        prefill = Prefill(values={**COVER, **cover, **values})
        (tmp_path / f"{unit.code}.xlsx").write_bytes(build_template(view, "nganh_doc", prefill))
    roster = Roster.of([replace(unit, templates=frozenset({"nganh_doc"})) for unit in BRANCHES])
    result = merge(MergeRequest(forms, tmp_path, YEAR, roster))
    found = {
        (record.path, finding.rule, record.ours.get(finding))
        for record, finding in result.findings()
        if "_ks1" in finding.rule or finding.rule.startswith("across.")
    }
    differ = {("CA.xlsx", "pctn_nd_ca.ca6_ks1", Ours.ACROSS)}
    assert found == (set() if asked == 3 else differ)


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("staff == money.nothing", "no_element"),
        ("staff == nowhere.paid", "no_element"),
        ("staff == prev.money.paid", "past_of_other"),
        ("filled(all_units.money.paid)", "only_added"),
        ("staff == all_units.pctn_01.m39", "not_added"),
    ],
)
def test_a_rule_that_names_nothing_is_refused_at_its_place(expression: str, fault: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        library(PEOPLE.replace("staff == money.paid", expression))
    (found,) = caught.value.faults
    assert found.place.startswith("forms/aa/people.toml:")
    assert f"syntax.{fault}" in repr(found)
