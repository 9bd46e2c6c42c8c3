"""Cumulative totals beside the earlier one and the quarter: who is asked, who explains it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from consolidate.definitions.loader import shipped_library
from consolidate.model.cells import CellRef
from consolidate.model.data_values import DataValue, PastFigures, ValueKey, ValueStatus
from consolidate.model.datasets import DataSet
from consolidate.model.period import Period
from consolidate.model.returns import DataSetReturn, Outcome, Return, ReturnRecord
from consolidate.rollup.periods_that_add_up import Parts, Tile, Why, tiles_of
from consolidate.rollup.totals import DataSetTable, roll_up
from tests.rollup.made import unit

NINE, SIX, THIRD = (Period.parse_code(f"2026-{code}") for code in ("9M", "6M", "Q3"))
FORMS = shipped_library().at(NINE).by_code
KEY = ("pctn_01", "m4", "value")
Given = Mapping[str, int | None]


def table(data_set: DataSet, period: Period, given: Given) -> DataSetTable:
    items = []
    for code, number in given.items():
        who, cell = unit(code), CellRef(data_set.sheet, 1, 5)
        value = DataValue(
            ValueKey(data_set.code, "m4", "value"),
            None if number is None else Decimal(number),
            ValueStatus.MISSING if number is None else ValueStatus.REPORTED,
            "",
            cell,
        )
        part = DataSetReturn(data_set.code, data_set.sheet, (value,))
        content = Return(data_set.template, "", DataSetReturn("cover", "", ()), (part,))
        items.append(ReturnRecord(f"{code}.xlsx", code, 1, Outcome.ACCEPTED, None, who, content))
    return roll_up(data_set, period, items)


def past(number: int | None, *units: str, obstacle: str = "") -> PastFigures:
    return PastFigures(SIX, {} if number is None else {KEY: Decimal(number)}, units, obstacle)


def tile(
    now: Given,
    quarter: Given,
    units: Mapping[str, PastFigures],
    then: int,
    had: Mapping[str, int] | None = None,
) -> Tile:
    reported = {code: {KEY: Decimal(number)} for code, number in (had or {}).items()}
    parts = Parts(table(FORMS["pctn_01_q"], THIRD, quarter), {KEY: Decimal(then)}, units, reported)
    (found,) = tiles_of(table(FORMS["pctn_01"], NINE, now), parts)
    return found


def told(found: Tile) -> tuple[object, ...]:
    return found.gap, found.wrong, found.units, found.broken, dict(found.explained)


def test_a_unit_whose_own_figures_do_not_add_up_is_named() -> None:
    units = {"A": past(1, "A"), "B": past(2, "B")}
    assert told(tile({"A": 3, "B": 9}, {"A": 2, "B": 2}, units, 3)) == (5, True, 2, ("B",), {})
    assert told(tile({"A": 3, "B": 4}, {"A": 2, "B": 2}, units, 3)) == (0, False, 2, (), {})


def test_a_blank_explains_and_is_counted_as_unknown() -> None:
    units = {"A": past(1, "A"), "B": past(2, "B")}
    found = tile({"A": 3, "B": 4}, {"A": 2, "B": None}, units, 3)
    assert told(found) == (2, False, 1, (), {Why.BLANK: ("B",)})


def test_parts_of_a_unit_explain_together() -> None:
    units = {code: past(None, "S", obstacle="split") for code in ("S1", "S2")}
    apart = tile({"S1": 3, "S2": 4}, {"S1": 1, "S2": 1}, units, 4, {"S": 4})
    assert told(apart) == (1, False, 0, (), {Why.SPLIT: ("S1", "S2")})
    # Parts that have what the whole had explain nothing; the one who stayed is asked.
    units["A"] = past(1, "A")
    both = {"S1": 3, "S2": 3, "A": 9}, {"S1": 1, "S2": 1, "A": 0}
    assert told(tile(*both, units, 5, {"S": 4, "A": 1})) == (8, True, 1, ("A",), {})


def test_a_total_that_nobody_explains_is_wrong_all_the_same() -> None:
    units = {"A": past(1, "A")}
    assert told(tile({"A": 3}, {"A": 2}, units, 2)) == (-1, True, 1, (), {})


def test_only_what_is_known_and_adds_up_is_asked() -> None:
    quarter, now = FORMS["pctn_01_q"], FORMS["pctn_01"]
    empty = Parts(table(quarter, THIRD, {"A": None}), {KEY: Decimal(1)}, {}, {})
    assert list(tiles_of(table(now, NINE, {"A": 1}), empty)) == []
    assert not quarter.tiled(quarter.by_code["m4"], "value")
    assert now.tiled(now.by_code["m4"], "value")
    assert not now.tiled(now.by_code["m33"], "value")  # A state of the last day.
