"""Computed cells: what a template shows, what a return says, ratios of a province."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from consolidate.checks.rule_checks import check_rules
from consolidate.definitions.toml_lines import DefinitionError
from consolidate.merge.adjustments_and_waivers import adjusted_return
from consolidate.merge.read_files import FileReading, check_bytes
from consolidate.model.corrections import Adjustment
from consolidate.model.data_values import History, PastFigures, ValueKey, ValueStatus
from consolidate.model.period import Period
from consolidate.model.units import Level, OrganisationUnit
from consolidate.templates.live_formulas import Value
from consolidate.templates.prefill import Earlier
from tests.messages import says
from tests.small_library import UNITS, form, item, merged, returned, small_library, table

YEAR = Period.parse_code("2026-Y")
COLUMNS = (
    {"code": "a", "label": "Trung ương"},
    {"code": "b", "label": "Địa phương"},
    {"code": "total", "label": "Tổng số", "computed": "a + b"},
    {"code": "left", "label": "Chênh lệch", "computed": "a - b"},
    {
        "code": "rate",
        "label": "Tỷ lệ",
        "type": "percentage",
        "aggregation": "weighted_ratio",
        "computed": "100 * a / b",
    },
)
CODES = [column["code"] for column in COLUMNS]
HEADS = {"number_header": "MS", "label_header": "NỘI DUNG", "unit_header": "ĐVT"}


def form_of(code: str) -> str:
    """A form with computed columns."""
    return form(
        code,
        "Vốn",
        f"Vốn {code}",
        "fixed",
        table("[layout]", title=["VỐN"], **HEADS),
        *(table("[[columns]]", **column) for column in COLUMNS),
        item("m1", "Vốn", "money", number="1", unit="Triệu đồng", columns=CODES),
        periods=["Y"],
    )


FORM = form_of("money")
LIBRARY = small_library(FORM)
CELLS = ("total", "left", "rate")


def sent(values: dict[str, Value], unit: OrganisationUnit = UNITS[0]) -> bytes:
    named = {f"money.m1.{column}": value for column, value in values.items()}
    return returned(LIBRARY, unit, values=named)


def reading(values: dict[str, Value]) -> FileReading:
    return check_bytes(LIBRARY, "x.xlsx", sent(values))


def told(found: FileReading) -> tuple[Decimal | str, ...]:
    assert found.content is not None
    by_column = {value.key.column: value for value in found.content.values()}
    shown = [by_column[column] for column in CELLS]
    return tuple(v.number if v.number is not None else v.status.value for v in shown)


def test_a_template_shows_a_locked_formula() -> None:
    data = sent({"a": 5, "b": 3})
    kept = openpyxl.load_workbook(io.BytesIO(data))["Vốn money"]
    cached = openpyxl.load_workbook(io.BytesIO(data), data_only=True)["Vốn money"]
    row = next(row for row in kept.iter_rows() if row[0].value == "m1")
    at = row[0].row
    places = [cell for cell in row if str(cell.value).startswith("=IF(")]
    assert [cell.value for cell in places] == [
        f'=IF(COUNT(E{at},F{at})=0,"",IF(COUNT(E{at},F{at})='
        f'IF(E{at}="",0,1)+IF(F{at}="",0,1),E{at}+F{at},""))',
        f'=IF(COUNT(E{at},F{at})=2,E{at}-F{at},"")',
        f'=IF(COUNT(E{at},F{at})=2,IF(F{at}=0,"",ROUND(100*E{at}/F{at},2)),"")',
    ]
    assert [cached[cell.coordinate].value for cell in places] == [8, 2, 166.67]
    assert all(cell.protection.locked for cell in places)
    assert not kept[f"E{at}"].protection.locked
    prompts = {str(item.prompt) for item in kept.data_validations.dataValidation}
    assert "Biểu tự tính: Trung ương + Địa phương. Không ghi vào ô này; ghi các ô thành phần." in (
        prompts
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, ("missing", "missing", "missing")),
        ({"a": 5}, (5, "missing", "missing")),
        ({"a": 5, "b": 3}, (8, 2, Decimal("166.67"))),
        ({"a": 3, "b": 5}, (8, -2, 60)),
        ({"a": 0, "b": 0}, (0, 0, "missing")),
        ({"a": "05", "b": "1.500"}, (1505, -1495, Decimal("0.33"))),
        ({"a": 5, "b": "x"}, (5, 5, "missing")),
        ({"a": "năm", "b": 3}, ("missing", "missing", "missing")),
        ({"a": 5, "b": 3, "total": 8, "rate": "166,7"}, (8, 2, Decimal("166.7"))),
        ({"a": 0.1, "b": 0.2, "total": 0.30000000000000004}, (Decimal("0.3"), Decimal("-0.1"), 50)),
    ],
)
def test_a_blank_cell_is_worked_out(
    values: dict[str, Value], expected: tuple[Decimal | str, ...]
) -> None:
    found = reading(values)
    assert told(found) == expected
    assert not [finding for finding in found.findings if "computed" in finding.rule]


def test_a_typed_figure_is_compared() -> None:
    found = reading({"a": 5, "b": 3, "total": 9, "rate": 160})
    assert told(found) == (9, 2, 160)
    asked = [finding for finding in found.findings if "computed" in finding.rule]
    assert [(f.rule, f.severity.value, f.found, f.expected, len(f.cells)) for f in asked] == [
        ("money.computed_total", "error", "9", "8", 3),
        ("money.computed_rate", "error", "160", "166,67", 3),
    ]
    assert says(
        asked[0].message,
        "MS 1: Tổng số là ô tự tính (Trung ương + Địa phương), đang ghi 9 nhưng tính ra 5 + 3 = 8. "
        "Xóa số đã ghi để biểu tự tính, hoặc sửa các ô thành phần.",
    )


def test_a_difference_to_the_period_before_is_live_where_that_is_shown() -> None:
    form = FORM.replace('computed = "a - b"', 'computed = "a - prev.a"')
    library = small_library(form)
    typed: dict[str, Value] = {"money.m1.a": 5}
    earlier = Earlier("Kỳ trước", {"money.m1.a": 3, "money.m1.b": 1})
    data = returned(library, UNITS[0], values=dict(typed), previous=earlier)
    sheet = openpyxl.load_workbook(io.BytesIO(data))["Vốn money"]
    cached = openpyxl.load_workbook(io.BytesIO(data), data_only=True)["Vốn money"]
    (cell,) = (c for row in sheet.iter_rows() for c in row if ",J" in str(c.value)[:16])
    assert cell.value == f'=IF(COUNT(E{cell.row},J{cell.row})=2,E{cell.row}-J{cell.row},"")'
    assert cached[cell.coordinate].value == 2
    for difference, rules in ((2, []), (9, ["money.computed_left"])):
        values = {**typed, "money.m1.left": difference}
        content = check_bytes(library, "x.xlsx", returned(library, UNITS[0], values=values)).content
        assert content is not None
        past = PastFigures(Period.parse_code("2025-Y"), {("money", "m1", "a"): Decimal(3)})
        found = check_rules(content, library, History(previous=past))
        assert [finding.rule for finding in found] == rules
    blank = returned(library, UNITS[0], values=dict(typed))
    assert told(check_bytes(library, "x.xlsx", blank)) == (5, "missing", "missing")
    kept = openpyxl.load_workbook(io.BytesIO(blank))["Vốn money"]
    assert not kept[
        cell.coordinate
    ].protection.locked  # Nobody knows the period before: it is asked.


def test_a_computed_cell_follows_an_adjusted_part() -> None:
    part = ValueKey("money", "m1", "a")
    change = Adjustment("D1", YEAR, "S1", part, "6", "TTT", date(2026, 4, 1), "x", "1")
    for typed, total in (({}, 9), ({"total": 8}, 9), ({"total": 11}, 11)):
        content = reading({"a": 5, "b": 3, **typed}).content
        assert content is not None
        adjusted, done = adjusted_return(content, [change], LIBRARY)
        by_column = {value.key.column: value.number for value in adjusted.values()}
        assert (by_column["total"], by_column["left"], by_column["rate"]) == (total, 3, 200)
        assert ValueKey("money", "m1", "rate") in done.instead


def test_a_form_without_an_adjusted_figure_stays_as_it_was_read() -> None:
    library = small_library(FORM, form_of("more"))
    named = {f"{code}.m1.{column}": 5 for code in ("money", "more") for column in ("a", "b")}
    content = check_bytes(library, "x.xlsx", returned(library, UNITS[0], values=named)).content
    assert content is not None
    money, more = content.data_sets
    blank = tuple(
        replace(value, value=None, status=ValueStatus.MISSING)
        if value.key.column in CELLS
        else value
        for value in more.values
    )  # Kept from before the form worked these cells out.
    kept = replace(content, data_sets=(money, replace(more, values=blank)))
    part = ValueKey("money", "m1", "a")
    change = Adjustment("D1", YEAR, "S1", part, "6", "TTT", date(2026, 4, 1), "x", "1")
    adjusted, done = adjusted_return(kept, [change], library)
    assert adjusted.data_sets[1] == kept.data_sets[1]
    assert {key.column for key in done.instead} == {"a", *CELLS}


def test_ratios_of_a_province_are_those_of_its_parts(tmp_path: Path) -> None:
    answers: list[dict[str, Value]] = [{"a": 1, "b": 2}, {"a": 30, "b": 40, "rate": 10}, {"a": 9}]
    files = {unit.code: sent(said, unit) for unit, said in zip(UNITS, answers, strict=False)}
    (table,) = merged(LIBRARY, tmp_path, files).tables
    totals = {figure.column: figure.total for figure in table.figures}
    assert totals == {"a": 40, "b": 42, "total": 82, "left": -11, "rate": Decimal("73.81")}
    rate = table.figure("m1", "rate")
    assert rate is not None
    assert rate.by_level == {Level.PROVINCE: Decimal("73.81")}
    assert rate.counts == {ValueStatus.REPORTED: 2, ValueStatus.MISSING: 1}


@pytest.mark.parametrize(
    ("was", "now", "fault"),
    [
        ('computed = "a + b"', 'computed = "a + c"', "computed"),
        ('computed = "a + b"', 'computed = "a > b"', "computed"),
        ('computed = "a + b"', 'computed = "a + left"', "computed_of_computed"),
        ('computed = "a + b"', 'computed = "a + window_to"', "computed"),
        ('computed = "a + b"', 'computed = "5"', "computed_elsewhere"),
        ('aggregation = "weighted_ratio"\n', 'aggregation = "sum"\n', "computed_ratio_summed"),
        ('type = "money"\n', 'type = "money"\nrequired = ["total"]\n', "computed_required"),
        ('type = "money"\n', 'type = "money"\ncomputed = "m1"\n', "computed_of_single"),
    ],
)
def test_faults_of_a_formula_are_told_at_its_place(was: str, now: str, fault: str) -> None:
    assert FORM.count(was) == 1
    with pytest.raises(DefinitionError) as error:
        small_library(FORM.replace(was, now))
    assert f"lint.{fault}" in {found.reason.key for found in error.value.faults}
