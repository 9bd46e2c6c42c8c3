"""Totals: exact, by level, with blanks counted apart and ratios never summed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consolidate.model.cells import CellRef
from consolidate.model.data_values import ValueStatus
from consolidate.model.reasons import Finding, Severity
from consolidate.model.returns import Outcome, ReturnRecord
from consolidate.model.units import Level
from consolidate.rollup.totals import Figure, roll_up
from tests.library_2018 import library_2018
from tests.messages import own_words
from tests.rollup.made import PCTN, PERIOD, Typed, plans, record, table, unit


def figure(element: str, *typed: Typed, level: Level = Level.COMMUNE) -> Figure:
    records = [record(unit(f"X{i}", level), {element: cell}) for i, cell in enumerate(typed)]
    found = table(records).figure(element, "value")
    assert found is not None
    return found


def test_what_counts_is_summed_and_the_rest_is_counted_apart() -> None:
    total = figure("c3", 5, "1.819", 0, "//", "", "x", "nhiều", 1.5)
    assert total.total == 1824
    assert total.units == 4
    assert total.counts == {
        ValueStatus.REPORTED: 4,
        ValueStatus.MISSING: 1,
        ValueStatus.NOT_APPLICABLE: 1,
        ValueStatus.INVALID: 2,
    }
    assert (total.low, total.high) == (0, 1819)


@pytest.mark.parametrize("typed", [("", ""), ("x",), ("nhiều",), ()])
def test_a_total_of_nothing_is_not_zero(typed: tuple[str, ...]) -> None:
    total = figure("c3", *typed)
    assert (total.total, total.by_level, total.units) == (None, {}, 0)


def test_zero_is_a_total() -> None:
    assert figure("c3", 0, "Không").total == 0


def test_levels_are_totalled_apart_and_an_unknown_level_counts_too() -> None:
    levels = (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE, Level.COMMUNE, Level.UNKNOWN)
    records = [record(unit(f"U{i}", level), {"c3": 10**i}) for i, level in enumerate(levels)]
    total = table(records).figure("c3", "value")
    assert total is not None
    assert total.total == 11_111
    assert total.by_level == {
        Level.PROVINCE: 1,
        Level.DISTRICT: 10,
        Level.COMMUNE: 1_100,
        Level.UNKNOWN: 10_000,
    }


@given(
    st.lists(
        st.tuples(st.integers(0, 10**12), st.integers(0, 999), st.sampled_from(list(Level))),
        max_size=8,
    ),
    st.randoms(),
)
def test_the_whole_is_the_sum_of_any_partition(
    typed: list[tuple[int, int, Level]], dice: Random
) -> None:
    numbers = [Decimal(whole) + Decimal(part) / 1000 for whole, part, _ in typed]
    records = [record(unit(f"U{i}", level), {"c3": 0}) for i, (_, _, level) in enumerate(typed)]
    records = [with_number(made, number) for made, number in zip(records, numbers, strict=True)]
    groups: dict[int, list[ReturnRecord]] = {}
    for made in records:
        groups.setdefault(dice.randint(0, 2), []).append(made)
    whole = table(records).figure("c3", "value")
    assert whole is not None
    parts = [table(group).figure("c3", "value") for group in groups.values()]
    totals = [part.total for part in parts if part is not None and part.total is not None]
    assert (whole.total or 0) == sum(totals) == sum(numbers) == sum(whole.by_level.values())


def with_number(made: ReturnRecord, number: Decimal) -> ReturnRecord:
    assert made.content is not None
    content = made.content
    data_set = content.data_sets[0]
    values = tuple(replace(value, value=number) for value in data_set.values)
    return replace(made, content=replace(content, data_sets=(replace(data_set, values=values),)))


@pytest.mark.parametrize(
    ("typed", "total", "low", "high"),
    [
        (("26/26", "13/26"), "75", 50, 100),
        (("1/3", "1/1"), "50", "33.33", 100),
        (("0/5",), "0", 0, 0),
        (("26/26", "", "x", "nhiều"), "100", 100, 100),
        (("26/26", "100%"), None, 100, 100),
        (("90%", "70%"), None, 70, 90),
        (("",), None, None, None),
    ],
)
def test_a_ratio_is_rolled_up_from_its_parts_or_not_at_all(
    typed: tuple[str, ...], total: str | None, low: object, high: object
) -> None:
    found = figure("c28", *typed)
    assert found.total == (None if total is None else Decimal(total))
    assert found.low == (Decimal(low) if isinstance(low, str) else low)
    assert found.high == high


def test_a_level_whose_units_all_gave_their_parts_has_a_ratio() -> None:
    records = [
        record(unit("S1", Level.PROVINCE), {"c28": "1/2"}),
        record(unit("S2", Level.PROVINCE), {"c28": "2/2"}),
        record(unit("X1"), {"c28": "100%"}),
    ]
    total = table(records).figure("c28", "value")
    assert total is not None
    assert (total.total, total.by_level) == (None, {Level.PROVINCE: Decimal(75)})


def test_rows_of_an_open_table_are_summed_and_their_unit_counted_once() -> None:
    records = [plans(unit("X1"), [21, 4, None]), plans(unit("X2"), [None]), plans(unit("X3"), [])]
    total = table(records, "cchc_pl3_1").figure("planned")
    assert total is not None
    assert total.total == 25
    assert total.counts == {ValueStatus.REPORTED: 1, ValueStatus.MISSING: 1}


def test_text_has_no_total() -> None:
    assert table([], "cchc_pl3_1").figure("plan") is None
    assert table([], "cchc_pl3_2").figure("r1", "note") is None


def test_only_counted_files_of_this_data_set_contribute_by_level_and_roster_order() -> None:
    records = [
        record(unit("X2"), {"c3": 1}),
        record(unit("X1"), {"c3": 1}),
        record(unit("S1", Level.PROVINCE), {"c3": 1}),
        *(record(unit(o.value), {"c3": 1}, o) for o in Outcome if not o.counted),
    ]
    order = {"X2": 0, "X1": 1, "S1": 2}
    found = roll_up(PCTN, PERIOD, records, order=order)
    assert [item.unit.code for item in found.contributions] == ["S1", "X2", "X1"]
    assert roll_up(library_2018().by_code["pctn_02"], PERIOD, records).contributions == ()


def test_units_whose_answer_stands_in_an_error_are_counted() -> None:
    wrong = record(unit("X1"), {"c3": 5, "c4": 6})
    cell = CellRef("Biểu 01", 3, 5)
    error = Finding("r", Severity.ERROR, own_words(""), cells=(cell,))
    warning = Finding("w", Severity.WARNING, own_words(""), cells=(CellRef("Biểu 01", 4, 5),))
    wrong = replace(wrong, findings=(error, warning))
    made = table([wrong, record(unit("X2"), {"c3": 5, "c4": 6})])
    three, four = made.figure("c3", "value"), made.figure("c4", "value")
    assert three is not None
    assert four is not None
    assert (three.questioned, four.questioned) == (1, 0)
