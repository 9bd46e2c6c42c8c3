"""All checks are asked, in one order, and one that crashes costs only itself."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from consolidate.checks.all_checks import CHECKS, check_return
from consolidate.checks.sheet_checks import SEVERITIES
from consolidate.checks.value_checks import BOUNDS, SMALL, check_values, noteworthy
from consolidate.definitions.catalogue import texts
from consolidate.intake.read_file import read_file
from consolidate.model.data_values import ValueStatus
from consolidate.model.datasets import Library
from consolidate.model.reasons import Finding, Severity, because, sorted_findings
from consolidate.model.returns import Return
from consolidate.model.units import Level
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
