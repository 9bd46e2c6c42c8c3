"""A return beside what counted before: drops, copies of the last period, figures far off."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from consolidate.checks.past_and_outlier_checks import (
    Sizes,
    check_history,
    check_outliers,
    far_from,
)
from consolidate.model.data_values import FigureKey, History, PastFigures
from consolidate.model.datasets import Library
from consolidate.model.period import Period, PeriodType
from consolidate.model.reasons import Severity, because
from consolidate.model.returns import Return
from consolidate.model.rules import RuleSpec
from consolidate.rules.parsing import bind_rules
from tests.library_2018 import library_2018
from tests.rollup.made import record, unit
from tests.rules.returns import parts_of

SIX = Period(2018, PeriodType.SIX_MONTHS)
NINE_2017 = Period(2017, PeriodType.NINE_MONTHS)


def returned(**answers: int | str) -> Return:
    content = record(unit("X1"), answers).content
    assert content is not None
    return content


def figures(period: Period, obstacle: str = "", **values: int) -> PastFigures:
    keys = {("pctn_01", name, "value"): Decimal(value) for name, value in values.items()}
    return PastFigures(period, keys, ("X1",), obstacle)


def said(content: Return, history: History) -> list[tuple[str, str, str, str, str]]:
    return [
        (item.rule, item.severity.value, item.element, item.found, item.expected)
        for item in check_history(content, history, library_2018())
    ]


def test_nine_months_less_than_six_is_an_error() -> None:
    history = History(previous=figures(SIX, c3=1819, c4=5))
    assert said(returned(c3=1800, c4=5), history) == [
        ("history.cumulative_drop", "error", "c3", "1.800", "≥ 1.819")
    ]


def test_a_drop_across_a_period_that_was_not_sent_is_an_error() -> None:
    first = figures(Period(2018, PeriodType.Q1), c3=100, c4=5)
    for sent in (None, figures(SIX, "not_reported")):
        history = History(previous=sent, before_gap=first)
        assert said(returned(c3=50, c4=5), history) == [
            ("history.cumulative_drop", "error", "c3", "50", "≥ 100")
        ]
    # What was sent in between is compared instead.
    assert said(returned(c3=50), History(previous=figures(SIX, c3=40), before_gap=first)) == []
    last_year = figures(Period(2017, PeriodType.NINE_MONTHS), c3=100)
    assert said(returned(c3=50), History(before_gap=last_year)) == []


def test_a_drop_below_a_figure_that_the_province_adjusted_says_so() -> None:
    past = replace(figures(SIX, c3=1819, c4=9), adjusted=frozenset({("pctn_01", "c3", "value")}))
    below, plain = check_history(returned(c3=1800, c4=5), History(previous=past), library_2018())
    assert (below.rule, plain.rule) == ("history.cumulative_drop",) * 2
    assert below.message.key == "history.cumulative_drop_adjusted"
    assert (below.message.value("now"), below.message.value("then")) == (1800, 1819)
    assert plain.message.key == "history.cumulative_drop"


@pytest.mark.parametrize(
    "past",
    [
        figures(Period(2017, PeriodType.YEAR), c3=1819),
        figures(SIX, "split", c3=1819),
        figures(SIX, c4=1819),
    ],
    ids=["another year", "not comparable", "not reported"],
)
def test_a_drop_that_is_none(past: PastFigures) -> None:
    assert said(returned(c3=0), History(previous=past)) == []


def test_a_ratio_may_fall() -> None:
    assert said(returned(c28="13/26"), History(previous=figures(SIX, c28=100))) == []


def test_a_quarter_does_not_add_up_with_the_one_before() -> None:
    quarter = replace(returned(c3=1), period=Period(2018, PeriodType.Q2))
    first = figures(Period(2018, PeriodType.Q1), c3=5)
    assert said(quarter, History(previous=first)) == []


def test_a_return_that_says_the_same_as_the_last_one_is_doubted() -> None:
    same = {f"c{number}": number for number in range(1, 7)}
    history = History(previous=figures(SIX, **same, c7=0))
    (found,) = check_history(returned(**same, c7=0), history, library_2018())
    assert (found.rule, found.severity) == ("history.unchanged", Severity.WARNING)
    assert found.message == because("history.unchanged", count=7, past=SIX)
    nearly_nothing = {f"c{number}": 0 for number in range(1, 20)} | {"c1": 3}
    assert said(returned(**nearly_nothing), History(figures(SIX, **nearly_nothing))) == []


def looking_back(expression: str) -> Library:
    """The library with one more rule of pctn_01."""
    rule = RuleSpec("rp", expression, Severity.WARNING, source="test")
    known = library_2018()
    sets = tuple(
        replace(data_set, rules=(*data_set.rules, rule)) if data_set.code == "pctn_01" else data_set
        for data_set in known.data_sets
    )
    made = replace(known, data_sets=sets)
    return replace(made, rules=bind_rules(sets).by_data_set)


def test_rules_may_name_earlier_periods() -> None:
    asked = looking_back("c3 <= 2 * same_period_last_year.c3")
    content = returned(c3=21)
    (found,) = check_history(content, History(last_year=figures(NINE_2017, c3=10)), asked)
    assert found.rule == "pctn_01.rp"
    assert because("rules.same_period_last_year", name="MS 3") in parts_of(found.message)
    assert [cell.a1 for cell in found.cells] == [content.data_sets[0].values[0].cell.a1]
    for history in (
        History(),
        History(previous=figures(SIX, c3=1)),
        History(last_year=figures(NINE_2017, "new", c3=1)),
        History(last_year=figures(NINE_2017, c4=1)),
        History(last_year=figures(NINE_2017, c3=11)),
    ):
        assert check_history(content, history, asked) == []


C3: FigureKey = ("pctn_01", "c3", "value")


def earlier(*values: int) -> History:
    years = range(2017, 2017 - len(values), -1)
    kept = zip(years, values, strict=True)
    return History(
        earlier=tuple(
            figures(Period(year, PeriodType.NINE_MONTHS), c3=value) for year, value in kept
        )
    )


@pytest.mark.parametrize(("typed", "far"), [(100, False), (600, False), (700, True), (14, True)])
def test_a_figure_far_from_the_units_own_past(typed: int, far: bool) -> None:
    found = check_outliers(returned(c3=typed), earlier(90, 110, 100, 105), {}.get, library_2018())
    assert [item.rule for item in found] == ["history.outlier_past"] * far
    if far:
        assert (found[0].found, found[0].expected) == (str(typed), "≈ 102,5")


def test_peers_are_asked_when_the_past_is_too_short() -> None:
    peers = {C3: Sizes.of([Decimal(value) for value in range(50, 60)] + [Decimal(0)] * 50)}.get
    (found,) = check_outliers(returned(c3=50_000), earlier(50_000, 50_000), peers, library_2018())
    assert found.rule == "history.outlier_peers"
    assert found.message.value("count") == 10
    assert not check_outliers(returned(c3=50_000), earlier(*[50_000] * 4), peers, library_2018())
    few = {C3: Sizes.of([Decimal(5)] * 9)}.get
    assert not check_outliers(returned(c3=50_000), History(), few, library_2018())


def test_years_that_cannot_be_compared_say_nothing_about_what_is_usual() -> None:
    years = earlier(90, 110, 100, 105)
    split = tuple(replace(year, obstacle="split") for year in years.earlier)
    assert not check_outliers(returned(c3=700), History(earlier=split), {}.get, library_2018())
    three = History(earlier=(*years.earlier[:3], split[3]))
    assert not check_outliers(returned(c3=700), three, {}.get, library_2018())


def test_zero_and_small_figures_are_never_far() -> None:
    alike = Sizes.of([Decimal(1000)] * 20)
    ones = Sizes.of([Decimal(1)] * 20)
    assert far_from(Decimal(0), alike) is None
    assert far_from(Decimal(19), ones) is None
    assert far_from(Decimal(20), ones) == 1
    assert far_from(Decimal(5), Sizes.of([])) is None
