"""Checks as they run: what is asked for, medians of others, narratives, the order of all."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from math import log
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consolidate.checks.all_checks import CHECKS, check_return
from consolidate.checks.past_checks import Sizes
from consolidate.checks.sheet_checks import SEVERITIES
from consolidate.checks.text_checks import check_narratives
from consolidate.checks.value_checks import BOUNDS, SMALL, check_values, noteworthy
from consolidate.definitions.catalogue import texts
from consolidate.definitions.loader import library_with, shipped_files, shipped_library
from consolidate.definitions.toml_lines import DefinitionError, Fault
from consolidate.intake.read_file import read_file
from consolidate.merge.read_files import check_bytes
from consolidate.model.data_values import ValueStatus
from consolidate.model.datasets import Library
from consolidate.model.period import Period
from consolidate.model.reasons import Finding, Severity, because, sorted_findings
from consolidate.model.returns import Return
from consolidate.model.units import Level
from consolidate.templates.prefill import Prefill
from consolidate.templates.template_build import build_template
from tests.library_2018 import library_2018
from tests.recipes.recipe import Recipe

LIBRARY = library_2018()
WRONG = Recipe(
    "several defects",
    values={"pctn_01.c3": "nhiều", "pctn_01.c7": 2, "pctn_01.c6": 1, "pctn_01.c20": 1},
    blank=("pctn_01.c61",),
    windows={"pctn_02": "từ 06/11/2017 đến 25/5/2018"},
)


def content() -> Return:
    read = read_file("a.xlsx", WRONG.build(), library_2018()).content
    assert read is not None
    return read


def crashing(_: Return, __: Library) -> list[Finding]:
    return [Finding("x", Severity.INFO, because(str(1 // 0)))]


def test_all_findings_come_at_once_worst_first_in_reading_order() -> None:
    assert [finding.rule for finding in check_return(content(), LIBRARY)] == [
        "value.not_a_number",
        "pctn_01.r7_6",
        "value.required",
        "sheets.window_stale",
        "pctn_01.r20_19",
    ]


def test_asking_twice_or_in_another_order_changes_nothing() -> None:
    read = content()
    once = check_return(read, LIBRARY)
    assert check_return(read, LIBRARY) == once
    assert check_return(read, LIBRARY, CHECKS[::-1]) == once
    assert check_return(read, LIBRARY, CHECKS + CHECKS) == once


def test_a_check_that_crashes_becomes_a_finding_and_the_others_go_on() -> None:
    read = content()
    crashed = Finding(
        "internal.check_crashed",
        Severity.ERROR,
        because("checks.crashed", check="crashing", error="ZeroDivisionError"),
    )
    found = check_return(read, LIBRARY, (crashing, check_values))
    assert found == sorted_findings([crashed, *check_values(read, LIBRARY)])


def test_every_anomaly_has_a_severity_and_a_message() -> None:
    assert set(SEVERITIES) == set(texts("structure"))


def test_no_figure_that_is_left_out_for_its_size_can_be_too_large() -> None:
    assert all(bound.of(level) >= SMALL for bound in BOUNDS for level in Level)


def test_only_answers_that_were_met_and_are_plain_are_left_out() -> None:
    """The same objects, of which nothing is to be said, and one beside them of which much is."""
    part = next(part for part in content().data_sets if part.code == "pctn_01")
    form = LIBRARY.data_set(part.code)
    assert list(noteworthy(part, form)) == list(noteworthy(part, form))
    assert {value.key.element for value in noteworthy(part, form)} >= {"c3", "c61"}
    for value in part.values:
        large = replace(value, value=Decimal(SMALL + 1), status=ValueStatus.REPORTED)
        odd = replace(value, value=None, status=ValueStatus.INVALID, problem="unclear")
        for other in (large, odd):
            values = tuple(other if one is value else one for one in part.values)
            assert other in noteworthy(replace(part, values=values), form)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("cover.unit_name", "value.required_text"),
        ("cover.level", "value.required_choice"),
        ("cover.period_year", "value.required_text"),
        ("pctn_01.c3", "value.required"),
    ],
)
def test_what_is_missing_is_asked_for_by_its_kind(name: str, key: str) -> None:
    read = read_file("a.xlsx", Recipe("blank", blank=(name,)).build(), library_2018()).content
    assert read is not None
    (finding,) = (
        item for item in check_values(read, LIBRARY) if f"{item.data_set}.{item.element}" == name
    )
    assert (finding.rule, finding.message.key) == ("value.required", key)


NUMBERS = st.one_of(
    st.integers(-3, 9).map(Decimal),
    st.decimals(0, 10**12, allow_nan=False, allow_infinity=False, places=2),
)


@given(st.lists(NUMBERS, min_size=1, max_size=40), st.data())
def test_the_medians_of_the_others(numbers: list[Decimal], data: st.DataObject) -> None:
    own = data.draw(st.lists(st.sampled_from(range(len(numbers))), unique=True, max_size=3))
    others = [number for at, number in enumerate(numbers) if at not in own and number > 0]
    sizes = Sizes.of(numbers).without(numbers[at] for at in own)
    assert len(sizes) == len(others)
    assert sizes.usual == (median(others) if others else 0)
    if others:
        logs = [log(number) for number in others]
        middle = median(logs)
        assert sizes.middle == middle
        assert sizes.spread == median(abs(size - middle) for size in logs)


def test_nothing_has_no_middle() -> None:
    alone = Sizes.of([Decimal(5)]).without([Decimal(5)])
    assert (len(alone), alone.usual) == (0, 0)
    with pytest.raises(ValueError, match="nothing"):
        _ = alone.middle


Q1 = Period.parse_code("2026-Q1")
QUARTER = shipped_library().at(Q1)
LONG = "Đã tự kiểm tra 5 cuộc tại các phòng chuyên môn."


@pytest.mark.parametrize(
    ("words", "figure", "rule"),
    [
        ("Không", 2, "none_but_counted"),
        ("Không có.", 2, "none_but_counted"),
        ("Chưa phát hiện vụ việc tham nhũng nào", 2, "none_but_counted"),
        ("Không", 0, ""),
        ("0", 0, ""),
        ("0", 2, "none_but_counted"),
        (LONG, 0, "told_but_zero"),
        (LONG, 2, ""),
        (f"{LONG} Qua kiểm tra chưa phát hiện tham nhũng.", 0, ""),
        ("Không phát hiện qua kiểm tra; qua tố cáo phát hiện 2 vụ", 2, ""),
        (LONG, None, ""),
        ("Không", None, ""),
        (None, 2, ""),
    ],
)
def test_words_and_figures(words: str | None, figure: int | None, rule: str) -> None:
    counted = QUARTER.by_code["pctn_tm"].by_code["i3a"].counted_by
    values: dict[str, str | int] = {} if figure is None else dict.fromkeys(counted, 0)
    if figure is not None:
        values["pctn_01.m50"] = figure
    if words is not None:
        values["pctn_tm.i3a"] = words
    values |= {"cover.period_type": "Quý I", "cover.period_year": 2026}
    content = check_bytes(
        shipped_library(), "x.xlsx", build_template(QUARTER, "pctn", Prefill(values=values))
    ).content
    assert content is not None
    found = check_narratives(content, shipped_library().of_pack("pctn-2025", 1))
    told = [(f.rule, f.element, f.severity, len(f.cells)) for f in found]
    cells = 2 if rule == "none_but_counted" else 1 + len(counted)
    assert told == ([(f"narrative.{rule}", "i3a", Severity.WARNING, cells)] if rule else [])


def test_a_figure_that_is_not_there_is_a_fault_of_the_form() -> None:
    own = {
        f"forms/x/{name.partition('/')[2]}": text
        for name, text in shipped_files().items()
        if name.startswith("pctn-2025/")
    }
    outline = own["forms/x/pctn_tm.toml"]
    own["forms/x/pctn_tm.toml"] = outline.replace('"pctn_01.m70"', '"pctn_01.m170"')
    line = outline[: outline.index('"pctn_01.m70"')].count("\n") + 1
    with pytest.raises(DefinitionError) as caught:
        library_with(own)
    told = because("lint.counted_by_none", name="pctn_01.m170")
    assert caught.value.faults == (Fault(f"forms/x/pctn_tm.toml:{line}", told),)
