"""Now beside then: change and percent, over units that were renamed, merged, split, abolished."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consolidate.model.data_values import FigureKey, PastFigures
from consolidate.model.datasets import Aggregation
from consolidate.model.period import Period, PeriodType
from consolidate.model.units import OrganisationUnit
from consolidate.rollup.comparison import (
    Against,
    Change,
    Compared,
    Comparison,
    compare,
    joined,
    previous_of,
)
from consolidate.rollup.totals import roll_up
from tests.library_2018 import library_2018
from tests.rollup.made import PCTN, PERIOD, record, unit

THEN = Period(2017, PeriodType.NINE_MONTHS)
C3: FigureKey = ("pctn_01", "c3", "value")
C4: FigureKey = ("pctn_01", "c4", "value")
RENAMED, MERGED, NEW, SPLIT = (unit(code) for code in ("X1", "X2", "X3", "X4"))


def past(obstacle: str = "", *units: str, **values: int) -> PastFigures:
    figures = {("pctn_01", name, "value"): Decimal(value) for name, value in values.items()}
    return PastFigures(THEN, figures, units, obstacle)


def compared() -> Comparison:
    given: dict[OrganisationUnit, int] = {RENAMED: 30, MERGED: 50, NEW: 7, SPLIT: 0}
    records = [record(who, {"c3": value}) for who, value in given.items()]
    table = roll_up(PCTN, PERIOD, records)
    units = {
        "X1": past("", "X1", c3=20, c4=1),
        "X2": past("", "A", "B", c3=0),
        "X4": past("split", "C", c3=9),
    }
    return compare(table, THEN, {C3: Decimal(58)}, units, ["X1", "A", "B", "C", "D"])


def figure(comparison: Comparison, element: str) -> Compared:
    return next(item for item in comparison.figures if item.element.code == element)


def test_the_province_and_each_unit_are_compared() -> None:
    found = figure(compared(), "c3")
    assert found.total == Change(Decimal(87), Decimal(58))
    assert compared().reporters == ("A", "B", "C", "D", "X1")
    assert (found.total.difference, found.total.percent) == (29, 50)
    units = found.units
    assert (units["X1"].difference, units["X1"].percent) == (10, 50)
    assert (units["X2"].difference, units["X2"].percent) == (50, None)
    assert units["X3"] == Change(Decimal(7), None, "new")
    assert units["X4"] == Change(Decimal(0), None, "split")
    assert units["X4"].difference is None


def test_what_was_not_reported_then_or_now_is_not_zero() -> None:
    found = figure(compared(), "c4")
    assert found.total == Change(None, None, "not_reported")
    assert found.units["X1"] == Change(None, Decimal(1))
    assert found.units["X1"].difference is None
    assert found.units["X2"].obstacle == "not_reported"


def test_single_units_are_told_where_something_changed() -> None:
    # X2 left c4 blank as it was, X3 has no past, X4 is a part of a unit that was split.
    assert [(who.code, item.element.code, change) for who, item, change in compared().told()] == [
        ("X1", "c3", Change(Decimal(30), Decimal(20))),
        ("X1", "c4", Change(None, Decimal(1))),
        ("X2", "c3", Change(Decimal(50), Decimal(0))),
        ("X3", "c3", Change(Decimal(7), None, "new")),
    ]
    assert [compared().obstacle(code) for code in ("X1", "X3", "X4")] == ["", "", "split"]


@pytest.mark.parametrize(
    ("now", "then", "tells"),
    [(3, 3, False), (3, 2, True), (0, None, False), (None, 0, False), (1, None, True),
     (None, 1, True), (None, None, False), (-1, None, True)],
)  # fmt: skip
def test_the_same_again_and_blank_beside_zero_tell_nothing(
    now: int | None, then: int | None, tells: bool
) -> None:
    first, second = (None if number is None else Decimal(number) for number in (now, then))
    assert Change(first, second).tells is tells


def test_units_of_today_that_only_reported_then_are_absent() -> None:
    past_of = {**compared().units, "X7": past("", "X7", c3=1), "X8": past("new")}
    assert replace(compared(), units=past_of).absent == ("X7",)


def test_units_that_live_on_in_no_other_are_named() -> None:
    assert compared().gone == ("D",)


def test_a_fall_is_a_negative_percent_to_one_decimal() -> None:
    assert Change(Decimal(2), Decimal(3)).percent == Decimal("-33.3")
    assert Change(Decimal(-2), Decimal(-4)).percent == 50


def test_merged_units_are_added_only_where_all_of_them_reported() -> None:
    sources = {
        "B": {C3: Decimal(1), C4: Decimal(2)},
        "A": {C3: Decimal(5), ("pctn_01", "c28", "value"): Decimal(50)},
    }
    together = joined(THEN, sources, {C3: Aggregation.SUM, C4: Aggregation.SUM})
    assert together == PastFigures(THEN, {C3: Decimal(6)}, ("A", "B"))


def test_a_single_unit_keeps_all_its_figures() -> None:
    ratio: FigureKey = ("pctn_01", "c28", "value")
    alone = joined(THEN, {"A": {ratio: Decimal(50)}}, {ratio: Aggregation.RATIO})
    assert alone == PastFigures(THEN, {ratio: Decimal(50)}, ("A",))
    assert joined(THEN, {}, {}) == PastFigures(THEN, {}, ())


NUMBERS = st.decimals(-(10**9), 10**9, places=2)


@given(now=NUMBERS, then=NUMBERS)
def test_a_change_leads_from_then_to_now(now: Decimal, then: Decimal) -> None:
    change = Change(now, then)
    assert change.difference is not None
    assert then + change.difference == now
    back = Change(then, now).difference
    assert back == -change.difference
    if change.percent is None:
        assert then == 0
    else:
        exact = 100 * change.difference / abs(then)
        assert abs(change.percent - exact) <= Decimal("0.05")
        assert change.percent * change.difference >= 0
        assert -change.percent == Change(2 * then - now, then).percent


@given(now=st.none() | NUMBERS, then=st.none() | NUMBERS, obstacle=st.sampled_from(["", "split"]))
def test_what_cannot_be_compared_has_no_change(
    now: Decimal | None, then: Decimal | None, obstacle: str
) -> None:
    change = Change(now, then, obstacle)
    possible = now is not None and then is not None and not obstacle
    assert (change.difference is not None) is possible
    assert possible or change.percent is None
    assert Change(now, then, obstacle, points=True).percent is None


def test_halves_of_a_percent_are_rounded_as_spreadsheets_show_them() -> None:
    assert Change(Decimal("1000.5"), Decimal(1000)).percent == Decimal("0.1")
    assert Change(Decimal("1002.5"), Decimal(1000)).percent == Decimal("0.3")
    assert Change(Decimal("997.5"), Decimal(1000)).percent == Decimal("-0.3")


@pytest.mark.parametrize(
    ("template", "period", "before"),
    [
        ("pctn", "2018-Q1", None),
        ("pctn", "2018-6M", "2018-Q1"),
        ("pctn", "2018-9M", "2018-6M"),
        ("pctn", "2018-Y", "2018-9M"),
        ("cchc", "2018-Q1", "2017-Q4"),
        ("cchc", "2018-Q3", "2018-Q2"),
    ],
)
def test_figures_that_add_up_have_nothing_before_the_year(
    template: str, period: str, before: str | None
) -> None:
    found = previous_of(Period.parse_code(period), library_2018().pack_of[template].periods)
    assert (found.code if found is not None else None) == before


@pytest.mark.parametrize(
    ("past", "element", "now", "falls"),
    [
        ("2018-6M", "c3", 4, True),
        ("2018-6M", "c3", 5, False),
        ("2018-6M", "c28", 4, False),
        ("2017-6M", "c3", 4, False),
    ],
)
def test_only_figures_that_add_up_within_the_year_may_not_fall(
    past: str, element: str, now: int, *, falls: bool
) -> None:
    table = roll_up(PCTN, PERIOD, [record(RENAMED, {element: now})])
    key = ("pctn_01", element, "value")
    then = Period.parse_code(past)
    found = compare(table, then, {key: Decimal(5)}, {}, run=1)
    item = figure(found, element)
    assert found.falls(item, Change(Decimal(now), Decimal(5))) is falls
    assert not Comparison(table, then, against=Against.LAST_YEAR, run=1).within_year


def test_the_ratio_of_merged_units_is_not_said_to_be_unreported() -> None:
    table = roll_up(PCTN, PERIOD, [record(MERGED, {"c28": "50"})])
    found = compare(table, THEN, {}, {"X2": past("", "A", "B", c3=1)})
    ratio = figure(found, "c28")
    assert ratio.units["X2"] == Change(Decimal(50), None, "not_summed", points=True)
    assert ratio.total == Change(None, None, "not_summed", points=True)


@pytest.mark.parametrize(
    ("period", "before"),
    [
        ("2018-Q1", "2017-Y"),
        ("2018-6M", "2018-Q1"),
        ("2018-9M", "2018-6M"),
        ("2018-Y", "2018-9M"),
    ],
)
def test_the_period_before_in_the_rounds_of_a_template(period: str, before: str) -> None:
    assert Period.parse_code(period).before(PCTN.periods).code == before
    assert Period.parse_code(period).last_year.code == f"2017-{period[5:]}"
